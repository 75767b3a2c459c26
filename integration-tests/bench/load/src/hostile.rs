//! Connections that say nothing, held open as long as the agent lets them; each one that it ends is opened again.

use crate::options::Options;
use crate::sys::{self, Poll};
use std::io::Result;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Who was turned away tries again after this; who had a place, at once.
const PAUSE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(10);
const STDIN: u64 = u64::MAX;

enum Peer {
    Open(UnixStream),
    /// Again at that time.
    Away(Instant),
}

struct Crowd {
    socket: String,
    poll: Poll,
    peers: Vec<Peer>,
    ended_by_deadline: u64,
    turned_away: u64,
}

impl Crowd {
    fn connect_all(&mut self) -> Result<()> {
        let now = Instant::now();
        for index in 0..self.peers.len() {
            if matches!(self.peers[index], Peer::Away(at) if at <= now) {
                self.connect(index)?;
            }
        }
        Ok(())
    }

    fn connect(&mut self, index: usize) -> Result<()> {
        let stream = UnixStream::connect(&self.socket)?;
        self.poll.add(stream.as_raw_fd(), index as u64)?;
        self.peers[index] = Peer::Open(stream);
        Ok(())
    }

    /// Something came: a refusal, or the end.
    fn ended(&mut self, index: usize) {
        let Peer::Open(stream) = &self.peers[index] else { return };
        let refused = matches!(sys::receive(stream.as_raw_fd(), &mut [0; 512]), Ok(Some(1..)));
        if refused {
            self.turned_away += 1;
        } else {
            self.ended_by_deadline += 1;
        }
        let again = Instant::now() + if refused { PAUSE } else { Duration::ZERO };
        self.peers[index] = Peer::Away(again);
    }

    fn open(&self) -> usize {
        self.peers.iter().filter(|peer| matches!(peer, Peer::Open(_))).count()
    }

    /// Until stdin ends; how many were open at each tick.
    fn stay(&mut self) -> Result<Vec<usize>> {
        let mut open = Vec::new();
        loop {
            for key in self.poll.wait(TICK)? {
                if key == STDIN {
                    return Ok(open);
                }
                self.ended(key as usize);
            }
            self.connect_all()?;
            open.push(self.open());
        }
    }
}

pub fn main(options: &Options) -> Result<()> {
    if let Some(uid) = options.optional("uid")? {
        sys::become_user(uid)?;
    }
    let count: usize = options.required("connections")?;
    let peers = (0..count).map(|_| Peer::Away(Instant::now())).collect();
    let poll = Poll::new(count + 1)?;
    poll.add(std::io::stdin().as_raw_fd(), STDIN)?;
    let mut crowd = Crowd {
        socket: options.required("socket")?,
        poll,
        peers,
        ended_by_deadline: 0,
        turned_away: 0,
    };
    let mut open = crowd.stay()?;
    open.sort_unstable();
    let median = open.get(open.len() / 2).copied().unwrap_or(0);
    println!(
        "{{\"open\":{median},\"turned_away\":{},\"ended_by_deadline\":{}}}",
        crowd.turned_away, crowd.ended_by_deadline
    );
    Ok(())
}
