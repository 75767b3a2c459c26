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
    /// The name, or what is wrong with it.
    pub target: Result<&'a str, &'static str>,
    /// The value, or what is wrong with it. Empty where nothing can be told from the line.
    pub value: Result<&'a [u8], &'static str>,
}

/// The lines of a file.
pub fn lines(content: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let content = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(content);
    let lines = content.split(|byte| *byte == b'\n').enumerate();
    lines.filter_map(|(index, line)| {
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_start();
        let says_something = !line.is_empty() && !line.starts_with(b"#");
        says_something.then(|| assignment(index + 1, line))
    })
}

fn assignment(number: usize, line: &[u8]) -> Line<'_> {
    let Some(equals) = line.iter().position(|byte| *byte == b'=') else {
        return Line { number, target: Err("not NAME=VALUE"), value: Ok(b"") };
    };
    let target = name::variable(&line[..equals]).ok_or("not the name of a variable before \"=\"");
    let value = &line[equals + 1..];
    Line { number, target, value: if value.contains(&0) { Err("the value has a NUL byte") } else { Ok(value) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn takes_values_byte_for_byte() {
        let content = b"\xEF\xBB\xBFA=1\r\n\n# comment\n  B= \"x\" # y \n\t#c\nC=\nD=a=b\xff";
        let found: Vec<_> =
            lines(content).map(|line| (line.number, (line.target.unwrap(), line.value.unwrap()))).collect();
        let expected: [(usize, (&str, &[u8])); 4] =
            [(1, ("A", b"1")), (4, ("B", b" \"x\" # y ")), (6, ("C", b"")), (7, ("D", b"a=b\xff"))];
        assert_eq!(found, expected);
    }

    #[test]
    fn refuses_lines_that_are_not_assignments() {
        let content = b"A\nexport B=1\n=x\n1C=x\nD =x\nE=\0";
        assert!(lines(content).all(|line| line.target.is_err() || line.value.is_err()));
        assert_eq!(lines(content).count(), 6);
        let both = lines(b"9=\0").next().unwrap();
        assert!(both.target.is_err() && both.value.is_err());
    }
}
