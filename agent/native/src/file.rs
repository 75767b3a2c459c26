//! What a file lies on, and files below a folder.

use crate::{copy, failure};
use core::mem;
use jni_sys::{JNIEnv, jbyteArray, jclass, jint, jlong, jlongArray, jobject};

/// The magic number of the file system that a path is on.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_FileCalls_fileSystem0(
    env: *mut JNIEnv,
    _class: jclass,
    path: jbyteArray,
) -> jlong {
    let mut name = [0_u8; libc::PATH_MAX as usize];
    let Some(()) = text(env, path, &mut name) else {
        return -jlong::from(libc::ENAMETOOLONG);
    };
    // SAFETY: all zeroes is a valid structure.
    let mut found: libc::statfs = unsafe { mem::zeroed() };
    // SAFETY: the path ends with a zero byte, and both live during the call.
    if unsafe { libc::statfs(name.as_ptr().cast(), &raw mut found) } == -1 {
        return failure();
    }
    // The kernel's numbers have 32 bits, whatever the width and sign of the field.
    jlong::from(found.f_type as u32)
}

/// Opens a file below a folder, following links only as long as they stay below it.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_FileCalls_openBeneath0(
    env: *mut JNIEnv,
    _class: jclass,
    folder: jbyteArray,
    path: jbyteArray,
) -> jint {
    let mut name = [0_u8; libc::PATH_MAX as usize];
    let Some(()) = text(env, folder, &mut name) else {
        return -libc::ENAMETOOLONG;
    };
    // SAFETY: the path ends with a zero byte.
    let root = unsafe { libc::open(name.as_ptr().cast(), libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC) };
    if root == -1 {
        return failure() as jint;
    }
    let mut below = [0_u8; libc::PATH_MAX as usize];
    let opened = match text(env, path, &mut below) {
        Some(()) => open_beneath(root, &below),
        None => -libc::ENAMETOOLONG,
    };
    // SAFETY: nobody else has the descriptor.
    unsafe { libc::close(root) };
    opened
}

/// Without waiting for a writer of a pipe: what is no regular file is refused by who reads it.
fn open_beneath(root: libc::c_int, path: &[u8]) -> jint {
    // SAFETY: all zeroes is a valid structure.
    let mut how: libc::open_how = unsafe { mem::zeroed() };
    how.flags = (libc::O_RDONLY | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY) as u64;
    how.resolve = libc::RESOLVE_BENEATH | libc::RESOLVE_NO_MAGICLINKS;
    // SAFETY: the path ends with a zero byte, and both live during the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_openat2,
            root,
            path.as_ptr(),
            &raw const how,
            mem::size_of::<libc::open_how>(),
        )
    };
    if result == -1 { failure() as jint } else { result as jint }
}

/// Mode with the type of the file, uid, gid, size, and the seconds of its last change.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_FileCalls_facts0(
    env: *mut JNIEnv,
    _class: jclass,
    descriptor: jint,
    facts: jlongArray,
) -> jint {
    // SAFETY: all zeroes is a valid structure.
    let mut found: libc::stat = unsafe { mem::zeroed() };
    // SAFETY: the structure lives during the call.
    if unsafe { libc::fstat(descriptor, &raw mut found) } == -1 {
        return failure() as jint;
    }
    let values: [jlong; 5] = [
        jlong::from(found.st_mode),
        jlong::from(found.st_uid),
        jlong::from(found.st_gid),
        found.st_size,
        found.st_mtime,
    ];
    // SAFETY: the JVM passes a valid environment, and the Java side an array of five.
    if let Some(set) = unsafe { (**env).SetLongArrayRegion } {
        // SAFETY: the region is inside both arrays.
        unsafe { set(env, facts, 0, 5, values.as_ptr()) };
    }
    0
}

/// Reads into a direct buffer; how many bytes, 0 at the end.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_FileCalls_read0(
    env: *mut JNIEnv,
    _class: jclass,
    descriptor: jint,
    buffer: jobject,
    from: jint,
    length: jint,
) -> jint {
    // SAFETY: the JVM passes a valid environment.
    let Some(address) = (unsafe { (**env).GetDirectBufferAddress }) else {
        return -libc::EINVAL;
    };
    // SAFETY: the Java side passes a direct buffer.
    let start = unsafe { address(env, buffer) }.cast::<u8>();
    // SAFETY: the Java side passes a region inside the buffer.
    let into = unsafe { start.add(from as usize) };
    // SAFETY: as before.
    let result = unsafe { libc::read(descriptor, into.cast(), length as usize) };
    if result == -1 { failure() as jint } else { result as jint }
}

/// Closes a descriptor that `openBeneath0` gave.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_FileCalls_close0(_env: *mut JNIEnv, _class: jclass, descriptor: jint) {
    // SAFETY: the Java side owns it.
    unsafe { libc::close(descriptor) };
}

/// A path with a zero byte at its end, which `room` must still have.
fn text(env: *mut JNIEnv, path: jbyteArray, room: &mut [u8]) -> Option<()> {
    room.split_last_mut().and_then(|(_, room)| copy(env, path, room)).map(|_| ())
}
