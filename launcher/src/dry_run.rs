//! `--dry-run`: what would be delivered, and why.

use crate::error::{Report, status_of};
use crate::options::Format;
use crate::output::{Shown, joined};
use crate::protocol::{Binding, Plan, PlanEntry};
use crate::reference;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

const COLUMNS: [&str; 10] =
    ["target", "kind", "reference", "provider", "version", "size", "age", "rule", "decision", "status"];

/// A cell: text, a number, or nothing.
enum Cell {
    Text(String),
    Number(u64),
    Absent,
}

type Row = [Cell; COLUMNS.len()];

/// Shows a plan; without one, that nothing would be asked for.
#[must_use]
pub fn show(bindings: &[Binding<'_>], replaces: &[bool], plan: Option<&Plan<'_>>, form: Format) -> String {
    let entries = plan.map(|plan| plan.entries.as_slice()).unwrap_or_default();
    let rows: Vec<Row> = bindings
        .iter()
        .zip(replaces)
        .zip(entries)
        .map(|((binding, replaces), entry)| {
            let reference = Some(reference::shown(binding.reference));
            row(&What { target: binding.target, file: false, reference }, *replaces, entry)
        })
        .collect();
    match form {
        Format::Table => table(&rows),
        Format::Json => json(&rows),
    }
}

/// Shows the plan of documents, whose entries say what they are about.
#[must_use]
pub fn show_composed(plan: &Plan<'_>, replaces: impl Fn(&[u8]) -> bool, form: Format) -> String {
    let rows: Vec<Row> = plan
        .entries
        .iter()
        .filter_map(|entry| entry.origin.as_ref().map(|origin| (origin, entry)))
        .map(|(origin, entry)| {
            let what = What { target: origin.target, file: origin.file, reference: origin.reference };
            row(&what, origin.replaces || replaces(origin.target.as_bytes()), entry)
        })
        .collect();
    match form {
        Format::Table => table(&rows),
        Format::Json => json(&rows),
    }
}

/// What a row is about.
struct What<'a> {
    target: &'a str,
    file: bool,
    reference: Option<&'a str>,
}

/// The exit status that the launch would have: nothing if it would go on.
#[must_use]
pub fn status(plan: &Plan<'_>) -> Option<u8> {
    let failing = || plan.entries.iter().map(|entry| entry.code).filter(|code| *code != 0);
    failing().next().map(|_| status_of(failing()))
}

/// The hints of a plan.
#[must_use]
pub fn hints(plan: &Plan<'_>) -> Report {
    let mut report = Report::default();
    plan.hints.iter().for_each(|hint| report.hint(Shown(hint.as_bytes()).to_string()));
    report
}

fn row(what: &What<'_>, replaces: bool, entry: &PlanEntry<'_>) -> Row {
    let text = |text: Option<&str>| text.map_or(Cell::Absent, |text| Cell::Text(text.to_string()));
    [
        text(Some(what.target)),
        text(Some(if what.file { "file" } else { "variable" })),
        text(what.reference),
        text(entry.provider),
        text(entry.version),
        entry.size.map_or(Cell::Absent, |size| Cell::Number(size.into())),
        entry.age.map_or(Cell::Absent, Cell::Number),
        text(entry.rule),
        text(Some(if entry.allowed { "allow" } else { "deny" })),
        Cell::Text(outcome(entry, replaces)),
    ]
}

fn outcome(entry: &PlanEntry<'_>, replaces: bool) -> String {
    match (entry.code, entry.message) {
        (0, _) if entry.removed => "removed".to_string(),
        (0, _) => (if replaces { "replaces" } else { "ok" }).to_string(),
        (_, Some(message)) => message.to_string(),
        (code, None) => format!("failure {code}"),
    }
}

