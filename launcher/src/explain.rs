//! The agent's words in ours.

use crate::bindings;
use crate::error::{Error, Report, status_of};
use crate::output::Shown;
use crate::protocol::{Binding, Refusal, Status};
use alloc::format;
use alloc::string::ToString;

/// What a refusal means for the launch.
#[must_use]
pub fn refused(refusal: &Refusal<'_>, bindings: &[Binding<'_>]) -> Error {
    let status = status_of(refusal.failures.iter().map(|failure| failure.code));
    Error::Refused(status, refusal_report(refusal, bindings))
}

/// Every failure on its own line, `TARGET=REFERENCE: MESSAGE`, then the hints.
#[must_use]
pub fn refusal_report(refusal: &Refusal<'_>, bindings: &[Binding<'_>]) -> Report {
    let mut report = Report::default();
    for failure in &refusal.failures {
        let message = Shown(failure.message.as_bytes());
        match bindings.get(usize::from(failure.binding)) {
            Some(binding) => report.problem(format!("{}: {message}", bindings::shown(binding))),
            None => report.problem(message.to_string()),
        }
    }
    for hint in &refusal.hints {
        report.hint(Shown(hint.as_bytes()).to_string());
    }
    report
}

/// How an agent is that is not ready, and why.
#[must_use]
pub fn status_report(status: &Status<'_>) -> Report {
    let mut report = Report::of(format!("the agent is {}", status.state.word()));
    for reason in &status.reasons {
        report.problem(Shown(reason.as_bytes()).to_string());
    }
    report
}
