//! Section 4.7.

use super::FailureClass;
use super::field::{Fields, Known, Value};
use alloc::vec::Vec;

const KNOWN: &[Known] = &[Known { number: 1, most: super::MOST_ASKED }, Known { number: 2, most: super::MOST_ASKED }];

const LONGEST: usize = 4096;

/// What an agent asks for.
#[derive(Debug)]
pub struct Ask<'a> {
    /// Of which document, and the name.
    pub variables: Vec<(u16, &'a str)>,
    /// Of which document, and the path as it is written there.
    pub files: Vec<(u16, &'a str)>,
}

impl<'a> Ask<'a> {
    /// Decodes a body.
    pub fn decode(body: &'a [u8]) -> Result<Self, FailureClass> {
        let mut fields = Fields::new(body, KNOWN);
        let mut ask = Self { variables: Vec::new(), files: Vec::new() };
        while let Some((number, value)) = fields.next()? {
            let list = if number == 1 { &mut ask.variables } else { &mut ask.files };
            list.push(decode_wanted(value)?);
        }
        if ask.variables.is_empty() && ask.files.is_empty() { Err(FailureClass::FieldMissing) } else { Ok(ask) }
    }
}

fn decode_wanted(value: Value<'_>) -> Result<(u16, &str), FailureClass> {
    let (document, name) = value.fixed()?;
    let name = match name.len() {
        0 => return Err(FailureClass::BadValue),
        1..=LONGEST => Value(name).text()?,
        _ => return Err(FailureClass::TooLong),
    };
    Ok((u16::from_be_bytes(document), name))
}
