//! The system calls that `std` does not offer. One each.

use std::io::{Error, Result};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::{Duration, Instant};

fn checked(result: i32) -> Result<i32> {
    if result < 0 { Err(Error::last_os_error()) } else { Ok(result) }
}

/// A wait that a stopped and continued process comes back from early has found nothing.
fn interruptible(result: i32) -> Result<i32> {
    match checked(result) {
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Ok(0),
        other => other,
    }
}

/// Waits of this length and more may end a millisecond late.
const COARSE: Duration = Duration::from_secs(1);

/// Waits for many descriptors; what is closed leaves by itself.
pub struct Poll {
    descriptor: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Poll {
    pub fn new(most: usize) -> Result<Self> {
        // SAFETY: takes no pointer.
        let descriptor = checked(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: fresh, and owned by nobody else.
        let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
        Ok(Self {
            descriptor,
            events: vec![libc::epoll_event { events: 0, u64: 0 }; most],
        })
    }

    pub fn add(&self, descriptor: RawFd, key: u64) -> Result<()> {
        let mut event = libc::epoll_event {
            events: (libc::EPOLLIN | libc::EPOLLRDHUP) as u32,
            u64: key,
        };
        // SAFETY: the event lives during the call.
        checked(unsafe { libc::epoll_ctl(self.descriptor.as_raw_fd(), libc::EPOLL_CTL_ADD, descriptor, &raw mut event) })?;
        Ok(())
    }

    /// The keys of those that can be read, after at most that time. epoll itself counts in milliseconds, which is too coarse for short ones.
    pub fn wait(&mut self, most: Duration) -> Result<Vec<u64>> {
        let coarse = most >= COARSE;
        if most > Duration::ZERO && !coarse {
            self.wait_precisely(most)?;
        }
        let room = self.events.len() as i32;
        let millis = if coarse { most.as_millis() as i32 } else { 0 };
        let events = self.events.as_mut_ptr();
        // SAFETY: there is room for that many.
        let ready = interruptible(unsafe { libc::epoll_wait(self.descriptor.as_raw_fd(), events, room, millis) })?;
        Ok(self.events[..ready as usize].iter().map(|event| event.u64).collect())
    }

    fn wait_precisely(&self, most: Duration) -> Result<()> {
        let mut this = libc::pollfd {
            fd: self.descriptor.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        let time = libc::timespec {
            tv_sec: most.as_secs() as i64,
            tv_nsec: i64::from(most.subsec_nanos()),
        };
        // SAFETY: both live during the call; no signal mask is given.
        interruptible(unsafe { libc::ppoll(&raw mut this, 1, &raw const time, ptr::null()) })?;
        Ok(())
    }
}

/// Reads what is there, up to the room; none: nothing yet; zero: the end.
pub fn receive(descriptor: RawFd, room: &mut [u8]) -> Result<Option<usize>> {
    // SAFETY: the room is as long as said.
    let read = unsafe { libc::recv(descriptor, room.as_mut_ptr().cast(), room.len(), libc::MSG_DONTWAIT) };
    if read >= 0 {
        return Ok(Some(read as usize));
    }
    let error = Error::last_os_error();
    if error.kind() == std::io::ErrorKind::WouldBlock {
        Ok(None)
    } else {
        Err(error)
    }
}

/// Timers of this thread fire when they are due, not up to 50 microseconds later.
pub fn precise_timers() -> Result<()> {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1) })?;
    Ok(())
}

/// Becomes another user for good, without any supplementary group. Before there is a second thread.
pub fn become_user(uid: u32) -> Result<()> {
    // SAFETY: no list is given.
    checked(unsafe { libc::setgroups(0, ptr::null()) })?;
    // SAFETY: takes no pointer.
    checked(unsafe { libc::setgid(uid) })?;
    // SAFETY: takes no pointer.
    checked(unsafe { libc::setuid(uid) })?;
    Ok(())
}

pub fn terminate(pid: i32) -> Result<()> {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::kill(pid, libc::SIGTERM) })?;
    Ok(())
}

pub fn kill(pid: i32) -> Result<()> {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::kill(pid, libc::SIGKILL) })?;
    Ok(())
}

/// A copy of this process, which must have one thread only: 0 in the copy, its pid here.
pub fn fork() -> Result<i32> {
    // SAFETY: takes no pointer; no other thread can hold a lock.
    checked(unsafe { libc::fork() })
}

/// Whoever started this process must not leave it behind.
pub fn die_with_parent() -> Result<()> {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) })?;
    Ok(())
}

