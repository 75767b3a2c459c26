//! Asking the agent: connect, look who answers, send, and receive within the deadline; again within `--wait` where that can help.

use crate::answer::Answer;
use crate::error::{Error, Report};
use crate::explain::{refusal_report, status_report};
use crate::options::Options;
use crate::output::{Shown, Steps, say};
use crate::protocol::{FailureClass, HEADER_LENGTH, Header, MessageType, Refusal, State, Status};
use crate::sys::{self, Descriptor, Errno, Identity, Readiness, SocketAddress};
use crate::trust;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What to ask, and how long to wait for the answer.
pub struct Question {
    /// A whole frame.
    pub frame: Vec<u8>,
    /// The types of answer that are understood.
    pub expected: &'static [MessageType],
    /// Milliseconds for the answer.
    pub timeout: u64,
}

/// Everything about the agent that does not change from one attempt to the next.
pub struct Agent<'a> {
    /// Where it may be; the first that exists is the one.
    pub paths: &'a [Vec<u8>],
    /// Who this process is.
    pub identity: &'a Identity,
    /// What the user said.
    pub options: &'a Options,
}

/// An attempt that did not lead to an answer.
enum Trouble {
    /// Asking again may help; the error says what it was.
    Passing(Error),
    /// The agent answered that it cannot answer yet. Asking again may help, after so many milliseconds at least.
    NotYet(Answer, u32),
    /// It will not help.
    Lasting(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Lasting(error)
    }
}

impl Agent<'_> {
    /// Asks until there is an answer that is worth having, or `--wait` has passed: then the answer may be that the agent is not ready.
    pub fn ask(&self, question: &Question, steps: &mut Steps) -> Result<Answer, Error> {
        let mut patience = Patience::new(self.options.wait);
        loop {
            match self.attempt(question, patience.now, steps) {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Lasting(error)) => return Err(error),
                Err(Trouble::NotYet(answer, after)) => {
                    if !patience.wait(after, || reasons(&answer)) {
                        return Ok(answer);
                    }
                }
                Err(Trouble::Passing(error)) => {
                    if !patience.wait(0, || error.report().problems.join("; ")) {
                        return Err(error);
                    }
                }
            }
        }
    }

    fn attempt(&self, question: &Question, now: u64, steps: &mut Steps) -> Result<Answer, Trouble> {
        let (socket, path) = self.connect()?;
        steps.done(format_args!("connected to {}", Shown(path)));
        let uid = sys::peer_uid(&socket).map_err(|errno| Error::set_up("the server's credentials", errno))?;
        trust::check_server(path, uid, self.identity, self.options.agent_user)?;
        let deadline = now + question.timeout * 1000;
        let connection = Connection { socket, deadline };
        connection.send(&question.frame)?;
        let answer = self.receive(&connection, question, steps)?;
        match pause_after(&answer)? {
            Some(after) => Err(Trouble::NotYet(answer, after)),
            None => Ok(answer),
        }
    }

    fn connect(&self) -> Result<(Descriptor, &[u8]), Trouble> {
        for (index, path) in self.paths.iter().enumerate() {
            let socket = sys::stream_socket().and_then(sys::above_standard);
            let socket = socket.map_err(|errno| Error::set_up("a socket", errno))?;
            let is_last = index + 1 == self.paths.len();
            match self.connect_to(&socket, path) {
                Ok(()) => return Ok((socket, path)),
                Err(errno) if !is_last && is_absent(path, errno) => {}
                Err(errno) => return Err(self.not_reachable(path, errno)),
            }
        }
        Err(self.not_reachable(b"", Errno::ENOENT))
    }

    /// SECURITY: with a group of its own, the launcher has it for this one call only, and never again once it is connected.
    fn connect_to(&self, socket: &Descriptor, path: &[u8]) -> Result<(), Errno> {
        let address = SocketAddress::new(path).ok_or(Errno::EINVAL)?;
        if !self.identity.secure {
            return sys::connect(socket, &address);
        }
        sys::set_effective_group(self.identity.gid)?;
        let connected = sys::connect(socket, &address);
        match connected {
            Ok(()) => sys::set_all_groups(self.identity.real_gid),
            Err(_) => sys::set_effective_group(self.identity.real_gid).and(connected),
        }
    }

    fn not_reachable(&self, path: &[u8], errno: Errno) -> Trouble {
        let path: Vec<String> = match errno {
            Errno::ENOENT => self.paths.iter().map(|path| format!("{}", Shown(path))).collect(),
            _ => [format!("{}", Shown(path))].into(),
        };
        let report = Report::of(format!("agent not reachable at {}: {errno}", path.join(" or ")));
        match errno {
            Errno::ENOENT | Errno::ECONNREFUSED => {
                let hint = "is the agent running? --socket or LATCHKEY_SOCKET says where";
                Trouble::Passing(Error::NotReachable(report.with_hint(hint)))
            }
            Errno::EACCES => {
                let hint = "the mode and group of the socket and of its folders decide who may connect: \
                            sockets in agent.yaml";
                Trouble::Lasting(Error::NotReachable(report.with_hint(hint)))
            }
            Errno::EAGAIN | Errno::EINTR => Trouble::Passing(Error::NotReachable(report)),
            _ => Trouble::Lasting(Error::NotReachable(report)),
        }
    }

    fn receive(&self, connection: &Connection, question: &Question, steps: &mut Steps) -> Result<Answer, Trouble> {
        let header = connection.receive_header()?;
        let header = Header::decode(&header, question.expected).map_err(not_understood)?;
        steps.done(format_args!("answer of {} bytes begins", header.length));
        let mut answer = Answer::new(header)?;
        if header.message_type == MessageType::Delivery {
            self.keep_private(&answer, steps)?;
        }
        connection.receive_body(&mut answer)?;
        steps.done(format_args!("answer received"));
        Ok(answer)
    }

    /// SECURITY: comes before the first byte of a value is received.
    fn keep_private(&self, answer: &Answer, steps: &mut Steps) -> Result<(), Error> {
        match answer.keep_private() {
            Ok(()) => steps.done(format_args!("memory locked")),
            Err(errno) if self.options.require_lock => {
                let report = Report::of(format!("memory cannot be locked: {errno}"));
                return Err(Error::SetUp(
                    report.with_hint("raise the limit of locked memory, or leave out --require-lock"),
                ));
            }
            Err(errno) => steps.done(format_args!("memory is not locked: {errno}")),
        }
        Ok(())
    }
}

