//! What the launcher writes, and how it makes foreign text harmless.

use crate::error::{Error, Report};
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
    for problem in &report.problems {
        say(format_args!("{problem}"));
    }
    for hint in &report.hints {
        say(format_args!("hint: {hint}"));
    }
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

fn show(character: char, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match character {
        '\0'..='\x1F' | '\x7F' => write!(formatter, "\\x{:02x}", u32::from(character)),
        '\u{80}'..='\u{9F}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
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
}
