//! Memory for secrets.

use super::arch::{number, syscall};
use super::{Errno, checked};
use core::ptr::write_volatile;
use core::slice;
use core::sync::atomic::{Ordering, compiler_fence};

const PAGE: usize = 4096;
const MADV_DONTDUMP: usize = 16;
const MADV_WIPEONFORK: usize = 18;

/// A private anonymous mapping of its own. Dropping it wipes it and gives it back.
// INVARIANT: `length` bytes from `address` are mapped readable and writable, and belong to this value alone.
pub struct Mapping {
    address: *mut u8,
    length: usize,
}

impl Mapping {
    /// Maps at least so many bytes, all zero.
    pub fn new(bytes: usize) -> Result<Self, Errno> {
        const PROT_READ_WRITE: usize = 3;
        const MAP_PRIVATE_ANONYMOUS: usize = 0x22;
        let length = bytes.max(1).next_multiple_of(PAGE);
        let arguments = [0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, usize::MAX, 0];
        // SAFETY: a new mapping at a place of the kernel's choice touches no memory in use.
        let address = checked(unsafe { syscall(number::MMAP, arguments) })?;
        Ok(Self { address: address as *mut u8, length })
    }

    /// Keeps the pages out of core dumps.
    pub fn exclude_from_dumps(&self) -> Result<(), Errno> {
        self.advise(MADV_DONTDUMP)
    }

    /// A child made by `fork` sees zeros.
    pub fn wipe_in_children(&self) -> Result<(), Errno> {
        self.advise(MADV_WIPEONFORK)
    }

    fn advise(&self, advice: usize) -> Result<(), Errno> {
        // SAFETY: neither advice changes what this process sees of the mapping, which is ours.
        checked(unsafe { syscall(number::MADVISE, [self.address as usize, self.length, advice, 0, 0, 0]) }).map(drop)
    }

    /// Keeps the pages out of swap.
    pub fn lock(&self) -> Result<(), Errno> {
        // SAFETY: locking does not change the contents of the mapping.
        checked(unsafe { syscall(number::MLOCK, [self.address as usize, self.length, 0, 0, 0, 0]) }).map(drop)
    }

    /// The whole of it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: by the invariant, and `&self` keeps writers away.
        unsafe { slice::from_raw_parts(self.address, self.length) }
    }

    /// The whole of it, to write to.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: by the invariant, and `&mut self` is the only access.
        unsafe { slice::from_raw_parts_mut(self.address, self.length) }
    }

    #[allow(clippy::cast_ptr_alignment)] // a mapping begins at a page
    /// Overwrites everything with zeros, which the compiler cannot leave out.
    pub fn wipe(&mut self) {
        // SAFETY: the mapping begins at a page and is a whole number of pages, so it is a slice of words.
        let words =
            unsafe { slice::from_raw_parts_mut(self.address.cast::<usize>(), self.length / size_of::<usize>()) };
        for word in words {
            // SAFETY: a valid, aligned reference. SECURITY: volatile, so that it stays although nobody reads it again.
            unsafe { write_volatile(word, 0) };
        }
        compiler_fence(Ordering::SeqCst);
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.wipe();
        // SAFETY: nobody has a reference any more. An error leaves nothing to do: the bytes are wiped.
        unsafe { syscall(number::MUNMAP, [self.address as usize, self.length, 0, 0, 0, 0]) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_whole_pages_and_wipes_them_all() -> Result<(), Errno> {
        let mut mapping = Mapping::new(PAGE + 1)?;
        mapping.exclude_from_dumps()?;
        mapping.wipe_in_children()?;
        assert_eq!(mapping.bytes().len(), 2 * PAGE);
        mapping.bytes_mut().fill(0xAA);
        mapping.wipe();
        assert!(mapping.bytes().iter().all(|byte| *byte == 0));
        Ok(())
    }

    #[test]
    fn sets_the_flags_that_keep_pages_private() -> Result<(), Errno> {
        let mapping = Mapping::new(10)?;
        mapping.exclude_from_dumps()?;
        mapping.wipe_in_children()?;
        let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap_or_default();
        let begin = std::format!("{:x}-", mapping.address as usize);
        let flags = smaps.split_once(&begin).and_then(|(_, rest)| rest.split("VmFlags:").nth(1));
        let flags = flags.and_then(|rest| rest.lines().next()).unwrap_or_default();
        assert!(flags.contains(" dd ") && flags.contains(" wf "), "{flags}");
        Ok(())
    }
}
