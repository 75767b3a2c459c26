//! Sorting, in one function for all that is sorted: a heap sort has a tenth of the code of the standard one, and no order is slow.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Up to so many, inserting them one by one takes fewer instructions.
const FEW: usize = 24;

/// The numbers from 0 to below `count`, sorted.
#[must_use]
pub fn sorted(count: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut heap: Vec<usize> = (0..count).collect();
    if count <= FEW {
        insert_each(&mut heap, order);
        return heap;
    }
    for root in (0..count / 2).rev() {
        sift(&mut heap, root, order);
    }
    for end in (1..count).rev() {
        heap.swap(0, end);
        sift(&mut heap[..end], 0, order);
    }
    heap
}

/// Cheaper for a few, above all where they come in order.
fn insert_each(entries: &mut [usize], order: &dyn Fn(usize, usize) -> Ordering) {
    for end in 1..entries.len() {
        let mut at = end;
        while at > 0 && order(entries[at - 1], entries[at]).is_gt() {
            entries.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Lets an entry sink below the greater ones.
fn sift(heap: &mut [usize], mut root: usize, order: &dyn Fn(usize, usize) -> Ordering) {
    loop {
        let mut child = 2 * root + 1;
        if child >= heap.len() {
            return;
        }
        if child + 1 < heap.len() && order(heap[child], heap[child + 1]).is_lt() {
            child += 1;
        }
        if order(heap[root], heap[child]).is_ge() {
            return;
        }
        heap.swap(root, child);
        root = child;
    }
}

/// Names in the order of their bytes.
#[must_use]
pub fn sorted_names<'a>(names: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let order = sorted(names.len(), &|left, right| names[left].cmp(names[right]));
    order.into_iter().map(|index| names[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::{sorted, sorted_names};
    use alloc::vec::Vec;

    #[test]
    fn sorts_whatever_comes() {
        for count in 0..60_usize {
            for step in [1, 7, 31] {
                let keys: Vec<usize> = (0..count).map(|index| index * step % 17).collect();
                let found: Vec<usize> = sorted(count, &|left, right| keys[left].cmp(&keys[right]))
                    .into_iter()
                    .map(|index| keys[index])
                    .collect();
                let mut expected = keys.clone();
                expected.sort_unstable();
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn sorts_names_by_their_bytes() {
        assert_eq!(sorted_names(&[b"B", b"a", b"", b"AB", b"A"]), [&b""[..], b"A", b"AB", b"B", b"a"]);
    }
}
