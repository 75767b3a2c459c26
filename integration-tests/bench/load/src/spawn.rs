//! Starts programs the cheapest way: the parent is not copied, so its size does not count.

use crate::sys;
use std::ffi::CString;
use std::io::{Error, Result};
use std::os::unix::ffi::OsStringExt;
use std::ptr;

/// A program (a path) with its arguments and our environment, ready to be started again and again.
pub struct Program {
    words: Vec<CString>,
    environment: Vec<CString>,
}

impl Program {
    pub fn new<S: AsRef<str>>(words: &[S]) -> Result<Self> {
        if words.is_empty() {
            return Err(Error::other("no program is given"));
        }
        let words = words
            .iter()
            .map(|word| CString::new(word.as_ref()))
            .collect::<std::result::Result<_, _>>()?;
        let entry = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            CString::new([name.into_vec(), b"=".to_vec(), value.into_vec()].concat())
        };
        let environment = std::env::vars_os().map(entry).collect::<std::result::Result<_, _>>()?;
        Ok(Self { words, environment })
    }

    /// Its pid.
    pub fn start(&self) -> Result<i32> {
        let words = pointers(&self.words);
        let environment = pointers(&self.environment);
        let mut pid = 0;
        // SAFETY: both lists end with a null pointer, and what they point to outlives the call.
        let error = unsafe {
            libc::posix_spawn(
                &raw mut pid,
                words[0],
                ptr::null(),
                ptr::null(),
                words.as_ptr(),
                environment.as_ptr(),
            )
        };
        if error == 0 {
            Ok(pid)
        } else {
            Err(Error::from_raw_os_error(error))
        }
    }

    /// Starts it and waits for its end, which must be a good one.
    pub fn run(&self) -> Result<()> {
        let pid = self.start()?;
        match sys::wait_for(pid, 0)? {
            Some(0) => Ok(()),
            status => Err(Error::other(format!("{:?} ended with wait status {status:?}", self.words[0]))),
        }
    }
}

fn pointers(words: &[CString]) -> Vec<*mut libc::c_char> {
    words
        .iter()
        .map(|word| word.as_ptr().cast_mut())
        .chain([ptr::null_mut()])
        .collect()
}
