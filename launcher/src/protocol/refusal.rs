//! Section 4.3.

use super::FailureClass;
use super::field::{Fields, Known, Value};
use alloc::vec::Vec;

const KNOWN: &[Known] =
    &[Known { number: 1, most: super::MOST_BINDINGS + 1 }, Known { number: 2, most: 8 }, Known { number: 3, most: 1 }];

/// Stands where the index of a binding would, for a failure of the whole request.
pub const WHOLE_REQUEST: u16 = 0xFFFF;

/// One reason for a refusal.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// Section 5; the hundreds are the exit status.
    pub code: u16,
    /// The index of the binding, or [`WHOLE_REQUEST`].
    pub binding: u16,
    /// What failed.
    pub message: &'a str,
}

/// Why nothing was delivered.
#[derive(Debug)]
pub struct Refusal<'a> {
    /// At least one.
    pub failures: Vec<Failure<'a>>,
    /// What to do about it.
    pub hints: Vec<&'a str>,
    /// Milliseconds after which asking again makes sense.
    pub retry_after: Option<u32>,
}

impl<'a> Refusal<'a> {
    /// Decodes a body.
    pub fn decode(body: &'a [u8]) -> Result<Self, FailureClass> {
        let mut fields = Fields::new(body, KNOWN);
        let mut refusal = Self { failures: Vec::new(), hints: Vec::new(), retry_after: None };
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => refusal.failures.push(decode_failure(value)?),
                2 => refusal.hints.push(value.message()?),
                _ => refusal.retry_after = Some(value.u32()?),
            }
        }
        if refusal.failures.is_empty() { Err(FailureClass::FieldMissing) } else { Ok(refusal) }
    }
}

fn decode_failure(value: Value<'_>) -> Result<Failure<'_>, FailureClass> {
    let ([c0, c1, b0, b1], message) = value.fixed()?;
    Ok(Failure {
        code: u16::from_be_bytes([c0, c1]),
        binding: u16::from_be_bytes([b0, b1]),
        message: Value(message).message()?,
    })
}
