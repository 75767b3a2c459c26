//! Who is at the other end of a Unix socket.

use crate::{checked, failure};
use core::mem::MaybeUninit;
use core::{mem, ptr};
use jni_sys::{JNIEnv, jclass, jint, jlong, jlongArray, jobject};

// Both are the same on x86_64 and aarch64.
const SO_PASSPIDFD: libc::c_int = 76;
const SO_PEERPIDFD: libc::c_int = 77;
const SO_PASSRIGHTS: libc::c_int = 83;
const SCM_PIDFD: libc::c_int = 4;

/// Of the file system that gives every process an inode number of its own (Linux 6.9).
const PIDFS_MAGIC: i64 = 0x5049_4446;

/// The most descriptors that one message can carry.
const MAX_RIGHTS: usize = 253;
/// Room for all that can come with a message: descriptors, credentials and a pidfd, each with its header. In 8 bytes, as headers are aligned.
const CONTROL_WORDS: usize = (MAX_RIGHTS * 4 + 12 + 4 + 3 * 24) / 8 + 1;

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

/// Whether the kernel knows the option of `peerPidfd`: 1 or 0.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_hasPeerPidfd0(_env: *mut JNIEnv, _class: jclass) -> jint {
    has_option(SO_PEERPIDFD)
}

/// Whether the kernel knows the option of `setPassRights`: 1 or 0.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_hasPassRights0(_env: *mut JNIEnv, _class: jclass) -> jint {
    has_option(SO_PASSRIGHTS)
}

/// Asks a socket of our own for an option.
fn has_option(name: libc::c_int) -> jint {
    // SAFETY: takes no pointer.
    let socket = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) };
    if socket == -1 {
        return failure() as jint;
    }
    let mut value: libc::c_int = -1;
    let read = option(socket, name, (&raw mut value).cast(), mem::size_of::<libc::c_int>());
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
    set_option(socket, SO_PASSRIGHTS, pass)
}

/// Whether what is received comes with a pidfd of its sender (Linux 6.5); accepted sockets have what the listening one has.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_setPassPidfd0(
    _env: *mut JNIEnv,
    _class: jclass,
    socket: jint,
    pass: jint,
) -> jint {
    set_option(socket, SO_PASSPIDFD, pass)
}

/// Whether what is received comes with the pid of its sender.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_setPassCredentials0(
    _env: *mut JNIEnv,
    _class: jclass,
    socket: jint,
    pass: jint,
) -> jint {
    set_option(socket, libc::SO_PASSCRED, pass)
}

fn set_option(socket: jint, name: libc::c_int, value: jint) -> jint {
    let size = mem::size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the kernel reads the integer during the call only.
    checked(unsafe { libc::setsockopt(socket, libc::SOL_SOCKET, name, (&raw const value).cast(), size) })
}

/// Whether each process has a pidfd inode of its own (Linux 6.9): 1 or 0. Asked of a pidfd of this process.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_hasPidfdInodes0(_env: *mut JNIEnv, _class: jclass) -> jint {
    // SAFETY: takes no pointer.
    let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, libc::getpid(), 0) } as libc::c_int;
    if pidfd == -1 {
        return failure() as jint;
    }
    // SAFETY: all zeroes is a valid structure, and it is only written to.
    let mut system: libc::statfs = unsafe { mem::zeroed() };
    // SAFETY: one structure, which is ours.
    let known = checked(unsafe { libc::fstatfs(pidfd, &raw mut system) });
    // SAFETY: the descriptor is this function's own.
    unsafe { libc::close(pidfd) };
    if known < 0 {
        known
    } else {
        jint::from(system.f_type as i64 == PIDFS_MAGIC)
    }
}

/// The inode of a descriptor.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_inode0(
    _env: *mut JNIEnv,
    _class: jclass,
    descriptor: jint,
) -> jlong {
    inode(descriptor)
}

fn inode(descriptor: jint) -> jlong {
    // SAFETY: all zeroes is a valid structure, and it is only written to.
    let mut status: libc::stat = unsafe { mem::zeroed() };
    // SAFETY: one structure, which is ours.
    if unsafe { libc::fstat(descriptor, &raw mut status) } == -1 {
        return failure();
    }
    status.st_ino as jlong
}

/// Who sent what was received.
struct Sender {
    /// The inode of its pidfd, 0 if none came, or `-errno`.
    inode: jlong,
    /// Its pid, 0 if none came or it cannot be seen.
    pid: jlong,
    /// How many descriptors came along; they are closed.
    descriptors: jlong,
}

