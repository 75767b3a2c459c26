//! Reads inputs as hexadecimal digits, one a line, and says in a line what the launcher's decoder makes of each.

use latchkey_launcher::hex;
use latchkey_launcher::protocol::described as frame;
use latchkey_launcher::reference::described as reference;
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("frames") => |input: &[u8]| frame::outcome(input).unwrap_or_else(|| "-".into()),
        Some("references") => |input: &[u8]| reference::outcome(input),
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, "usage: outcomes frames | references")),
    };
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        writeln!(out, "{}", outcome(&hex::bytes(&line?)))?;
        out.flush()?;
    }
    Ok(())
}
