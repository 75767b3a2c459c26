//! The kernel, and the only code of the library that is `unsafe`: one system call a function, raw, without libc.
//!
//! Every function here is safe to call: pointers and lengths come from Rust references, and what a call may leave behind is owned
//! by a type. Results are `Result<_, Errno>`; nothing is retried here but `EINTR` where a call cannot have had an effect.

#![allow(unsafe_code)]

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod arch;
mod errno;
mod file;
mod heap;
mod mapping;
mod process;
mod sha;
mod strings;

pub use errno::Errno;
pub use file::{create_in, fill, is_in_memory, leave_open, memory_file, process_number, remove_in, rename_in, seal};
pub use heap::Heap;
pub use mapping::Mapping;
pub use process::{Identity, Process};
pub use sha::ShaInstructions;
pub use strings::StringArray;

use alloc::vec;
use alloc::vec::Vec;
use arch::{number, syscall};
use core::ffi::CStr;

const AT_FDCWD: usize = 100_usize.wrapping_neg();
const AT_EMPTY_PATH: usize = 0x1000;
const O_NOFOLLOW: usize = arch::O_NOFOLLOW;
const O_PATH_NOFOLLOW_CLOEXEC: usize = 0o10_000_000 | O_NOFOLLOW | 0o2_000_000;
/// With its NUL.
const LONGEST_PATH: usize = 4096;
const NO_ARGUMENT: usize = 0;

/// Turns the -4095 to -1 of the kernel into an error.
fn checked(result: usize) -> Result<usize, Errno> {
    match u16::try_from(result.wrapping_neg()) {
        Ok(number @ 1..=4095) => Err(Errno(number)),
        _ => Ok(result),
    }
}

/// An open file descriptor, closed when it is dropped.
#[derive(Debug)]
pub struct Descriptor(usize);

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours and nobody uses it after this. An error leaves nothing to do.
        unsafe { syscall(number::CLOSE, [self.0, 0, 0, 0, 0, 0]) };
    }
}

/// Writes to standard output (1) or standard error (2); returns how many bytes were taken.
pub fn write(descriptor: u8, bytes: &[u8]) -> Result<usize, Errno> {
    let arguments = [usize::from(descriptor), bytes.as_ptr() as usize, bytes.len(), 0, 0, 0];
    // SAFETY: the kernel only reads `bytes`, which outlive the call.
    checked(unsafe { syscall(number::WRITE, arguments) })
}

/// Opens a file for reading. Neither this nor a `read` waits, where there is something to wait for, and a terminal does not become
/// the controlling one.
pub fn open(path: &CStr) -> Result<Descriptor, Errno> {
    const O_NOCTTY_NONBLOCK_CLOEXEC: usize = 0o400 | 0o4_000 | 0o2_000_000;
    open_at(AT_FDCWD, path, O_NOCTTY_NONBLOCK_CLOEXEC)
}

/// Reads from a file; 0 is its end.
pub fn read(descriptor: &Descriptor, buffer: &mut [u8]) -> Result<usize, Errno> {
    let arguments = [descriptor.0, buffer.as_mut_ptr() as usize, buffer.len(), 0, 0, 0];
    // SAFETY: the kernel writes at most the length of `buffer`, which is borrowed mutably.
    checked(unsafe { syscall(number::READ, arguments) })
}

/// Whether this process may execute the file, asked with its real ids, which are those that the command will have.
pub fn may_execute(path: &CStr) -> Result<(), Errno> {
    const X_OK: usize = 1;
    // SAFETY: the kernel only reads `path` up to its NUL.
    checked(unsafe { syscall(number::FACCESSAT, [AT_FDCWD, path.as_ptr() as usize, X_OK, 0, 0, 0]) }).map(drop)
}

/// What the launcher wants to know of a file.
#[derive(Clone, Copy, Debug)]
pub struct FileStatus {
    /// Type and permissions, as in `st_mode`.
    pub mode: u16,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

impl FileStatus {
    /// Whether it is a folder.
    #[must_use]
    pub fn is_folder(self) -> bool {
        self.kind() == 0o040_000
    }

    /// Whether it is a symbolic link.
    #[must_use]
    pub fn is_link(self) -> bool {
        self.kind() == 0o120_000
    }

