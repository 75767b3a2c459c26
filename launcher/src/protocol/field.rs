//! Section 2.2: the fields of a body.

use super::FailureClass;
use alloc::vec::Vec;
use core::str::from_utf8;

const CRITICAL: u16 = 0x8000;

/// The longest message, hint or reason.
pub(super) const LONGEST_MESSAGE: usize = 512;

/// A field that a message knows: its number, and how often it may stand.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) number: u16,
    pub(super) most: usize,
}

/// Reads the fields that a message knows, in order, and skips others.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    known: &'static [Known],
    last: u16,
    seen: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(body: &'a [u8], known: &'static [Known]) -> Self {
        Self { rest: body, known, last: 0, seen: 0 }
    }

    /// The next known field: its number and its value.
    pub(super) fn next(&mut self) -> Result<Option<(u16, Value<'a>)>, FailureClass> {
        while !self.rest.is_empty() {
            let tag = u16::from_be_bytes(self.take()?);
            let known = self.check_tag(tag)?;
            let length = usize::try_from(u32::from_be_bytes(self.take()?)).unwrap_or(usize::MAX);
            let (value, rest) = self.rest.split_at_checked(length).ok_or(FailureClass::FieldOverrun)?;
            self.rest = rest;
            if known {
                return Ok(Some((tag & !CRITICAL, Value(value))));
            }
        }
        Ok(None)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], FailureClass> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(FailureClass::FieldOverrun)?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// Whether the field is known; order, repetition and unknown critical fields are refused before anything of it is read.
    fn check_tag(&mut self, tag: u16) -> Result<bool, FailureClass> {
        let number = tag & !CRITICAL;
        if number < self.last {
            return Err(FailureClass::FieldOrder);
        }
        self.seen = if number == self.last { self.seen + 1 } else { 1 };
        self.last = number;
        match self.known.iter().find(|known| known.number == number) {
            Some(known) if self.seen > known.most => Err(FailureClass::FieldRepeated),
            Some(_) => Ok(true),
            None if tag & CRITICAL != 0 => Err(FailureClass::UnknownCritical),
            None => Ok(false),
        }
    }
}

/// The bytes of a field.
#[derive(Clone, Copy)]
pub(super) struct Value<'a>(pub(super) &'a [u8]);

impl<'a> Value<'a> {
    fn exactly<const N: usize>(self) -> Result<[u8; N], FailureClass> {
        let (bytes, rest) = self.fixed()?;
        if rest.is_empty() { Ok(bytes) } else { Err(FailureClass::Trailing) }
    }

    /// The fixed part at the beginning of a value, and what comes after it.
    pub(super) fn fixed<const N: usize>(self) -> Result<([u8; N], &'a [u8]), FailureClass> {
        self.0.split_first_chunk().map(|(bytes, rest)| (*bytes, rest)).ok_or(FailureClass::FieldOverrun)
    }

    pub(super) fn u8(self) -> Result<u8, FailureClass> {
        self.exactly().map(u8::from_be_bytes)
    }

    pub(super) fn u16(self) -> Result<u16, FailureClass> {
        self.exactly().map(u16::from_be_bytes)
    }

    pub(super) fn u32(self) -> Result<u32, FailureClass> {
        self.exactly().map(u32::from_be_bytes)
    }

    pub(super) fn u64(self) -> Result<u64, FailureClass> {
        self.exactly().map(u64::from_be_bytes)
    }

    /// Text of any length.
    pub(super) fn text(self) -> Result<&'a str, FailureClass> {
        if self.0.iter().any(u8::is_ascii_control) {
            return Err(FailureClass::BadValue);
        }
        from_utf8(self.0).map_err(|_| FailureClass::BadValue)
    }

    /// Text of 1 to 512 bytes.
    pub(super) fn message(self) -> Result<&'a str, FailureClass> {
        match self.0.len() {
            0 => Err(FailureClass::BadValue),
            1..=LONGEST_MESSAGE => self.text(),
            _ => Err(FailureClass::TooLong),
        }
    }
}

/// What a required field was, once the body is read.
pub(super) fn required<T>(found: Option<T>) -> Result<T, FailureClass> {
    found.ok_or(FailureClass::FieldMissing)
}

/// Adds a critical field to a body. Lengths beyond `u32` cannot be: a body is limited to far less when it is sent.
pub(super) fn put(body: &mut Vec<u8>, number: u16, parts: &[&[u8]]) {
    put_tagged(body, number | CRITICAL, parts);
}

/// Adds a field that a receiver may skip.
pub(super) fn put_optional(body: &mut Vec<u8>, number: u16, parts: &[&[u8]]) {
    put_tagged(body, number, parts);
}

fn put_tagged(body: &mut Vec<u8>, tag: u16, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    body.extend_from_slice(&tag.to_be_bytes());
    body.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    for part in parts {
        body.extend_from_slice(part);
    }
}
