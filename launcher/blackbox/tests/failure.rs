//! Launches that fail: exit statuses, messages, and agents that misbehave.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use blackbox::{
    Agent, Folder, Reply, deliver, delivery, field, frame, launcher, program, refusal, status, stderr, stdout,
    wait_for_hang_up,
};
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const BIND: [&str; 2] = ["--secret", "A=my-secret"];

fn failing(agent: &Agent, arguments: &[&str]) -> (Option<i32>, String) {
    let output = agent.run(&[arguments, &["echo", "ran"]].concat());
    assert_eq!(stdout(&output), "");
    (output.status.code(), stderr(&output))
}

fn outcome(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), stderr(output))
}

#[test]
fn prints_every_failing_binding_and_the_hints() {
    let failures = [(12201, 1, "not found in default/default"), (12101, 0, "denied"), (12307, 0xFFFF, "all of it")];
    let agent = Agent::always(Reply::Bytes(refusal(&failures, &["did you mean my-secret?"])));
    let found = failing(&agent, &["--secret", "B=db#x@1,default=hunter2", "--secret=MY_APP_SECRET=my-secrt"]);
    let expected = "launcher: MY_APP_SECRET=my-secrt: not found in default/default\n\
                    launcher: B=db#x@1: denied\n\
                    launcher: all of it\n\
                    launcher: hint: did you mean my-secret?\n";
    assert_eq!(found, (Some(121), expected.into()));
}

#[test]
fn has_the_status_of_the_class_that_comes_first() {
    for (codes, status) in
        [(&[12301, 12201][..], 122), (&[12509, 12301], 123), (&[12510], 125), (&[12299], 122), (&[9], 123)]
    {
        let failures: Vec<_> = codes.iter().map(|code| (*code, 0, "x")).collect();
        let agent = Agent::always(Reply::Bytes(refusal(&failures, &[])));
        assert_eq!(failing(&agent, &BIND).0, Some(status));
    }
}

#[test]
fn escapes_what_it_received() {
    let bad = refusal(&[(12201, 0, "a\u{9b}31mb\u{202e}c")], &[]);
    let agent = Agent::always(Reply::Bytes(bad));
    assert_eq!(failing(&agent, &BIND).1, "launcher: A=my-secret: a\\u{9b}31mb\\u{202e}c\n");
}

#[test]
fn refuses_answers_that_it_cannot_understand() {
    let good = deliver(&blackbox::Asked::default());
    let with_length = |length: u32| [&good[..8], &length.to_be_bytes(), &good[12..]].concat();
    let block =
        |block: &[u8], count: u32| frame(2, &[field(0x8003, &count.to_be_bytes()), field(0x8004, block)].concat());
    let cases = [
        ("bad-magic", b"HTTP/1.1 400 Bad Request\r\n".to_vec()),
        ("too-long", with_length(u32::MAX)),
        ("too-long", with_length(0x8000_0000)),
        ("field-missing", frame(2, b"")),
        ("trailing", [delivery(&[b"A=x"], &[]), vec![0]].concat()),
        ("bad-value", delivery(&[b"B=x"], &[])),
        ("bad-value", delivery(&[b"LD_PRELOAD=x"], &[])),
        ("bad-value", delivery(&[b"A=x", b"B=y"], &[])),
        ("bad-value", delivery(&[], &[])),
        ("bad-value", block(b"A=x\0", 2)),
        ("bad-value", block(b"A=x", 1)),
        ("field-overrun", frame(2, &[0x80, 4, 0xFF, 0xFF, 0xFF, 0xFF])),
        ("bad-type", frame(1, b"")),
        ("bad-type", status(1, &[])),
        ("bad-type", frame(4, b"")),
        ("bad-reserved", [b"LKEY\x01\x00\x02\x01".to_vec(), vec![0; 4]].concat()),
        ("bad-version", [b"LKEY\x02\x00\x02\x00".to_vec(), vec![0; 4]].concat()),
    ];
    for (class, bytes) in cases {
        let agent = Agent::always(Reply::BytesAndClose(bytes));
        let expected = format!("launcher: the agent's answer cannot be understood: {class}\n");
        assert_eq!(failing(&agent, &BIND), (Some(123), expected));
    }
}

#[test]
fn understands_refusals_of_any_version() {
    let mut bytes = refusal(&[(12501, 0xFFFF, "version 1.0 is not served")], &[]);
    bytes[4] = 9;
    let agent = Agent::always(Reply::BytesAndClose(bytes));
    assert_eq!(failing(&agent, &BIND), (Some(125), "launcher: version 1.0 is not served\n".into()));
}

