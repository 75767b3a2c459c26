//! What the kernel hands to a new process on its stack.

use alloc::vec::Vec;
use core::ffi::{CStr, c_char};

/// Who this process is.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The effective uid.
    pub uid: u32,
    /// The real uid.
    pub real_uid: u32,
    /// The real gid: with a setgid launcher, the group of who called it.
    pub real_gid: u32,
    /// The effective gid.
    pub gid: u32,
    /// `AT_SECURE`: the launcher has rights that its caller does not have.
    pub secure: bool,
}

/// The arguments, environment and identity of this process.
pub struct Process {
    /// The arguments, the launcher's own name first.
    pub arguments: Vec<&'static CStr>,
    /// The environment, entry by entry, as it was inherited.
    pub environment: Vec<&'static CStr>,
    /// Who this process is.
    pub identity: Identity,
}

impl Process {
    /// Reads the initial stack.
    ///
    /// # Safety
    /// `stack` is the stack pointer with which the kernel started this process, and nobody has changed what it points to.
    #[must_use]
    pub unsafe fn from_stack(stack: *const usize) -> Self {
        // SAFETY: the stack begins with the number of the arguments.
        let count = unsafe { *stack };
        // SAFETY: then come the arguments and a null pointer.
        let (arguments, environment) = unsafe { strings(stack.wrapping_add(1), count) };
        // SAFETY: then the environment and a null pointer.
        let count = unsafe { count_strings(environment) };
        // SAFETY: then the auxiliary vector.
        let (environment, auxiliary) = unsafe { strings(environment, count) };
        // SAFETY: as said.
        Self { arguments, environment, identity: unsafe { identity(auxiliary) } }
    }
}

unsafe fn count_strings(from: *const usize) -> usize {
    let mut count = 0;
    // SAFETY: the array ends with a null pointer.
    while unsafe { *from.wrapping_add(count) } != 0 {
        count += 1;
    }
    count
}

/// Reads so many strings; returns them and what comes after their null pointer.
unsafe fn strings(from: *const usize, count: usize) -> (Vec<&'static CStr>, *const usize) {
    let mut strings = Vec::with_capacity(count);
    for index in 0..count {
        // SAFETY: within the array.
        let pointer = unsafe { *from.wrapping_add(index) } as *const c_char;
        // SAFETY: the kernel ended each string with NUL, and the stack's first bytes live as long as the process.
        strings.push(unsafe { CStr::from_ptr(pointer) });
    }
    (strings, from.wrapping_add(count + 1))
}

unsafe fn identity(mut auxiliary: *const usize) -> Identity {
    let mut identity = Identity { uid: u32::MAX, real_uid: u32::MAX, real_gid: u32::MAX, gid: u32::MAX, secure: true };
    loop {
        // SAFETY: pairs of key and value, which end with the key 0.
        let [key, value] = unsafe { auxiliary.cast::<[usize; 2]>().read() };
        #[allow(clippy::cast_possible_truncation)] // ids have 32 bits
        match key {
            0 => return identity,
            11 => identity.real_uid = value as u32,
            12 => identity.uid = value as u32,
            13 => identity.real_gid = value as u32,
            14 => identity.gid = value as u32,
            23 => identity.secure = value != 0,
            _ => {}
        }
        auxiliary = auxiliary.wrapping_add(2);
    }
}
