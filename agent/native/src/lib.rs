//! System calls of the agent, one function each, without policy; and its cipher.
//!
//! Every function answers the call's result, or `-errno`; the Java side makes an `ErrnoException` of the latter. No function
//! can panic, so nothing ever unwinds into the JVM.

mod cipher;
mod file;
mod memory;
mod process;
mod signal;
mod socket;
mod watch;

use jni_sys::{JNIEnv, jbyteArray, jint, jlong};

/// `-errno` of the call that failed last on this thread.
fn failure() -> jlong {
    // SAFETY: the location is valid for the life of the thread.
    -jlong::from(unsafe { *libc::__errno_location() })
}

/// The result of a call that tells failure by -1.
fn checked(result: libc::c_int) -> jint {
    if result == -1 { failure() as jint } else { result }
}

/// Copies a Java array, if it fits; the number of its bytes.
fn copy(env: *mut JNIEnv, array: jbyteArray, into: &mut [u8]) -> Option<usize> {
    // SAFETY: the JVM passes a valid environment to every native method.
    let (length, region) = unsafe { ((**env).GetArrayLength?, (**env).GetByteArrayRegion?) };
    // SAFETY: the Java side passes an array that is not null.
    let bytes = unsafe { length(env, array) };
    if bytes as usize > into.len() {
        return None;
    }
    // SAFETY: the region is inside both arrays.
    unsafe { region(env, array, 0, bytes, into.as_mut_ptr().cast()) };
    Some(bytes as usize)
}