fn table(rows: &[Row]) -> String {
    let head = COLUMNS.map(str::to_ascii_uppercase);
    let lines: Vec<[String; COLUMNS.len()]> = rows.iter().map(|row| row.each_ref().map(plain)).collect();
    let mut widths = head.each_ref().map(|cell| cell.chars().count());
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for line in core::iter::once(&head).chain(&lines) {
        let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(joined(&cells, "  ").trim_end());
        text.push('\n');
    }
    text
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => Shown(text.as_bytes()).to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Absent => "-".to_string(),
    }
}

fn json(rows: &[Row]) -> String {
    let objects: Vec<String> = rows.iter().map(object).collect();
    format!("[{}]\n", joined(&objects, ","))
}

fn object(row: &Row) -> String {
    let members: Vec<String> =
        COLUMNS.iter().zip(row).map(|(column, cell)| format!("\"{column}\":{}", json_value(cell))).collect();
    format!("{{{}}}", joined(&members, ","))
}

fn json_value(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => quoted(text),
        Cell::Number(number) => number.to_string(),
        Cell::Absent => "null".to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        // Writing to a String does not fail.
        let _ = match character {
            '"' | '\\' => write!(quoted, "\\{character}"),
            '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{2028}'..='\u{202E}' => {
                write!(quoted, "\\u{:04x}", u32::from(character))
            }
            _ => write!(quoted, "{character}"),
        };
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    fn bindings() -> Vec<Binding<'static>> {
        let reference = ["db#password", "x,default=hunter2", "y", "z,optional"];
        let targets = ["DB", "X", "Y", "Z"];
        targets.iter().zip(reference).map(|(target, reference)| Binding { target, reference, file: false }).collect()
    }

    fn plan() -> Plan<'static> {
        let allowed = PlanEntry { allowed: true, rule: Some("flow"), provider: Some("store"), ..PlanEntry::default() };
        let found = PlanEntry { version: Some("3"), size: Some(24), age: Some(60), ..allowed };
        let denied = PlanEntry { code: 12101, message: Some("de\"nied"), ..PlanEntry::default() };
        let removed = PlanEntry { removed: true, allowed: true, ..PlanEntry::default() };
        let same = PlanEntry { version: Some("1"), size: Some(0), allowed: true, ..PlanEntry::default() };
        Plan { entries: vec![found, same, denied, removed], hints: vec!["a\u{9b}b"] }
    }

    #[test]
    fn shows_a_table() {
        let expected = "\
TARGET  KIND      REFERENCE    PROVIDER  VERSION  SIZE  AGE  RULE  DECISION  STATUS
DB      variable  db#password  store     3        24    60   flow  allow     ok
X       variable  x            -         1        0     -    -     allow     replaces
Y       variable  y            -         -        -     -    -     deny      de\"nied
Z       variable  z            -         -        -     -    -     allow     removed
";
        assert_eq!(show(&bindings(), &[false, true, false, true], Some(&plan()), Format::Table), expected);
    }

    #[test]
    fn shows_json() {
        let shown = show(&bindings()[..1], &[false], Some(&plan()), Format::Json);
        let expected = "[{\"target\":\"DB\",\"kind\":\"variable\",\"reference\":\"db#password\",\"provider\":\"store\",\"version\":\"3\",\
                        \"size\":24,\"age\":60,\"rule\":\"flow\",\"decision\":\"allow\",\"status\":\"ok\"}]\n";
        assert_eq!(shown, expected);
        assert_eq!(show(&[], &[], None, Format::Json), "[]\n");
        assert_eq!(quoted("a\"\\\n\u{202e}ä"), "\"a\\\"\\\\\\u000a\\u202eä\"");
    }

    #[test]
    fn has_the_status_of_the_launch() {
        assert_eq!(status(&plan()), Some(121));
        assert_eq!(status(&Plan { entries: vec![PlanEntry::default()], hints: vec![] }), None);
        assert_eq!(hints(&plan()).hints, ["a\\u{9b}b"]);
    }
}
