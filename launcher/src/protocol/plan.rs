//! Section 4.4.

use super::FailureClass;
use super::field::{Fields, Known, Value, required};
use alloc::vec::Vec;

const KNOWN: &[Known] = &[Known { number: 1, most: super::MOST_BINDINGS }, Known { number: 2, most: 8 }];

const KNOWN_IN_ENTRY: &[Known] = &[
    Known { number: 1, most: 1 },
    Known { number: 2, most: 1 },
    Known { number: 3, most: 1 },
    Known { number: 4, most: 1 },
    Known { number: 5, most: 1 },
    Known { number: 6, most: 1 },
    Known { number: 7, most: 1 },
    Known { number: 8, most: 1 },
    Known { number: 9, most: 1 },
];

/// What would become of one binding.
#[derive(Debug, Default)]
pub struct PlanEntry<'a> {
    /// 0, or the code with which a real request would fail.
    pub code: u16,
    /// With a code other than 0, what would fail.
    pub message: Option<&'a str>,
    /// Whether the policy allows it.
    pub allowed: bool,
    /// The deciding rule.
    pub rule: Option<&'a str>,
    /// Who would deliver it.
    pub provider: Option<&'a str>,
    /// Which version.
    pub version: Option<&'a str>,
    /// Bytes of the value.
    pub size: Option<u32>,
    /// Seconds since the version was made.
    pub age: Option<u64>,
    /// Whether the variable would be removed.
    pub removed: bool,
}

/// What would be delivered.
#[derive(Debug)]
pub struct Plan<'a> {
    /// One for each binding, in order.
    pub entries: Vec<PlanEntry<'a>>,
    /// What to do about what would fail.
    pub hints: Vec<&'a str>,
}

impl<'a> Plan<'a> {
    /// Decodes a body that answers a request with so many bindings.
    pub fn decode(body: &'a [u8], bindings: usize) -> Result<Self, FailureClass> {
        let mut fields = Fields::new(body, KNOWN);
        let mut plan = Self { entries: Vec::new(), hints: Vec::new() };
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => plan.entries.push(decode_entry(value)?),
                _ => plan.hints.push(value.message()?),
            }
        }
        match plan.entries.len() {
            0 => Err(FailureClass::FieldMissing),
            entries if entries == bindings => Ok(plan),
            _ => Err(FailureClass::BadValue),
        }
    }
}

fn decode_entry(value: Value<'_>) -> Result<PlanEntry<'_>, FailureClass> {
    let mut fields = Fields::new(value.0, KNOWN_IN_ENTRY);
    let mut entry = PlanEntry::default();
    let (mut code, mut allowed) = (None, None);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => code = Some(value.u16()?),
            2 => entry.message = Some(value.message()?),
            3 => allowed = Some(decode_decision(value)?),
            4 => entry.rule = Some(value.text()?),
            5 => entry.provider = Some(value.text()?),
            6 => entry.version = Some(value.text()?),
            7 => entry.size = Some(value.u32()?),
            8 => entry.age = Some(value.u64()?),
            _ => entry.removed = decode_mark(value)?,
        }
    }
    Ok(PlanEntry { code: required(code)?, allowed: required(allowed)?, ..entry })
}

fn decode_decision(value: Value<'_>) -> Result<bool, FailureClass> {
    match value.u8()? {
        1 => Ok(true),
        2 => Ok(false),
        _ => Err(FailureClass::BadValue),
    }
}

fn decode_mark(value: Value<'_>) -> Result<bool, FailureClass> {
    if value.u8()? == 1 { Ok(true) } else { Err(FailureClass::BadValue) }
}