    /// Whether it is a file in the narrow sense.
    #[must_use]
    pub fn is_regular(self) -> bool {
        self.kind() == 0o100_000
    }

    fn kind(self) -> u16 {
        self.mode & 0o170_000
    }

    /// Whether only its owner may take an entry out of this folder.
    #[must_use]
    pub fn is_sticky(self) -> bool {
        self.mode & 0o1000 != 0
    }

    /// Whether who executes this file gets its group.
    #[must_use]
    pub fn is_set_group(self) -> bool {
        self.mode & 0o2010 == 0o2010
    }

    /// Whether everybody may write to it.
    #[must_use]
    pub fn everybody_can_write(self) -> bool {
        self.mode & 0o002 != 0
    }

    /// Whether somebody but the owner may write to it.
    #[must_use]
    pub fn others_can_write(self) -> bool {
        self.mode & 0o022 != 0
    }
}

/// The `struct statx` of the kernel, the same on all architectures.
#[repr(C)]
struct Statx {
    head: [u32; 5],
    uid: u32,
    gid: u32,
    mode: u16,
    rest: [u16; 113],
}

/// Looks at a file, through symbolic links.
pub fn status(path: &CStr) -> Result<FileStatus, Errno> {
    const FOLLOWING: usize = 0;
    statx(AT_FDCWD, path, FOLLOWING)
}

/// Looks at an open file.
pub fn status_of(file: &Descriptor) -> Result<FileStatus, Errno> {
    statx(file.0, c"", AT_EMPTY_PATH)
}

fn statx(folder: usize, path: &CStr, flags: usize) -> Result<FileStatus, Errno> {
    const STATX_TYPE_MODE_UID_GID: usize = 0b1_1011;
    let mut statx = Statx { head: [0; 5], uid: 0, gid: 0, mode: 0, rest: [0; 113] };
    let arguments = [folder, path.as_ptr() as usize, flags, STATX_TYPE_MODE_UID_GID, &raw mut statx as usize, 0];
    // SAFETY: the kernel reads `path` up to its NUL and writes the 256 bytes of a struct statx, which `Statx` has.
    checked(unsafe { syscall(number::STATX, arguments) })?;
    Ok(FileStatus { mode: statx.mode, uid: statx.uid, gid: statx.gid })
}

/// The folder that all paths begin in.
pub fn root_folder() -> Result<Descriptor, Errno> {
    open_at(AT_FDCWD, c"/", O_PATH_NOFOLLOW_CLOEXEC)
}

/// An entry of a folder, whatever it is: a symbolic link is not followed, and nothing can be read from what is returned.
pub fn look_up(folder: &Descriptor, name: &CStr) -> Result<Descriptor, Errno> {
    open_at(folder.0, name, O_PATH_NOFOLLOW_CLOEXEC)
}

/// Opens an entry of a folder for reading. A symbolic link is not followed, and nothing waits.
pub fn open_entry(folder: &Descriptor, name: &CStr) -> Result<Descriptor, Errno> {
    const O_NOCTTY_NONBLOCK_NOFOLLOW_CLOEXEC: usize = 0o400 | 0o4_000 | O_NOFOLLOW | 0o2_000_000;
    open_at(folder.0, name, O_NOCTTY_NONBLOCK_NOFOLLOW_CLOEXEC)
}

fn open_at(folder: usize, path: &CStr, flags: usize) -> Result<Descriptor, Errno> {
    let arguments = [folder, path.as_ptr() as usize, flags, NO_ARGUMENT, 0, 0];
    // SAFETY: the kernel only reads `path` up to its NUL.
    checked(unsafe { syscall(number::OPENAT, arguments) }).map(Descriptor)
}

/// Where a symbolic link leads; the link itself was looked up.
pub fn link_target(link: &Descriptor) -> Result<Vec<u8>, Errno> {
    let mut target = vec![0; LONGEST_PATH];
    let arguments = [link.0, c"".as_ptr() as usize, target.as_mut_ptr() as usize, target.len(), 0, 0];
    // SAFETY: the kernel reads an empty string, and writes at most the length of `target`.
    let length = checked(unsafe { syscall(number::READLINKAT, arguments) })?;
    target.truncate(length);
    Ok(target)
}

/// Whether this process may write to an open file or folder, asked with its real ids.
pub fn may_write(file: &Descriptor) -> Result<bool, Errno> {
    const W_OK: usize = 2;
    let arguments = [file.0, c"".as_ptr() as usize, W_OK, AT_EMPTY_PATH, 0, 0];
    // SAFETY: the kernel only reads an empty string.
    match checked(unsafe { syscall(number::FACCESSAT2, arguments) }) {
        Ok(_) => Ok(true),
        Err(Errno::EACCES | Errno::EPERM | Errno::EROFS) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// The folder that this process works in.
pub fn working_folder() -> Result<Vec<u8>, Errno> {
    let mut path = vec![0; LONGEST_PATH];
    let arguments = [path.as_mut_ptr() as usize, path.len(), 0, 0, 0, 0];
    // SAFETY: the kernel writes at most the length of `path`.
    let length = checked(unsafe { syscall(number::GETCWD, arguments) })?;
    // The length counts the NUL.
    path.truncate(length.saturating_sub(1));
    Ok(path)
}

/// Whether who executes a file of that file system gets neither its owner's nor its group's rights.
#[must_use]
pub fn ignores_set_group(path: &CStr) -> bool {
    const ST_NOSUID: u64 = 2;
    const FLAGS: usize = 10;
    let mut statfs = [0_u64; 15];
    let arguments = [path.as_ptr() as usize, statfs.as_mut_ptr() as usize, 0, 0, 0, 0];
    // SAFETY: the kernel reads `path` up to its NUL and writes a struct statfs, which has 120 bytes.
    let asked = checked(unsafe { syscall(number::STATFS, arguments) });
    asked.is_ok() && statfs[FLAGS] & ST_NOSUID != 0
}

/// Keeps other processes of the user out: they can neither trace this one, nor read its memory, nor make a core of it.
pub fn shut_out_others() -> Result<(), Errno> {
    const PR_SET_DUMPABLE: usize = 4;
    // SAFETY: no memory is involved.
    checked(unsafe { syscall(number::PRCTL, [PR_SET_DUMPABLE, 0, 0, 0, 0, 0]) }).map(drop)
}

/// Whether this process was made so that no program that it executes has more rights.
#[must_use]
pub fn has_no_new_privileges() -> bool {
    const PR_GET_NO_NEW_PRIVS: usize = 39;
    // SAFETY: no memory is involved.
    checked(unsafe { syscall(number::PRCTL, [PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0]) }) == Ok(1)
}

/// The address of a Unix socket.
#[repr(C)]
pub struct SocketAddress {
    family: u16,
    path: [u8; 108],
}

impl SocketAddress {
    /// The longest path that fits with its NUL.
    pub const LONGEST_PATH: usize = 107;

    /// The address of `path`, or nothing if that is too long, empty or (beginning with NUL) abstract.
    #[must_use]
    pub fn new(path: &[u8]) -> Option<Self> {
        const AF_UNIX: u16 = 1;
        let mut address = Self { family: AF_UNIX, path: [0; 108] };
        if path.len() > Self::LONGEST_PATH || path.is_empty() || path.contains(&0) {
            return None;
        }
        address.path[..path.len()].copy_from_slice(path);
        Some(address)
    }
}

/// Opens a Unix stream socket that does not block.
pub fn stream_socket() -> Result<Descriptor, Errno> {
    const AF_UNIX: usize = 1;
    const SOCK_STREAM_CLOEXEC_NONBLOCK: usize = 1 | 0o2_000_000 | 0o4_000;
    // SAFETY: no memory is involved.
    checked(unsafe { syscall(number::SOCKET, [AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0, 0, 0, 0]) }).map(Descriptor)
}

/// Moves a descriptor out of the places of standard input, output and error, in case one of them was closed.
pub fn above_standard(descriptor: Descriptor) -> Result<Descriptor, Errno> {
    const F_DUPFD_CLOEXEC: usize = 1030;
    if descriptor.0 > 2 {
        return Ok(descriptor);
    }
    // SAFETY: no memory is involved; the old descriptor is closed by its owner.
    checked(unsafe { syscall(number::FCNTL, [descriptor.0, F_DUPFD_CLOEXEC, 3, 0, 0, 0]) }).map(Descriptor)
}

/// Connects a socket.
pub fn connect(socket: &Descriptor, address: &SocketAddress) -> Result<(), Errno> {
    let arguments = [socket.0, core::ptr::from_ref(address) as usize, size_of::<SocketAddress>(), 0, 0, 0];
    // SAFETY: the kernel only reads the address, whose size is given.
    checked(unsafe { syscall(number::CONNECT, arguments) }).map(drop)
}

/// The uid of the process that called `listen()` at the other end.
pub fn peer_uid(socket: &Descriptor) -> Result<u32, Errno> {
    const SOL_SOCKET: usize = 1;
    const SO_PEERCRED: usize = 17;
    let mut credentials = [0_u32; 3];
    let mut length = size_of_val(&credentials);
    let arguments = [socket.0, SOL_SOCKET, SO_PEERCRED, credentials.as_mut_ptr() as usize, &raw mut length as usize, 0];
    // SAFETY: the kernel writes at most `length` bytes to `credentials`, and the length (a u32, little-endian) to `length`.
    checked(unsafe { syscall(number::GETSOCKOPT, arguments) })?;
    Ok(credentials[1])
}

/// Sends bytes; without SIGPIPE if the peer is gone.
pub fn send(socket: &Descriptor, bytes: &[u8]) -> Result<usize, Errno> {
    const MSG_NOSIGNAL: usize = 0x4000;
    let arguments = [socket.0, bytes.as_ptr() as usize, bytes.len(), MSG_NOSIGNAL, 0, 0];
    // SAFETY: the kernel only reads `bytes`.
    checked(unsafe { syscall(number::SENDTO, arguments) })
}

/// Tells the peer that no more bytes come. If the connection is gone already, receiving says so.
pub fn end_sending(socket: &Descriptor) {
    const SHUT_WR: usize = 1;
    // SAFETY: no memory is involved.
    unsafe { syscall(number::SHUTDOWN, [socket.0, SHUT_WR, 0, 0, 0, 0]) };
}

/// Receives bytes; 0 is the end of the stream. Descriptors that come along are dropped by the kernel.
pub fn receive(socket: &Descriptor, buffer: &mut [u8]) -> Result<usize, Errno> {
    let arguments = [socket.0, buffer.as_mut_ptr() as usize, buffer.len(), 0, 0, 0];
    // SAFETY: the kernel writes at most the length of `buffer`.
    checked(unsafe { syscall(number::RECVFROM, arguments) })
}

/// What to wait for.
#[derive(Clone, Copy, Debug)]
#[repr(u16)]
pub enum Readiness {
    /// Until bytes, or the end, can be read.
    Readable = 1,
    /// Until bytes can be sent.
    Writable = 4,
}

#[repr(C)]
struct PollDescriptor {
    descriptor: u32,
    events: u16,
    happened: u16,
}

/// A `struct timespec`, which here is never negative.
#[repr(C)]
struct TimeSpec {
    seconds: u64,
    nanoseconds: u64,
}

impl TimeSpec {
    fn of_microseconds(microseconds: u64) -> Self {
        Self { seconds: microseconds / 1_000_000, nanoseconds: microseconds % 1_000_000 * 1_000 }
    }
}

/// Waits until a socket or a file is ready, at most so many microseconds. Returns false if it was not.
/// Returns early, as if it were, when interrupted; the caller tries and looks at its clock.
pub fn wait_until_ready(waited_for: &Descriptor, readiness: Readiness, microseconds: u64) -> Result<bool, Errno> {
    let descriptor = u32::try_from(waited_for.0).unwrap_or(u32::MAX);
    let mut poll = PollDescriptor { descriptor, events: readiness as u16, happened: 0 };
    let mut time = TimeSpec::of_microseconds(microseconds);
    let arguments = [&raw mut poll as usize, 1, &raw mut time as usize, 0, 0, 0];
    // SAFETY: one pollfd and one timespec are given, and outlive the call; no signal mask is.
    match checked(unsafe { syscall(number::PPOLL, arguments) }) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::EINTR) => Ok(true),
        Err(errno) => Err(errno),
    }
}

/// Sleeps so many microseconds, less if a signal comes.
pub fn sleep(microseconds: u64) {
    let mut time = TimeSpec::of_microseconds(microseconds);
    // SAFETY: no pollfd is given, and the timespec outlives the call. The only error, EINTR, ends the sleep.
    unsafe { syscall(number::PPOLL, [0, 0, &raw mut time as usize, 0, 0, 0]) };
}

/// Microseconds of the monotonic clock.
#[must_use]
pub fn now() -> u64 {
    const CLOCK_MONOTONIC: usize = 1;
    let mut time = TimeSpec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the kernel writes one timespec; this clock always exists.
    unsafe { syscall(number::CLOCK_GETTIME, [CLOCK_MONOTONIC, &raw mut time as usize, 0, 0, 0, 0]) };
    time.seconds * 1_000_000 + time.nanoseconds / 1_000
}

/// Sets the effective group and keeps the saved one, so that it can be taken up again.
pub fn set_effective_group(gid: u32) -> Result<(), Errno> {
    set_groups(usize::MAX, gid as usize, usize::MAX)
}

/// Sets the real, effective and saved group: what they were is given up for good.
pub fn set_all_groups(gid: u32) -> Result<(), Errno> {
    set_groups(gid as usize, gid as usize, gid as usize)
}

fn set_groups(real: usize, effective: usize, saved: usize) -> Result<(), Errno> {
    // SAFETY: no memory is involved; the launcher has one thread.
    checked(unsafe { syscall(number::SETRESGID, [real, effective, saved, 0, 0, 0]) }).map(drop)
}

/// Becomes another program. Returns only if that fails.
#[must_use]
pub fn execute(path: &CStr, arguments: &StringArray<'_>, environment: &StringArray<'_>) -> Errno {
    let pointers = [path.as_ptr() as usize, arguments.as_ptr() as usize, environment.as_ptr() as usize, 0, 0, 0];
    // SAFETY: a `StringArray` is an array of pointers to strings that outlive it, and ends with a null pointer.
    match checked(unsafe { syscall(number::EXECVE, pointers) }) {
        Ok(_) => Errno::EIO,
        Err(errno) => errno,
    }
}

/// Becomes the program in an open file. Returns only if that fails.
#[must_use]
pub fn execute_file(file: &Descriptor, arguments: &StringArray<'_>, environment: &StringArray<'_>) -> Errno {
    let (arguments, environment) = (arguments.as_ptr() as usize, environment.as_ptr() as usize);
    let pointers = [file.0, c"".as_ptr() as usize, arguments, environment, AT_EMPTY_PATH, 0];
    // SAFETY: as for `execute`; the path is an empty string.
    match checked(unsafe { syscall(number::EXECVEAT, pointers) }) {
        Ok(_) => Errno::EIO,
        Err(errno) => errno,
    }
}

/// Ends the process.
pub fn exit(status: u8) -> ! {
    loop {
        // SAFETY: does not return.
        unsafe { syscall(number::EXIT_GROUP, [usize::from(status), 0, 0, 0, 0, 0]) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_files_like_stat_does() {
        use std::os::unix::fs::MetadataExt;
        for path in [c"/", c"/etc/passwd", c"/tmp"] {
            let metadata = std::fs::metadata(path.to_str().unwrap_or_default()).ok();
            let status = status(path).ok();
            assert_eq!(status.map(|s| u32::from(s.mode)), metadata.as_ref().map(MetadataExt::mode));
            assert_eq!(status.map(|s| s.uid), metadata.as_ref().map(MetadataExt::uid));
            assert_eq!(status.map(|s| s.gid), metadata.as_ref().map(MetadataExt::gid));
        }
        assert_eq!(size_of::<Statx>(), 256);
    }

    #[test]
    fn refuses_paths_that_do_not_fit() {
        assert!(SocketAddress::new(&[b'a'; 107]).is_some());
        assert!(SocketAddress::new(&[b'a'; 108]).is_none());
        assert!(SocketAddress::new(b"").is_none());
        assert!(SocketAddress::new(b"\0abstract").is_none());
    }
}
