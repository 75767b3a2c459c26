//! Section 2: the twelve bytes before every body.

use super::{FailureClass, VERSION};

/// The length of a header.
pub const HEADER_LENGTH: usize = 12;

const MAGIC: &[u8; 4] = b"LKEY";

/// The messages that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// The launcher asks for secrets.
    Request,
    /// The agent delivers them.
    Delivery,
    /// The agent refuses.
    Refusal,
    /// The agent says what it would deliver.
    Plan,
    /// The launcher asks whether the agent serves.
    Check,
    /// The agent answers that.
    Status,
    /// The agent asks for what documents name.
    Ask,
    /// The launcher asks for secrets with documents.
    Supply,
    /// The agent delivers variables and files.
    Parcel,
}

impl MessageType {
    fn of(number: u8) -> Option<Self> {
        let types = [
            Self::Request,
            Self::Delivery,
            Self::Refusal,
            Self::Plan,
            Self::Check,
            Self::Status,
            Self::Ask,
            Self::Supply,
            Self::Parcel,
        ];
        types.into_iter().find(|message_type| message_type.number() == number)
    }

    fn number(self) -> u8 {
        match self {
            Self::Request => 1,
            Self::Delivery => 2,
            Self::Refusal => 3,
            Self::Plan => 4,
            Self::Check => 5,
            Self::Status => 6,
            Self::Ask => 7,
            Self::Supply => 8,
            Self::Parcel => 11,
        }
    }

    /// Whether a body of this type has values of secrets.
    #[must_use]
    pub fn holds_values(self) -> bool {
        matches!(self, Self::Delivery | Self::Parcel)
    }

    fn longest_body(self) -> usize {
        match self {
            Self::Request | Self::Refusal => 262_144,
            Self::Delivery | Self::Parcel => 16_777_216,
            Self::Plan | Self::Ask | Self::Supply => 1_048_576,
            Self::Check => 0,
            Self::Status => 4_096,
        }
    }
}

/// A header that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Major and minor; another than ours only in a REFUSAL.
    pub version: (u8, u8),
    /// What the body is.
    pub message_type: MessageType,
    /// Bytes of the body, within the limit of the type.
    pub length: usize,
}

impl Header {
    /// Checks a header against the types that are expected, in the order of section 2.
    pub fn decode(bytes: &[u8; HEADER_LENGTH], expected: &[MessageType]) -> Result<Self, FailureClass> {
        let [m0, m1, m2, m3, major, minor, number, reserved, l0, l1, l2, l3] = *bytes;
        if [m0, m1, m2, m3] != *MAGIC {
            return Err(FailureClass::BadMagic);
        }
        // Section 2.1: a frame of another version is decoded only if it is a REFUSAL.
        if (major, minor) != VERSION && number != MessageType::Refusal.number() {
            return Err(FailureClass::BadVersion);
        }
        let message_type =
            MessageType::of(number).filter(|found| expected.contains(found)).ok_or(FailureClass::BadType)?;
        if reserved != 0 {
            return Err(FailureClass::BadReserved);
        }
        let length = usize::try_from(u32::from_be_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        if length > message_type.longest_body() {
            return Err(FailureClass::TooLong);
        }
        Ok(Self { version: (major, minor), message_type, length })
    }

    /// The header of a frame that this launcher sends, or nothing if the body is longer than it may be.
    #[must_use]
    pub fn encode(message_type: MessageType, length: usize) -> Option<[u8; HEADER_LENGTH]> {
        let length = u32::try_from(length).ok().filter(|_| length <= message_type.longest_body())?;
        let [m0, m1, m2, m3] = *MAGIC;
        let [l0, l1, l2, l3] = length.to_be_bytes();
        Some([m0, m1, m2, m3, VERSION.0, VERSION.1, message_type.number(), 0, l0, l1, l2, l3])
    }
}
