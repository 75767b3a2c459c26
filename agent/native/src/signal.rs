//! Signals as something to wait for: the handler writes the signal's number into a pipe.

use crate::{checked, failure};
use core::sync::atomic::{AtomicI32, Ordering};
use core::{mem, ptr};
use jni_sys::{JNIEnv, jclass, jint};

const ORDERS: [libc::c_int; 3] = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM];

/// What would end the process although it means nothing here. They are caught and not ignored, for a command that the agent
/// starts would inherit that. SIGUSR2, SIGPIPE and SIGQUIT are the JVM's.
const STRANGERS: [libc::c_int; 5] = [libc::SIGUSR1, libc::SIGALRM, libc::SIGVTALRM, libc::SIGPROF, libc::SIGIO];

static INTO: AtomicI32 = AtomicI32::new(-1);
static OUT_OF: AtomicI32 = AtomicI32::new(-1);

/// INVARIANT: only what is safe in a signal handler; errno is left as it was. A full pipe loses the signal, which is fine:
/// what fills it has not been heard yet.
extern "C" fn on_order(signal: libc::c_int) {
    let number = signal as u8;
    // SAFETY: the location is valid for the life of the thread.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { *errno };
    // SAFETY: write is async-signal-safe; the byte lives during the call.
    unsafe { libc::write(INTO.load(Ordering::Relaxed), (&raw const number).cast(), 1) };
    // SAFETY: as above.
    unsafe { *errno = before };
}

fn make_pipe() -> libc::c_int {
    let mut ends = [-1; 2];
    // SAFETY: the array has room for both descriptors.
    let made = checked(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) });
    if made == 0 {
        OUT_OF.store(ends[0], Ordering::Relaxed);
        INTO.store(ends[1], Ordering::Relaxed);
        // SAFETY: takes no pointer. Only the handler's end: a handler must never block.
        return checked(unsafe { libc::fcntl(ends[1], libc::F_SETFL, libc::O_NONBLOCK) });
    }
    made
}

/// Whether whoever started us asked that an interrupt from the terminal be none of our business.
fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: all zeroes is a valid structure, and it is only written to.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: asks for the action and changes none.
    let asked = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    asked == 0 && action.sa_sigaction == libc::SIG_IGN
}

fn catch(signal: libc::c_int) -> libc::c_int {
    if signal == libc::SIGINT && is_ignored(signal) {
        return 0;
    }
    // SAFETY: all zeroes is a valid structure: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = on_order as *const () as libc::sighandler_t;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the handler is safe for signals; the old action is not asked for.
    checked(unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) })
}

/// Takes SIGHUP, SIGINT and SIGTERM over from the JVM, and from the kernel what would end the process for nothing. To be called
/// once.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SignalCalls_catchOrders0(_env: *mut JNIEnv, _class: jclass) -> jint {
    let made = make_pipe();
    if made < 0 {
        return made;
    }
    ORDERS
        .iter()
        .chain(&STRANGERS)
        .map(|signal| catch(*signal))
        .find(|caught| *caught < 0)
        .unwrap_or(0)
}

/// Blocks until one of them came, and gives its number.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SignalCalls_awaitOrder0(_env: *mut JNIEnv, _class: jclass) -> jint {
    let mut number: u8 = 0;
    loop {
        // SAFETY: the byte is ours and lives during the call.
        let read = unsafe { libc::read(OUT_OF.load(Ordering::Relaxed), (&raw mut number).cast(), 1) };
        if read == 1 {
            return number.into();
        }
        let error = failure() as jint;
        if error != -libc::EINTR {
            return error;
        }
    }
}

/// Sends a signal to the process of a pidfd and to no other one, whatever has its number by now.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SignalCalls_send0(
    _env: *mut JNIEnv,
    _class: jclass,
    pidfd: jint,
    signal: jint,
) -> jint {
    // SAFETY: no information is passed along with the signal.
    checked(
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd, signal, ptr::null::<libc::siginfo_t>(), 0) } as libc::c_int,
    )
}
