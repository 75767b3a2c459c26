//! What the launcher writes, and how it makes foreign text harmless.

use crate::error::{Error, Report};
use crate::name;
use crate::sys;
use alloc::string::String;
use core::fmt::{self, Write};

/// Standard error, a line at a time and prefixed.
pub fn say(line: fmt::Arguments<'_>) {
    let mut text = String::new();
    // Writing to a String does not fail; there is nobody to tell if standard error does.
    let _ = writeln!(text, "launcher: {line}");
    let _ = write_all(2, text.as_bytes());
}

/// Everything of a report: the problems, then the hints.
pub fn report(report: &Report) {
    let mut text = String::new();
    // Writing to a String does not fail; there is nobody to tell if standard error does. One write keeps the lines together.
    for problem in &report.problems {
        let _ = writeln!(text, "launcher: {problem}");
    }
    for hint in &report.hints {
        let _ = writeln!(text, "launcher: hint: {hint}");
    }
    let _ = write_all(2, text.as_bytes());
}

/// Texts in a row: a quarter of the code of the standard one.
#[must_use]
pub fn joined(parts: &[String], separator: &str) -> String {
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        text.push_str(part);
    }
    text
}

/// Standard output.
pub fn print(text: &str) -> Result<(), Error> {
    write_all(1, text.as_bytes()).map_err(|errno| Error::set_up("standard output", errno))
}

fn write_all(descriptor: u8, mut bytes: &[u8]) -> Result<(), sys::Errno> {
    while !bytes.is_empty() {
        match sys::write(descriptor, bytes) {
            Ok(0) => return Err(sys::Errno::EIO),
            Ok(written) => bytes = &bytes[written..],
            Err(sys::Errno::EINTR) => {}
            // Whoever shares the pipe made it so that writing does not wait.
            Err(sys::Errno::EAGAIN) => sys::sleep(1_000),
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Bytes as a line may show them: control characters, what is not UTF-8, and what turns lines around are written as escapes.
// SECURITY: messages come from a socket and paths from anybody; neither may talk to the terminal.
pub struct Shown<'a>(pub &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            chunk.valid().chars().try_for_each(|character| show(character, formatter))?;
            chunk.invalid().iter().try_for_each(|byte| write!(formatter, "\\x{byte:02x}"))?;
        }
        Ok(())
    }
}

/// A command or a file by its name, so that the user can tell which. SECURITY: what looks like `NAME=VALUE` was meant for an
/// option, and its value is nobody's to see: then only the position is shown.
pub struct FileName<'a> {
    /// The name as it was said.
    pub text: &'a [u8],
    /// Which argument it is.
    pub position: usize,
}

impl FileName<'_> {
    /// Whether the user may have meant to set a variable.
    #[must_use]
    pub fn is_assignment(&self) -> bool {
        let equals = self.text.iter().position(|byte| *byte == b'=');
        equals.is_some_and(|equals| name::variable(&self.text[..equals]).is_some())
    }
}

impl fmt::Display for FileName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 200;
        if self.is_assignment() || self.text.is_empty() {
            return write!(formatter, "argument {}", self.position);
        }
        if self.text.len() <= LONGEST {
            return Shown(self.text).fmt(formatter);
        }
        // No character is cut in two.
        let starts = |end: &usize| self.text[*end] & 0xC0 != 0x80;
        let end = (LONGEST - 3..=LONGEST).rev().find(starts).unwrap_or(LONGEST);
        write!(formatter, "{}...", Shown(&self.text[..end]))
    }
}

fn show(character: char, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match character {
        '\0'..='\x1F' | '\x7F' => write!(formatter, "\\x{:02x}", u32::from(character)),
        '\u{80}'..='\u{9F}'
        | '\u{61C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => {
            write!(formatter, "\\u{{{:x}}}", u32::from(character))
        }
        _ => formatter.write_char(character),
    }
}

/// `--verbose`: each step and its microseconds.
pub struct Steps {
    since: Option<u64>,
}

impl Steps {
    /// Begins to measure, if the user wants to see it.
    #[must_use]
    pub fn new(verbose: bool) -> Self {
        Self { since: verbose.then(sys::now) }
    }

    /// A step is done.
    pub fn done(&mut self, step: fmt::Arguments<'_>) {
        if let Some(since) = self.since {
            let now = sys::now();
            say(format_args!("{step} ({} µs)", now - since));
            self.since = Some(sys::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        let shown = Shown(b"a\x1b[2J\r\n\x7f\xc2\x9b\xff\xe2\x80\xae\xc3\xa4").to_string();
        assert_eq!(shown, "a\\x1b[2J\\x0d\\x0a\\x7f\\u{9b}\\xff\\u{202e}ä");
    }

    fn file_name(text: &[u8]) -> String {
        FileName { text, position: 4 }.to_string()
    }

    #[test]
    fn names_files_but_not_what_may_have_been_meant_for_a_variable() {
        assert_eq!(file_name(b"./a\x1b=b"), "./a\\x1b=b");
        assert_eq!(file_name(b"9=b"), "9=b");
        for hidden in [&b"PASSWORD=hunter2"[..], b"URL=db://u:hunter2@h/", b""] {
            assert_eq!(file_name(hidden), "argument 4");
        }
    }

    #[test]
    fn cuts_long_names_between_characters() {
        assert_eq!(file_name(&[b'x'; 200]), "x".repeat(200));
        assert_eq!(file_name(&[b'x'; 201]), "x".repeat(200) + "...");
        assert_eq!(
            file_name(("x".to_string() + &"ä".repeat(200)).as_bytes()),
            "x".to_string() + &"ä".repeat(99) + "..."
        );
        assert_eq!(file_name(&[0x80; 300]), "\\x80".repeat(200) + "...");
    }
}
