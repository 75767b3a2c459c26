//! Counts the instructions that the released launcher executes, which do not depend on how busy the machine is, and compares them with
//! `launcher/instructions`. With `--accept` it writes them there instead. Needs valgrind.
//!
//! The command of the launch is of no format that the kernel knows, because callgrind loses its count where a process becomes another:
//! all is counted up to the `execve`, and one line that says that it failed.

use blackbox::{Agent, Folder, Reply, deliver, program, status};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Percent that a count may be over the one that was accepted.
const TOLERANCE: u64 = 2;

/// The type of the frame that asks whether the agent is ready.
const CHECK: u8 = 5;

/// A run of the launcher: its name, arguments, and the exit status that shows that it did what is counted.
struct Workload {
    name: &'static str,
    arguments: Vec<String>,
    status: i32,
}

fn workloads() -> Vec<Workload> {
    let words = |text: &str| text.split(' ').map(String::from).collect();
    let secrets: String = (1..=8).fold(String::new(), |mut text, number| {
        // Writing to a String does not fail.
        let _ = write!(text, "--secret MY_SECRET_{number}=my-secret-{number} ");
        text
    });
    vec![
        Workload { name: "help", arguments: words("--help"), status: 0 },
        Workload { name: "check", arguments: words("--check"), status: 0 },
        Workload { name: "plain", arguments: words("--env NAME=value -- ./command"), status: 126 },
        Workload { name: "launch", arguments: words(&format!("{secrets}-- ./command")), status: 126 },
    ]
}

/// One count for each workload, in order.
type Counts = Vec<(String, u64)>;

fn count_all() -> io::Result<Counts> {
    let agent =
        Agent::start(|asked, _| Reply::Bytes(if asked.kind == CHECK { status(1, &[]) } else { deliver(asked) }));
    let folder = Folder::new();
    folder.script("command", "of no format\n");
    // A short name, which is the same whatever this process and the folder of temporary files are called.
    std::os::unix::fs::symlink(agent.socket(), folder.path("agent.sock"))?;
    workloads().iter().map(|workload| Ok((workload.name.to_string(), count(workload, &folder)?))).collect()
}

fn count(workload: &Workload, folder: &Folder) -> io::Result<u64> {
    let counted = folder.path(workload.name);
    let output = Command::new("valgrind")
        .arg("--quiet")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", counted.display()))
        .arg(program())
        .args(&workload.arguments)
        .current_dir(folder.path(""))
        .env_clear()
        .envs((1..=16).map(|number| (format!("INHERITED_{number:02}"), "an inherited value")))
        .envs([("PATH", "/usr/bin:/bin"), ("LATCHKEY_SOCKET", "agent.sock")])
        .output()?;
    if output.status.code() != Some(workload.status) {
        return Err(io::Error::other(format!("the run '{}' ended with {output:?}", workload.name)));
    }
    total(&fs::read_to_string(counted)?)
        .ok_or_else(|| io::Error::other(format!("callgrind counted nothing in the run '{}'", workload.name)))
}

fn total(counted: &str) -> Option<u64> {
    counted.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
}

/// What the counts depend on besides the sources.
fn built_by() -> io::Result<String> {
    let output = Command::new("rustc").arg("--version").output()?;
    let version = String::from_utf8_lossy(&output.stdout).split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(format!("{version} {}", std::env::consts::ARCH))
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../instructions")
}

fn text(built_by: &str, counts: &Counts) -> String {
    let lines = counts.iter().map(|(name, count)| format!("{name} {count}\n"));
    format!(
        "# Instructions of a run; how they are counted and accepted: blackbox/src/bin/instructions.rs\n{built_by}\n"
    ) + &lines.collect::<String>()
}

/// Who built what was accepted, and its counts.
fn parse(text: &str) -> Option<(&str, Counts)> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let built_by = lines.next()?;
    let count = |line: &str| {
        let (name, count) = line.split_once(' ')?;
        Some((name.to_string(), count.parse().ok()?))
    };
    Some((built_by, lines.map(count).collect::<Option<Counts>>()?))
}

/// A sentence for each workload, and whether it is within its budget.
fn compare(accepted: &Counts, found: &Counts) -> Vec<(bool, String)> {
    found
        .iter()
        .map(|(name, count)| match accepted.iter().find(|(known, _)| known == name) {
            None => (false, format!("{name}: {count} instructions, and no count was accepted before")),
            Some((_, before)) => {
                let budget = before + before * TOLERANCE / 100;
                (
                    *count <= budget,
                    format!("{name}: {count} instructions, {before} were accepted, the budget is {budget}"),
                )
            }
        })
        .collect()
}

const HOW_TO_ACCEPT: &str =
    "to accept these counts: cd launcher && cargo run --package blackbox --bin instructions -- --accept";

fn run(accept: bool) -> io::Result<bool> {
    let built_by = built_by()?;
    if accept {
        fs::write(file(), text(&built_by, &count_all()?))?;
        return Ok(true);
    }
    let accepted = fs::read_to_string(file())?;
    let (known, accepted) =
        parse(&accepted).ok_or_else(|| io::Error::other(format!("{} is not understood", file().display())))?;
    if known != built_by {
        eprintln!("not checked: the launcher's instructions (they were counted for {known}, this is {built_by})");
        return Ok(true);
    }
    let lines = compare(&accepted, &count_all()?);
    for (_, line) in &lines {
        eprintln!("{line}");
    }
    let within = lines.iter().all(|(within, _)| *within);
    if !within {
        eprintln!("the launcher executes more than its budget\n{HOW_TO_ACCEPT}");
    }
    Ok(within)
}

fn main() -> ExitCode {
    let accept = std::env::args().nth(1).is_some_and(|argument| argument == "--accept");
    match run(accept) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("the launcher's instructions cannot be counted: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(launch: u64) -> Counts {
        vec![("help".to_string(), 100), ("launch".to_string(), launch)]
    }

    #[test]
    fn reads_what_it_writes() {
        let written = text("rustc 1.95.0 x86_64", &counts(7));
        assert_eq!(parse(&written), Some(("rustc 1.95.0 x86_64", counts(7))));
        assert_eq!(parse("# nothing\n"), None);
        assert_eq!(parse("rustc\nhelp many\n"), None);
    }

    #[test]
    fn finds_the_total_of_callgrind() {
        assert_eq!(total("events: Ir\nfn=(1)\n0 7\n\ntotals: 4711\n"), Some(4711));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn allows_two_percent_and_no_more() {
        let within = |launch| compare(&counts(1000), &counts(launch)).iter().all(|(within, _)| *within);
        assert!(within(900));
        assert!(within(1020));
        assert!(!within(1021));
        assert!(!compare(&vec![], &counts(1)).iter().any(|(within, _)| *within));
        assert_eq!(
            compare(&counts(1000), &counts(1021))[1].1,
            "launch: 1021 instructions, 1000 were accepted, the budget is 1020"
        );
    }
}
