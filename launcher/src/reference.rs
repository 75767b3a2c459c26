//! References: the text that points to a secret.
//!
//! The grammar is that of `protocol/vectors/references.txt`. The launcher only checks it, so that a typing error costs no round trip; what
//! a reference means is the agent's business. Split first, decode after.

use alloc::vec::Vec;
use core::fmt;
use core::str::from_utf8;

/// The longest reference of the protocol, in bytes.
pub const LONGEST: usize = 4096;

/// The parts of a reference as they stand in it, before percent-decoding. All of them are known to decode.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The provider, if one is named; `aws` for a bare ARN.
    pub provider: Option<&'a str>,
    /// Where the secret is at its provider.
    pub path: &'a [u8],
    /// The field of a JSON secret: segments with dots between them.
    pub field: Option<&'a [u8]>,
    /// The version.
    pub version: Option<&'a [u8]>,
    /// What stands after the first comma, option by option.
    pub options: Vec<&'a [u8]>,
}

/// What is wrong with a reference, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1 and in characters.
    pub column: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "column {} of the reference: {}", self.column, self.what)
    }
}

/// A fault at a byte of the text.
type At = (usize, &'static str);

/// What of a reference may be shown: all before the options, because `default=` may hold what should not be seen.
#[must_use]
pub fn shown(reference: &str) -> &str {
    reference.split(',').next().unwrap_or_default()
}

/// Parses a reference.
pub fn parse(text: &[u8]) -> Result<Reference<'_>, Fault> {
    parse_at(text).map_err(|(offset, what)| Fault { column: column(text, offset), what })
}

fn column(text: &[u8], offset: usize) -> usize {
    1 + text[..offset].iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

fn parse_at(text: &[u8]) -> Result<Reference<'_>, At> {
    let head_end = position(text, b',', 0).unwrap_or(text.len());
    let options = split_options(text, head_end)?;
    let head = &text[..head_end];
    let at = single(head, b'@', "a second \"@\"")?;
    let hash = single(head, b'#', "a second \"#\"")?;
    let base_end = at.unwrap_or(head_end);
    if let Some(hash) = hash.filter(|hash| *hash > base_end) {
        return Err((hash, "\"#\" after \"@\""));
    }
    let path_end = hash.unwrap_or(base_end);
    let (provider, path_begin) = split_provider(&text[..path_end])?;
    checked_part(text, path_begin, path_end, "the path is empty")?;
    if let Some(hash) = hash {
        check_segments(text, hash + 1, base_end)?;
    }
    if let Some(at) = at {
        checked_part(text, at + 1, head_end, "the version is empty")?;
    }
    Ok(Reference {
        provider,
        path: &text[path_begin..path_end],
        field: hash.map(|hash| &text[hash + 1..base_end]),
        version: at.map(|at| &text[at + 1..head_end]),
        options,
    })
}

fn position(text: &[u8], byte: u8, from: usize) -> Option<usize> {
    text.iter().skip(from).position(|found| *found == byte).map(|offset| offset + from)
}

/// Where a separator stands that may stand only once.
fn single(text: &[u8], byte: u8, what: &'static str) -> Result<Option<usize>, At> {
    let Some(first) = position(text, byte, 0) else { return Ok(None) };
    position(text, byte, first + 1).map_or(Ok(Some(first)), |second| Err((second, what)))
}

fn split_provider(text: &[u8]) -> Result<(Option<&str>, usize), At> {
    if text.starts_with(b"arn:") {
        return Ok((Some("aws"), 0));
    }
    let Some(colon) = position(text, b':', 0) else { return Ok((None, 0)) };
    let name = &text[..colon];
    let valid = name.first().is_some_and(u8::is_ascii_lowercase)
        && name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-');
    match from_utf8(name) {
        Ok(name) if valid => Ok((Some(name), colon + 1)),
        _ => Err((0, "not the name of a provider")),
    }
}

fn check_segments(text: &[u8], begin: usize, end: usize) -> Result<(), At> {
    let mut from = begin;
    loop {
        let to = position(&text[..end], b'.', from).unwrap_or(end);
        checked_part(text, from, to, "a part of the field is empty")?;
        if to == end {
            return Ok(());
        }
        from = to + 1;
    }
}

fn checked_part(text: &[u8], begin: usize, end: usize, empty: &'static str) -> Result<(), At> {
    if begin == end {
        return Err((begin, empty));
    }
    check(text, begin, end, |byte| byte >= b' ' && byte != 0x7F)
}

/// Whether a part decodes to text whose control characters are allowed ones.
fn check(text: &[u8], begin: usize, end: usize, allowed: fn(u8) -> bool) -> Result<(), At> {
    const CONTROL: &str = "a control character";
    let part = &text[begin..end];
    if let Some(offset) = part.iter().position(u8::is_ascii_control) {
        return Err((begin + offset, CONTROL));
    }
    let decoded = decode(part).map_err(|offset| (begin + offset, "\"%\" without two hexadecimal digits"))?;
    if let Err(error) = from_utf8(&decoded) {
        return Err((begin + source_of(part, error.valid_up_to()), "bytes that are not UTF-8"));
    }
    match decoded.iter().position(|byte| !allowed(*byte)) {
        Some(offset) => Err((begin + source_of(part, offset), CONTROL)),
        None => Ok(()),
    }
}

