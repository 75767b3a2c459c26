//! What libc would do before `main`, and the few functions of it that compiled code calls.
//!
//! The only unsafe code outside of the library's `sys`: it must be in the program, because a library with these symbols could not be
//! linked to anything that has a libc.

#![allow(unsafe_code)]

use core::arch::global_asm;
use core::panic::PanicInfo;
use latchkey_launcher::sys::{self, Process};

#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call {begin}",
    "ud2",
    begin = sym begin,
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".globl _start",
    "_start:",
    "mov x29, #0",
    "mov x30, #0",
    "mov x0, sp",
    "bl {begin}",
    "brk #0",
    begin = sym begin,
);

extern "C" fn begin(stack: *const usize) -> ! {
    super::HEAP.begin();
    // SAFETY: this is the stack pointer with which the process started.
    let process = unsafe { Process::from_stack(stack) };
    super::main(&process)
}

/// A bug: the launcher fails closed, and says so.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // The reason may quote what must not be shown, and nobody is left to tell if standard error fails.
    let _ = sys::write(2, b"launcher: internal error\n");
    sys::exit(125)
}

/// Nothing unwinds here, but the precompiled `alloc` refers to this and the next.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    sys::exit(125)
}

/// See above.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() -> ! {
    sys::exit(125)
}

/// Copies bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    // SAFETY: the caller promises `count` bytes in both places.
    unsafe { copy::forwards(to, from, count) };
    to
}

/// Copies bytes between places that may overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    if (to as usize).wrapping_sub(from as usize) >= count {
        // SAFETY: as in `memcpy`; no byte is written before it is read.
        unsafe { copy::forwards(to, from, count) };
    } else {
        for index in (0..count).rev() {
            // SAFETY: within the `count` bytes. Volatile, so that the compiler does not make a call of this function of it.
            let byte = unsafe { from.wrapping_add(index).read_volatile() };
            // SAFETY: likewise.
            unsafe { to.wrapping_add(index).write_volatile(byte) };
        }
    }
    to
}

/// Fills bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    // SAFETY: the caller promises `count` bytes.
    unsafe { copy::fill(to, byte.to_le_bytes()[0], count) };
    to
}

/// Compares bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    for index in 0..count {
        // SAFETY: the caller promises `count` bytes. Volatile, as in `memmove`.
        let left = unsafe { left.wrapping_add(index).read_volatile() };
        // SAFETY: likewise.
        let right = unsafe { right.wrapping_add(index).read_volatile() };
        if left != right {
            return i32::from(left) - i32::from(right);
        }
    }
    0
}

/// Compares bytes for equality only.
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    // SAFETY: the caller promises the same.
    unsafe { memcmp(left, right, count) }
}

/// Counts the bytes before a NUL.
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const u8) -> usize {
    let mut length = 0;
    // SAFETY: the caller promises that there is a NUL. Volatile, as in `memmove`.
    while unsafe { text.wrapping_add(length).read_volatile() } != 0 {
        length += 1;
    }
    length
}

#[cfg(target_arch = "x86_64")]
mod copy {
    use core::arch::asm;

    pub(super) unsafe fn forwards(to: *mut u8, from: *const u8, count: usize) {
        // SAFETY: the caller promises `count` bytes in both places; the direction flag is clear by the calling convention.
        unsafe {
            asm!("rep movsb", inout("rcx") count => _, inout("rdi") to => _, inout("rsi") from => _,
                 options(nostack, preserves_flags));
        }
    }

    pub(super) unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
        // SAFETY: the caller promises `count` bytes; the direction flag is clear by the calling convention.
        unsafe {
            asm!("rep stosb", inout("rcx") count => _, inout("rdi") to => _, in("al") byte,
                 options(nostack, preserves_flags));
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod copy {
    pub(super) unsafe fn forwards(to: *mut u8, from: *const u8, count: usize) {
        for index in 0..count {
            // SAFETY: the caller promises `count` bytes. Volatile, so that the compiler does not make a call of `memcpy` of it.
            let byte = unsafe { from.wrapping_add(index).read_volatile() };
            // SAFETY: likewise.
            unsafe { to.wrapping_add(index).write_volatile(byte) };
        }
    }

    pub(super) unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
        for index in 0..count {
            // SAFETY: the caller promises `count` bytes. Volatile, as above.
            unsafe { to.wrapping_add(index).write_volatile(byte) };
        }
    }
}
