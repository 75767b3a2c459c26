//! Everything that is wrong with what the user said, and where.

use crate::error::{Error, Report};
use crate::options::Word;
use crate::output::FileName;
use crate::sort::sorted;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Where something was said. SECURITY: this is shown in place of the text, which may be a secret in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The argument of this number, the launcher's own name being 0.
    Argument(usize),
    /// A line of a file.
    Line(File, usize),
    /// An inherited variable with `--from-env`, by its place in the environment, from 1.
    Inherited(usize),
    /// A variable that stands in for a flag.
    Variable(&'static str),
    /// Nothing that can be pointed to.
    Whole,
}

/// A file that an argument names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Which argument.
    pub position: usize,
    /// What it says.
    pub name: Word,
}

impl fmt::Display for File {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        FileName { text: self.name.to_bytes(), position: self.position }.fmt(formatter)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(position) => write!(formatter, "argument {position}"),
            Self::Line(file, line) => write!(formatter, "{file} line {line}"),
            Self::Inherited(position) => write!(formatter, "inherited variable {position}"),
            Self::Variable(name) => formatter.write_str(name),
            Self::Whole => formatter.write_str("arguments"),
        }
    }
}

impl Origin {
    /// Sorts arguments and the lines of their files by position, then what has none.
    fn place(self) -> (u8, usize, usize) {
        match self {
            Self::Argument(position) => (0, position, 0),
            Self::Line(file, line) => (0, file.position, line),
            Self::Inherited(position) => (1, position, 0),
            Self::Variable(_) => (2, 0, 0),
            Self::Whole => (3, 0, 0),
        }
    }
}

/// What is found wrong before anything is looked up. It is found in one order and shown in another.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<(Origin, String)>,
    hints: Report,
}

impl Problems {
    /// Something is wrong there.
    pub fn at(&mut self, origin: Origin, what: impl fmt::Display) {
        let line = match origin {
            Origin::Whole => format!("{what}"),
            _ => format!("{origin}: {what}"),
        };
        self.found.push((origin, line));
    }

    /// A file cannot be taken. It has its own name, so its argument need not be told.
    pub fn in_file(&mut self, file: File, what: impl fmt::Display) {
        self.found.push((Origin::Argument(file.position), format!("{file}: {what}")));
    }

    /// What to do about it.
    pub fn hint(&mut self, hint: impl Into<String>) {
        self.hints.hint(hint);
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Nothing is wrong, or a usage error that has all of it, by position.
    pub fn into_result(self) -> Result<(), Error> {
        if self.is_empty() { Ok(()) } else { Err(Error::Usage(self.into_report())) }
    }

    fn into_report(mut self) -> Report {
        let key = |index: usize| (self.found[index].0.place(), index);
        let order = sorted(self.found.len(), &|left, right| key(left).cmp(&key(right)));
        for index in order {
            self.hints.problem(core::mem::take(&mut self.found[index].1));
        }
        self.hints
    }
}

#[cfg(test)]
impl Problems {
    /// The lines as they would be shown.
    #[must_use]
    pub fn lines(self) -> Vec<String> {
        self.into_report().problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_problems_by_position_whatever_the_order_they_were_found_in() {
        let file = File { position: 3, name: c"app.env" };
        let mut problems = Problems::default();
        problems.at(Origin::Whole, "no command");
        problems.at(Origin::Variable("LATCHKEY_WAIT"), "bad");
        problems.at(Origin::Line(file, 10), "bad");
        problems.at(Origin::Argument(4), "bad");
        problems.at(Origin::Line(file, 9), "bad");
        problems.at(Origin::Inherited(1), "bad");
        problems.at(Origin::Argument(2), "bad");
        problems.at(Origin::Argument(2), "worse");
        let expected = [
            "argument 2: bad",
            "argument 2: worse",
            "app.env line 9: bad",
            "app.env line 10: bad",
            "argument 4: bad",
            "inherited variable 1: bad",
            "LATCHKEY_WAIT: bad",
            "no command",
        ];
        assert_eq!(problems.lines(), expected);
    }
}
