//! Small files, read whole, and pipes in their place: `/dev/stdin`, and what a shell substitutes for `<(command)`.

use crate::sys::{self, Descriptor, Errno, Readiness};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::CStr;

/// How many microseconds the other end of a pipe has for all that it writes. A FIFO that nobody writes to must not hang a launch.
const PATIENCE: u64 = 30_000_000;

/// Reads a file of at most so many bytes; otherwise says why not.
pub fn read(path: &CStr, limit: usize) -> Result<Vec<u8>, String> {
    read_until(path, limit, sys::now() + PATIENCE)
}

fn read_until(path: &CStr, limit: usize, deadline: u64) -> Result<Vec<u8>, String> {
    let descriptor = sys::open(path).map_err(|errno| errno.to_string())?;
    // The end of a FIFO comes at once, unless one waits for the first who writes.
    wait(&descriptor, deadline)?;
    let mut content = vec![0; 16 * 1024];
    let mut length = 0;
    loop {
        match sys::read(&descriptor, &mut content[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => wait(&descriptor, deadline)?,
            Err(errno) => return Err(errno.to_string()),
        }
        if length > limit {
            return Err("it is too long".to_string());
        }
        if length == content.len() {
            content.resize(2 * length, 0);
        }
    }
    content.truncate(length);
    Ok(content)
}

/// Waits until something can be read, and says so if that does not come in time. What does not end is noticed here too.
fn wait(descriptor: &Descriptor, deadline: u64) -> Result<(), String> {
    let remaining = deadline.saturating_sub(sys::now());
    let ready = remaining > 0
        && sys::wait_until_ready(descriptor, Readiness::Readable, remaining).map_err(|errno| errno.to_string())?;
    if ready { Ok(()) } else { Err("nothing came in time".to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::ffi::CString;
    use alloc::format;
    use std::fs;
    use std::io::Write;
    use std::process::Command;
    use std::thread;

    /// A FIFO that vanishes with the value.
    struct Fifo(CString);

    impl Fifo {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("launcher-{}-{name}", std::process::id()));
            assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
            Self(CString::new(path.to_str().unwrap()).unwrap())
        }

        fn path(&self) -> &str {
            self.0.to_str().unwrap()
        }
    }

    impl Drop for Fifo {
        fn drop(&mut self) {
            fs::remove_file(self.path()).unwrap();
        }
    }

    #[test]
    fn gives_up_on_a_fifo_that_nobody_writes_to() {
        let fifo = Fifo::new("nobody");
        assert_eq!(read_until(&fifo.0, 10, sys::now() + 20_000), Err("nothing came in time".into()));
    }

    #[test]
    fn gives_up_on_a_fifo_that_does_not_end() {
        let fifo = Fifo::new("endless");
        let mut file = fs::OpenOptions::new().read(true).write(true).open(fifo.path()).unwrap();
        file.write_all(b"A=1").unwrap();
        assert_eq!(read_until(&fifo.0, 10, sys::now() + 20_000), Err("nothing came in time".into()));
        file.write_all(b"12345678").unwrap();
        assert_eq!(read_until(&fifo.0, 2, sys::now() + 10_000_000), Err("it is too long".into()));
    }

    #[test]
    fn waits_for_who_writes_to_a_fifo() {
        let fifo = Fifo::new("late");
        let path = fifo.path().to_string();
        let writer = thread::spawn(move || fs::write(path, "A=1").unwrap());
        assert_eq!(read(&fifo.0, 10), Ok(b"A=1".to_vec()));
        writer.join().unwrap();
    }

    #[test]
    fn refuses_folders_and_what_is_too_long() {
        assert_eq!(read(c"/", 10), Err("is a folder".into()));
        assert_eq!(read(c"/dev/zero", 100_000), Err("it is too long".into()));
        assert_eq!(read(c"/dev/null", 0), Ok(vec![]));
    }
}
