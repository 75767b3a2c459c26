//! The start of an agent: from before its process is made to its first complete delivery.

use crate::options::Options;
use crate::protocol::{self, ANSWER, Request};
use crate::spawn::Program;
use crate::sys;
use std::io::{Error, Read, Result, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_micros(200);

pub fn main(options: &Options) -> Result<()> {
    let socket: String = options.required("socket")?;
    let agent = Program::new(&options.words)?;
    sys::precise_timers()?;
    let start = Instant::now();
    let pid = agent.start()?;
    let answered = first_answer(&socket, pid, start);
    // After a failure too nothing stays behind. One that has ended already is only waited for.
    let stopped = sys::terminate(pid);
    let status = sys::wait_for(pid, 0)?;
    let nanos = answered?;
    stopped?;
    if status != Some(0) {
        return Err(Error::other(format!("the agent ended with wait status {status:?}")));
    }
    println!("{{\"nanoseconds\":{nanos}}}");
    Ok(())
}

/// Asks again until the socket is there and the agent does not say that it is still starting.
fn first_answer(socket: &str, pid: i32, start: Instant) -> Result<u64> {
    while start.elapsed() < LIMIT {
        if let Ok(stream) = UnixStream::connect(socket) {
            if exchange(stream)? {
                return Ok(sys::nanos_since(start));
            }
        }
        if sys::has_ended(pid)? {
            return Err(Error::other("the agent ended before it answered"));
        }
        thread::sleep(PAUSE);
    }
    Err(Error::other("the agent gave no answer in time"))
}

/// Whether it was a delivery; false: the agent is still starting.
fn exchange(mut stream: UnixStream) -> Result<bool> {
    stream.write_all(Request::new(None).next())?;
    let mut answer = [0; ANSWER];
    let mut filled = 0;
    while filled < ANSWER {
        match stream.read(&mut answer[filled..])? {
            0 => return Err(Error::other("the agent ended the connection")),
            bytes => filled += bytes,
        }
        if protocol::is_starting(&answer[..filled]) {
            return Ok(false);
        }
        protocol::check_begin(&answer[..filled])?;
    }
    protocol::check(&answer)?;
    Ok(true)
}
