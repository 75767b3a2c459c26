//! Surroundings that nobody wishes for: closed descriptors, tight limits, pipes in the place of files, a great deal of everything.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use blackbox::{Agent, Folder, Reply, delivery, launcher, program, stderr, stdout};
use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Runs a line of a shell, in which `"$@"` is the launcher with these arguments.
fn in_shell(agent: &Agent, shell: &str, line: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(shell);
    command.env_clear().env("LATCHKEY_SOCKET", agent.socket()).env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    command.args(["-c", line, "shell"]).arg(program()).args(arguments).output().unwrap()
}

#[test]
fn uses_no_standard_descriptor_for_its_own_ends() {
    let agent = Agent::generous();
    let folder = Folder::new();
    let out = folder.path("out").display().to_string();
    fs::write(folder.path("env"), "B=2\n").unwrap();
    let file = format!("--env-file={}", folder.path("env").display());
    let script = "exec 3>\"$0\"; echo \"$A $B\" >&3; for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && echo $fd >&3; done";
    let arguments = ["-v", "--secret=A", &file, "sh", "-c", script, &out];
    in_shell(&agent, "sh", "exec \"$@\" <&- >&- 2>&-", &arguments);
    assert_eq!(fs::read_to_string(&out).unwrap(), "value of A 2\n");
    // The agent itself asserts that nothing but the request came over the socket.
    assert_eq!(agent.asked().len(), 1);
}

#[test]
fn says_which_limit_it_meets() {
    let agent = Agent::generous();
    let output = in_shell(&agent, "sh", "ulimit -n 3; exec \"$@\"", &["--secret=A", "true"]);
    assert_eq!(output.status.code(), Some(125));
    assert_eq!(stderr(&output), "launcher: a socket: too many open files\n");
    let output = in_shell(&agent, "sh", "ulimit -n 4; exec \"$@\"", &["--secret=A", "printenv", "A"]);
    assert_eq!(stdout(&output), "value of A\n");
}

#[test]
fn reads_pipes_in_the_place_of_files() {
    let agent = Agent::generous();
    let show = ["sh", "-c", "echo \"$A $B\""];
    let piped = |line: &str, file: &str| stdout(&in_shell(&agent, "bash", line, &[&[file], &show[..]].concat()));
    assert_eq!(piped("(echo A=1; sleep 0.1; echo B=latchkey:b) | \"$@\"", "--env-file=/dev/stdin"), "1 value of b\n");
    assert_eq!(piped("printf 'A=1\\nB=2' | \"$@\"", "--env-file=/proc/self/fd/0"), "1 2\n");
    assert_eq!(piped("\"$1\" --env-file <(sleep 0.1; echo A=1) \"${@:2}\"", "--env=B=2"), "1 2\n");
    assert_eq!(piped("\"$1\" --env-file <(true) \"${@:2}\"", "--env=B=2"), " 2\n");
}

#[test]
fn names_files_that_cannot_be_read() {
    let folder = Folder::new();
    fs::write(folder.path("long"), vec![b'#'; 256 * 1024 + 1]).unwrap();
    let arguments = ["--env-file=long", "--env-file=.", "--env-file=x\n", "--env-file=", "true"];
    let output = launcher([]).args(arguments).current_dir(folder.path("")).output().unwrap();
    let expected = "launcher: long: it is too long\n\
                    launcher: .: is a folder\n\
                    launcher: x\\x0a: no such file or directory\n\
                    launcher: argument 4: no such file or directory\n";
    assert_eq!((output.status.code(), stderr(&output)), (Some(125), expected.into()));
    let most = format!("{}A=1", "#\n".repeat(128 * 1024 - 2));
    fs::write(folder.path("most"), most + "\n").unwrap();
    let output = launcher([]).args(["--env-file=most", "/usr/bin/env"]).current_dir(folder.path("")).output().unwrap();
    assert_eq!(stdout(&output), "A=1\n");
}

#[test]
fn passes_a_great_environment_and_great_arguments() {
    let agent = Agent::generous();
    let names: Vec<String> = (0..100_000).map(|index| format!("V{index}")).collect();
    let mut command = agent.launcher(&["--secret=A", "cat", "/proc/self/environ"]);
    command.envs(names.iter().map(|name| (name, "")));
    let begun = Instant::now();
    let found = stdout(&command.output().unwrap());
    assert_eq!(found.split('\0').filter(|entry| entry.starts_with('V')).count(), 100_000);
    // Anything quadratic takes minutes.
    assert!(begun.elapsed() < Duration::from_secs(30));
    let long = "x".repeat(120_000);
    let arguments: Vec<&str> = ["--secret=A", "printf", "%s"].into_iter().chain([long.as_str(); 15]).collect();
    assert_eq!(agent.run(&arguments).stdout.len(), 15 * 120_000);
}

#[test]
fn waits_for_output_that_does_not() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let mut filled = 0;
    while let Ok(bytes) = (&theirs).write(&[b'x'; 4096]) {
        filled += bytes;
    }
    let child = launcher([]).arg("--help").stdout(OwnedFd::from(theirs)).spawn().unwrap();
    let mut said = String::new();
    ours.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(said[filled..], stdout(&launcher([]).arg("--help").output().unwrap()));
}

