//! Files of `NAME=VALUE` lines, as users of `docker run --env-file` write them.
//!
//! Blanks before a name are skipped, and so are empty lines and those that begin with `#`. The value is everything after the first
//! `=`, byte for byte: there are no quotes and nothing is expanded. Lines end with LF or CR LF. A name alone, which docker takes from
//! the environment, is an error: with `--inherit` it would be passed on anyway, and a mistyped line must not vanish.

use crate::name;

/// The longest file.
pub const LONGEST: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A line that says something.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// From 1.
    pub number: usize,
    /// Name and value, or what is wrong.
    pub content: Result<(&'a str, &'a [u8]), &'static str>,
}

/// The lines of a file.
pub fn lines(content: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let content = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(content);
    let lines = content.split(|byte| *byte == b'\n').enumerate();
    lines.filter_map(|(index, line)| {
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_start();
        let says_something = !line.is_empty() && !line.starts_with(b"#");
        says_something.then(|| Line { number: index + 1, content: assignment(line) })
    })
}

fn assignment(line: &[u8]) -> Result<(&str, &[u8]), &'static str> {
    let equals = line.iter().position(|byte| *byte == b'=').ok_or("not NAME=VALUE")?;
    let name = name::variable(&line[..equals]).ok_or("what stands before \"=\" is not the name of a variable")?;
    let value = &line[equals + 1..];
    if value.contains(&0) { Err("the value has a NUL byte") } else { Ok((name, value)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn takes_values_byte_for_byte() {
        let content = b"\xEF\xBB\xBFA=1\r\n\n# comment\n  B= \"x\" # y \n\t#c\nC=\nD=a=b\xff";
        let found: Vec<_> = lines(content).map(|line| (line.number, line.content.unwrap())).collect();
        let expected: [(usize, (&str, &[u8])); 4] =
            [(1, ("A", b"1")), (4, ("B", b" \"x\" # y ")), (6, ("C", b"")), (7, ("D", b"a=b\xff"))];
        assert_eq!(found, expected);
    }

    #[test]
    fn refuses_lines_that_are_not_assignments() {
        let content = b"A\nexport B=1\n=x\n1C=x\nD =x\nE=\0";
        assert!(lines(content).all(|line| line.content.is_err()));
        assert_eq!(lines(content).count(), 6);
    }
}