/// Where in a part the byte number `decoded` of its decoding comes from.
fn source_of(part: &[u8], decoded: usize) -> usize {
    (0..decoded).fold(0, |offset, _| offset + if part[offset] == b'%' { 3 } else { 1 })
}

/// Percent-decodes a part, or says where an escape is broken.
pub fn decode(part: &[u8]) -> Result<Vec<u8>, usize> {
    let mut decoded = Vec::with_capacity(part.len());
    let mut offset = 0;
    while let Some(byte) = part.get(offset) {
        if *byte == b'%' {
            let digits = (digit(part, offset + 1), digit(part, offset + 2));
            let (Some(high), Some(low)) = digits else { return Err(offset) };
            decoded.push(high << 4 | low);
            offset += 3;
        } else {
            decoded.push(*byte);
            offset += 1;
        }
    }
    Ok(decoded)
}

fn digit(part: &[u8], offset: usize) -> Option<u8> {
    let byte = *part.get(offset)?;
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

fn split_options(text: &[u8], head_end: usize) -> Result<Vec<&[u8]>, At> {
    let mut options = Vec::new();
    let mut seen = Seen::default();
    let mut from = head_end;
    while from < text.len() {
        let begin = from + 1;
        let end = position(text, b',', begin).unwrap_or(text.len());
        seen.check(text, begin, end)?;
        options.push(&text[begin..end]);
        from = end;
    }
    Ok(options)
}

/// Which options have been there.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // one for each option
struct Seen {
    optional: bool,
    default: bool,
    decode: bool,
    encode: bool,
}

impl Seen {
    fn check(&mut self, text: &[u8], begin: usize, end: usize) -> Result<(), At> {
        let option = &text[begin..end];
        let (name, value) = match position(option, b'=', 0) {
            Some(equals) => (&option[..equals], Some(&option[equals + 1..])),
            None => (option, None),
        };
        let seen = match (name, value) {
            (b"optional", None) => &mut self.optional,
            (b"default", Some(_)) => &mut self.default,
            (b"decode", Some(b"base64" | b"hex")) => &mut self.decode,
            (b"encode", Some(b"base64" | b"base64url" | b"hex" | b"url" | b"json")) => &mut self.encode,
            (b"", None) => return Err((begin, "an option is empty")),
            (b"decode", Some(_)) => return Err((begin, "not an option: decode is base64 or hex")),
            (b"encode", Some(_)) => {
                return Err((begin, "not an option: encode is base64, base64url, hex, url or json"));
            }
            _ => return Err((begin, "not an option: they are optional, default=, decode= and encode=")),
        };
        if core::mem::replace(seen, true) {
            return Err((begin, "the same option twice"));
        }
        if self.optional && self.default {
            return Err((begin, "\"optional\" together with \"default=\""));
        }
        match value {
            Some(value) if name == b"default" => check(text, end - value.len(), end, |byte| byte != 0),
            _ => Ok(()),
        }
    }
}

#[cfg(any(test, feature = "described"))]
pub mod described;

#[cfg(test)]
mod tests {
    use super::described::outcome;
    use super::*;

    const VECTORS: &str = include_str!("../../protocol/vectors/references.txt");

    #[test]
    fn runs_the_vectors() {
        let mut count = 0;
        for line in VECTORS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let columns: Vec<&str> = line.split('\t').collect();
            let expected = [&columns[..1], &columns[2..]].concat().join("\t");
            assert_eq!(outcome(columns[1].as_bytes()), expected, "{line}");
            count += 1;
        }
        assert!(count >= 40, "{count} vectors");
    }

    /// The agent's parser runs the same file.
    #[test]
    fn agrees_with_the_agent_on_the_corpus_of_fuzzing() {
        const CORPUS: &str = include_str!("../../integration-tests/fuzz/corpus/references.txt");
        for line in CORPUS.lines() {
            let (input, expected) = line.split_once('\t').unwrap();
            assert_eq!(outcome(&crate::hex::bytes(input)), expected, "{input}");
        }
        assert!(CORPUS.lines().count() > 50);
    }

    #[test]
    fn counts_columns_in_characters() {
        assert_eq!(parse("äöü#".as_bytes()).unwrap_err().column, 5);
        assert_eq!(parse(b"a\xFFb").unwrap_err().column, 2);
        assert_eq!(parse(b"a\x1B[2J").unwrap_err().column, 2);
        assert_eq!(parse(b"a,default=x\ny").unwrap_err().column, 12);
    }

    #[test]
    fn says_what_an_option_may_be() {
        assert!(parse(b"a,encode=b64").unwrap_err().what.ends_with("encode is base64, base64url, hex, url or json"));
        assert!(parse(b"a,decode=url").unwrap_err().what.ends_with("decode is base64 or hex"));
        assert!(parse(b"a,optinal").unwrap_err().what.ends_with("optional, default=, decode= and encode="));
    }

    #[test]
    fn shows_nothing_of_the_options() {
        assert_eq!(shown("vault:a#b@3,default=hunter2"), "vault:a#b@3");
    }
}
