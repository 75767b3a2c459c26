//! Sorting, in one function for all that is sorted, because each instance of the standard one has 7 KiB.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// The numbers from 0 to below `count`, sorted.
#[must_use]
pub fn sorted(count: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indexes: Vec<usize> = (0..count).collect();
    indexes.sort_unstable_by(|left, right| order(*left, *right));
    indexes
}

/// Names in the order of their bytes.
#[must_use]
pub fn sorted_names<'a>(names: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let order = sorted(names.len(), &|left, right| names[left].cmp(names[right]));
    order.into_iter().map(|index| names[index]).collect()
}