#[test]
fn asks_again_when_the_connection_is_lost() {
    for first in [Reply::Close, Reply::BytesAndClose(delivery(&[b"A=x"], &[])[..20].to_vec())] {
        let agent =
            Agent::start(move |asked, before| if before < 2 { first.clone() } else { Reply::Bytes(deliver(asked)) });
        let output = agent.run(&[&BIND[..], &["printenv", "A"]].concat());
        assert_eq!((stdout(&output), stderr(&output)), ("value of my-secret\n".into(), String::new()));
        assert_eq!(agent.asked().len(), 3);
    }
    let agent = Agent::always(Reply::Close);
    let expected = "launcher: the connection to the agent was lost before its answer\n";
    assert_eq!(failing(&agent, &[&BIND[..], &["--wait=50ms"]].concat()), (Some(123), expected.into()));
    assert_eq!(failing(&agent, &[&BIND[..], &["--wait=0"]].concat()), (Some(123), expected.into()));
}

#[test]
fn asks_again_while_the_agent_starts_or_is_busy() {
    for code in [12001, 12002, 12305] {
        let not_now = refusal(&[(code, 0, "not now")], &[]);
        let again = not_now.clone();
        let agent =
            Agent::start(move |asked, before| Reply::Bytes(if before == 0 { not_now.clone() } else { deliver(asked) }));
        assert_eq!(agent.run(&[&BIND[..], &["true"]].concat()).status.code(), Some(0));
        let agent = Agent::always(Reply::Bytes(again));
        let expected = (Some(i32::from(code) / 100), "launcher: A=my-secret: not now\n".into());
        assert_eq!(failing(&agent, &[&BIND[..], &["--wait=20ms"]].concat()), expected);
    }
}

