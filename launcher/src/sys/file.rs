//! Files that the launcher makes: in memory, and in a folder of a file system in memory.

use super::arch::{number, syscall};
use super::{Descriptor, Errno, NO_ARGUMENT, checked};
use core::ffi::CStr;

const F_DUPFD: usize = 0;
const F_ADD_SEALS: usize = 1033;
const ONLY_OWNER_READS: usize = 0o400;

/// The number of this process, which the command will have too.
#[must_use]
pub fn process_number() -> usize {
    // SAFETY: no memory is involved; this call does not fail.
    unsafe { syscall(number::GETPID, [0; 6]) }
}

/// Makes a file in memory that the command inherits, in none of the places of standard input, output and error.
pub fn memory_file(name: &CStr) -> Result<Descriptor, Errno> {
    const MFD_ALLOW_SEALING: usize = 2;
    const MFD_NOEXEC_SEAL: usize = 8;
    let make = |flags: usize| {
        // SAFETY: the kernel only reads `name` up to its NUL.
        checked(unsafe { syscall(number::MEMFD_CREATE, [name.as_ptr() as usize, flags, 0, 0, 0, 0]) })
    };
    // Kernels before 6.3 do not know that such a file is not to be executed.
    let file = make(MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL).or_else(|_| make(MFD_ALLOW_SEALING)).map(Descriptor)?;
    if file.0 > 2 {
        return Ok(file);
    }
    // SAFETY: no memory is involved; the old descriptor is closed by its owner.
    checked(unsafe { syscall(number::FCNTL, [file.0, F_DUPFD, 3, 0, 0, 0]) }).map(Descriptor)
}

/// Writes everything to a file, from its beginning; where it is read from stays there.
pub fn fill(file: &Descriptor, bytes: &[u8]) -> Result<(), Errno> {
    let mut written = 0;
    while written < bytes.len() {
        let rest = &bytes[written..];
        // SAFETY: the kernel only reads `rest`, which outlives the call.
        match checked(unsafe { syscall(number::PWRITE64, [file.0, rest.as_ptr() as usize, rest.len(), written, 0, 0]) })
        {
            Ok(0) => return Err(Errno::EIO),
            Ok(bytes) => written += bytes,
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Lets only the owner read the file, and nobody change it.
pub fn seal(file: &Descriptor) -> Result<(), Errno> {
    const SEAL_SHRINK_GROW_WRITE: usize = 1 | 2 | 4 | 8;
    // SAFETY: no memory is involved.
    checked(unsafe { syscall(number::FCHMOD, [file.0, ONLY_OWNER_READS, 0, 0, 0, 0]) })?;
    // SAFETY: no memory is involved.
    checked(unsafe { syscall(number::FCNTL, [file.0, F_ADD_SEALS, SEAL_SHRINK_GROW_WRITE, 0, 0, 0]) }).map(drop)
}

/// Leaves a file open for the command; returns its number.
#[must_use]
pub fn leave_open(file: Descriptor) -> usize {
    let number = file.0;
    core::mem::forget(file);
    number
}

/// Whether a folder is on a file system that never reaches a disk: tmpfs or ramfs.
pub fn is_in_memory(folder: &Descriptor) -> Result<bool, Errno> {
    const KINDS: [u64; 2] = [0x0102_1994, 0x8584_58F6];
    let mut facts = [0_u64; 16];
    // SAFETY: the kernel writes the 120 bytes of a struct statfs, for which there is room.
    checked(unsafe { syscall(number::FSTATFS, [folder.0, facts.as_mut_ptr() as usize, 0, 0, 0, 0]) })?;
    Ok(KINDS.contains(&facts[0]))
}

/// Makes a file in a folder that only its owner reads, not there before.
pub fn create_in(folder: &Descriptor, name: &CStr) -> Result<Descriptor, Errno> {
    const O_WRONLY_CREAT_EXCL_CLOEXEC: usize = 1 | 0o100 | 0o200 | 0o2_000_000;
    let arguments = [folder.0, name.as_ptr() as usize, O_WRONLY_CREAT_EXCL_CLOEXEC, ONLY_OWNER_READS, 0, NO_ARGUMENT];
    // SAFETY: the kernel only reads `name` up to its NUL.
    checked(unsafe { syscall(number::OPENAT, arguments) }).map(Descriptor)
}

/// Gives a file of a folder another name there, whatever had that name before.
pub fn rename_in(folder: &Descriptor, from: &CStr, to: &CStr) -> Result<(), Errno> {
    let arguments = [folder.0, from.as_ptr() as usize, folder.0, to.as_ptr() as usize, 0, 0];
    // SAFETY: the kernel only reads both names up to their NULs.
    checked(unsafe { syscall(number::RENAMEAT2, arguments) }).map(drop)
}

/// Removes a file of a folder; if that fails there is nothing left to do.
pub fn remove_in(folder: &Descriptor, name: &CStr) {
    // SAFETY: the kernel only reads `name` up to its NUL.
    unsafe { syscall(number::UNLINKAT, [folder.0, name.as_ptr() as usize, 0, 0, 0, 0]) };
}
