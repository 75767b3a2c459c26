//! A launch that works: what the command gets, byte for byte, and that nothing else of the launcher is left in it.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use blackbox::{Agent, Folder, Reply, delivery, launcher, program, stderr, stdout};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const ENVIRON: [&str; 2] = ["cat", "/proc/self/environ"];

fn variables(output: &Output) -> Vec<Vec<u8>> {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    assert_eq!(stderr(output), "");
    let entries = output.stdout.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    let mut entries: Vec<Vec<u8>> = entries.map(<[u8]>::to_vec).filter(|entry| !entry.starts_with(b"PATH=")).collect();
    entries.sort();
    entries
}

fn run(agent: &Agent, environment: &[(&str, &str)], arguments: &[&str]) -> Vec<String> {
    let mut command = agent.launcher(&[arguments, &ENVIRON].concat());
    command.env_remove("LATCHKEY_SOCKET").arg0("launcher");
    command.env("LATCHKEY_SOCKET", agent.socket()).envs(environment.iter().copied());
    let variables = variables(&command.output().expect("the launcher"));
    let text = |entry: &Vec<u8>| String::from_utf8(entry.clone()).expect("text");
    variables.iter().map(text).filter(|entry| !entry.starts_with("LATCHKEY_SOCKET=")).collect()
}

#[test]
fn delivers_secrets_under_their_targets() {
    let agent = Agent::generous();
    let found = run(&agent, &[], &["--secret", "A=my-secret", "--secret=B=vault:x#y@3", "--secret", "C"]);
    let expected = ["A=value of my-secret", "B=value of vault:x#y@3", "C=value of C", "LATCHKEY_BOUND=A,B,C"];
    assert_eq!(found, expected);
    assert_eq!(agent.asked().len(), 1);
    assert_eq!(agent.asked()[0].field(1), Some(&30_000_u32.to_be_bytes()[..]));
    assert_eq!(agent.asked()[0].field(6), Some(&b"cat"[..]));
}

#[test]
fn delivers_every_byte_but_nul() {
    let every: Vec<u8> = (1..=255).collect();
    let entry = [b"A=", &every[..]].concat();
    let long = [&b"B="[..], &vec![b'x'; 131_069]].concat();
    let reply = delivery(&[&entry, &long, b"C="], &[]);
    let agent = Agent::always(Reply::Bytes(reply));
    let output = agent.run(&[&["--secret=A", "--secret=B", "--secret=C"], &ENVIRON[..]].concat());
    let found = variables(&output);
    assert!(found.contains(&entry) && found.contains(&long) && found.contains(&b"C=".to_vec()));
}

#[test]
fn passes_inherited_entries_byte_for_byte() {
    let agent = Agent::generous();
    let mut command = agent.launcher(&[&["--secret=A"], &ENVIRON[..]].concat());
    command.env(OsStr::from_bytes(b"odd.name \xff"), OsStr::from_bytes(b"\x01\n\xfe='"));
    assert!(variables(&command.output().unwrap()).contains(&b"odd.name \xff=\x01\n\xfe='".to_vec()));
}

#[test]
fn takes_bindings_from_files_and_variables_in_layers() {
    let agent = Agent::generous();
    let folder = Folder::new();
    fs::write(folder.path("env"), "# comment\nP='as it is' # too\r\n\nS=latchkey:from-file\nT=latchkey:replaced\n")
        .unwrap();
    let file = format!("--env-file={}", folder.path("env").display());
    let environment = [("V", "latchkey:from-variable"), ("T", "old"), ("W", "kept")];
    let found = run(&agent, &environment, &[&file, "--from-env", "--secret=T=line", "--env=N="]);
    let expected = [
        "LATCHKEY_BOUND=S,T,V",
        "N=",
        "P='as it is' # too",
        "S=value of from-file",
        "T=value of line",
        "V=value of from-variable",
        "W=kept",
    ];
    assert_eq!(found, expected);
}

#[test]
fn removes_optional_variables_whatever_was_inherited() {
    let agent = Agent::always(Reply::Bytes(delivery(&[b"B=x"], &[0])));
    let found = run(&agent, &[("A", "inherited")], &["--secret=A=a,optional", "--secret=B=b"]);
    assert_eq!(found, ["B=x", "LATCHKEY_BOUND=B"]);
}

#[test]
fn inherits_as_told() {
    let agent = Agent::generous();
    let environment =
        [("A", "1"), ("OUTER", "x"), ("LATCHKEY_BOUND", "OUTER,GONE"), ("LATCHKEY_WAIT", "1s"), ("LATCHKEY_X", "1")];
    let found = |mode| run(&agent, &environment, &["--secret=S", mode]);
    assert_eq!(found("--inherit=all"), ["A=1", "LATCHKEY_BOUND=S,OUTER", "OUTER=x", "S=value of S"]);
    assert_eq!(found("--inherit=clean"), ["A=1", "LATCHKEY_BOUND=S", "S=value of S"]);
    assert_eq!(found("--inherit=none"), ["LATCHKEY_BOUND=S", "S=value of S"]);
    assert_eq!(found("--inherit=A,LATCHKEY_X"), ["A=1", "LATCHKEY_BOUND=S", "S=value of S"]);
}