#[test]
fn ends_at_the_deadline() {
    let slow = Reply::Slowly(delivery(&[b"A=x"], &[]), Duration::from_millis(60));
    for reply in [Reply::Silence, slow, Reply::Bytes(delivery(&[b"A=x"], &[])[..30].to_vec())] {
        let agent = Agent::always(reply);
        let begun = Instant::now();
        let found = failing(&agent, &[&BIND[..], &["--timeout=300ms"]].concat());
        assert_eq!(found, (Some(123), "launcher: the agent's answer timed out\n".into()));
        assert!(begun.elapsed() >= Duration::from_millis(300) && begun.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn waits_for_an_agent_that_is_not_there_yet() {
    let folder = Folder::new();
    let socket = folder.path("agent.sock");
    let mut command = launcher([("PATH", "/usr/bin:/bin")]);
    command.arg("--socket").arg(&socket).args(BIND).arg("true").stderr(Stdio::piped());
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let expected =
        format!("launcher: waiting: agent not reachable at {}: no such file or directory\n", socket.display());
    assert_eq!(line, expected);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let listener = UnixListener::bind(&socket).unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    stream.write_all(&delivery(&[b"A=x"], &[])).unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert_eq!((child.wait().unwrap().code(), rest), (Some(0), String::new()));
}

#[test]
fn says_once_that_an_answer_takes_longer_than_a_second() {
    let folder = Folder::new();
    let socket = folder.path("agent.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let option = format!("--socket={}", socket.display());
    let mut child = launcher([]).args([&option, "--secret=A", "/bin/true"]).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    let (mut stream, _) = listener.accept().unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "launcher: waiting: the agent has not answered yet\n");
    assert!(begun.elapsed() >= Duration::from_millis(900));
    stream.write_all(&delivery(&[b"A=x"], &[])).unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert_eq!((child.wait().unwrap().code(), rest), (Some(0), String::new()));
}

#[test]
fn names_the_socket_that_is_not_there() {
    let output = launcher([("LATCHKEY_WAIT", "0"), ("HOME", "/nohome"), ("XDG_RUNTIME_DIR", "/nowhere")])
        .args(["--secret=A", "/bin/true"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(120));
    assert!(stderr(&output).contains("/run/latchkey/agent.sock: no such file or directory"), "{}", stderr(&output));
    let long = format!("--socket=/{}", "x".repeat(107));
    let found = outcome(&launcher([]).args([&long, "--secret=A", "/bin/true"]).output().unwrap());
    assert_eq!(found, (Some(125), "launcher: argument 1: the path of a socket is longer than 107 bytes\n".into()));
}

#[test]
fn gives_up_at_once_where_it_may_not_connect() {
    let agent = Agent::generous();
    fs::set_permissions(agent.socket(), fs::Permissions::from_mode(0o600)).unwrap();
    let Some((_folder, mut command)) = as_nobody(&agent.launcher(&["--secret=A", "true"])) else { return };
    let begun = Instant::now();
    let output = command.output().unwrap();
    let expected = format!(
        "launcher: agent not reachable at {}: permission denied\nlauncher: hint: the mode and group of the socket and of \
         its folders decide who may connect: sockets in agent.yaml\n",
        agent.socket()
    );
    assert_eq!(outcome(&output), (Some(120), expected));
    // Less than the usual wait.
    assert!(begun.elapsed() < Duration::from_secs(9));
}

/// The same as another user, if these tests run as root. The folder holds a copy that other users can execute.
fn as_nobody(command: &Command) -> Option<(Folder, Command)> {
    let folder = Folder::new();
    let copy = folder.copy("launcher", program());
    if std::os::unix::fs::chown(&copy, Some(65534), Some(65534)).is_err() {
        eprintln!("skipped: needs root, to become another user");
        return None;
    }
    fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let mut other = Command::new(&copy);
    other.env_clear().args(command.get_args());
    other.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    other.uid(65534).gid(65534);
    Some((folder, other))
}

/// Runs a server as another user in this folder and asks it; returns how that ended and how many bytes the server got.
fn ask_stranger(folder: &Path, arguments: &[&str]) -> Option<((Option<i32>, String), usize)> {
    let programs = Folder::new();
    let copy = programs.copy("listener", Path::new(env!("CARGO_BIN_EXE_listener")));
    let socket = folder.join("agent.sock");
    let server = Command::new(&copy).arg(&socket).uid(STRANGER).gid(STRANGER).stdout(Stdio::piped()).spawn();
    let Ok(mut server) = server else {
        eprintln!("skipped: needs root, to run a server as another user");
        return None;
    };
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "listening");
    let mut command = launcher([]);
    command.arg("--socket").arg(&socket).args(arguments);
    let output = command.args(["--wait=0", "--timeout=10ms", "--secret=A", "/bin/true"]).output().unwrap();
    let bytes = lines.next().unwrap().unwrap().parse().unwrap();
    server.wait().unwrap();
    fs::remove_file(&socket).unwrap();
    Some((outcome(&output), bytes))
}

const STRANGER: u32 = 4242;

#[test]
fn sends_nothing_to_a_server_of_another_user() {
    let folder = Folder::new();
    fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o777)).unwrap();
    if let Some(((status, said), bytes)) = ask_stranger(&folder.path(""), &[]) {
        assert_eq!((status, bytes), (Some(125), 0));
        assert!(said.contains("runs as uid 4242; accepted: 0 (root), 0 (your own)"), "{said}");
    }
    if let Some((_, bytes)) = ask_stranger(&folder.path(""), &["--agent-user=4242"]) {
        assert!(bytes > 12);
    }
}

#[test]
fn trusts_the_owner_of_a_folder_that_nobody_else_can_write_to() {
    let folder = PathBuf::from(format!("/run/blackbox-{}", std::process::id()));
    if fs::create_dir(&folder).is_err() {
        eprintln!("skipped: needs root, to make a folder in /run");
        return;
    }
    std::os::unix::fs::chown(&folder, Some(STRANGER), Some(STRANGER)).unwrap();
    let with_mode = |mode| {
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        ask_stranger(&folder, &[]).map(|(_, bytes)| bytes > 0)
    };
    let found = [0o755, 0o775, 0o757].map(with_mode);
    fs::remove_dir(&folder).unwrap();
    assert_eq!(found, [Some(true), Some(false), Some(false)]);
}

#[test]
fn checks_whether_the_agent_is_ready() {
    let check = |reply: Vec<u8>| outcome(&Agent::always(Reply::Bytes(reply)).run(&["--check", "--wait=0"]));
    assert_eq!(check(status(1, &[])), (Some(0), String::new()));
    let expected = "launcher: the agent is failing\nlauncher: audit cannot be written\n";
    assert_eq!(check(status(3, &["audit cannot be written"])), (Some(120), expected.into()));
    assert_eq!(check(refusal(&[(12512, 0xFFFF, "no")], &[])), (Some(120), "launcher: no\n".into()));
    let silent = Agent::always(Reply::Silence);
    assert_eq!(silent.run(&["--check", "--wait=50ms"]).status.code(), Some(120));
    let agent = Agent::start(|_, before| Reply::Bytes(status(if before == 0 { 2 } else { 1 }, &[])));
    assert_eq!(agent.run(&["--check"]).status.code(), Some(0));
}

#[test]
fn checks_usage_then_command_then_agent() {
    let gone = |arguments: &[&str]| {
        let output =
            launcher([("LATCHKEY_SOCKET", "/nowhere"), ("LATCHKEY_WAIT", "0")]).args(arguments).output().unwrap();
        output.status.code()
    };
    assert_eq!(gone(&["--secret=A=b#", "no-such-command"]), Some(125));
    assert_eq!(gone(&["--secret=A", "no-such-command"]), Some(127));
    assert_eq!(gone(&["--secret=A", "/etc/passwd"]), Some(126));
    assert_eq!(gone(&["--secret=A", "/"]), Some(126));
    assert_eq!(gone(&["--secret=A", "/bin/true"]), Some(120));
    assert_eq!(gone(&["--secret=A", "--dry-run"]), Some(120));
    assert_eq!(gone(&["--secret=A", "--dry-run", "no-such-command"]), Some(127));
    assert_eq!(gone(&["--mask", "true"]), Some(125));
    assert_eq!(gone(&[]), Some(125));
}

#[test]
fn touches_no_socket_with_a_usage_error() {
    let folder = Folder::new();
    let listener = UnixListener::bind(folder.path("agent.sock")).unwrap();
    listener.set_nonblocking(true).unwrap();
    let socket = folder.path("agent.sock").display().to_string();
    // References that are fine each by itself, but too long together.
    let long = format!("/{}", "x".repeat(4000));
    let bindings: Vec<String> = (0..70).map(|index| format!("--secret=A{index}=p:{long}")).collect();
    let bindings: Vec<&str> = bindings.iter().map(String::as_str).collect();
    for wrong in [&["--secret=A=b#"][..], &["--secret=A", "--bogus"], &bindings] {
        for mode in ["true", "--dry-run"] {
            let output = launcher([("LATCHKEY_SOCKET", &*socket)]).args(wrong).arg(mode).output().unwrap();
            assert_eq!(output.status.code(), Some(125), "{}", stderr(&output));
            assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        }
    }
}

#[test]
fn asks_nothing_for_a_command_that_is_not_there() {
    let folder = Folder::new();
    let listener = UnixListener::bind(folder.path("agent.sock")).unwrap();
    let socket = folder.path("agent.sock").display().to_string();
    let not_found = (Some(127), "launcher: no-such-command: command not found\n".into());
    for mode in [&["--wait=0"][..], &["--wait=1m"], &["--dry-run"]] {
        let mut command = launcher([("LATCHKEY_SOCKET", &*socket)]);
        let output = command.args(mode).args(["--secret=A", "no-such-command"]).output().unwrap();
        assert_eq!(outcome(&output), not_found, "{mode:?}");
        // It had connected already, so that an agent would have been awake by now.
        let mut sent = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut sent).unwrap();
        assert_eq!(sent, b"");
    }
    drop(listener);
    let mut command = launcher([("LATCHKEY_SOCKET", &*socket)]);
    assert_eq!(outcome(&command.args(["--secret=A", "no-such-command"]).output().unwrap()), not_found);
}

