//! The heap of a process that lives for a millisecond: it only grows. No secret value is ever on it.

use super::arch::{number, syscall};
use super::checked;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

/// Pages that are not touched cost nothing, so this is generous enough for all usual launches.
const FIRST: usize = 64 * 1024;
const MORE: usize = 1024 * 1024;

/// Hands out memory from one piece after another; gives back only what was handed out last.
// The state comes first, so that it is in the same page as the first allocations.
#[repr(C, align(16))]
pub struct Heap {
    state: UnsafeCell<State>,
    first: UnsafeCell<[u8; FIRST]>,
}

struct State {
    /// Where the free part of the current piece begins and ends; both 0 until the heap begins.
    next: usize,
    end: usize,
}

// SAFETY: the launcher has one thread and no signal handlers, so nothing is ever accessed at the same time.
unsafe impl Sync for Heap {}

impl Heap {
    /// An empty heap.
    #[must_use]
    #[allow(clippy::large_stack_arrays)] // only ever a constant
    pub const fn new() -> Self {
        Self { state: UnsafeCell::new(State { next: 0, end: 0 }), first: UnsafeCell::new([0; FIRST]) }
    }

    /// Makes the first piece known, before the first allocation. That writes to the page before anything is read from it: a page
    /// that is read first is mapped twice, once as zeros and then as itself.
    pub fn begin(&self) {
        let next = self.first.get() as usize;
        // SAFETY: one thread, and no reference to the state outlives a call of this allocator.
        let state = unsafe { &mut *self.state.get() };
        *state = State { next, end: next + FIRST };
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    fn allocate(&mut self, layout: Layout) -> Option<usize> {
        let address = self.next.checked_next_multiple_of(layout.align())?;
        let end = address.checked_add(layout.size())?;
        if end > self.end {
            return None;
        }
        self.next = end;
        Some(address)
    }

    /// Begins a new piece; what is left of the old one is lost.
    fn extend(&mut self, layout: Layout) -> Option<()> {
        const PROT_READ_WRITE: usize = 3;
        const MAP_PRIVATE_ANONYMOUS: usize = 0x22;
        let length = layout.size().checked_add(layout.align())?.max(MORE).checked_next_multiple_of(4096)?;
        let arguments = [0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, usize::MAX, 0];
        // SAFETY: a new mapping at a place of the kernel's choice touches no memory in use.
        self.next = checked(unsafe { syscall(number::MMAP, arguments) }).ok()?;
        self.end = self.next + length;
        Some(())
    }

    fn grow_in_place(&mut self, address: usize, old: usize, new: usize) -> bool {
        let fits = address + old == self.next && new <= self.end - address;
        if fits {
            self.next = address + new;
        }
        fits
    }
}

// SAFETY: each address is handed out once, aligned, inside memory that is ours for ever; nothing here panics.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread, and no reference to the state outlives a call of this allocator.
        let state = unsafe { &mut *self.state.get() };
        let allocated = state.allocate(layout).or_else(|| {
            state.extend(layout)?;
            state.allocate(layout)
        });
        allocated.map_or(null_mut(), |address| address as *mut u8)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as in `alloc`.
        let state = unsafe { &mut *self.state.get() };
        if pointer as usize + layout.size() == state.next {
            state.next = pointer as usize;
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as in `alloc`; the reference ends before `alloc` is called below.
        let state = unsafe { &mut *self.state.get() };
        if state.grow_in_place(pointer as usize, layout.size(), new_size) {
            return pointer;
        }
        let Ok(new_layout) = Layout::from_size_align(new_size, layout.align()) else { return null_mut() };
        // SAFETY: the caller promises that the new size is not 0.
        let new = unsafe { self.alloc(new_layout) };
        if !new.is_null() {
            // SAFETY: both have at least so many bytes, and a new piece of memory does not overlap an old one.
            unsafe { pointer.copy_to_nonoverlapping(new, layout.size().min(new_size)) };
        }
        new
    }
}

#[cfg(test)]
#[allow(clippy::undocumented_unsafe_blocks, clippy::multiple_unsafe_ops_per_block)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap_or(Layout::new::<u8>())
    }

    fn begun() -> std::boxed::Box<Heap> {
        let heap = std::boxed::Box::new(Heap::new());
        heap.begin();
        heap
    }

    #[test]
    fn keeps_pieces_apart_aligned_and_filled() {
        let heap = begun();
        let mut pieces = std::vec::Vec::new();
        for (byte, size) in (0..200_u8).cycle().zip(1..600_usize) {
            let layout = layout(size, 1 << (byte % 5));
            let pointer = unsafe { heap.alloc(layout) };
            assert_eq!(pointer as usize % layout.align(), 0);
            unsafe { pointer.write_bytes(byte, size) };
            pieces.push((pointer, size, byte));
        }
        for (pointer, size, byte) in pieces {
            let bytes = unsafe { core::slice::from_raw_parts(pointer, size) };
            assert!(bytes.iter().all(|found| *found == byte));
        }
    }

    #[test]
    fn grows_the_last_piece_in_place_and_moves_others() {
        let heap = begun();
        let first = unsafe { heap.alloc(layout(16, 8)) };
        unsafe { first.write_bytes(7, 16) };
        assert_eq!(unsafe { heap.realloc(first, layout(16, 8), 32) }, first);
        unsafe { heap.alloc(layout(8, 8)) };
        let moved = unsafe { heap.realloc(first, layout(32, 8), 2 * MORE) };
        assert_ne!(moved, first);
        assert!(unsafe { core::slice::from_raw_parts(moved, 16) }.iter().all(|byte| *byte == 7));
    }
}