/// Until a signal comes.
pub fn pause() {
    // SAFETY: takes no pointer.
    unsafe { libc::pause() };
}

/// Ends a copy of a process without anything that its original does at its end.
pub fn leave() -> ! {
    // SAFETY: takes no pointer.
    unsafe { libc::_exit(1) }
}

/// The status of a child that ended or stopped; none: neither yet (only with `WNOHANG`).
pub fn wait_for(pid: i32, flags: i32) -> Result<Option<i32>> {
    let mut status = 0;
    // SAFETY: the status lives during the call.
    let which = checked(unsafe { libc::waitpid(pid, &raw mut status, flags) })?;
    Ok((which != 0).then_some(status))
}

pub fn nanos_since(start: Instant) -> u64 {
    start.elapsed().as_nanos() as u64
}

/// Makes `to` another number of what `from` is.
pub fn replace(from: &impl AsRawFd, to: &impl AsRawFd) -> Result<()> {
    // SAFETY: takes no pointer; whoever has `to` keeps it.
    checked(unsafe { libc::dup2(from.as_raw_fd(), to.as_raw_fd()) })?;
    Ok(())
}

/// Whether a child has ended; it stays there to be waited for.
pub fn has_ended(pid: i32) -> Result<bool> {
    // SAFETY: all zeros is a value of this structure of numbers.
    let mut found: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: the structure lives during the call.
    checked(unsafe { libc::waitid(libc::P_PID, pid as u32, &raw mut found, flags) })?;
    // SAFETY: filled for a child, or still zeros.
    Ok(unsafe { found.si_pid() } != 0)
}

/// For a child before its exec.
pub fn let_parent_trace() -> Result<()> {
    // SAFETY: takes no pointer that is used.
    let result = unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) };
    if result < 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

/// A child that is executed instruction by instruction.
pub struct Tracee {
    pid: i32,
}

/// Where it is, and the number of a system call if it is just before one.
pub struct Registers {
    pub at: u64,
    pub call: u64,
}

impl Tracee {
    pub fn new(pid: i32) -> Self {
        Self { pid }
    }

    pub fn wait_for_stop(&self) -> Result<()> {
        match wait_for(self.pid, 0)? {
            Some(status) if libc::WIFSTOPPED(status) => Ok(()),
            status => Err(Error::other(format!(
                "it ended with wait status {status:?} before it became its command"
            ))),
        }
    }

    pub fn step(&self) -> Result<()> {
        // SAFETY: takes no pointer that is used.
        let result = unsafe { libc::ptrace(libc::PTRACE_SINGLESTEP, self.pid, 0, 0) };
        if result < 0 {
            return Err(Error::last_os_error());
        }
        self.wait_for_stop()
    }

    pub fn registers(&self) -> Result<Registers> {
        // SAFETY: all zeros is a value of this structure of numbers.
        let mut all: libc::user_regs_struct = unsafe { std::mem::zeroed() };
        let mut room = libc::iovec {
            iov_base: (&raw mut all).cast(),
            iov_len: size_of_val(&all),
        };
        // SAFETY: the room is as long as said and lives during the call.
        let result = unsafe { libc::ptrace(libc::PTRACE_GETREGSET, self.pid, libc::NT_PRSTATUS, &raw mut room) };
        if result < 0 {
            Err(Error::last_os_error())
        } else {
            Ok(Self::chosen(&all))
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn chosen(all: &libc::user_regs_struct) -> Registers {
        Registers {
            at: all.rip,
            call: all.rax,
        }
    }

    #[cfg(target_arch = "aarch64")]
    fn chosen(all: &libc::user_regs_struct) -> Registers {
        Registers {
            at: all.pc,
            call: all.regs[8],
        }
    }

    /// Whether the next instruction is a system call.
    pub fn is_before_call(&self, registers: &Registers) -> Result<bool> {
        // SAFETY: an address of the tracee, which the kernel checks.
        let word = unsafe { libc::ptrace(libc::PTRACE_PEEKTEXT, self.pid, registers.at, 0) };
        if word == -1 {
            return Err(Error::last_os_error());
        }
        let bytes = word.to_le_bytes();
        Ok(if cfg!(target_arch = "x86_64") {
            bytes[..2] == [0x0f, 0x05]
        } else {
            bytes[..4] == [0x01, 0, 0, 0xd4]
        })
    }

    pub fn peak_kib(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| Error::other("the kernel does not say the peak of its memory"))
    }
}