#[test]
fn reports_commands_that_the_kernel_does_not_take() {
    let agent = Agent::generous();
    let folder = Folder::new();
    let unknown = folder.script("unknown", "echo a shell ran this\n");
    let orphan = folder.script("orphan", "#!/no/such/interpreter\n");
    let run = |command: &str| outcome(&agent.run(&["--secret=A", command]));
    let said = |command: &str, why: &str| (Some(126), format!("launcher: {command}: {why}\n"));
    assert_eq!(run(&unknown), said(&unknown, "not a program that this kernel can run"));
    assert_eq!(run(&orphan), said(&orphan, "its interpreter is not there"));
    assert_eq!(run("/etc/passwd"), said("/etc/passwd", "permission denied"));
    assert_eq!(run("/etc"), said("/etc", "is a folder"));
    assert_eq!(run("nosuch\x1b[2J"), (Some(127), "launcher: nosuch\\x1b[2J: command not found\n".into()));
}

#[test]
fn reports_an_environment_that_is_too_big() {
    let entries: Vec<Vec<u8>> =
        (0..100).map(|index| [format!("A{index}=").as_bytes(), &vec![b'x'; 100_000][..]].concat()).collect();
    let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    let agent = Agent::always(Reply::Bytes(delivery(&entries, &[])));
    let arguments: Vec<String> = (0..100).map(|index| format!("--secret=A{index}")).collect();
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.push("/bin/true");
    let found = outcome(&agent.run(&arguments));
    assert_eq!(found.0, Some(126), "{}", found.1);
    assert!(found.1.contains("arguments and environment are too long"));
}

