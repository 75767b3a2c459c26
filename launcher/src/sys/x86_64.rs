//! System calls of `x86_64`.

use core::arch::asm;

pub(super) const O_NOFOLLOW: usize = 0o400_000;

pub(super) mod number {
    pub(in crate::sys) const READ: usize = 0;
    pub(in crate::sys) const WRITE: usize = 1;
    pub(in crate::sys) const CLOSE: usize = 3;
    pub(in crate::sys) const MMAP: usize = 9;
    pub(in crate::sys) const PWRITE64: usize = 18;
    pub(in crate::sys) const GETPID: usize = 39;
    pub(in crate::sys) const FCHMOD: usize = 91;
    pub(in crate::sys) const FSTATFS: usize = 138;
    pub(in crate::sys) const UNLINKAT: usize = 263;
    pub(in crate::sys) const RENAMEAT2: usize = 316;
    pub(in crate::sys) const MEMFD_CREATE: usize = 319;
    pub(in crate::sys) const MUNMAP: usize = 11;
    pub(in crate::sys) const MADVISE: usize = 28;
    pub(in crate::sys) const SOCKET: usize = 41;
    pub(in crate::sys) const CONNECT: usize = 42;
    pub(in crate::sys) const SENDTO: usize = 44;
    pub(in crate::sys) const SHUTDOWN: usize = 48;
    pub(in crate::sys) const RECVFROM: usize = 45;
    pub(in crate::sys) const GETSOCKOPT: usize = 55;
    pub(in crate::sys) const EXECVE: usize = 59;
    pub(in crate::sys) const FCNTL: usize = 72;
    pub(in crate::sys) const GETCWD: usize = 79;
    pub(in crate::sys) const SETRESGID: usize = 119;
    pub(in crate::sys) const STATFS: usize = 137;
    pub(in crate::sys) const MLOCK: usize = 149;
    pub(in crate::sys) const PRCTL: usize = 157;
    pub(in crate::sys) const CLOCK_GETTIME: usize = 228;
    pub(in crate::sys) const EXIT_GROUP: usize = 231;
    pub(in crate::sys) const OPENAT: usize = 257;
    pub(in crate::sys) const READLINKAT: usize = 267;
    pub(in crate::sys) const FACCESSAT: usize = 269;
    pub(in crate::sys) const PPOLL: usize = 271;
    pub(in crate::sys) const EXECVEAT: usize = 322;
    pub(in crate::sys) const STATX: usize = 332;
    pub(in crate::sys) const FACCESSAT2: usize = 439;
}

/// One system call; a result from -4095 to -1 is an error.
pub(super) unsafe fn syscall(number: usize, arguments: [usize; 6]) -> usize {
    let result: usize;
    // SAFETY: the instruction clobbers rcx, r11 and memory, which is what is declared here; what the call does with the
    // arguments is the caller's duty.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            in("r10") arguments[3],
            in("r8") arguments[4],
            in("r9") arguments[5],
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack)
        );
    }
    result
}
