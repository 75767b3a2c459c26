//! Asking the agent: connect, look who answers, send, and receive within the deadline; again within `--wait` where that can help.
//!
//! The agent has to wake up before it can read, and has to work before it can answer. Whatever the launcher can do then, it does then:
//! [`Agent::call`] connects, [`Agent::ask`] sends, and the memory for the answer is made while the answer is.

use crate::answer::{Answer, Incoming, Privacy};
use crate::error::{Error, Report};
use crate::explain::{refusal_report, status_report};
use crate::options::Options;
use crate::output::{Shown, Steps, joined, say};
use crate::own_group;
use crate::protocol::{Ask, FailureClass, HEADER_LENGTH, Header, MessageType, Refusal, State, Status};
use crate::sys::{self, Descriptor, Errno, Identity, Readiness, SocketAddress};
use crate::trust;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::cmp::Ordering;

/// Makes the frame that answers the agent's own question.
pub type Supplier<'a> = dyn Fn(&Ask<'_>) -> Result<Vec<u8>, Error> + 'a;

/// What to ask, and how long to wait for the answer.
pub struct Question<'a> {
    /// A whole frame.
    pub frame: Vec<u8>,
    /// The types of answer that are understood.
    pub expected: &'static [MessageType],
    /// Milliseconds for the answer.
    pub timeout: u64,
    /// What answers the agent's own question, if it may have one.
    pub supply: Option<&'a Supplier<'a>>,
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

/// A connection over which nothing was sent yet, with which of the paths the agent was at, or why there is none.
pub struct Call(Result<(Descriptor, usize), Trouble>);