#[test]
fn keeps_or_refuses_inherited_variables_as_told() {
    let agent = Agent::generous();
    let environment = [("A", "inherited")];
    assert_eq!(run(&agent, &environment, &["--secret=A", "--on-conflict=keep", "--env=B=1"]), ["A=inherited", "B=1"]);
    assert!(agent.asked().is_empty());
    let output = agent.launcher(&["--secret=A", "--on-conflict=error", "true"]).envs(environment).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert_eq!(stderr(&output), "launcher: argument 1: A is in the environment already\n");
}

#[test]
fn asks_nothing_without_a_binding() {
    let output =
        launcher([("LATCHKEY_SOCKET", "/nowhere"), ("LATCHKEY_WAIT", "1h")]).args(["--env=A=1", "true"]).output();
    assert_eq!(output.unwrap().status.code(), Some(0));
}

#[test]
fn sends_where_to_look() {
    let agent = Agent::generous();
    let arguments =
        ["--project=p", "--secret=A", "--secret=PATH", "--allow-dangerous-name", "--timeout=1s", "/bin/true"];
    let output = agent.launcher(&arguments).env("LATCHKEY_ENVIRONMENT", "e").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let asked = &agent.asked()[0];
    assert_eq!(
        (asked.field(3), asked.field(4), asked.field(1)),
        (Some(&b"p"[..]), Some(&b"e"[..]), Some(&[0, 0, 3, 232][..]))
    );
    let flags: Vec<u8> = asked.fields.iter().filter(|(number, _)| *number == 16).map(|(_, value)| value[1]).collect();
    assert_eq!(flags, [0, 1]);
}

#[test]
fn searches_in_the_path_that_was_delivered() {
    let agent = Agent::always(Reply::Bytes(delivery(&[b"PATH=/nowhere"], &[])));
    let output = agent.run(&["--allow-dangerous-name", "--secret=PATH", "true"]);
    assert_eq!(output.status.code(), Some(127));
    let output = agent.launcher(&["--env=PATH=/nowhere", "--secret=A", "true"]).output().unwrap();
    assert_eq!(output.status.code(), Some(127));
    assert_eq!(agent.asked().len(), 1);
}

#[test]
fn passes_every_exit_status() {
    let agent = Agent::generous();
    for status in 0..=255 {
        let output = agent.run(&["--secret=A", "sh", "-c", &format!("exit {status}")]);
        assert_eq!(output.status.code(), Some(status));
    }
}

#[test]
fn dies_of_the_signal_that_kills_the_command() {
    let agent = Agent::generous();
    for signal in [1, 2, 9, 15] {
        // Tests may run where signals are ignored (nohup, a job in the background), which the command would inherit.
        let script = format!("kill -{signal} $$");
        let output = agent.run(&["--secret=A", "env", "--default-signal", "sh", "-c", &script]);
        assert_eq!(output.status.signal(), Some(signal));
    }
}

