//! System calls of `aarch64`.

use core::arch::asm;

pub(super) const O_NOFOLLOW: usize = 0o100_000;

pub(super) mod number {
    pub(in crate::sys) const GETCWD: usize = 17;
    pub(in crate::sys) const FCNTL: usize = 25;
    pub(in crate::sys) const UNLINKAT: usize = 35;
    pub(in crate::sys) const STATFS: usize = 43;
    pub(in crate::sys) const FSTATFS: usize = 44;
    pub(in crate::sys) const FACCESSAT: usize = 48;
    pub(in crate::sys) const FCHMOD: usize = 52;
    pub(in crate::sys) const PWRITE64: usize = 68;
    pub(in crate::sys) const GETPID: usize = 172;
    pub(in crate::sys) const RENAMEAT2: usize = 276;
    pub(in crate::sys) const MEMFD_CREATE: usize = 279;
    pub(in crate::sys) const OPENAT: usize = 56;
    pub(in crate::sys) const CLOSE: usize = 57;
    pub(in crate::sys) const READ: usize = 63;
    pub(in crate::sys) const WRITE: usize = 64;
    pub(in crate::sys) const PPOLL: usize = 73;
    pub(in crate::sys) const READLINKAT: usize = 78;
    pub(in crate::sys) const EXIT_GROUP: usize = 94;
    pub(in crate::sys) const CLOCK_GETTIME: usize = 113;
    pub(in crate::sys) const SETRESGID: usize = 149;
    pub(in crate::sys) const PRCTL: usize = 167;
    pub(in crate::sys) const SOCKET: usize = 198;
    pub(in crate::sys) const CONNECT: usize = 203;
    pub(in crate::sys) const SENDTO: usize = 206;
    pub(in crate::sys) const SHUTDOWN: usize = 210;
    pub(in crate::sys) const RECVFROM: usize = 207;
    pub(in crate::sys) const GETSOCKOPT: usize = 209;
    pub(in crate::sys) const MUNMAP: usize = 215;
    pub(in crate::sys) const EXECVE: usize = 221;
    pub(in crate::sys) const MMAP: usize = 222;
    pub(in crate::sys) const MLOCK: usize = 228;
    pub(in crate::sys) const MADVISE: usize = 233;
    pub(in crate::sys) const EXECVEAT: usize = 281;
    pub(in crate::sys) const STATX: usize = 291;
    pub(in crate::sys) const FACCESSAT2: usize = 439;
}

/// One system call; a result from -4095 to -1 is an error.
pub(super) unsafe fn syscall(number: usize, arguments: [usize; 6]) -> usize {
    let result: usize;
    // SAFETY: the kernel preserves every register but x0, and may change memory, which is what is declared here; what the
    // call does with the arguments is the caller's duty.
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") arguments[0] => result,
            in("x1") arguments[1],
            in("x2") arguments[2],
            in("x3") arguments[3],
            in("x4") arguments[4],
            in("x5") arguments[5],
            options(nostack)
        );
    }
    result
}
