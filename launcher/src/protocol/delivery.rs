//! Section 4.2.

use super::FailureClass;
use super::field::{Fields, Known, Value, required};
use alloc::vec::Vec;
use core::ffi::CStr;

const KNOWN: &[Known] = &[
    Known { number: 1, most: 1 },
    Known { number: 2, most: super::MOST_BINDINGS },
    Known { number: 3, most: 1 },
    Known { number: 4, most: 1 },
];

/// The longest entry, its NUL included: what the kernel takes as one string.
const LONGEST_ENTRY: usize = 131_072;

/// What was delivered.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// The number of the grant in the audit log.
    pub grant: Option<u64>,
    /// Indexes of the bindings whose variables must not be in the environment.
    pub removed: Vec<u16>,
    /// `NAME=VALUE`, where it was received, for each other binding in order.
    pub entries: Vec<&'a CStr>,
}

impl<'a> Delivery<'a> {
    /// Decodes a body; `targets` are those of the request.
    pub fn decode(body: &'a [u8], targets: &[&str]) -> Result<Self, FailureClass> {
        let mut fields = Fields::new(body, KNOWN);
        let (mut grant, mut count, mut entries) = (None, None, None);
        let mut removed = Vec::new();
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => grant = Some(value.u64()?),
                2 => removed.push(decode_removed(value, removed.last(), targets.len())?),
                3 => count = Some(decode_count(value, targets.len() - removed.len())?),
                _ => entries = Some(decode_block(value, targets, &removed)?),
            }
        }
        required(count)?;
        Ok(Self { grant, removed, entries: required(entries)? })
    }
}

fn decode_removed(value: Value<'_>, before: Option<&u16>, targets: usize) -> Result<u16, FailureClass> {
    let index = value.u16()?;
    let ascends = before.is_none_or(|before| *before < index);
    if ascends && usize::from(index) < targets { Ok(index) } else { Err(FailureClass::BadValue) }
}

/// The count must be that of the bindings that are left, of which the block then has one entry each.
fn decode_count(value: Value<'_>, expected: usize) -> Result<(), FailureClass> {
    if usize::try_from(value.u32()?) == Ok(expected) { Ok(()) } else { Err(FailureClass::BadValue) }
}

fn decode_block<'a>(value: Value<'a>, targets: &[&str], removed: &[u16]) -> Result<Vec<&'a CStr>, FailureClass> {
    let mut entries = Vec::with_capacity(targets.len() - removed.len());
    let mut removed = removed.iter().peekable();
    let mut rest = value.0;
    for (index, target) in targets.iter().enumerate() {
        if removed.next_if(|removed| usize::from(**removed) == index).is_some() {
            continue;
        }
        let entry = decode_entry(rest, target)?;
        rest = &rest[entry.count_bytes() + 1..];
        entries.push(entry);
    }
    if rest.is_empty() { Ok(entries) } else { Err(FailureClass::BadValue) }
}

/// SECURITY: an agent, or whoever answers in its place, sets no variable but those that were asked for.
fn decode_entry<'a>(block: &'a [u8], target: &str) -> Result<&'a CStr, FailureClass> {
    let longest = &block[..block.len().min(LONGEST_ENTRY)];
    let Ok(entry) = CStr::from_bytes_until_nul(longest) else {
        return Err(if longest.len() < LONGEST_ENTRY { FailureClass::BadValue } else { FailureClass::TooLong });
    };
    let after_name = entry.to_bytes().strip_prefix(target.as_bytes());
    if after_name.is_some_and(|rest| rest.starts_with(b"=")) { Ok(entry) } else { Err(FailureClass::BadValue) }
}
