//! Launches of several candidates in turn, so that all of them see the same machine.

use crate::options::Options;
use crate::spawn::Program;
use crate::sys;
use std::fs::File;
use std::io::{Error, Read, Result, Write};
use std::os::fd::AsFd;
use std::time::Instant;

/// A launch that takes longer than this is measured in every twentieth round only.
const SLOW_NANOS: u64 = 20_000_000;
const SLOW_EVERY: usize = 20;

struct Candidate {
    name: String,
    program: Program,
    slow: bool,
    /// Of each round; none where it was left out.
    nanos: Vec<Option<u64>>,
}

impl Candidate {
    fn parse(line: &str) -> Result<Self> {
        let words: Vec<&str> = line.split('\t').collect();
        let (name, command) = words.split_first().ok_or_else(|| Error::other("an empty line"))?;
        Ok(Self {
            name: (*name).to_owned(),
            program: Program::new(command)?,
            slow: false,
            nanos: Vec::new(),
        })
    }

    /// From before the process is made until it has ended.
    fn launch(&self) -> Result<u64> {
        let start = Instant::now();
        self.program.run()?;
        Ok(sys::nanos_since(start))
    }

    fn warm_up(&mut self, times: usize) -> Result<()> {
        self.slow = self.launch()? > SLOW_NANOS && self.launch()? > SLOW_NANOS;
        for _ in 0..if self.slow { 0 } else { times } {
            self.launch()?;
        }
        Ok(())
    }

    fn measure(&mut self, round: usize) -> Result<()> {
        let left_out = self.slow && round % SLOW_EVERY != 0;
        self.nanos.push(if left_out { None } else { Some(self.launch()?) });
        Ok(())
    }

    fn json(&self) -> String {
        let nanos: Vec<String> = self
            .nanos
            .iter()
            .map(|n| n.map_or("null".into(), |n| n.to_string()))
            .collect();
        format!("\"{}\":[{}]", self.name, nanos.join(","))
    }
}

pub fn main(options: &Options) -> Result<()> {
    let rounds = options.required("rounds")?;
    let warm_up = options.required("warm-up")?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let mut candidates = text.lines().map(Candidate::parse).collect::<Result<Vec<_>>>()?;
    let mut results = take_stdout()?;
    for candidate in &mut candidates {
        candidate.warm_up(warm_up)?;
    }
    let count = candidates.len();
    for round in 0..rounds {
        // Another goes first each time, and every second round runs backwards, so that none always follows the same one.
        for turn in 0..count {
            let place = if round % 2 == 0 { turn } else { count - 1 - turn };
            candidates[(place + round / 2) % count].measure(round)?;
        }
    }
    let all: Vec<String> = candidates.iter().map(Candidate::json).collect();
    writeln!(results, "{{{}}}", all.join(","))
}

/// What is launched writes to nowhere; the results go where stdout went.
fn take_stdout() -> Result<File> {
    let results = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
    let nowhere = File::options().write(true).open("/dev/null")?;
    sys::replace(&nowhere, &std::io::stdout())?;
    Ok(results)
}