/// Receives bytes of one sender into a part of a direct buffer: how many, 0 at the end, or `-errno`. Then it fills in whose they are: inode
/// of the sender's pidfd or `-errno`, its pid, and the number of descriptors that it sent.
///
/// The Java side passes an array of three, and a part that lies within the buffer.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SocketCalls_receive0(
    env: *mut JNIEnv,
    _class: jclass,
    socket: jint,
    buffer: jobject,
    offset: jint,
    length: jint,
    whose: jlongArray,
) -> jint {
    // SAFETY: the JVM passes a valid environment to every native method.
    let (Some(address), Some(fill)) = (unsafe { ((**env).GetDirectBufferAddress, (**env).SetLongArrayRegion) }) else {
        return -libc::ENOSYS;
    };
    // SAFETY: as above, and the buffer is alive during the call.
    let start = unsafe { address(env, buffer) };
    if start.is_null() {
        return -libc::EFAULT;
    }
    let mut part = libc::iovec {
        // SAFETY: the part lies within the buffer.
        iov_base: unsafe { start.byte_add(offset as usize) }.cast(),
        iov_len: length as usize,
    };
    let mut control = [const { MaybeUninit::<u64>::uninit() }; CONTROL_WORDS];
    // SAFETY: all zeroes is a valid structure.
    let mut message: libc::msghdr = unsafe { mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = mem::size_of_val(&control) as _;
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    // SAFETY: every buffer that the structure points to is ours and as long as it says.
    let read = unsafe { libc::recvmsg(socket, &raw mut message, flags) };
    if read == -1 {
        return failure() as jint;
    }
    // SAFETY: the kernel has just filled the structure and as much of its control buffer as it says.
    let sender = unsafe { sender(&message) };
    // SAFETY: an array of three.
    unsafe { fill(env, whose, 0, 3, [sender.inode, sender.pid, sender.descriptors].as_ptr()) };
    read as jint
}

/// Reads the control messages and closes every descriptor that came in them.
///
/// # Safety
/// The message is one that `recvmsg` filled.
unsafe fn sender(message: &libc::msghdr) -> Sender {
    let mut sender = Sender {
        inode: 0,
        pid: 0,
        descriptors: 0,
    };
    // SAFETY: the message is as recvmsg left it.
    let mut header = unsafe { libc::CMSG_FIRSTHDR(message) };
    while !header.is_null() {
        // SAFETY: the header lies inside the control buffer and has data of the length it says.
        let (kind, data, bytes) = unsafe {
            let bytes = (*header).cmsg_len as usize - libc::CMSG_LEN(0) as usize;
            ((*header).cmsg_type, libc::CMSG_DATA(header), bytes)
        };
        // SAFETY: data of these kinds is what is read here, as many of them as its length says.
        unsafe { take(&mut sender, kind, data, bytes) };
        // SAFETY: as above.
        header = unsafe { libc::CMSG_NXTHDR(message, header) };
    }
    sender
}

/// # Safety
/// `data` is that of a control message of this kind and length.
unsafe fn take(sender: &mut Sender, kind: libc::c_int, data: *const u8, bytes: usize) {
    if kind == libc::SCM_CREDENTIALS && bytes >= mem::size_of::<libc::ucred>() {
        // SAFETY: so long a message of this kind holds such a structure.
        let pid = unsafe { ptr::read_unaligned(data.cast::<[u8; 4]>()) };
        // The pid is the first of the structure's three numbers.
        sender.pid = jlong::from(libc::pid_t::from_ne_bytes(pid));
    } else if kind == SCM_PIDFD || kind == libc::SCM_RIGHTS {
        for index in 0..bytes / 4 {
            // SAFETY: so long a message of this kind holds so many descriptors.
            let descriptor = unsafe { ptr::read_unaligned(data.add(4 * index).cast::<[u8; 4]>()) };
            let descriptor = libc::c_int::from_ne_bytes(descriptor);
            if kind == SCM_PIDFD {
                // Where there is no descriptor left, its place holds the error.
                sender.inode = if descriptor < 0 {
                    jlong::from(descriptor)
                } else {
                    inode(descriptor)
                };
            } else {
                sender.descriptors += 1;
            }
            if descriptor >= 0 {
                // SAFETY: the kernel has just given it to us.
                unsafe { libc::close(descriptor) };
            }
        }
    }
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