#[test]
fn never_echoes_an_argument() {
    let canary = "hunter2-canary";
    let bad = [
        format!("--secret={canary}"),
        format!("--env={canary}"),
        format!("--{canary}"),
        format!("--wait={canary}"),
        format!("--secret=A=x,default={canary},{canary}"),
        format!("--env-file=PASSWORD={canary}"),
        format!("--inherit={canary}"),
        format!("--project={canary}/"),
        format!("--agent-user={canary}"),
    ];
    let output = launcher([]).args(&bad).arg("true").arg(canary).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(!stderr(&output).contains("canary"), "{}", stderr(&output));
    assert_eq!(stderr(&output).lines().filter(|line| line.contains(": argument ")).count(), bad.len());
    let output = launcher([]).args(["no-such-command", canary]).output().unwrap();
    assert_eq!(outcome(&output), (Some(127), "launcher: no-such-command: command not found\n".into()));
    let output = launcher([]).args([&format!("PASSWORD={canary}"), "true"]).output().unwrap();
    let expected = "launcher: argument 1: command not found\nlauncher: hint: --env NAME=VALUE sets a variable\n";
    assert_eq!(outcome(&output), (Some(127), expected.into()));
}

#[test]
fn reports_every_problem_at_once_by_position() {
    let folder = Folder::new();
    fs::write(folder.path("app.env"), "T=1\nbroken\nT=latchkey:x@\n").unwrap();
    let arguments = [
        "--env=-=b",
        "--bogus",
        "--secret=9=a@1@2",
        "--wait=5",
        "--env-file=app.env",
        "--secret=C=a#b#c",
        "--vebrose",
        "--env=C=2",
        "--secret=LD_PRELOAD=x",
        "--timeout=never",
        "--mask",
        "--env-file=none.env",
    ];
    let expected = [
        "argument 1: not the name of a variable before \"=\"",
        "argument 2: unknown option",
        "argument 3: not the name of a variable before \"=\"",
        "argument 3: column 4 of the reference: a second \"@\"",
        "argument 4: not a duration: 0, or an integer with ms, s, m, h or d",
        "app.env line 2: not NAME=VALUE",
        "app.env line 3: T: column 3 of the reference: the version is empty",
        "app.env line 3: T is already the target of app.env line 1",
        "argument 6: C: column 4 of the reference: a second \"#\"",
        "argument 7: unknown option",
        "argument 8: C is already the target of argument 6",
        "argument 9: LD_PRELOAD is a dangerous name for a secret",
        "argument 10: not a duration: 0, or an integer with ms, s, m, h or d",
        "argument 11: --mask is not available yet",
        "none.env: no such file or directory",
    ];
    for mode in [&["no-such-command"][..], &["--dry-run"], &["--check"]] {
        let output = launcher([]).args(arguments).args(mode).current_dir(folder.path("")).output().unwrap();
        let said = stderr(&output);
        let problems = said.lines().filter(|line| !line.contains(" hint: "));
        let problems: Vec<&str> = problems.map(|line| line.strip_prefix("launcher: ").unwrap()).collect();
        assert_eq!((output.status.code(), problems), (Some(125), expected.to_vec()), "{mode:?}");
        assert!(said.contains("launcher: hint: did you mean --verbose?\n"), "{said}");
    }
}

