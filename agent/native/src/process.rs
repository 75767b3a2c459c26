//! What the agent's process is, and what it says to the service manager.

use crate::{checked, copy, failure};
use core::mem;
use jni_sys::{JNIEnv, jboolean, jbyteArray, jclass, jint, jlong};

/// Whether other processes may trace this one and read its memory.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_ProcessCalls_setDumpable0(
    _env: *mut JNIEnv,
    _class: jclass,
    dumpable: jboolean,
) -> jint {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, libc::c_ulong::from(dumpable), 0, 0, 0) })
}

/// Whether this process is dumpable: 0 no, 1 yes, 2 by root only.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_ProcessCalls_dumpable0(_env: *mut JNIEnv, _class: jclass) -> jint {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::prctl(libc::PR_GET_DUMPABLE, 0, 0, 0, 0) })
}

/// Allows no core file.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_ProcessCalls_forbidCore0(_env: *mut JNIEnv, _class: jclass) -> jint {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the kernel reads the structure during the call only.
    checked(unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) })
}

/// Sets the mask of modes for new files; the one before.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_ProcessCalls_umask0(_env: *mut JNIEnv, _class: jclass, mask: jint) -> jint {
    // SAFETY: takes no pointer.
    unsafe { libc::umask(mask as libc::mode_t) as jint }
}

/// Sends one datagram to a socket by path, or by an abstract name if the first byte is NUL.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_ProcessCalls_sendDatagram0(
    env: *mut JNIEnv,
    _class: jclass,
    address: jbyteArray,
    message: jbyteArray,
) -> jint {
    // SAFETY: all zeroes is a valid address structure.
    let mut to: libc::sockaddr_un = unsafe { mem::zeroed() };
    to.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let mut text = [0_u8; 4096];
    let (Some(name), Some(length)) = (copy(env, address, as_bytes(&mut to.sun_path)), copy(env, message, &mut text)) else {
        return -libc::EINVAL;
    };
    // SAFETY: takes no pointer.
    let socket = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
    if socket == -1 {
        return failure() as jint;
    }
    let size = mem::offset_of!(libc::sockaddr_un, sun_path) + name;
    // SAFETY: the message and the address are as long as the lengths say and live during the call.
    let sent = unsafe {
        libc::sendto(
            socket,
            text.as_ptr().cast(),
            length,
            libc::MSG_NOSIGNAL,
            (&raw const to).cast(),
            size as libc::socklen_t,
        )
    };
    let result = if sent == -1 { failure() as jint } else { 0 };
    // SAFETY: the descriptor is this function's own.
    unsafe { libc::close(socket) };
    result
}

fn as_bytes(path: &mut [libc::c_char; 108]) -> &mut [u8] {
    // SAFETY: same size, same alignment, every bit pattern is valid in both.
    unsafe { &mut *(&raw mut *path).cast::<[u8; 108]>() }
}

/// How many descriptors this process may have, or `-errno`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_ProcessCalls_descriptorLimit0(_env: *mut JNIEnv, _class: jclass) -> jlong {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: one structure, which is ours.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } == -1 {
        return failure();
    }
    jlong::try_from(limit.rlim_cur).unwrap_or(jlong::MAX)
}
