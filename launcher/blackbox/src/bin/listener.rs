//! Listens on the socket that its argument names, and says how many bytes the first connection sent: a server that another user runs.

use std::io::{self, Read};
use std::os::unix::net::UnixListener;

fn main() -> io::Result<()> {
    let path = std::env::args().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let listener = UnixListener::bind(&path)?;
    println!("listening");
    let (mut stream, _) = listener.accept()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    println!("{}", bytes.len());
    Ok(())
}
