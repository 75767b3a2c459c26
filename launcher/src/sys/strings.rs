//! Arrays of C strings, as `execve` wants them.

use alloc::vec::Vec;
use core::ffi::{CStr, c_char};
use core::marker::PhantomData;
use core::ptr::null;

/// Pointers to C strings, with a null pointer at the end.
// INVARIANT: the last pointer, and no other, is null; every other points to a string that lives for 'a.
pub struct StringArray<'a> {
    pointers: Vec<*const c_char>,
    strings: PhantomData<&'a CStr>,
}

impl<'a> StringArray<'a> {
    /// An empty array with room for so many strings.
    #[must_use]
    pub fn with_capacity(strings: usize) -> Self {
        let mut pointers = Vec::with_capacity(strings + 1);
        pointers.push(null());
        Self { pointers, strings: PhantomData }
    }

    /// Adds a string, which is not copied.
    pub fn push(&mut self, string: &'a CStr) {
        let last = self.pointers.len() - 1;
        self.pointers[last] = string.as_ptr();
        self.pointers.push(null());
    }

    pub(super) fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}
