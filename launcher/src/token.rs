//! The bearer token, from its file.

use crate::error::{Error, Report};
use crate::file;
use crate::options::TokenFile;
use alloc::ffi::CString;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The longest token that a request can carry.
const LONGEST: usize = 4096;

/// Reads the token; says where its file was named if it cannot be used.
pub fn read(named: TokenFile) -> Result<Vec<u8>, Error> {
    content(named.path).map_err(|why| Error::Usage(Report::of(format!("{}: the token file: {why}", named.origin))))
}

fn content(path: &[u8]) -> Result<Vec<u8>, String> {
    let path = CString::new(path).map_err(|_| "its path has a NUL byte".to_string())?;
    let mut token = file::read(&path, LONGEST + 1)?;
    if token.last() == Some(&b'\n') {
        token.pop();
    }
    match token.len() {
        0 => Err("it is empty".to_string()),
        1..=LONGEST => Ok(token),
        _ => Err("it is too long".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    /// A file that vanishes with the value.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, bytes: &[u8]) -> Self {
            let path = std::env::temp_dir().join(format!("launcher-token-{}-{name}", std::process::id()));
            fs::write(&path, bytes).unwrap();
            Self(path)
        }

        fn read(&self) -> Result<Vec<u8>, String> {
            content(self.0.to_str().unwrap().as_bytes())
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_file(&self.0).unwrap();
        }
    }

    #[test]
    fn takes_all_but_one_final_newline() {
        assert_eq!(Scratch::new("one", b"a\0 \xff\n").read(), Ok(b"a\0 \xff".to_vec()));
        assert_eq!(Scratch::new("two", b"a\n\n").read(), Ok(b"a\n".to_vec()));
        assert_eq!(Scratch::new("none", b"a").read(), Ok(b"a".to_vec()));
    }

    #[test]
    fn refuses_what_no_request_can_carry() {
        assert_eq!(Scratch::new("empty", b"").read(), Err("it is empty".into()));
        assert_eq!(Scratch::new("newline", b"\n").read(), Err("it is empty".into()));
        assert_eq!(Scratch::new("long", &[b'x'; LONGEST + 1]).read(), Err("it is too long".into()));
        assert_eq!(Scratch::new("longer", &[b'x'; LONGEST + 2]).read(), Err("it is too long".into()));
        let mut longest = [b'x'; LONGEST + 1];
        longest[LONGEST] = b'\n';
        assert_eq!(Scratch::new("longest", &longest).read().map(|token| token.len()), Ok(LONGEST));
        assert!(content(b"/nonexistent/token").is_err());
    }
}
