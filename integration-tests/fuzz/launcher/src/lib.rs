//! What must hold of the launcher's decoders whatever they are given; each function panics where it does not.
//!
//! `src/main.rs` answers one input after the other, so that the agent's codec can be compared while it is fuzzed; `../afl` lets AFL++
//! look for inputs.

mod counting;

use counting::allocated_by;
use latchkey_launcher::protocol::described as frame;
use latchkey_launcher::reference::{self, described};

/// Bytes that decoding may allocate for each byte of the input, and for any input at all. The most is taken by entries of a plan, of
/// which the smallest has 19 bytes on the wire.
const ALLOCATED_PER_BYTE: usize = 64;
const ALLOCATED_AT_ALL: usize = 16 * 1024;

/// A frame behind a byte that says how it was asked for, as [`frame::outcome`] takes it.
///
/// # Panics
/// If the decoder takes memory by a claimed length, or says two things of one input.
pub fn frames(input: &[u8]) {
    let (outcome, allocated) = allocated_by(|| frame::outcome(input));
    assert!(allocated <= ALLOCATED_AT_ALL + ALLOCATED_PER_BYTE * input.len(), "{allocated} bytes for {}", input.len());
    assert_eq!(outcome, frame::outcome(input));
}

/// The text of a reference.
///
/// # Panics
/// If the parser takes more memory than the text can need, names a place that is not there, or does not read back what it has read.
pub fn references(text: &[u8]) {
    let (parsed, allocated) = allocated_by(|| reference::parse(text));
    assert!(allocated <= ALLOCATED_AT_ALL + ALLOCATED_PER_BYTE * text.len(), "{allocated} bytes for {}", text.len());
    match parsed {
        Ok(parsed) => {
            let written = written(&parsed);
            let again =
                reference::parse(&written).unwrap_or_else(|fault| panic!("{}: {fault}", written.escape_ascii()));
            assert_eq!(parsed, again);
            assert_eq!(described::outcome(text), described::outcome(&written));
        }
        Err(fault) => {
            let characters = text.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
            assert!((1..=characters + 1).contains(&fault.column), "column {}", fault.column);
        }
    }
}

/// A reference put together again from its parts.
fn written(parsed: &reference::Reference<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    // A bare ARN names its provider itself.
    if let Some(provider) = parsed.provider {
        let bare = provider == "aws" && parsed.path.starts_with(b"arn:");
        text.extend_from_slice(if bare { b"" } else { provider.as_bytes() });
        text.extend_from_slice(if bare { b"" } else { b":" });
    }
    text.extend_from_slice(parsed.path);
    for (separator, part) in [(b'#', parsed.field), (b'@', parsed.version)] {
        if let Some(part) = part {
            text.push(separator);
            text.extend_from_slice(part);
        }
    }
    for option in &parsed.options {
        text.push(b',');
        text.extend_from_slice(option);
    }
    text
}
