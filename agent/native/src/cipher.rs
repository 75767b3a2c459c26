//! AES-256-GCM between arrays of Java and memory outside its heap.
//!
//! SECURITY: the key lies in memory of the agent's own; its schedule is made for each call, on the stack, and zeroed with whatever else the
//! cipher left there. What is opened is checked before it is decrypted, so nothing that is not authentic is ever in the clear.

use aes_gcm::AesGcm;
use aes_gcm::aead::{AeadInOut, KeyInit, consts::U12};
use aes_gcm::aes::Aes256Enc;
use core::mem::MaybeUninit;
use core::{ptr, slice};
use jni_sys::{JNIEnv, jbyteArray, jclass, jint, jobject};
use zeroize::Zeroize;

/// GCM only ever encrypts blocks, so it needs no schedule for decryption.
type Cipher = AesGcm<Aes256Enc, U12>;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// More than the cipher's functions take of the stack.
const STACK_BYTES: usize = 4096;

const OPENED: jint = 1;
const NOT_AUTHENTIC: jint = 0;

/// Seals an array into one that begins with the nonce: ciphertext and tag are written behind it. 0, or `-EINVAL` if a length is wrong.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_CipherCalls_seal0(
    env: *mut JNIEnv,
    _class: jclass,
    key: jobject,
    context: jbyteArray,
    plain: jbyteArray,
    sealed: jbyteArray,
) -> jint {
    seal_arrays(env, key, [context, plain, sealed]).map_or(-libc::EINVAL, |()| 0)
}

fn seal_arrays(env: *mut JNIEnv, key: jobject, arrays: [jbyteArray; 3]) -> Option<()> {
    let key = Direct::of(env, key)?;
    let [context, plain, sealed] = arrays.map(|array| Array::of(env, array));
    let (context, plain, sealed) = (context?.hold()?, plain?.hold()?, sealed?.hold()?);
    wiping_stack(|| seal(key.key()?, context.bytes(), plain.bytes(), sealed.bytes_mut()))
}

/// The same of those bytes of a direct buffer.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_CipherCalls_sealDirect0(
    env: *mut JNIEnv,
    _class: jclass,
    key: jobject,
    context: jbyteArray,
    plain: jobject,
    from: jint,
    bytes: jint,
    sealed: jbyteArray,
) -> jint {
    let range = from..from.saturating_add(bytes);
    seal_direct(env, key, plain, range, [context, sealed]).map_or(-libc::EINVAL, |()| 0)
}

fn seal_direct(
    env: *mut JNIEnv,
    key: jobject,
    plain: jobject,
    range: core::ops::Range<jint>,
    arrays: [jbyteArray; 2],
) -> Option<()> {
    let key = Direct::of(env, key)?;
    let plain = Direct::of(env, plain)?;
    let range = range.start.try_into().ok()?..range.end.try_into().ok()?;
    let [context, sealed] = arrays.map(|array| Array::of(env, array));
    let (context, sealed) = (context?.hold()?, sealed?.hold()?);
    wiping_stack(|| seal(key.key()?, context.bytes(), plain.bytes_mut().get(range)?, sealed.bytes_mut()))
}

/// Opens an array into another that is exactly as long as what was sealed. 1, or 0 if it is not authentic; then the other holds zeroes.
/// `-EINVAL` if a length is wrong.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_CipherCalls_open0(
    env: *mut JNIEnv,
    _class: jclass,
    key: jobject,
    context: jbyteArray,
    sealed: jbyteArray,
    plain: jbyteArray,
) -> jint {
    status(open_array(env, key, [context, sealed, plain]))
}

fn open_array(env: *mut JNIEnv, key: jobject, arrays: [jbyteArray; 3]) -> Option<bool> {
    let key = Direct::of(env, key)?;
    let [context, sealed, plain] = arrays.map(|array| Array::of(env, array));
    let (context, sealed, plain) = (context?.hold()?, sealed?.hold()?, plain?.hold()?);
    wiping_stack(|| open(key.key()?, context.bytes(), sealed.bytes(), plain.bytes_mut()))
}

/// The same into those bytes of a direct buffer.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_latchkey_agent_sys_CipherCalls_openDirect0(
    env: *mut JNIEnv,
    _class: jclass,
    key: jobject,
    context: jbyteArray,
    sealed: jbyteArray,
    plain: jobject,
    from: jint,
    bytes: jint,
) -> jint {
    status(open_direct(
        env,
        key,
        [context, sealed],
        plain,
        from..from.saturating_add(bytes),
    ))
}

fn open_direct(
    env: *mut JNIEnv,
    key: jobject,
    arrays: [jbyteArray; 2],
    plain: jobject,
    range: core::ops::Range<jint>,
) -> Option<bool> {
    let key = Direct::of(env, key)?;
    let plain = Direct::of(env, plain)?;
    let range = range.start.try_into().ok()?..range.end.try_into().ok()?;
    let [context, sealed] = arrays.map(|array| Array::of(env, array));
    let (context, sealed) = (context?.hold()?, sealed?.hold()?);
    wiping_stack(|| open(key.key()?, context.bytes(), sealed.bytes(), plain.bytes_mut().get_mut(range)?))
}

