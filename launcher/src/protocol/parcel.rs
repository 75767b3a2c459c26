//! Section 4.8.

use super::FailureClass;
use super::field::{Fields, Known, Value, required};
use alloc::vec::Vec;
use core::ffi::CStr;

const MOST_REMOVED: usize = 4096;
const MOST_ITEMS: usize = 4096;
const LONGEST_NAME: usize = 4096;

const KNOWN: &[Known] = &[
    Known { number: 1, most: 1 },
    Known { number: 2, most: MOST_REMOVED },
    Known { number: 3, most: 1 },
    Known { number: 4, most: 1 },
];

/// A variable or a file, where it was received.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// `NAME=VALUE`
    Variable(&'a CStr),
    /// The variable that gets its path, and its content.
    File(&'a [u8], &'a [u8]),
}

impl<'a> Item<'a> {
    /// The name of the variable.
    #[must_use]
    pub fn name(&self) -> &'a [u8] {
        match self {
            Self::Variable(entry) => entry.to_bytes().split(|byte| *byte == b'=').next().unwrap_or_default(),
            Self::File(name, _) => name,
        }
    }
}

/// What was delivered.
#[derive(Debug)]
pub struct Parcel<'a> {
    /// The number of the grant in the audit log.
    pub grant: Option<u64>,
    /// Variables that must not be in the environment.
    pub removed: Vec<&'a str>,
    /// In the order of the block.
    pub items: Vec<Item<'a>>,
}

impl<'a> Parcel<'a> {
    /// Decodes a body.
    pub fn decode(body: &'a [u8]) -> Result<Self, FailureClass> {
        let mut fields = Fields::new(body, KNOWN);
        let (mut grant, mut count, mut items) = (None, None, None);
        let mut removed = Vec::new();
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => grant = Some(value.u64()?),
                2 => removed.push(decode_name(value)?),
                3 => count = Some(value.u32()?),
                _ => items = Some(decode_items(value)?),
            }
        }
        let (count, items) = (required(count)?, required(items)?);
        if usize::try_from(count) != Ok(items.len()) {
            return Err(FailureClass::BadValue);
        }
        Ok(Self { grant, removed, items })
    }
}

fn decode_name(value: Value<'_>) -> Result<&str, FailureClass> {
    match value.0.len() {
        0 => Err(FailureClass::BadValue),
        1..=LONGEST_NAME => value.text(),
        _ => Err(FailureClass::TooLong),
    }
}

fn decode_items(value: Value<'_>) -> Result<Vec<Item<'_>>, FailureClass> {
    let mut items = Vec::new();
    let mut rest = value.0;
    while !rest.is_empty() {
        if items.len() == MOST_ITEMS {
            return Err(FailureClass::TooLong);
        }
        let ([kind], after_kind) = Value(rest).fixed()?;
        let (length, after_length) = Value(after_kind).fixed()?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let (text, after_text) = after_length.split_at_checked(length).ok_or(FailureClass::FieldOverrun)?;
        let ([end], after) = Value(after_text).fixed()?;
        if end != 0 {
            return Err(FailureClass::BadValue);
        }
        items.push(decode_item(kind, &after_length[..=length], text)?);
        rest = after;
    }
    Ok(items)
}

fn decode_item<'a>(kind: u8, with_nul: &'a [u8], text: &'a [u8]) -> Result<Item<'a>, FailureClass> {
    let equals = text.iter().position(|byte| *byte == b'=').filter(|equals| *equals > 0);
    match (kind, equals) {
        (1, Some(_)) => CStr::from_bytes_with_nul(with_nul).map(Item::Variable).map_err(|_| FailureClass::BadValue),
        (2, Some(equals)) => Ok(Item::File(&text[..equals], &text[equals + 1..])),
        _ => Err(FailureClass::BadValue),
    }
}
