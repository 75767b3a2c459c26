//! The launcher. Its algorithm is in [`latchkey_launcher::launch`]; here is only how a process begins without libc.

#![no_std]
#![no_main]

mod start;

use latchkey_launcher::launch;
use latchkey_launcher::sys::{self, Heap, Process};

#[global_allocator]
static HEAP: Heap = Heap::new();

/// What `_start` calls.
fn main(process: &Process) -> ! {
    sys::exit(launch::run(process))
}
