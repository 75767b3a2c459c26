//! Shows what was parsed as `protocol/vectors/references.txt` has it. For tests and fuzzing only; the program has nothing of it.

#![allow(clippy::expect_used)] // what was promised to decode and does not is what fuzzing looks for

use super::{Reference, decode, parse};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const CHECKED: &str = "parse has decoded it";

/// `ok` and the parts, or `bad` and the column: the columns of that file without the reference.
#[must_use]
pub fn outcome(text: &[u8]) -> String {
    match parse(text) {
        Ok(reference) => format!("ok\t{}", described(&reference)),
        Err(fault) => format!("bad\t{}", fault.column),
    }
}

fn described(reference: &Reference<'_>) -> String {
    let mut parts = Vec::new();
    if let Some(provider) = reference.provider {
        parts.push(format!("provider={provider}"));
    }
    parts.push(format!("path={}", escaped(&decode(reference.path).expect(CHECKED))));
    if let Some(field) = reference.field {
        let segments: Vec<String> = field.split(|b| *b == b'.').map(|s| escaped(&decode(s).expect(CHECKED))).collect();
        parts.push(format!("field={}", segments.join("/")));
    }
    if let Some(version) = reference.version {
        parts.push(format!("version={}", escaped(&decode(version).expect(CHECKED))));
    }
    parts.extend(["optional", "default", "decode", "encode"].iter().filter_map(|name| option(reference, name)));
    parts.join("\t")
}

fn option(reference: &Reference<'_>, name: &str) -> Option<String> {
    let option = reference.options.iter().find(|option| option.starts_with(name.as_bytes()))?;
    match option.strip_prefix(format!("{name}=").as_bytes()) {
        Some(value) => Some(format!("{name}={}", escaped(&decode(value).expect(CHECKED)))),
        None => Some(name.into()),
    }
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| match byte {
        b'%' | b',' | 0..=0x20 | 0x7F..=0xFF => format!("{text}%{byte:02X}"),
        _ => format!("{text}{}", char::from(*byte)),
    })
}
