//! `--help` and `--version`, made of the table of flags.

use crate::flags::{self, Flag};
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

/// The version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How it is called.
pub const USAGE: &str = "launcher [OPTION...] [--] COMMAND [ARG...]";

/// The exit statuses and what they mean.
pub const STATUSES: [(&str, &str); 8] = [
    ("the command's own", "it ran"),
    ("120", "the agent is not reachable, or not ready within --wait"),
    ("121", "denied by policy"),
    ("122", "a secret, its version or its field does not exist, has no value or has expired"),
    ("123", "a provider or the agent failed"),
    ("125", "usage or set-up"),
    ("126", "the command cannot be executed"),
    ("127", "the command was not found"),
];

const WIDTH: usize = 28;

/// The text of `--help`.
#[must_use]
pub fn help() -> String {
    let mut text = format!("usage: {USAGE}\nRuns COMMAND with its secrets as environment variables.\n\n");
    for flag in flags::listed() {
        add_flag(&mut text, flag);
    }
    text.push_str("\nexit status:\n");
    for (status, meaning) in STATUSES {
        // Writing to a String does not fail.
        let _ = writeln!(text, "  {status:WIDTH$}{meaning}");
    }
    text
}

fn add_flag(text: &mut String, flag: &Flag) {
    let _ = write!(text, "  {:WIDTH$}{}", names(flag), flag.summary);
    if let Some(variable) = flag.variable {
        let _ = write!(text, " [{variable}]");
    }
    text.push('\n');
}

fn names(flag: &Flag) -> String {
    let mut names = String::new();
    if let Some(short) = flag.short {
        let _ = write!(names, "-{}, ", char::from(short));
    }
    let _ = write!(names, "--{}", flag.long);
    if let Some(value) = flag.value {
        let _ = write!(names, " {value}");
    }
    names
}

/// The text of `--version`.
#[must_use]
pub fn version() -> String {
    format!("launcher {VERSION}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_is_available_and_nothing_else() {
        let help = help();
        for flag in flags::FLAGS {
            let line = format!("--{} ", flag.long);
            assert_eq!(help.contains(&line), flags::listed().any(|listed| listed.long == flag.long), "{line}");
        }
        assert!(help.contains("--bindings") && !help.contains("--mask"));
    }
}
