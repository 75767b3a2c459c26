//! Bytes as hexadecimal digits, as the corpora of fuzzing have them. For tests and fuzzing only; the program has nothing of it.

#![allow(clippy::expect_used)] // the digits come from the project's own files

use alloc::vec::Vec;

/// The bytes.
///
/// # Panics
/// If these are not pairs of hexadecimal digits.
#[must_use]
pub fn bytes(digits: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| core::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    digits.as_bytes().chunks(2).map(|pair| byte(pair).expect("two hexadecimal digits")).collect()
}
