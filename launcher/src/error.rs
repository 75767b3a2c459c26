//! What ends a launch before its command, and with which exit status.

use crate::sys::Errno;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

/// What to tell the user: everything that is wrong, each on its own line, and what to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One line for each problem.
    pub problems: Vec<String>,
    /// Each said once.
    pub hints: Vec<String>,
}

impl Report {
    /// One problem.
    #[must_use]
    pub fn of(problem: impl Into<String>) -> Self {
        Self { problems: vec![problem.into()], hints: Vec::new() }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint(hint);
        self
    }

    /// Adds a problem.
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    /// Adds a hint, unless it is there already.
    pub fn hint(&mut self, hint: impl Into<String>) {
        let hint = hint.into();
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }
}

/// Why no command runs.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// The agent is not reachable or not ready.
    NotReachable(Report),
    /// The agent refused, with this status.
    Refused(u8, Report),
    /// The agent failed: no answer, or none that can be understood.
    AgentFailed(Report),
    /// Bad options, names or references.
    Usage(Report),
    /// The launch cannot be set up: the wrong server, memory that cannot be locked, standard output that cannot be written.
    SetUp(Report),
    /// The command cannot be executed.
    NotExecutable(Report),
    /// There is no such command.
    NotFound(Report),
}

impl Error {
    /// The exit status of the launcher.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotReachable(_) => 120,
            Self::Refused(status, _) => *status,
            Self::AgentFailed(_) => 123,
            Self::Usage(_) | Self::SetUp(_) => 125,
            Self::NotExecutable(_) => 126,
            Self::NotFound(_) => 127,
        }
    }

    /// What to say.
    #[must_use]
    pub fn report(&self) -> &Report {
        match self {
            Self::NotReachable(report)
            | Self::Refused(_, report)
            | Self::AgentFailed(report)
            | Self::Usage(report)
            | Self::SetUp(report)
            | Self::NotExecutable(report)
            | Self::NotFound(report) => report,
        }
    }

    /// Something that the kernel refused while the launch was set up.
    #[must_use]
    pub fn set_up(what: &str, errno: Errno) -> Self {
        Self::SetUp(Report::of(format!("{what}: {errno}")))
    }
}

/// The status of a refusal: that of the class that comes first, section 5 of the protocol. A code of no class is the agent's fault.
#[must_use]
pub fn status_of(codes: impl Iterator<Item = u16>) -> u8 {
    const BAD_DOCUMENT: u16 = 12513;
    const FIRST: u8 = 0;
    const USAGE: u8 = 125;
    const AGENT_FAILED: u8 = 123;
    let status = |code: u16| match code / 100 {
        // What is written wrong comes before all that was asked of the agent.
        _ if code == BAD_DOCUMENT => FIRST,
        class @ (120..=123 | 125) => u8::try_from(class).unwrap_or(AGENT_FAILED),
        _ => AGENT_FAILED,
    };
    match codes.map(status).min() {
        Some(FIRST) => USAGE,
        status => status.unwrap_or(AGENT_FAILED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_class_that_comes_first() {
        assert_eq!(status_of([12301, 12201, 12509].into_iter()), 122);
        assert_eq!(status_of([12509, 12101].into_iter()), 121);
        assert_eq!(status_of([12001].into_iter()), 120);
        assert_eq!(status_of([12509].into_iter()), 125);
        assert_eq!(status_of([12201, 12513, 12101].into_iter()), 125);
    }

    #[test]
    fn understands_unknown_codes_by_their_class() {
        assert_eq!(status_of([12299].into_iter()), 122);
        assert_eq!(status_of([0].into_iter()), 123);
        assert_eq!(status_of([12401].into_iter()), 123);
        assert_eq!(status_of([12600].into_iter()), 123);
    }

    #[test]
    fn says_a_hint_once() {
        let mut report = Report::of("a").with_hint("do this");
        report.hint("do this");
        assert_eq!(report.hints, ["do this"]);
    }
}
