//! Measures a Latchkey agent and launcher; every subcommand prints one JSON object on stdout. `../run.sh` says what for.
//!
//! ```text
//! load exchanges --socket S --connections N (--seconds S | --count N) [--kept yes] [--rate PER_SECOND] [--threads N] [--of SECRETS]
//! load hostile   --socket S --connections N [--uid N]        until its stdin ends
//! load consumers --socket S --count N                        so many processes that hold secrets, until its stdin ends
//! load launches  --rounds N --warm-up N                      candidates on stdin, a line each: NAME <tab> WORD <tab> WORD ...
//! load cold      --socket S -- PROGRAM ARG...                from the start of an agent to its first answer
//! load steps     -- PROGRAM ARG...                           of a launcher, until it becomes its command
//! ```

mod cold;
mod consumers;
mod exchanges;
mod hostile;
mod launches;
mod options;
mod protocol;
mod spawn;
mod steps;
mod sys;

use options::Options;
use std::io::{Error, Result};
use std::process::ExitCode;

fn run() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    match options.subcommand.as_str() {
        "exchanges" => exchanges::main(&options),
        "hostile" => hostile::main(&options),
        "consumers" => consumers::main(&options),
        "launches" => launches::main(&options),
        "cold" => cold::main(&options),
        "steps" => steps::main(&options),
        _ => Err(Error::other(
            "usage: load exchanges|hostile|consumers|launches|cold|steps ...",
        )),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}