impl Agent<'_> {
    /// Connects, so that the agent wakes up. Nothing is sent yet, and nothing said if it failed: that is left to `ask`.
    #[must_use]
    pub fn call(&self) -> Call {
        Call(self.connect())
    }

    /// Connects within `--wait`, because there will be no second call: the group that it takes is given up afterwards.
    #[must_use]
    pub fn only_call(&self) -> Call {
        let mut patience = Patience::new(self.options.wait);
        loop {
            match self.connect() {
                Err(Trouble::Passing(error)) if patience.wait(0, || joined(&error.report().problems, "; ")) => {}
                done => return Call(done),
            }
        }
    }

    /// Asks over this connection, and over others until there is an answer that is worth having, or `--wait` has passed: then the
    /// answer may be that the agent is not ready.
    pub fn ask(&self, mut call: Call, question: &Question<'_>, steps: &mut Steps) -> Result<Answer, Error> {
        let mut patience = Patience::new(self.options.wait);
        loop {
            match self.attempt(call, question, patience.now, steps) {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Lasting(error)) => return Err(error),
                Err(Trouble::NotYet(mut answer, after)) => {
                    // An agent that drains or is busy is not kept waiting for the end.
                    answer.hang_up();
                    if self.calls_once() || !patience.wait(after, || reasons(&answer)) {
                        return Ok(answer);
                    }
                }
                Err(Trouble::Passing(error)) => {
                    if self.calls_once() || !patience.wait(0, || joined(&error.report().problems, "; ")) {
                        return Err(error);
                    }
                }
            }
            call = self.call();
        }
    }

    /// Whether the right to connect was given up after the first call.
    fn calls_once(&self) -> bool {
        self.identity.secure
    }

    fn attempt(&self, call: Call, question: &Question<'_>, now: u64, steps: &mut Steps) -> Result<Answer, Trouble> {
        let (socket, index) = call.0?;
        let path = &self.paths[index];
        steps.done(format_args!("connected to {}", Shown(path)));
        let uid = sys::peer_uid(&socket).map_err(|errno| Error::set_up("the server's credentials", errno))?;
        trust::check_server(path, uid, self.identity, self.options.agent_user)?;
        let connection = Connection::new(socket, now, now + question.timeout * 1000);
        connection.send(&question.frame)?;
        let connection = match question.supply {
            Some(supply) => match self.settle(connection, question, supply, steps)? {
                Settled::Answer(answer) => return finished(answer),
                Settled::Supplied(connection) => connection,
            },
            None => connection,
        };
        // There is no further request: an agent that knows closes by itself, and need not be woken when this process becomes the command.
        sys::end_sending(&connection.socket);
        finished(self.receive(connection, question, steps)?)
    }

    /// Answers what the agent asks back, once: what it was given leaves nothing to ask.
    fn settle(
        &self,
        connection: Connection,
        question: &Question<'_>,
        supply: &Supplier<'_>,
        steps: &mut Steps,
    ) -> Result<Settled, Trouble> {
        let (said_after, deadline) = (connection.said_after.get(), connection.deadline);
        let mut answer = self.receive(connection, question, steps)?;
        if answer.header().message_type != MessageType::Ask {
            return Ok(Settled::Answer(answer));
        }
        let frame = supply(&Ask::decode(answer.body()).map_err(not_understood)?)?;
        let Some(socket) = answer.take_connection() else { return Err(lost(Errno::ECONNRESET)) };
        let connection = Connection { socket, deadline, said_after: Cell::new(said_after) };
        connection.send(&frame)?;
        steps.done(format_args!("variables and files supplied"));
        Ok(Settled::Supplied(connection))
    }

    fn connect(&self) -> Result<(Descriptor, usize), Trouble> {
        for (index, path) in self.paths.iter().enumerate() {
            let socket = sys::stream_socket().and_then(sys::above_standard);
            let socket = socket.map_err(|errno| Error::set_up("a socket", errno))?;
            let is_last = index + 1 == self.paths.len();
            match self.connect_to(&socket, path) {
                Ok(()) => return Ok((socket, index)),
                Err(errno) if !is_last && is_absent(path, errno) => {}
                Err(errno) => return Err(self.not_reachable(path, errno)),
            }
        }
        Err(self.not_reachable(b"", Errno::ENOENT))
    }

    /// SECURITY: with a group of its own, the launcher has it for this one call only.
    fn connect_to(&self, socket: &Descriptor, path: &[u8]) -> Result<(), Errno> {
        let address = SocketAddress::new(path).ok_or(Errno::EINVAL)?;
        own_group::having(self.identity, || sys::connect(socket, &address))
    }

    fn not_reachable(&self, path: &[u8], errno: Errno) -> Trouble {
        // Whose agent is behind a closed folder nobody can tell; one of this user's own may come where there is none yet.
        let nowhere = errno == Errno::ENOENT || (self.paths.len() > 1 && !self.calls_once() && is_absent(path, errno));
        let path: Vec<String> = if nowhere {
            self.paths.iter().map(|path| format!("{}", Shown(path))).collect()
        } else {
            [format!("{}", Shown(path))].into()
        };
        let report = Report::of(format!("agent not reachable at {}: {errno}", joined(&path, " or ")));
        match errno {
            // It would not get through to the socket that is for it.
            Errno::ENOENT if own_group::why_lost(self.identity).is_some() => {
                Trouble::Lasting(Error::NotReachable(report))
            }
            _ if nowhere || errno == Errno::ECONNREFUSED => {
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

    /// SECURITY: memory is private before the first byte of a value can come there.
    fn receive(&self, connection: Connection, question: &Question<'_>, steps: &mut Steps) -> Result<Answer, Trouble> {
        let mut incoming = Incoming::least()?;
        let may_hold_values = question.expected.iter().any(|expected| expected.holds_values());
        let privacy = if may_hold_values { incoming.keep_private() } else { Ok(()) };
        // Where no value may come to, nothing but a header does.
        let end = if self.suffices(privacy) { usize::MAX } else { HEADER_LENGTH };
        let header = connection.receive_header(&mut incoming, end, question)?;
        steps.done(format_args!("answer of {} bytes begins", header.length));
        if !incoming.holds(header) {
            incoming = self.with_room(&incoming, header, steps)?;
            connection.receive_more(&mut incoming, header);
        } else if header.message_type.holds_values() {
            self.accept(privacy, steps)?;
        }
        connection.receive_body(&mut incoming, header)?;
        steps.done(format_args!("answer received"));
        Ok(Answer::new(header, incoming, connection.socket))
    }

    /// Memory that is large enough for the frame, private before anything comes there if it holds values.
    fn with_room(&self, begun: &Incoming, header: Header, steps: &mut Steps) -> Result<Incoming, Error> {
        let mut incoming = Incoming::of(header)?;
        if header.message_type.holds_values() {
            self.accept(incoming.keep_private(), steps)?;
        }
        incoming.go_on_from(begun);
        Ok(incoming)
    }

    fn suffices(&self, privacy: Privacy) -> bool {
        privacy.is_ok() || !self.options.require_lock
    }

    fn accept(&self, privacy: Privacy, steps: &mut Steps) -> Result<(), Error> {
        match privacy {
            Ok(()) => steps.done(format_args!("memory locked")),
            Err(errno) if self.suffices(privacy) => steps.done(format_args!("memory is not locked: {errno}")),
            Err(errno) => {
                let report = Report::of(format!("memory cannot be locked: {errno}"));
                return Err(Error::SetUp(
                    report.with_hint("raise the limit of locked memory, or leave out --require-lock"),
                ));
            }
        }
        Ok(())
    }
}

/// What came of the agent's own question.
enum Settled {
    /// It had none.
    Answer(Answer),
    /// It was answered, and the answer to ours is still to come.
    Supplied(Connection),
}

fn finished(answer: Answer) -> Result<Answer, Trouble> {
    match pause_after(&answer)? {
        Some(after) => Err(Trouble::NotYet(answer, after)),
        None => Ok(answer),
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
    reasons.map(|report| joined(&report.problems, "; ")).unwrap_or_default()
}

struct Connection {
    socket: Descriptor,
    /// By the monotonic clock, in microseconds.
    deadline: u64,
    /// When the user is told that there is no answer yet. Once.
    said_after: Cell<u64>,
}

impl Connection {
    fn new(socket: Descriptor, now: u64, deadline: u64) -> Self {
        Self { socket, deadline, said_after: Cell::new(now + Patience::SILENCE) }
    }

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

    /// Receives the header, which is checked before anything that it says is used, and of the body what there is up to this byte.
    fn receive_header(&self, incoming: &mut Incoming, end: usize, question: &Question<'_>) -> Result<Header, Trouble> {
        loop {
            if let Some(header) = incoming.header() {
                return Header::decode(header, question.expected).map_err(|class| not_understood(class).into());
            }
            self.wait(Readiness::Readable)?;
            self.receive(incoming, end)?;
        }
    }

    /// Receives what is there. If that is nothing, or the end, it matters only if something is missing, and then shows again.
    fn receive_more(&self, incoming: &mut Incoming, header: Header) {
        // Where the frame ends just where the memory did, only this tells whether bytes trail.
        if let Ok(bytes) = sys::receive(&self.socket, incoming.vacant_mut(one_beyond(header))) {
            incoming.received(bytes);
        }
    }

    fn receive_body(&self, incoming: &mut Incoming, header: Header) -> Result<(), Trouble> {
        let end = one_beyond(header);
        loop {
            match incoming.compare(header) {
                Ordering::Greater => return Err(not_understood(FailureClass::Trailing).into()),
                Ordering::Equal => return Ok(()),
                Ordering::Less if self.receive(incoming, end)? => {}
                Ordering::Less => self.wait(Readiness::Readable)?,
            }
        }
    }

    /// Whether bytes came. If none are there yet then a `wait` follows, so that slow bytes do not stretch the deadline.
    fn receive(&self, incoming: &mut Incoming, end: usize) -> Result<bool, Trouble> {
        match sys::receive(&self.socket, incoming.vacant_mut(end)) {
            Ok(0) => Err(lost(Errno::ECONNRESET)),
            Ok(bytes) => {
                incoming.received(bytes);
                Ok(true)
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(false),
            Err(errno) => Err(lost(errno)),
        }
    }

    fn wait(&self, readiness: Readiness) -> Result<(), Trouble> {
        let remaining = self.remaining()?;
        let silence = self.said_after.get().saturating_sub(sys::now());
        if silence == 0 {
            self.said_after.set(u64::MAX);
            say(format_args!("waiting: the agent has not answered yet"));
        }
        let most = if silence == 0 { remaining } else { remaining.min(silence) };
        let waited = sys::wait_until_ready(&self.socket, readiness, most);
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

/// One byte more than the frame has, to notice trailing ones.
fn one_beyond(header: Header) -> usize {
    HEADER_LENGTH + header.length + 1
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

#[cfg(test)]
mod tests {
    use super::*;

    const USER: Identity = Identity { uid: 1000, real_uid: 1000, gid: 1000, real_gid: 1000, secure: false };

    fn not_reachable(paths: &[&str], identity: &Identity) -> Trouble {
        let paths: Vec<Vec<u8>> = paths.iter().map(|path| path.as_bytes().to_vec()).collect();
        let options = Options::default();
        Agent { paths: &paths, identity, options: &options }.not_reachable(&paths[paths.len() - 1], Errno::EACCES)
    }

    #[test]
    fn waits_for_an_agent_of_its_own_beside_a_closed_folder() {
        let Trouble::Passing(error) = not_reachable(&["/nowhere/a", "/nowhere/b"], &USER) else { panic!("no wait") };
        let problem = "agent not reachable at /nowhere/a or /nowhere/b: permission denied";
        assert_eq!(error.report().problems, [problem]);
        assert_eq!(error.exit_code(), 120);
    }

    #[test]
    fn does_not_wait_where_it_was_told_to_go_or_has_rights_of_its_own() {
        for (paths, secure) in
            [(&["/nowhere/a"][..], false), (&["/nowhere/a", "/nowhere/b"], true), (&["/", "/"], false)]
        {
            let Trouble::Lasting(error) = not_reachable(paths, &Identity { secure, ..USER }) else { panic!("a wait") };
            assert!(error.report().hints[0].contains("decide who may connect"));
        }
    }
}
