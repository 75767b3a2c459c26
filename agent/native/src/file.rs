//! What a file lies on.

use crate::{copy, failure};
use core::mem;
use jni_sys::{JNIEnv, jbyteArray, jclass, jlong};

/// The magic number of the file system that a path is on.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_FileCalls_fileSystem0(
    env: *mut JNIEnv,
    _class: jclass,
    path: jbyteArray,
) -> jlong {
    let mut text = [0_u8; libc::PATH_MAX as usize];
    // The last byte stays zero and ends the path.
    let fits = text.split_last_mut().and_then(|(_, room)| copy(env, path, room)).is_some();
    if !fits {
        return -jlong::from(libc::ENAMETOOLONG);
    }
    // SAFETY: all zeroes is a valid structure.
    let mut found: libc::statfs = unsafe { mem::zeroed() };
    // SAFETY: the path ends with a zero byte, and both live during the call.
    if unsafe { libc::statfs(text.as_ptr().cast(), &raw mut found) } == -1 {
        return failure();
    }
    // The kernel's numbers have 32 bits, whatever the width and sign of the field.
    jlong::from(found.f_type as u32)
}
