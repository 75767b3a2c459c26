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
    Known { number: 32, most: 1 },
    Known { number: 33, most: 1 },
    Known { number: 34, most: 1 },
    Known { number: 35, most: 1 },
];

/// What a launcher does not know of an entry that a document led to.
#[derive(Debug, Default)]
pub struct Origin<'a> {
    /// The variable.
    pub target: &'a str,
    /// Whether it gets the path of a file.
    pub file: bool,
    /// Up to its options; nothing if no secret is needed.
    pub reference: Option<&'a str>,
    /// Whether it replaces something weaker.
    pub replaces: bool,
}

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
    /// In the answer to a SUPPLY.
    pub origin: Option<Origin<'a>>,
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
        let plan = Self::read(body)?;
        match plan.entries.len() {
            0 => Err(FailureClass::FieldMissing),
            entries if entries == bindings => Ok(plan),
            _ => Err(FailureClass::BadValue),
        }
    }

    /// Decodes the answer to a SUPPLY: as many entries as it led to, each with its origin.
    pub fn decode_composed(body: &'a [u8]) -> Result<Self, FailureClass> {
        let plan = Self::read(body)?;
        let complete = plan.entries.iter().all(|entry| entry.origin.is_some());
        if complete { Ok(plan) } else { Err(FailureClass::FieldMissing) }
    }

    fn read(body: &'a [u8]) -> Result<Self, FailureClass> {
        let mut fields = Fields::new(body, KNOWN);
        let mut plan = Self { entries: Vec::new(), hints: Vec::new() };
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => plan.entries.push(decode_entry(value)?),
                _ => plan.hints.push(value.message()?),
            }
        }
        Ok(plan)
    }
}

fn decode_entry(value: Value<'_>) -> Result<PlanEntry<'_>, FailureClass> {
    let mut fields = Fields::new(value.0, KNOWN_IN_ENTRY);
    let mut entry = PlanEntry::default();
    let (mut origin, mut target) = (Origin::default(), None);
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
            9 => entry.removed = decode_mark(value)?,
            32 => target = Some(decode_target(value)?),
            33 => origin.file = decode_kind(value)?,
            34 => origin.reference = Some(value.text()?),
            _ => origin.replaces = decode_mark(value)?,
        }
    }
    let origin = target.map(|target| Origin { target, ..origin });
    Ok(PlanEntry { code: required(code)?, allowed: required(allowed)?, origin, ..entry })
}

fn decode_decision(value: Value<'_>) -> Result<bool, FailureClass> {
    match value.u8()? {
        1 => Ok(true),
        2 => Ok(false),
        _ => Err(FailureClass::BadValue),
    }
}

fn decode_target(value: Value<'_>) -> Result<&str, FailureClass> {
    const LONGEST: usize = 4096;
    match value.0.len() {
        0 => Err(FailureClass::BadValue),
        1..=LONGEST => value.text(),
        _ => Err(FailureClass::TooLong),
    }
}

fn decode_kind(value: Value<'_>) -> Result<bool, FailureClass> {
    match value.u8()? {
        1 => Ok(false),
        2 => Ok(true),
        _ => Err(FailureClass::BadValue),
    }
}

fn decode_mark(value: Value<'_>) -> Result<bool, FailureClass> {
    if value.u8()? == 1 { Ok(true) } else { Err(FailureClass::BadValue) }
}
