//! Drives the built launcher against agents that follow a script, over real sockets.
//!
//! [`Agent`] is the fake: it decodes requests in its own few lines, so that a mistake of the launcher's codec does not excuse itself, and
//! answers each connection with what the test says. [`launcher`] runs the program as released.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate
)]

use std::ffi::{c_int, c_short, c_ulong};
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The released program; built if it is not there or older than its sources.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo).args(["build", "--release", "--quiet"]).current_dir(folder).status();
        assert!(built.expect("cargo").success(), "the launcher cannot be built");
        folder.join("target/release/launcher")
    })
}

/// A launcher with this environment and no other.
pub fn launcher<'a>(environment: impl IntoIterator<Item = (&'a str, &'a str)>) -> Command {
    let mut command = Command::new(program());
    command.env_clear().envs(environment);
    command
}

/// What a run left on standard output.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a run left on standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder that vanishes with the value.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("blackbox-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A copy of a program in it.
    ///
    /// Another process writes it: what a thread forks while this process has a file open for writing has it open too, until it becomes
    /// its command, and as long as somebody may write to a program the kernel does not run it.
    pub fn copy(&self, name: &str, program: &Path) -> PathBuf {
        let path = self.path(name);
        let copied = Command::new("cp").arg(program).arg(&path).status();
        assert!(copied.expect("cp").success(), "{} cannot be copied", program.display());
        path
    }

    /// A file in it, executable.
    pub fn script(&self, name: &str, content: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let text = self.path(&format!("{name}.text"));
        fs::write(&text, content).expect("a file");
        let path = self.copy(name, &text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
        path.display().to_string()
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the folder for temporary files harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a launcher asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The type of the frame.
    pub kind: u8,
    /// The fields of the body: number without critical bit, and value.
    pub fields: Vec<(u16, Vec<u8>)>,
}

impl Asked {
    /// Targets and references, in order.
    pub fn bindings(&self) -> Vec<(String, String)> {
        let bindings = self.fields.iter().filter(|(number, _)| *number == 16);
        bindings
            .map(|(_, value)| {
                let target = usize::from(u16::from_be_bytes([value[2], value[3]]));
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
                (text(&value[4..4 + target]), text(&value[4 + target..]))
            })
            .collect()
    }

    /// The value of a field.
    pub fn field(&self, number: u16) -> Option<&[u8]> {
        self.fields.iter().find(|(found, _)| *found == number).map(|(_, value)| value.as_slice())
    }
}

/// What an agent does with one connection.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Sends these bytes.
    Bytes(Vec<u8>),
    /// Sends these bytes and closes without waiting for the launcher to do so.
    BytesAndClose(Vec<u8>),
    /// Sends these bytes one by one with a pause before each.
    Slowly(Vec<u8>, Duration),
    /// Sends some bytes, and after a millisecond the others.
    Pieces(Vec<u8>, Vec<u8>),
    /// Says nothing until the launcher goes away.
    Silence,
    /// Closes at once.
    Close,
}

/// An agent that follows a script.
pub struct Agent {
    folder: Folder,
    asked: Arc<Mutex<Vec<Asked>>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Agent {
    /// Answers each request by a function of it and of how many came before.
    pub fn start(script: impl Fn(&Asked, usize) -> Reply + Send + 'static) -> Self {
        let folder = Folder::new();
        let listener = UnixListener::bind(folder.path("agent.sock")).expect("a socket");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stopping = Arc::new(AtomicBool::new(false));
        let serve = { (Arc::clone(&asked), Arc::clone(&stopping)) };
        let thread = thread::spawn(move || serve_all(&listener, &script, &serve.0, &serve.1));
        Self { folder, asked, stopping, thread: Some(thread) }
    }

    /// Answers every request with the same.
    pub fn always(reply: Reply) -> Self {
        Self::start(move |_, _| reply.clone())
    }

    /// Delivers the value `value of REFERENCE` for every reference.
    pub fn generous() -> Self {
        Self::start(|asked, _| Reply::Bytes(deliver(asked)))
    }

    /// Where it listens.
    pub fn socket(&self) -> String {
        self.folder.path("agent.sock").display().to_string()
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("requests").clone()
    }

    /// A launcher that asks this agent.
    pub fn launcher(&self, arguments: &[&str]) -> Command {
        let mut command = launcher([("LATCHKEY_SOCKET", self.socket().as_str()), ("PATH", "/usr/bin:/bin")]);
        command.args(arguments);
        command
    }

    /// Runs such a launcher.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.launcher(arguments).output().expect("the launcher")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread; if nobody listens any more, it is awake.
        let _ = UnixStream::connect(self.socket());
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || thread::panicking(), "the fake agent failed");
        }
    }
}

fn serve_all(
    listener: &UnixListener,
    script: &dyn Fn(&Asked, usize) -> Reply,
    asked: &Mutex<Vec<Asked>>,
    stopping: &AtomicBool,
) {
    for stream in listener.incoming() {
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        let mut stream = stream.expect("a connection");
        let Some(question) = read_question(&mut stream) else { continue };
        let before = {
            let mut asked = asked.lock().expect("requests");
            asked.push(question.clone());
            asked.len() - 1
        };
        answer(&mut stream, script(&question, before));
    }
}