/// Whether a default path stands for nothing, as far as this user can see.
fn is_absent(path: &[u8], errno: Errno) -> bool {
    match errno {
        Errno::ENOENT | Errno::ENOTDIR => true,
        Errno::EACCES => alloc::ffi::CString::new(path).is_ok_and(|path| sys::status(&path).is_err()),
        _ => false,
    }
}

/// An answer that cannot be understood.
#[must_use]
pub fn not_understood(class: FailureClass) -> Error {
    Error::AgentFailed(Report::of(format!("the agent's answer cannot be understood: {class}")))
}

/// After how many milliseconds to ask again, if the answer is that the agent cannot answer yet.
fn pause_after(answer: &Answer) -> Result<Option<u32>, Error> {
    const STARTING: u16 = 12001;
    const DRAINING: u16 = 12002;
    const BUSY: u16 = 12305;
    match answer.header().message_type {
        MessageType::Refusal => {
            let refusal = Refusal::decode(answer.body()).map_err(not_understood)?;
            let passes = refusal.failures.iter().all(|failure| matches!(failure.code, STARTING | DRAINING | BUSY));
            Ok(passes.then_some(refusal.retry_after.unwrap_or(0)))
        }
        MessageType::Status => {
            let status = Status::decode(answer.body()).map_err(not_understood)?;
            Ok((status.state != State::Ready).then_some(0))
        }
        _ => Ok(None),
    }
}

/// Why the agent cannot answer yet, in one line. What cannot be decoded was refused before.
fn reasons(answer: &Answer) -> String {
    let reasons = match answer.header().message_type {
        MessageType::Status => Status::decode(answer.body()).map(|status| status_report(&status)),
        _ => Refusal::decode(answer.body()).map(|refusal| refusal_report(&refusal, &[])),
    };
    reasons.map(|report| report.problems.join("; ")).unwrap_or_default()
}

