//! Processes that each ask once, as a launch does, and then do nothing for as long as they are wanted.

use crate::options::Options;
use crate::protocol::{self, ANSWER, Request};
use crate::sys;
use std::io::{Error, Read, Result, Write};
use std::os::unix::net::UnixStream;

/// More would be more connections than one user may have.
const AT_ONCE: usize = 64;
const HOLDS: u8 = 1;

fn ask(socket: &str) -> Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(Request::new(None).next())?;
    let mut answer = [0; ANSWER];
    stream.read_exact(&mut answer)?;
    protocol::check(&answer)
}

/// Tells whether it got everything, and goes on until it is killed.
fn hold(socket: &str, mut told: &UnixStream) -> ! {
    let asked = sys::die_with_parent().and_then(|()| ask(socket));
    let said = told.write_all(&[if asked.is_ok() { HOLDS } else { 0 }]);
    if asked.is_ok() && said.is_ok() {
        sys::pause();
    }
    sys::leave()
}

fn hear(mut heard: &UnixStream) -> Result<()> {
    let mut byte = [0];
    heard.read_exact(&mut byte)?;
    if byte[0] == HOLDS {
        Ok(())
    } else {
        Err(Error::other("a consumer got no delivery"))
    }
}

fn start(socket: &str, count: usize, children: &mut Vec<i32>) -> Result<()> {
    let (heard, told) = UnixStream::pair()?;
    for number in 0..count {
        if number >= AT_ONCE {
            hear(&heard)?;
        }
        match sys::fork()? {
            0 => hold(socket, &told),
            child => children.push(child),
        }
    }
    (0..count.min(AT_ONCE)).try_for_each(|_| hear(&heard))
}

pub fn main(options: &Options) -> Result<()> {
    let socket: String = options.required("socket")?;
    let count: usize = options.required("count")?;
    let mut children = Vec::new();
    let started = start(&socket, count, &mut children);
    if started.is_ok() {
        println!("{{\"held\":{count}}}");
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    }
    for child in children {
        sys::kill(child)?;
        sys::wait_for(child, 0)?;
    }
    started
}
