//! What a launcher does until it becomes its command: instructions, one by one, and its peak memory then. Neither depends on the
//! load of the machine.

use crate::options::Options;
use crate::sys::{self, Tracee};
use std::io::{Error, Result};
use std::os::unix::process::CommandExt;
use std::process::Command;

pub fn main(options: &Options) -> Result<()> {
    let (program, arguments) = options
        .words
        .split_first()
        .ok_or_else(|| Error::other("no program is given"))?;
    let mut command = Command::new(program);
    command.args(arguments);
    // SAFETY: one system call, which allocates nothing.
    unsafe { command.pre_exec(sys::let_parent_trace) };
    let mut child = command.spawn()?;
    let counted = count(&Tracee::new(child.id() as i32));
    child.kill()?;
    child.wait()?;
    let (instructions, peak_kib) = counted?;
    println!("{{\"instructions\":{instructions},\"peak_kib\":{peak_kib}}}");
    Ok(())
}

/// Up to its execve. An instruction that repeats itself (`rep movsb`) stops each time, and is counted once.
fn count(tracee: &Tracee) -> Result<(u64, u64)> {
    tracee.wait_for_stop()?;
    let mut instructions = 0;
    let mut last = 0;
    loop {
        let now = tracee.registers()?;
        if now.at != last {
            instructions += 1;
        }
        if now.call == libc::SYS_execve as u64 && tracee.is_before_call(&now)? {
            return Ok((instructions, tracee.peak_kib()?));
        }
        last = now.at;
        tracee.step()?;
    }
}
