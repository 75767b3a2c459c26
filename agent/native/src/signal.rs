//! SIGHUP as something that a thread can wait for.

use crate::{checked, failure};
use core::mem;
use core::sync::atomic::{AtomicI32, Ordering};
use jni_sys::{JNIEnv, jclass, jint};

/// The event descriptor that the handler counts up; -1 until it is made.
static HANGUPS: AtomicI32 = AtomicI32::new(-1);

/// INVARIANT: only what is safe in a signal handler; errno is left as it was.
extern "C" fn on_hangup(_signal: libc::c_int) {
    let one: u64 = 1;
    // SAFETY: the location is valid for the life of the thread.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { *errno };
    // SAFETY: write is async-signal-safe; the eight bytes live during the call.
    unsafe { libc::write(HANGUPS.load(Ordering::Relaxed), (&raw const one).cast(), 8) };
    // SAFETY: as above.
    unsafe { *errno = before };
}

/// Takes SIGHUP over from the JVM. To be called once.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SignalCalls_catchHangup0(_env: *mut JNIEnv, _class: jclass) -> jint {
    // SAFETY: takes no pointer.
    let event = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    if event == -1 {
        return failure() as jint;
    }
    HANGUPS.store(event, Ordering::Relaxed);
    // SAFETY: all zeroes is a valid structure: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = on_hangup as *const () as libc::sighandler_t;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the handler is safe for signals; the old action is not asked for.
    checked(unsafe { libc::sigaction(libc::SIGHUP, &raw const action, core::ptr::null_mut()) })
}

/// Blocks until SIGHUP came since the last call; several at once count as one.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_SignalCalls_awaitHangup0(_env: *mut JNIEnv, _class: jclass) -> jint {
    let mut count: u64 = 0;
    loop {
        // SAFETY: the eight bytes are ours and live during the call.
        let read = unsafe { libc::read(HANGUPS.load(Ordering::Relaxed), (&raw mut count).cast(), 8) };
        if read == 8 {
            return 0;
        }
        let error = failure() as jint;
        if error != -libc::EINTR {
            return error;
        }
    }
}
