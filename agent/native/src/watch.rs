//! One epoll over pidfds, which can be read from when their process has ended.

use crate::checked;
use core::ptr;
use jni_sys::{JNIEnv, jclass, jint, jlong, jlongArray};

/// The most that one wait tells.
const BATCH: usize = 256;

/// A new epoll.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_EpollCalls_create0(_env: *mut JNIEnv, _class: jclass) -> jint {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })
}

/// Tells once when there is something to read.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_EpollCalls_add0(
    _env: *mut JNIEnv,
    _class: jclass,
    epoll: jint,
    descriptor: jint,
    datum: jlong,
) -> jint {
    let mut event = libc::epoll_event {
        events: (libc::EPOLLIN | libc::EPOLLONESHOT) as u32,
        u64: datum as u64,
    };
    // SAFETY: the kernel reads the structure during the call only.
    checked(unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, descriptor, &raw mut event) })
}

/// Tells of it no more.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_EpollCalls_remove0(
    _env: *mut JNIEnv,
    _class: jclass,
    epoll: jint,
    descriptor: jint,
) -> jint {
    // SAFETY: this operation reads no structure.
    checked(unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_DEL, descriptor, ptr::null_mut()) })
}

/// Waits so many milliseconds, or without end if less than 0; puts the data of what is ready into the array and gives their number. A signal
/// may end the wait early, with 0.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_EpollCalls_await0(
    env: *mut JNIEnv,
    _class: jclass,
    epoll: jint,
    into: jlongArray,
    millis: jint,
) -> jint {
    // SAFETY: the JVM passes a valid environment to every native method.
    let (Some(length), Some(fill)) = (unsafe { ((**env).GetArrayLength, (**env).SetLongArrayRegion) }) else {
        return -libc::ENOSYS;
    };
    // SAFETY: the Java side passes an array that is not null.
    let room = unsafe { length(env, into) }.min(BATCH as jint);
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; BATCH];
    // SAFETY: there is room for so many events.
    let ready = checked(unsafe { libc::epoll_wait(epoll, events.as_mut_ptr(), room, millis) });
    if ready == -libc::EINTR {
        return 0;
    }
    if ready > 0 {
        // A copy of each, for the structure is packed.
        let data = events.map(|event| event.u64 as jlong);
        // SAFETY: the kernel gives no more than there is room for in both.
        unsafe { fill(env, into, 0, ready, data.as_ptr()) };
    }
    ready
}

/// A new descriptor from which there is something to read, always.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_EpollCalls_ready0(_env: *mut JNIEnv, _class: jclass) -> jint {
    // SAFETY: takes no pointer.
    checked(unsafe { libc::eventfd(1, libc::EFD_CLOEXEC) })
}