struct Connection {
    socket: Descriptor,
    /// By the monotonic clock, in microseconds.
    deadline: u64,
}

impl Connection {
    fn send(&self, mut bytes: &[u8]) -> Result<(), Trouble> {
        while !bytes.is_empty() {
            match sys::send(&self.socket, bytes) {
                Ok(sent) => bytes = &bytes[sent..],
                Err(Errno::EAGAIN) => self.wait(Readiness::Writable)?,
                Err(Errno::EINTR) => {}
                // An agent that closes early may have said why.
                Err(Errno::EPIPE) => return Ok(()),
                Err(errno) => return Err(lost(errno)),
            }
        }
        Ok(())
    }

    fn receive_header(&self) -> Result<[u8; HEADER_LENGTH], Trouble> {
        let mut header = [0; HEADER_LENGTH];
        let mut received = 0;
        while received < HEADER_LENGTH {
            self.wait(Readiness::Readable)?;
            received += self.receive(&mut header[received..])?.unwrap_or(0);
        }
        Ok(header)
    }

    fn receive_body(&self, answer: &mut Answer) -> Result<(), Trouble> {
        let length = answer.header().length;
        let mut received = 0;
        while received < length {
            match self.receive(answer.rest_mut(received))? {
                Some(bytes) => received += bytes,
                None => self.wait(Readiness::Readable)?,
            }
        }
        if received > length { Err(not_understood(FailureClass::Trailing).into()) } else { Ok(()) }
    }

    /// How many bytes came; nothing if none are there yet. Then follows a `wait`, so that slow bytes do not stretch the deadline.
    fn receive(&self, buffer: &mut [u8]) -> Result<Option<usize>, Trouble> {
        match sys::receive(&self.socket, buffer) {
            Ok(0) => Err(lost(Errno::ECONNRESET)),
            Ok(bytes) => Ok(Some(bytes)),
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(None),
            Err(errno) => Err(lost(errno)),
        }
    }

    fn wait(&self, readiness: Readiness) -> Result<(), Trouble> {
        let waited = sys::wait_until_ready(&self.socket, readiness, self.remaining()?);
        // Whether it is ready, the next attempt tells, and whether it is too late, the clock.
        waited.map(drop).map_err(|errno| Error::set_up("waiting for the agent", errno).into())
    }

    fn remaining(&self) -> Result<u64, Error> {
        match self.deadline.saturating_sub(sys::now()) {
            0 => Err(Error::AgentFailed(Report::of("the agent's answer timed out"))),
            microseconds => Ok(microseconds),
        }
    }
}

fn lost(errno: Errno) -> Trouble {
    let problem = match errno {
        Errno::ECONNRESET => String::from("the connection to the agent was lost before its answer"),
        _ => format!("the connection to the agent was lost before its answer: {errno}"),
    };
    Trouble::Passing(Error::AgentFailed(Report::of(problem)))
}

/// `--wait`: growing pauses, and one line after a second.
struct Patience {
    begun: u64,
    /// When the pause ended, or it all began.
    now: u64,
    limit: u64,
    pause: u64,
    said: bool,
}

impl Patience {
    const FIRST_PAUSE: u64 = 5_000;
    const LONGEST_PAUSE: u64 = 100_000;
    const SILENCE: u64 = 1_000_000;

    fn new(milliseconds: u64) -> Self {
        let now = sys::now();
        Self { begun: now, now, limit: milliseconds * 1000, pause: Self::FIRST_PAUSE, said: false }
    }

    /// Pauses; false if there is no time left.
    fn wait(&mut self, after_milliseconds: u32, reason: impl Fn() -> String) -> bool {
        let passed = sys::now() - self.begun;
        let remaining = self.limit.saturating_sub(passed);
        if remaining == 0 {
            return false;
        }
        if passed >= Self::SILENCE && !self.said {
            say(format_args!("waiting: {}", reason()));
            self.said = true;
        }
        sys::sleep(self.pause.max(u64::from(after_milliseconds) * 1000).min(remaining));
        self.pause = (self.pause * 2).min(Self::LONGEST_PAUSE);
        self.now = sys::now();
        true
    }
}