#[test]
fn maps_nothing_that_can_be_both_written_and_executed() {
    const LOAD: usize = 1;
    const STACK: usize = 0x6474_E551;
    const READ_EXECUTE: usize = 5;
    const READ_WRITE: usize = 6;
    let program = fs::read(program()).unwrap();
    let number = |from: usize, length: usize| {
        program[from..from + length].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    // As elf(5) lays out the 64-bit header: where the program headers are, how long each is, and how many.
    let (offset, length, count) = (number(32, 8), number(54, 2), number(56, 2));
    let headers = (0..count).map(|index| offset + index * length);
    let segments: Vec<(usize, usize)> = headers.map(|header| (number(header, 4), number(header + 4, 4))).collect();
    assert_eq!(segments, [(LOAD, READ_EXECUTE), (LOAD, READ_WRITE), (STACK, READ_WRITE)]);
}

/// A frame of so many bytes in all, which delivers `A`.
fn frame_of(length: usize) -> Vec<u8> {
    let without_value = delivery(&[b"A="], &[]).len();
    delivery(&[&[b"A=", &vec![b'x'; length - without_value][..]].concat()], &[])
}

#[test]
fn receives_answers_of_any_size_in_any_pieces() {
    let without_value = delivery(&[b"A="], &[]).len();
    for length in [without_value, 4094, 4095, 4096, 4097, 8191, 8192, 100_000] {
        for first in [0, 1, 11, 12, 13, 4000, 4095, 4096, 4097].map(|first| length.min(first)) {
            let mut begin = frame_of(length);
            let end = begin.split_off(first);
            let agent = Agent::always(Reply::Pieces(begin, end));
            let expected = "x".repeat(length - without_value) + "\n";
            assert_eq!(stdout(&agent.run(&["--secret=A", "printenv", "A"])), expected, "{first} of {length}");
        }
    }
}

#[test]
fn notices_what_trails_at_the_end_of_its_memory() {
    for length in [4094, 4095, 4096, 8191, 8192] {
        let agent = Agent::always(Reply::BytesAndClose([frame_of(length), vec![0]].concat()));
        let output = agent.run(&["--secret=A", "true"]);
        let expected = "launcher: the agent's answer cannot be understood: trailing\n";
        assert_eq!((output.status.code(), stderr(&output)), (Some(123), expected.into()), "{length}");
    }
}

#[test]
fn survives_being_stopped() {
    let (answer, wait_for_answer) = mpsc::channel();
    let agent = Agent::start(move |_, _| wait_for_answer.recv().unwrap());
    let child = agent.launcher(&["--secret=A", "printenv", "A"]).stdout(Stdio::piped()).spawn().unwrap();
    let (pid, deadline) = (child.id().to_string(), Instant::now() + Duration::from_secs(10));
    let signal = |name: &str| assert!(Command::new("kill").args([name, pid.as_str()]).status().unwrap().success());
    let until = |done: &dyn Fn() -> bool| {
        while !done() {
            assert!(Instant::now() < deadline);
            thread::yield_now();
        }
    };
    until(&|| !agent.asked().is_empty());
    signal("-STOP");
    let stat = format!("/proc/{pid}/stat");
    until(&|| fs::read_to_string(&stat).unwrap().contains(") T "));
    signal("-CONT");
    answer.send(Reply::Bytes(delivery(&[b"A=x"], &[]))).unwrap();
    assert_eq!(stdout(&child.wait_with_output().unwrap()), "x\n");
}

#[test]
fn refuses_variables_that_are_not_text() {
    let bad = OsStr::from_bytes(b"\xff\xfe");
    let names = ["LATCHKEY_WAIT", "LATCHKEY_TIMEOUT", "LATCHKEY_PROJECT", "LATCHKEY_AGENT_USER", "LATCHKEY_FROM_ENV"];
    let output = launcher([]).args(["--secret=A", "/bin/true"]).envs(names.map(|name| (name, bad))).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    let said = stderr(&output);
    assert!(names.iter().all(|name| said.contains(&format!("launcher: {name}: "))), "{said}");
    assert!(said.lines().count() == names.len() && said.is_ascii(), "{said}");
    let output = launcher([("LATCHKEY_WAIT", "0")])
        .args(["--secret=A", "/bin/true"])
        .env("LATCHKEY_SOCKET", bad)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(120));
    assert!(stderr(&output).contains("not reachable at \\xff\\xfe: no such file"), "{}", stderr(&output));
}

#[test]
fn takes_relative_and_longest_socket_paths() {
    let folder = Folder::new();
    let below = "x".repeat(107 - "./".len());
    let listener = UnixListener::bind(folder.path("short")).unwrap();
    // Too long for the path of the test, but not for the kernel: the short name is renamed.
    fs::rename(folder.path("short"), folder.path(&below)).unwrap();
    let accepted = thread::spawn(move || listener.accept().map(drop));
    let run = |socket: &str| {
        let arguments = ["--wait=0", "--socket", socket, "--secret=A", "/bin/true"];
        launcher([]).args(arguments).current_dir(folder.path("")).output().unwrap()
    };
    let output = run(&format!("./{below}"));
    assert_eq!((output.status.code(), accepted.join().unwrap().is_ok()), (Some(123), true), "{}", stderr(&output));
    let output = run(&format!("./{below}x"));
    let expected = "launcher: argument 3: the path of a socket is longer than 107 bytes\n";
    assert_eq!((output.status.code(), stderr(&output)), (Some(125), expected.into()));
}
