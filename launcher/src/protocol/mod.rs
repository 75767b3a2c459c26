//! The launcher's half of the protocol: it encodes REQUEST, SUPPLY and CHECK, and decodes what an agent answers.
//!
//! `protocol/SPEC.md` leads; the section numbers here are its. Decoding is strict: every deviation is a [`FailureClass`], nothing is
//! repaired, and nothing is allocated by a length that was not compared with the bytes that are there.

mod ask;
mod delivery;
mod field;
mod header;
mod parcel;
mod plan;
mod refusal;
mod request;
mod status;
mod supply;

#[cfg(any(test, feature = "described"))]
pub mod described;
#[cfg(test)]
mod vectors;

pub use ask::Ask;
pub use delivery::Delivery;
pub use header::{HEADER_LENGTH, Header, MessageType};
pub use parcel::{Item, Parcel};
pub use plan::{Origin, Plan, PlanEntry};
pub use refusal::{Failure, Refusal, WHOLE_REQUEST};
pub use request::{Binding, MOST_BINDINGS, Proof, Request, check};
pub use status::{State, Status};
pub use supply::{Document, Given, LONGEST_DOCUMENT, MOST_ASKED, Named, Supply, Switch};

use core::fmt;

/// The version that this launcher speaks.
pub const VERSION: (u8, u8) = (1, 0);

/// Section 6: why a frame was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// Ends inside the header, or before the body is complete.
    Truncated,
    /// Does not start with the magic.
    BadMagic,
    /// Has a version that is not served.
    BadVersion,
    /// Has a type that is unknown or not received here.
    BadType,
    /// Has a reserved byte, bit or flag that is not 0.
    BadReserved,
    /// Claims or has more than a limit.
    TooLong,
    /// Goes on after its end, or a field after its structure.
    Trailing,
    /// Has a field that reaches beyond what encloses it.
    FieldOverrun,
    /// Has fields out of order.
    FieldOrder,
    /// Repeats a field too often.
    FieldRepeated,
    /// Lacks a required field.
    FieldMissing,
    /// Has a critical field that is not known here.
    UnknownCritical,
    /// Has a value outside its range or grammar.
    BadValue,
}

impl fmt::Display for FailureClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Truncated => "truncated",
            Self::BadMagic => "bad-magic",
            Self::BadVersion => "bad-version",
            Self::BadType => "bad-type",
            Self::BadReserved => "bad-reserved",
            Self::TooLong => "too-long",
            Self::Trailing => "trailing",
            Self::FieldOverrun => "field-overrun",
            Self::FieldOrder => "field-order",
            Self::FieldRepeated => "field-repeated",
            Self::FieldMissing => "field-missing",
            Self::UnknownCritical => "unknown-critical",
            Self::BadValue => "bad-value",
        })
    }
}
