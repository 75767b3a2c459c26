//! Small files, read whole.

use crate::sys::{self, Errno};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::CStr;

/// Reads a file of at most so many bytes; otherwise says why not.
pub fn read(path: &CStr, limit: usize) -> Result<Vec<u8>, String> {
    let descriptor = sys::open(path).map_err(|errno| errno.to_string())?;
    let mut content = vec![0; 16 * 1024];
    let mut length = 0;
    loop {
        match sys::read(&descriptor, &mut content[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(Errno::EINTR) => {}
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
