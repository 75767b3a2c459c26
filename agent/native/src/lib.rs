//! System calls of the agent, one function each, without policy; and its cipher.
//!
//! Every function answers the call's result, or `-errno`; the Java side makes an `ErrnoException` of the latter. No function
//! can panic, so nothing ever unwinds into the JVM.

mod cipher;
mod memory;
mod process;
mod signal;
mod socket;

use jni_sys::{jint, jlong};

/// `-errno` of the call that failed last on this thread.
fn failure() -> jlong {
    // SAFETY: the location is valid for the life of the thread.
    -jlong::from(unsafe { *libc::__errno_location() })
}

/// The result of a call that tells failure by -1.
fn checked(result: libc::c_int) -> jint {
    if result == -1 { failure() as jint } else { result }
}
