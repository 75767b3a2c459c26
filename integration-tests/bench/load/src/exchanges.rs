//! Requests and their complete, checked answers, as launches make them for the agent.
//!
//! *Closed loop*: every connection asks again as soon as it has its answer; what is measured is throughput. *Open loop*: requests are due at
//! a given rate whatever the agent does, and the latency of each is counted from when it was due, not from when it could be sent. So an
//! agent that stalls is charged for all requests that were due meanwhile (no coordinated omission).

use crate::options::Options;
use crate::protocol::{self, ANSWER, Request};
use crate::sys::{self, Poll};
use hdrhistogram::Histogram;
use std::io::{Error, Result, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

/// Without any answer for so long the run has failed.
const STUCK: Duration = Duration::from_secs(10);
/// How long an open loop may take beyond its time to send what was due.
const BACKLOG: Duration = Duration::from_secs(2);
const HIGHEST_NANOS: u64 = 60_000_000_000;
const DIGITS: u8 = 3;

#[derive(Clone)]
struct Plan {
    socket: String,
    connections: usize,
    kept: bool,
    /// Random ones of so many secrets.
    of: Option<u64>,
    amount: Amount,
    /// Nanoseconds between two requests of an open loop.
    interval: Option<u64>,
}

#[derive(Clone, Copy)]
enum Amount {
    Count(u64),
    Time(Duration),
}

impl Plan {
    fn parse(options: &Options) -> Result<Self> {
        let rate: Option<f64> = options.optional("rate")?;
        let seconds: Option<f64> = options.optional("seconds")?;
        Ok(Self {
            socket: options.required("socket")?,
            connections: options.required("connections")?,
            kept: options.optional::<String>("kept")?.is_some(),
            of: options.optional("of")?,
            amount: match seconds {
                Some(seconds) => Amount::Time(Duration::from_secs_f64(seconds)),
                None => Amount::Count(options.required("count")?),
            },
            interval: rate.map(|rate| (1e9 / rate) as u64),
        })
    }

    /// The part of one of so many threads.
    fn part(&self, threads: usize) -> Self {
        let mut part = self.clone();
        part.connections = (self.connections / threads).max(1);
        part.interval = self.interval.map(|nanos| nanos * threads as u64);
        if let Amount::Count(count) = self.amount {
            part.amount = Amount::Count(count / threads as u64);
        }
        part
    }
}

/// One connection at a time, or the same one all the time.
struct Slot {
    stream: Option<UnixStream>,
    began: u64,
    answer: [u8; ANSWER],
    filled: usize,
}

struct Run {
    plan: Plan,
    poll: Poll,
    slots: Vec<Slot>,
    idle: Vec<usize>,
    request: Request,
    start: Instant,
    asked: u64,
    last_answer: u64,
    latencies: Histogram<u64>,
}

/// What one run, or one thread of it, has measured.
struct Measured {
    latencies: Histogram<u64>,
    nanos: u64,
    /// What was due and could not even be sent.
    unsent: u64,
}

impl Run {
    fn new(plan: Plan) -> Result<Self> {
        let slots = (0..plan.connections)
            .map(|_| Slot {
                stream: None,
                began: 0,
                answer: [0; ANSWER],
                filled: 0,
            })
            .collect();
        Ok(Self {
            poll: Poll::new(plan.connections)?,
            slots,
            idle: (0..plan.connections).rev().collect(),
            request: Request::new(plan.of),
            start: Instant::now(),
            asked: 0,
            last_answer: 0,
            latencies: Histogram::new_with_bounds(1, HIGHEST_NANOS, DIGITS).map_err(Error::other)?,
            plan,
        })
    }

    fn measure(mut self) -> Result<Measured> {
        sys::precise_timers()?;
        loop {
            let now = sys::nanos_since(self.start);
            let next = self.send_due(now)?;
            if next.is_none() && self.idle.len() == self.slots.len() {
                break;
            }
            if now > self.last_answer + STUCK.as_nanos() as u64 + self.plan.interval.unwrap_or(0) {
                return Err(Error::other(format!("no answer within {} s", STUCK.as_secs())));
            }
            // Where all connections are busy only an answer can be waited for.
            let until = next
                .filter(|_| !self.idle.is_empty())
                .map_or(STUCK.as_nanos() as u64, |at| at.saturating_sub(now));
            for key in self.poll.wait(Duration::from_nanos(until))? {
                self.receive(key as usize)?;
            }
        }
        Ok(Measured {
            unsent: self.unsent(),
            latencies: self.latencies,
            nanos: self.last_answer,
        })
    }

    /// Sends what is due as far as there are connections; when the next request is due, or none if that was the last.
    fn send_due(&mut self, now: u64) -> Result<Option<u64>> {
        while let Some(due) = self.due(now) {
            if due > now {
                return Ok(Some(due));
            }
            let Some(index) = self.idle.pop() else { return Ok(Some(due)) };
            let began = if self.plan.interval.is_some() {
                due
            } else {
                sys::nanos_since(self.start)
            };
            self.send(index, began)?;
        }
        Ok(None)
    }

    fn due(&self, now: u64) -> Option<u64> {
        let due = self.plan.interval.map_or(now, |nanos| self.asked * nanos);
        match self.plan.amount {
            Amount::Count(count) => (self.asked < count).then_some(due),
            Amount::Time(time) => {
                let late = now > (time + BACKLOG).as_nanos() as u64;
                (due < time.as_nanos() as u64 && !late).then_some(due)
            }
        }
    }

    fn unsent(&self) -> u64 {
        match (self.plan.amount, self.plan.interval) {
            (Amount::Time(time), Some(interval)) => (time.as_nanos() as u64).div_ceil(interval).saturating_sub(self.asked),
            _ => 0,
        }
    }

    fn send(&mut self, index: usize, began: u64) -> Result<()> {
        let slot = &mut self.slots[index];
        slot.began = began;
        slot.filled = 0;
        let stream = if let Some(kept) = slot.stream.take() {
            kept
        } else {
            let new = UnixStream::connect(&self.plan.socket)?;
            self.poll.add(new.as_raw_fd(), index as u64)?;
            new
        };
        (&stream).write_all(self.request.next())?;
        slot.stream = Some(stream);
        self.asked += 1;
        Ok(())
    }

    fn receive(&mut self, index: usize) -> Result<()> {
        let slot = &mut self.slots[index];
        let Some(stream) = &slot.stream else { return Ok(()) };
        match sys::receive(stream.as_raw_fd(), &mut slot.answer[slot.filled..])? {
            None => return Ok(()),
            Some(0) => return Err(Error::other("the agent ended the connection before its answer")),
            Some(bytes) => slot.filled += bytes,
        }
        protocol::check_begin(&slot.answer[..slot.filled])?;
        if slot.filled < ANSWER {
            return Ok(());
        }
        protocol::check(&slot.answer)?;
        self.last_answer = sys::nanos_since(self.start);
        self.latencies.saturating_record(self.last_answer - slot.began);
        if !self.plan.kept {
            slot.stream = None;
        }
        self.idle.push(index);
        Ok(())
    }
}

impl Measured {
    fn of_all(parts: Vec<Self>) -> Result<Self> {
        let mut parts = parts.into_iter();
        let mut all = parts.next().ok_or_else(|| Error::other("no thread"))?;
        for part in parts {
            all.latencies.add(part.latencies).map_err(Error::other)?;
            all.nanos = all.nanos.max(part.nanos);
            all.unsent += part.unsent;
        }
        Ok(all)
    }

    fn json(&self) -> String {
        let count = self.latencies.len();
        let quantiles: Vec<String> = self
            .latencies
            .iter_quantiles(4)
            .map(|step| format!("[{},{}]", step.quantile(), step.value_iterated_to()))
            .collect();
        format!(
            "{{\"count\":{count},\"seconds\":{},\"rate\":{},\"unsent\":{},\"mean\":{},\"p50\":{},\"p90\":{},\"p99\":{},\"p999\":{},\
             \"max\":{},\"histogram\":[{}]}}",
            self.nanos as f64 / 1e9,
            count as f64 * 1e9 / self.nanos.max(1) as f64,
            self.unsent,
            self.latencies.mean(),
            self.latencies.value_at_quantile(0.5),
            self.latencies.value_at_quantile(0.9),
            self.latencies.value_at_quantile(0.99),
            self.latencies.value_at_quantile(0.999),
            self.latencies.max(),
            quantiles.join(",")
        )
    }
}

pub fn main(options: &Options) -> Result<()> {
    let plan = Plan::parse(options)?;
    let threads = options.optional("threads")?.unwrap_or(1).min(plan.connections);
    let part = plan.part(threads);
    let running: Vec<_> = (0..threads)
        .map(|_| {
            let part = part.clone();
            thread::spawn(move || Run::new(part)?.measure())
        })
        .collect();
    let join = |one: thread::JoinHandle<Result<Measured>>| one.join().map_err(|_| Error::other("a thread failed"))?;
    let parts = running.into_iter().map(join).collect::<Result<Vec<_>>>()?;
    println!("{}", Measured::of_all(parts)?.json());
    Ok(())
}