fn read_question(stream: &mut UnixStream) -> Option<Asked> {
    let mut header = [0; 12];
    stream.read_exact(&mut header).ok()?;
    let length = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
    let mut body = vec![0; usize::try_from(length).expect("a length")];
    stream.read_exact(&mut body).ok()?;
    let mut fields = Vec::new();
    let mut rest = body.as_slice();
    while let Some((head, after)) = rest.split_first_chunk::<6>() {
        let length = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
        let (value, after) = after.split_at(usize::try_from(length).expect("a length"));
        fields.push((u16::from_be_bytes([head[0], head[1]]) & 0x7FFF, value.to_vec()));
        rest = after;
    }
    Some(Asked { kind: header[6], fields })
}

fn answer(stream: &mut UnixStream, reply: Reply) {
    match reply {
        Reply::Bytes(bytes) => {
            if stream.write_all(&bytes).is_ok() {
                wait_for_end(stream);
            }
        }
        Reply::Pieces(begin, end) => {
            stream.write_all(&begin).expect("a launcher that listens");
            thread::sleep(Duration::from_millis(1));
            stream.write_all(&end).expect("a launcher that listens");
            wait_for_end(stream);
        }
        // The launcher may be gone already: that is its right, and what tests look at is how it ended.
        Reply::BytesAndClose(bytes) => drop(stream.write_all(&bytes)),
        Reply::Slowly(bytes, pause) => {
            for byte in bytes {
                thread::sleep(pause);
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
            }
        }
        Reply::Silence => wait_for_end(stream),
        Reply::Close => {}
    }
}

fn wait_for_end(stream: &mut UnixStream) {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => assert!(rest.is_empty(), "the launcher sent more than one frame"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    wait_for_hang_up(stream);
}

/// Until the peer has the connection open no more, after it said that it sends no more.
#[expect(unsafe_code, reason = "the standard library cannot wait for this")]
pub fn wait_for_hang_up(stream: &UnixStream) {
    #[repr(C)]
    struct PollDescriptor {
        descriptor: c_int,
        events: c_short,
        happened: c_short,
    }
    unsafe extern "C" {
        fn poll(descriptors: *mut PollDescriptor, count: c_ulong, milliseconds: c_int) -> c_int;
    }
    let mut hung_up = PollDescriptor { descriptor: stream.as_raw_fd(), events: 0, happened: 0 };
    // SAFETY: one descriptor that is open, in the layout of `struct pollfd`.
    let found = unsafe { poll(&raw mut hung_up, 1, 30_000) };
    assert_eq!(found, 1, "the launcher still has its connection");
}

/// A frame.
pub fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![b'L', b'K', b'E', b'Y', 1, 0, kind, 0];
    frame.extend(u32::try_from(body.len()).expect("a length").to_be_bytes());
    frame.extend(body);
    frame
}

/// A field, with its whole tag.
pub fn field(tag: u16, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("a length").to_be_bytes();
    [&tag.to_be_bytes()[..], &length, value].concat()
}

/// A DELIVERY of these entries, each without its NUL.
pub fn delivery(entries: &[&[u8]], removed: &[u16]) -> Vec<u8> {
    let mut body = field(1, &7_u64.to_be_bytes());
    for index in removed {
        body.extend(field(0x8002, &index.to_be_bytes()));
    }
    body.extend(field(0x8003, &u32::try_from(entries.len()).expect("a count").to_be_bytes()));
    let block: Vec<u8> = entries.iter().flat_map(|entry| [entry, &b"\0"[..]].concat()).collect();
    body.extend(field(0x8004, &block));
    frame(2, &body)
}

/// What a generous agent delivers.
pub fn deliver(asked: &Asked) -> Vec<u8> {
    let entries: Vec<String> =
        asked.bindings().iter().map(|(target, reference)| format!("{target}=value of {reference}")).collect();
    let entries: Vec<&[u8]> = entries.iter().map(String::as_bytes).collect();
    delivery(&entries, &[])
}

/// A REFUSAL.
pub fn refusal(failures: &[(u16, u16, &str)], hints: &[&str]) -> Vec<u8> {
    let mut body = Vec::new();
    for (code, binding, message) in failures {
        body.extend(field(0x8001, &[&code.to_be_bytes()[..], &binding.to_be_bytes(), message.as_bytes()].concat()));
    }
    for hint in hints {
        body.extend(field(2, hint.as_bytes()));
    }
    frame(3, &body)
}

/// A STATUS.
pub fn status(state: u8, reasons: &[&str]) -> Vec<u8> {
    let reasons = reasons.iter().flat_map(|reason| field(2, reason.as_bytes()));
    frame(6, &field(0x8001, &[state]).into_iter().chain(reasons).collect::<Vec<u8>>())
}