#[test]
fn keeps_its_pid() {
    let agent = Agent::generous();
    let child = agent.launcher(&["--secret=A", "sh", "-c", "echo $$"]).stdout(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    assert_eq!(stdout(&child.wait_with_output().unwrap()), format!("{pid}\n"));
}

#[test]
fn leaves_no_descriptors_and_no_signals_changed() {
    let agent = Agent::generous();
    let run = |launch: &str, look: &str| {
        let script = format!("trap '' USR1 PIPE; exec env --block-signal=USR2 {launch} {look}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(program()).env("LATCHKEY_SOCKET", agent.socket()).stdin(Stdio::null());
        stdout(&shell.output().unwrap())
    };
    let launch = "\"$0\" --secret=A";
    assert_eq!(run(launch, "ls /proc/self/fd"), run("env", "ls /proc/self/fd"));
    let look = "grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status";
    let with = run(launch, look);
    assert_eq!(with, run("env", look));
    let signals = |name: &str| {
        let line = with.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap()
    };
    assert_eq!(signals("SigIgn:") & (1 << 9 | 1 << 12), 1 << 9 | 1 << 12, "{with}");
    assert_eq!(signals("SigBlk:"), 1 << 11, "{with}");
    assert_eq!(agent.asked().len(), 2);
}

#[test]
fn passes_arguments_unchanged() {
    let agent = Agent::generous();
    let arguments = ["--secret=A", "--", "printf", "%s|", "--secret", "", "a b", "*", "--"];
    assert_eq!(stdout(&agent.run(&arguments)), "--secret||a b|*|--|");
}

#[test]
fn says_its_steps_but_no_value() {
    let agent = Agent::generous();
    let output = agent.run(&["-v", "--secret=A=canary", "true"]);
    let said = stderr(&output);
    assert!(said.lines().all(|line| line.starts_with("launcher: ") && line.ends_with(" µs)")), "{said}");
    assert!(said.contains("1 variables delivered") && !said.contains("value of"), "{said}");
}

#[test]
fn shows_help_and_version() {
    let output = launcher([]).args(["--wrong", "--help"]).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    assert!(stdout(&output).starts_with("usage: launcher"));
    assert!(!stdout(&output).contains("--on-rotate"));
    assert_eq!(
        stdout(&launcher([]).arg("-V").output().unwrap()),
        concat!("launcher ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    assert_eq!(launcher([]).arg("--help").stdout(full).output().unwrap().status.code(), Some(125));
}

#[test]
fn keeps_what_it_receives_out_of_swap_dumps_and_children() {
    let entry = [b"A=", &vec![b'x'; 10_000][..]].concat();
    let cut = delivery(&[&entry], &[])[..9_000].to_vec();
    let agent = Agent::always(Reply::Bytes(cut));
    let mut child = agent.launcher(&["--secret=A", "--timeout=20s", "true"]).spawn().unwrap();
    let maps = format!("/proc/{}/smaps", child.id());
    let deadline = Instant::now() + Duration::from_secs(10);
    // The first page, in which the answer begins, is given back when the header says that it needs more.
    let private = loop {
        let maps = fs::read_to_string(&maps).unwrap();
        let private = private_mappings(&maps);
        if private.iter().any(|(size, _)| size == "12 kB") && private.len() == 1 || Instant::now() > deadline {
            break private;
        }
        std::thread::yield_now();
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(private.len(), 1, "exactly one mapping holds values: {private:?}");
    assert!(private[0].0 == "12 kB" && private[0].1.contains(" dd"), "{private:?}");
}

#[test]
fn receives_in_one_private_page_if_that_is_enough() {
    let agent = Agent::always(Reply::Bytes(delivery(&[b"A=x"], &[])[..20].to_vec()));
    let mut child = agent.launcher(&["--secret=A", "--timeout=20s", "true"]).spawn().unwrap();
    let maps = format!("/proc/{}/smaps", child.id());
    let deadline = Instant::now() + Duration::from_secs(10);
    let private = loop {
        let maps = fs::read_to_string(&maps).unwrap();
        let private = private_mappings(&maps);
        if !private.is_empty() && private[0].1.contains(" lo") || Instant::now() > deadline {
            break private;
        }
        std::thread::yield_now();
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(private.len(), 1, "{private:?}");
    assert!(private[0].0 == "4 kB" && private[0].1.contains(" dd"), "{private:?}");
}

/// Size and flags of the mappings that children see empty.
fn private_mappings(maps: &str) -> Vec<(String, String)> {
    let mappings = maps.split("\nVmFlags:").map(|mapping| mapping.rsplit_once("\nSize:"));
    let sizes = mappings.map(|mapping| mapping.map(|(_, rest)| rest.lines().next().unwrap().trim().to_owned()));
    let flags = maps.split("\nVmFlags:").skip(1).map(|rest| rest.lines().next().unwrap().to_owned());
    let found = sizes.zip(flags).filter(|(_, flags)| flags.contains(" wf"));
    found.map(|(size, flags)| (size.unwrap_or_default(), flags)).collect()
}

#[test]
fn gives_up_the_group_of_a_setgid_launcher() {
    let agent = Agent::generous();
    let folder = Folder::new();
    let copy = folder.copy("launcher", program());
    if std::os::unix::fs::chown(&copy, Some(0), Some(4243)).is_err() {
        eprintln!("skipped: needs root, to make a setgid launcher");
        return;
    }
    fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o2755)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&copy);
        command.env_clear().env("LATCHKEY_SOCKET", agent.socket()).env("LATCHKEY_WAIT", "1h").args(arguments);
        command.uid(65534).gid(65534).output().unwrap()
    };
    let output = run(&["--env=A=1", "/bin/grep", "^Gid:", "/proc/self/status"]);
    assert_eq!(stdout(&output), "Gid:\t65534\t65534\t65534\t65534\n", "{}", stderr(&output));
    let output = run(&["--wait=0", "--secret=A", "/bin/true"]);
    assert_eq!(output.status.code(), Some(120));
    assert!(
        stderr(&output).starts_with("launcher: agent not reachable at /run/latchkey/agent.sock: "),
        "{}",
        stderr(&output)
    );
    let output = run(&["--socket", &agent.socket(), "--secret=A", "/bin/true"]);
    assert_eq!(output.status.code(), Some(125));
    assert!(agent.asked().is_empty());
}
