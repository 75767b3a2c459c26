//! Who is at the other end of a Unix socket.

use crate::{checked, failure};
use core::{mem, ptr};
use jni_sys::{JNIEnv, jclass, jint, jlong, jlongArray};

// Both are the same on x86_64 and aarch64.
const SO_PEERPIDFD: libc::c_int = 77;
const SO_PASSRIGHTS: libc::c_int = 83;

/// More than a process can have (`NGROUPS_MAX`).
const MAX_GROUPS: usize = 65_536;

/// Reads an option into a buffer; the bytes that came, or `-errno`.
fn option(socket: jint, name: libc::c_int, into: *mut libc::c_void, bytes: usize) -> jint {
    let mut length = bytes as libc::socklen_t;
    // SAFETY: the callers pass a buffer of that many bytes; the kernel writes no more than it is told.
    let result = unsafe { libc::getsockopt(socket, libc::SOL_SOCKET, name, into, &raw mut length) };
    if result == -1 { failure() as jint } else { length as jint }
}

/// The pid, uid and gid of whoever connected, or of whoever listens: three elements, or one of `-errno`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_peerCredentials0(
    env: *mut JNIEnv,
    _class: jclass,
    socket: jint,
) -> jlongArray {
    let mut peer = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let read = option(
        socket,
        libc::SO_PEERCRED,
        (&raw mut peer).cast(),
        mem::size_of::<libc::ucred>(),
    );
    if read < 0 {
        return array(env, &[jlong::from(read)]);
    }
    array(env, &[jlong::from(peer.pid), jlong::from(peer.uid), jlong::from(peer.gid)])
}

/// The supplementary groups of whoever connected, each of them and nothing else, or one element of `-errno`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_peerGroups0(
    env: *mut JNIEnv,
    _class: jclass,
    socket: jint,
) -> jlongArray {
    let mut groups: Vec<libc::gid_t> = vec![0; 64];
    let mut read = groups_into(socket, &mut groups);
    if read == -libc::ERANGE {
        groups.resize(MAX_GROUPS, 0);
        read = groups_into(socket, &mut groups);
    }
    if read < 0 {
        return array(env, &[jlong::from(read)]);
    }
    groups.truncate(read as usize / mem::size_of::<libc::gid_t>());
    let found: Vec<jlong> = groups.into_iter().map(jlong::from).collect();
    array(env, &found)
}

fn groups_into(socket: jint, groups: &mut [libc::gid_t]) -> jint {
    option(
        socket,
        libc::SO_PEERGROUPS,
        groups.as_mut_ptr().cast(),
        mem::size_of_val(groups),
    )
}

/// A pidfd of whoever connected (Linux 6.5).
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_peerPidfd0(
    _env: *mut JNIEnv,
    _class: jclass,
    socket: jint,
) -> jint {
    let mut pidfd: libc::c_int = -1;
    let read = option(socket, SO_PEERPIDFD, (&raw mut pidfd).cast(), mem::size_of::<libc::c_int>());
    if read < 0 { read } else { pidfd }
}

/// Whether the kernel knows the option of `peerPidfd`: asked of a socket of our own.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_hasPeerPidfd0(_env: *mut JNIEnv, _class: jclass) -> jint {
    // SAFETY: takes no pointer.
    let socket = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) };
    if socket == -1 {
        return failure() as jint;
    }
    let mut pidfd: libc::c_int = -1;
    let read = option(socket, SO_PEERPIDFD, (&raw mut pidfd).cast(), mem::size_of::<libc::c_int>());
    // SAFETY: the descriptor is this function's own.
    unsafe { libc::close(socket) };
    jint::from(read != -libc::ENOPROTOOPT)
}

/// Whether descriptors that a peer sends are received (Linux 6.16).
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_setPassRights0(
    _env: *mut JNIEnv,
    _class: jclass,
    socket: jint,
    pass: jint,
) -> jint {
    let size = mem::size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the kernel reads the integer during the call only.
    checked(unsafe { libc::setsockopt(socket, libc::SOL_SOCKET, SO_PASSRIGHTS, (&raw const pass).cast(), size) })
}

/// A pidfd of a process by its number.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_openPidfd0(_env: *mut JNIEnv, _class: jclass, pid: jint) -> jint {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) } as libc::c_int)
}

/// Whether the process of a pidfd still runs: 1 or 0.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_isAlive0(_env: *mut JNIEnv, _class: jclass, pidfd: jint) -> jint {
    let mut poll = libc::pollfd {
        fd: pidfd,
        events: libc::POLLIN,
        revents: 0,
    };
    loop {
        // SAFETY: one structure, which is ours.
        match checked(unsafe { libc::poll(&raw mut poll, 1, 0) }) {
            error if error == -libc::EINTR => {}
            error if error < 0 => return error,
            _ if poll.revents & libc::POLLNVAL != 0 => return -libc::EBADF,
            _ => return jint::from(poll.revents == 0),
        }
    }
}

/// Closes a descriptor.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_close0(
    _env: *mut JNIEnv,
    _class: jclass,
    descriptor: jint,
) -> jint {
    // SAFETY: the Java side owns the descriptor and uses it no more.
    checked(unsafe { libc::close(descriptor) })
}

/// A Java array of these numbers; null if the JVM has no memory for it, which throws there.
fn array(env: *mut JNIEnv, numbers: &[jlong]) -> jlongArray {
    // SAFETY: the JVM passes a valid environment to every native method.
    let (Some(new_array), Some(fill)) = (unsafe { ((**env).NewLongArray, (**env).SetLongArrayRegion) }) else {
        return ptr::null_mut();
    };
    // SAFETY: as above.
    let made = unsafe { new_array(env, numbers.len() as jint) };
    if !made.is_null() {
        // SAFETY: the region is the whole of both.
        unsafe { fill(env, made, 0, numbers.len() as jint, numbers.as_ptr()) };
    }
    made
}