fn status(opened: Option<bool>) -> jint {
    match opened {
        Some(true) => OPENED,
        Some(false) => NOT_AUTHENTIC,
        None => -libc::EINVAL,
    }
}

fn seal(key: &[u8; KEY_BYTES], context: &[u8], plain: &[u8], sealed: &mut [u8]) -> Option<()> {
    let (nonce, rest) = sealed.split_first_chunk_mut::<NONCE_BYTES>()?;
    let (text, tag) = rest.split_last_chunk_mut::<TAG_BYTES>()?;
    if text.len() != plain.len() {
        return None;
    }
    text.copy_from_slice(plain);
    let made = Cipher::new(key.into()).encrypt_inout_detached((&*nonce).into(), context, (&mut *text).into());
    if made.is_err() {
        text.zeroize();
    }
    tag.copy_from_slice(&made.ok()?);
    Some(())
}

fn open(key: &[u8; KEY_BYTES], context: &[u8], sealed: &[u8], plain: &mut [u8]) -> Option<bool> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let (text, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    if text.len() != plain.len() {
        return None;
    }
    plain.copy_from_slice(text);
    let checked = Cipher::new(key.into()).decrypt_inout_detached(nonce.into(), context, (&mut *plain).into(), tag.into());
    if checked.is_err() {
        plain.zeroize();
    }
    Some(checked.is_ok())
}

/// Runs it below this function's own frame, then zeroes what it left there: round keys and blocks that were spilled.
#[inline(never)]
fn wiping_stack<T>(work: impl FnOnce() -> T) -> T {
    let result = below(work);
    wipe_below();
    result
}

#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn wipe_below() {
    let mut left = MaybeUninit::<[u8; STACK_BYTES]>::uninit();
    // SAFETY: the bytes are this frame's own, and any of their values is valid.
    unsafe { libc::explicit_bzero(left.as_mut_ptr().cast(), STACK_BYTES) };
}

/// The memory of a direct buffer, which the Java side lends for the call.
struct Direct {
    address: *mut u8,
    length: usize,
}

impl Direct {
    /// Nothing if it is no direct buffer.
    fn of(env: *mut JNIEnv, buffer: jobject) -> Option<Self> {
        // SAFETY: the JVM passes a valid environment to every native method.
        let (address_of, capacity_of) = unsafe { ((**env).GetDirectBufferAddress?, (**env).GetDirectBufferCapacity?) };
        // SAFETY: the Java side passes a buffer that is not null.
        let (address, capacity) = unsafe { (address_of(env, buffer), capacity_of(env, buffer)) };
        let length = capacity.try_into().ok()?;
        (!address.is_null()).then_some(Self {
            address: address.cast(),
            length,
        })
    }

    fn key(&self) -> Option<&[u8; KEY_BYTES]> {
        // SAFETY: the buffer is that long, and the Java side keeps the key from being wiped during the call.
        unsafe { slice::from_raw_parts(self.address, self.length) }.try_into().ok()
    }

    #[expect(clippy::mut_from_ref, reason = "the memory is the buffer's; each is asked once")]
    fn bytes_mut(&self) -> &mut [u8] {
        // SAFETY: the buffer is that long, belongs to the calling thread, and is no other argument of the call.
        unsafe { slice::from_raw_parts_mut(self.address, self.length) }
    }
}

/// A Java array and its length, which can be asked only while none is held.
struct Array {
    env: *mut JNIEnv,
    object: jbyteArray,
    length: usize,
}

impl Array {
    fn of(env: *mut JNIEnv, array: jbyteArray) -> Option<Self> {
        // SAFETY: the JVM passes a valid environment to every native method, and the Java side an array that is not null.
        let length = unsafe { (**env).GetArrayLength?(env, array) };
        let length = length.try_into().ok()?;
        Some(Self {
            env,
            object: array,
            length,
        })
    }

    /// Keeps it where it is. INVARIANT: until all are let go, no other function of the JVM is called, and nothing waits.
    fn hold(self) -> Option<Held> {
        // SAFETY: as above; whether the JVM made a copy need not be known, and ours makes none.
        let bytes = unsafe { (**self.env).GetPrimitiveArrayCritical?(self.env, self.object, ptr::null_mut()) };
        (!bytes.is_null()).then_some(Held {
            array: self,
            bytes: bytes.cast(),
        })
    }
}

/// The bytes of a Java array, until this is dropped.
struct Held {
    array: Array,
    bytes: *mut u8,
}

impl Held {
    fn bytes(&self) -> &[u8] {
        // SAFETY: the array is that long and stays where it is while this lives.
        unsafe { slice::from_raw_parts(self.bytes, self.array.length) }
    }

    #[expect(clippy::mut_from_ref, reason = "the memory is the array's; each is asked once")]
    fn bytes_mut(&self) -> &mut [u8] {
        // SAFETY: as above; the Java side passes an array that is its own and no other argument of the call.
        unsafe { slice::from_raw_parts_mut(self.bytes, self.array.length) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: as above.
        if let Some(release) = unsafe { (**self.array.env).ReleasePrimitiveArrayCritical } {
            // SAFETY: these are the bytes that were given for this array; nobody uses them any more.
            unsafe { release(self.array.env, self.array.object, self.bytes.cast(), 0) };
        }
    }
}