#[test]
fn shows_a_dry_run() {
    let entry = |fields: &[(u16, &[u8])]| {
        field(0x8001, &fields.iter().flat_map(|(tag, value)| field(*tag, value)).collect::<Vec<u8>>())
    };
    let found = entry(&[
        (1, &[0, 0]),
        (3, &[1]),
        (4, b"flow"),
        (5, b"store"),
        (6, b"3"),
        (7, &[0, 0, 0, 9]),
        (8, &[0, 0, 0, 0, 0, 0, 0, 60]),
    ]);
    let denied = entry(&[(1, &12101_u16.to_be_bytes()), (2, b"denied"), (3, &[2])]);
    let agent = Agent::always(Reply::Bytes(frame(4, &[found, denied, field(2, b"a hint")].concat())));
    let arguments = ["--dry-run", "--format=json", "--secret=A=x,default=hunter2", "--secret=B"];
    let output = agent.launcher(&arguments).env("A", "inherited").output().unwrap();
    let expected = "[{\"target\":\"A\",\"kind\":\"variable\",\"reference\":\"x\",\"provider\":\"store\",\"version\":\"3\",\"size\":9,\"age\":60,\
                    \"rule\":\"flow\",\"decision\":\"allow\",\"status\":\"replaces\"},{\"target\":\"B\",\"kind\":\"variable\",\"reference\":\"B\",\
                    \"provider\":null,\"version\":null,\"size\":null,\"age\":null,\"rule\":null,\"decision\":\"deny\",\"status\":\"denied\"}]\n";
    assert_eq!(stdout(&output), expected);
    assert_eq!(outcome(&output), (Some(121), "launcher: hint: a hint\n".into()));
    assert_eq!(agent.asked()[0].field(2), Some(&[0, 0, 0, 1][..]));
    let nothing = launcher([]).args(["--dry-run", "--format=json"]).output().unwrap();
    assert_eq!((stdout(&nothing), nothing.status.code()), ("[]\n".into(), Some(0)));
}

/// The launcher as another user who may lock no memory, if these tests run as root.
fn without_locks(agent_socket: &str, arguments: &[&str]) -> Option<(Folder, Command)> {
    let mut command = launcher([("LATCHKEY_SOCKET", agent_socket), ("PATH", "/usr/bin:/bin")]);
    let (folder, command) = as_nobody(command.args(["--agent-user=0"]).args(arguments))?;
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -l 0; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.uid(65534).gid(65534);
    Some((folder, shell))
}

#[test]
fn fails_without_a_lock_only_if_it_is_required() {
    let agent = Agent::generous();
    fs::set_permissions(agent.socket(), fs::Permissions::from_mode(0o666)).unwrap();
    let run = |argument: &str| {
        let (_folder, mut command) = without_locks(&agent.socket(), &["-v", argument, "--secret=A", "true"])?;
        Some(outcome(&command.output().unwrap()))
    };
    if let Some((status, said)) = run("--require-lock") {
        assert_eq!(status, Some(125), "{said}");
        assert!(said.contains("memory cannot be locked: "), "{said}");
    }
    if let Some((status, said)) = run("--verbose") {
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains("memory is not locked: "), "{said}");
    }
}

#[test]
fn hears_of_a_refusal_before_it_minds_that_memory_cannot_be_locked() {
    let agent = Agent::always(Reply::Bytes(refusal(&[(12101, 0, "denied")], &[])));
    fs::set_permissions(agent.socket(), fs::Permissions::from_mode(0o666)).unwrap();
    let command = without_locks(&agent.socket(), &["--require-lock", "--secret=A", "true"]);
    if let Some((_folder, mut command)) = command {
        assert_eq!(outcome(&command.output().unwrap()), (Some(121), "launcher: A=A: denied\n".into()));
    }
}

#[test]
fn receives_no_value_where_it_may_not_be() {
    let folder = Folder::new();
    fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let listener = UnixListener::bind(folder.path("agent.sock")).unwrap();
    fs::set_permissions(folder.path("agent.sock"), fs::Permissions::from_mode(0o666)).unwrap();
    let socket = folder.path("agent.sock").display().to_string();
    // What is left unread when a socket is closed is an error at its other end.
    for (argument, left_unread) in [("--require-lock", true), ("--verbose", false)] {
        let command = without_locks(&socket, &[argument, "--secret=A", "/bin/true"]);
        let Some((_folder, mut command)) = command else { return };
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 512]).unwrap() > 12);
        stream.write_all(&delivery(&[b"A=x"], &[])).unwrap();
        wait_for_hang_up(&stream);
        let end = stream.read(&mut [0]).map_err(|error| error.kind());
        assert_eq!(end, if left_unread { Err(ErrorKind::ConnectionReset) } else { Ok(0) }, "{argument}");
        assert_eq!(child.wait().unwrap().code(), Some(if left_unread { 125 } else { 0 }));
    }
}
