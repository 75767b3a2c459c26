//! Mappings for values: of memory that the kernel itself cannot read, or anonymous ones.

use crate::{checked, failure};
use core::ptr;
use core::sync::atomic::{Ordering, compiler_fence};
use jni_sys::{JNIEnv, jclass, jint, jlong, jobject};

/// The size of a page.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_pageSize0(_env: *mut JNIEnv, _class: jclass) -> jlong {
    // SAFETY: takes no pointer.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) }
}

/// A private anonymous mapping of zeroes; its address.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_map0(_env: *mut JNIEnv, _class: jclass, bytes: jlong) -> jlong {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: the kernel chooses the place, so no mapping of anybody's is replaced.
    let address = unsafe { libc::mmap(ptr::null_mut(), bytes as usize, protection, flags, -1, 0) };
    if address == libc::MAP_FAILED {
        failure()
    } else {
        address as jlong
    }
}

/// A mapping of zeroes that nobody else can read, root and the kernel included (Linux 5.14, and not switched off). It is locked, left out of
/// dumps, not inherited by a forked child, and the kernel zeroes it when it is given back. Its address; `-EAGAIN` past the limit on locked memory.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_mapSecret0(
    _env: *mut JNIEnv,
    _class: jclass,
    bytes: jlong,
) -> jlong {
    let descriptor = secret_memory();
    if descriptor == -1 {
        return failure();
    }
    let address = map_secret(descriptor, bytes as usize);
    // SAFETY: the descriptor is this function's own; a mapping lives on without it.
    unsafe { libc::close(descriptor) };
    address
}

fn map_secret(descriptor: libc::c_int, bytes: usize) -> jlong {
    // SAFETY: the descriptor is the caller's.
    if unsafe { libc::ftruncate(descriptor, bytes as libc::off_t) } == -1 {
        return failure();
    }
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the kernel chooses the place, so no mapping of anybody's is replaced.
    let address = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, libc::MAP_SHARED, descriptor, 0) };
    if address == libc::MAP_FAILED {
        return failure();
    }
    // SAFETY: this advice changes what children have only. A shared mapping cannot be emptied there, but it can be left out.
    if unsafe { libc::madvise(address, bytes, libc::MADV_DONTFORK) } == -1 {
        let reason = failure();
        // SAFETY: the mapping was made above and nobody has seen it.
        unsafe { libc::munmap(address, bytes) };
        return reason;
    }
    address as jlong
}

/// A descriptor for such memory, or -1.
fn secret_memory() -> libc::c_int {
    // SAFETY: takes no pointer.
    unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) as libc::c_int }
}

/// Gives a mapping back.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_unmap0(
    _env: *mut JNIEnv,
    _class: jclass,
    address: jlong,
    bytes: jlong,
) -> jint {
    // SAFETY: the Java side passes a mapping that it made and uses no more.
    checked(unsafe { libc::munmap(address as *mut libc::c_void, bytes as usize) })
}

/// Keeps a mapping out of swap.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_lock0(
    _env: *mut JNIEnv,
    _class: jclass,
    address: jlong,
    bytes: jlong,
) -> jint {
    // SAFETY: reads and writes nothing.
    checked(unsafe { libc::mlock(address as *const libc::c_void, bytes as usize) })
}

/// Keeps a mapping out of core dumps.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_excludeFromDumps0(
    _env: *mut JNIEnv,
    _class: jclass,
    address: jlong,
    bytes: jlong,
) -> jint {
    // SAFETY: this advice changes no content.
    checked(unsafe { libc::madvise(address as *mut libc::c_void, bytes as usize, libc::MADV_DONTDUMP) })
}

/// Makes a mapping empty in a forked child.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_wipeOnFork0(
    _env: *mut JNIEnv,
    _class: jclass,
    address: jlong,
    bytes: jlong,
) -> jint {
    // SAFETY: this advice changes the content in children only.
    checked(unsafe { libc::madvise(address as *mut libc::c_void, bytes as usize, libc::MADV_WIPEONFORK) })
}

/// Zeroes a mapping, in a way that no compiler may leave out.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_wipe0(
    _env: *mut JNIEnv,
    _class: jclass,
    address: jlong,
    bytes: jlong,
) {
    // SAFETY: the Java side passes a mapping that it made and that lives.
    unsafe { libc::explicit_bzero(address as *mut libc::c_void, bytes as usize) };
    compiler_fence(Ordering::SeqCst);
}

/// A direct buffer over a mapping; null if the JVM has no memory for it.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_view0(
    env: *mut JNIEnv,
    _class: jclass,
    address: jlong,
    bytes: jlong,
) -> jobject {
    // SAFETY: the JVM passes a valid environment to every native method.
    let Some(new_buffer) = (unsafe { (**env).NewDirectByteBuffer }) else {
        return ptr::null_mut();
    };
    // SAFETY: the Java side passes a mapping that it made; it lends the buffer no longer than the mapping lives.
    unsafe { new_buffer(env, address as *mut libc::c_void, bytes) }
}

/// Whether the kernel makes memory that nobody else can read, root included (Linux 5.14, and not switched off): 1 or 0.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_MemoryCalls_hasSecretMemory0(_env: *mut JNIEnv, _class: jclass) -> jint {
    let descriptor = secret_memory();
    if descriptor == -1 {
        return 0;
    }
    // SAFETY: the descriptor is this function's own.
    unsafe { libc::close(descriptor) };
    1
}
