//! The answer of section 4.5.

use super::FailureClass;
use super::field::{Fields, Known, Value, required};
use alloc::vec::Vec;

const KNOWN: &[Known] = &[Known { number: 1, most: 1 }, Known { number: 2, most: 8 }];

/// Whether an agent serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Ready,
    /// Not yet.
    Starting,
    /// Something keeps it from serving.
    Failing,
    /// Not any more.
    Draining,
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Starting => "starting",
            Self::Failing => "failing",
            Self::Draining => "draining",
        }
    }

    fn decode(value: Value<'_>) -> Result<Self, FailureClass> {
        match value.u8()? {
            1 => Ok(Self::Ready),
            2 => Ok(Self::Starting),
            3 => Ok(Self::Failing),
            4 => Ok(Self::Draining),
            _ => Err(FailureClass::BadValue),
        }
    }
}

/// How an agent is.
#[derive(Debug)]
pub struct Status<'a> {
    /// Whether it serves.
    pub state: State,
    /// Why it does not.
    pub reasons: Vec<&'a str>,
}

impl<'a> Status<'a> {
    /// Decodes a body.
    pub fn decode(body: &'a [u8]) -> Result<Self, FailureClass> {
        let mut fields = Fields::new(body, KNOWN);
        let mut state = None;
        let mut reasons = Vec::new();
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => state = Some(State::decode(value)?),
                _ => reasons.push(value.message()?),
            }
        }
        Ok(Self { state: required(state)?, reasons })
    }
}
