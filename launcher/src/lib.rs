//! The launcher of Latchkey: it asks the agent for the secrets of one command and becomes that command.
//!
//! The algorithm is [`launch::run`], which reads from top to bottom: understand the arguments, connect, find the command while the
//! agent wakes up, ask it, add what it delivers to the environment, `execve`. Everything else is in the order in which that needs it:
//!
//! * [`flags`], [`help`], [`options`]: what can be said, one definition for each flag
//! * [`name`], [`duration`], [`reference`], [`env_file`]: the grammars
//! * [`problems`]: what is wrong with any of that, all at once, by position
//! * [`bindings`]: layers, duplicates and conflicts; [`command`]: the search in `PATH`
//! * [`own_group`], [`proof`], [`walk`], [`sha256`]: what a launcher with a group of its own does more
//! * [`protocol`]: the codec; [`socket`], [`agent`], [`answer`]: finding the agent, trusting it, asking it
//! * [`environment`], [`dry_run`]: what comes out
//! * [`error`], [`explain`], [`output`]: what is said when it goes wrong
//! * [`sys`]: the kernel
//!
//! There is neither `std` nor libc below it, which is why a launch costs little more than a bare `execve`. Values of secrets are in one
//! place only, the [`answer::Answer`], which is wiped on every path but the one that ends in the command.

#![cfg_attr(not(test), no_std)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

extern crate alloc;

pub mod agent;
pub mod answer;
pub mod bindings;
pub mod command;
pub mod documents;
pub mod dry_run;
pub mod duration;
pub mod env_file;
pub mod environment;
pub mod error;
pub mod explain;
pub mod file;
pub mod flags;
pub mod help;
#[cfg(any(test, feature = "described"))]
pub mod hex;
pub mod launch;
pub mod name;
pub mod options;
pub mod output;
pub mod own_group;
pub mod problems;
pub mod proof;
pub mod protocol;
pub mod reference;
pub mod secret_file;
pub mod sha256;
pub mod socket;
pub mod sort;
pub mod sys;
pub mod token;
pub mod trust;
pub mod walk;
