//! Bytes as hexadecimal digits, as the corpora of fuzzing have them. For tests and fuzzing only; the program has nothing of it.

use alloc::vec::Vec;

/// The bytes; what is no pair of hexadecimal digits counts as 0, for the digits come from the project's own files.
#[must_use]
pub fn bytes(digits: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| core::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    digits.as_bytes().chunks(2).map(|digits| pair(digits).unwrap_or_default()).collect()
}
