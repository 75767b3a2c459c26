//! Finding the command, as `execvp` does but without ever asking a shell.

use crate::error::{Error, Report};
use crate::sys::{self, Errno};
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;
use core::ffi::CStr;

/// Where commands are looked for without a `PATH`.
pub const DEFAULT_PATH: &[u8] = b"/usr/local/bin:/usr/bin:/bin";

/// Finds the file of a command: itself if it has a `/`, else the first in `path` that can be executed. `position` is that of its argument.
pub fn find(command: &CStr, position: usize, path: &[u8]) -> Result<CString, Error> {
    let name = command.to_bytes();
    let mut refused = None;
    let has_folder = name.contains(&b'/');
    let folders = path.split(|byte| *byte == b':').filter(|_| !has_folder && !name.is_empty());
    let candidates = has_folder.then(|| name.to_vec()).into_iter().chain(folders.map(|folder| join(folder, name)));
    for candidate in candidates {
        let Ok(candidate) = CString::new(candidate) else { continue };
        match examine(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(Errno::ENOENT | Errno::ENOTDIR) => {}
            // Goes on: another folder may have one that can be executed.
            Err(errno) => refused = refused.or(Some(errno)),
        }
    }
    Err(match refused {
        Some(errno) => not_executable(position, errno),
        None => Error::NotFound(Report::of(format!("argument {position}: command not found"))),
    })
}

/// The command that cannot be executed, and why.
#[must_use]
pub fn not_executable(position: usize, errno: Errno) -> Error {
    let why: &dyn core::fmt::Display = match errno {
        Errno::ENOENT => &"its interpreter is not there",
        _ => &errno,
    };
    Error::NotExecutable(Report::of(format!("argument {position}: command cannot be executed: {why}")))
}

/// An empty folder in a `PATH` is the current one.
fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if folder.is_empty() { b"" } else { b"/" };
    [folder, slash, name].concat()
}

fn examine(candidate: &CStr) -> Result<(), Errno> {
    sys::may_execute(candidate)?;
    if sys::status(candidate)?.is_folder() { Err(Errno::EISDIR) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    /// A folder with `first/tool` that is not executable, `second/tool` that is, and the folder `first/folder`.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("launcher-{}-{name}", std::process::id()));
        for (file, mode) in [("first/tool", 0o644), ("second/tool", 0o755)] {
            fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
            fs::write(folder.join(file), "").unwrap();
            fs::set_permissions(folder.join(file), fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::create_dir_all(folder.join("first/folder")).unwrap();
        folder
    }

    #[test]
    fn goes_on_past_what_cannot_be_executed() {
        let folder = folder("goes-on");
        let (first, second) = (folder.join("first"), folder.join("second"));
        let path = format!("/nowhere:/etc/passwd:{}:{}", first.display(), second.display());
        let expected = CString::new(second.join("tool").to_str().unwrap()).unwrap();
        assert_eq!(find(c"tool", 3, path.as_bytes()), Ok(expected));
        assert_eq!(find(c"tool", 3, first.to_str().unwrap().as_bytes()).unwrap_err().exit_code(), 126);
        assert_eq!(find(c"folder", 3, path.as_bytes()).unwrap_err().exit_code(), 126);
        assert_eq!(find(c"nothing", 3, path.as_bytes()).unwrap_err().exit_code(), 127);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn takes_a_name_with_a_slash_as_it_is() {
        assert_eq!(find(c"/bin/sh", 1, b""), Ok(c"/bin/sh".into()));
        assert_eq!(find(c"/bin", 1, b"").unwrap_err().exit_code(), 126);
        assert_eq!(find(c"./sh", 1, b"/bin").unwrap_err().exit_code(), 127);
        assert_eq!(find(c"/etc/passwd/x", 1, b"").unwrap_err().exit_code(), 127);
        assert_eq!(find(c"", 1, b"/bin").unwrap_err().exit_code(), 127);
    }

    #[test]
    fn never_says_what_the_command_was() {
        let error = find(c"hunter2", 4, b"/bin").unwrap_err();
        assert_eq!(error.report().problems, ["argument 4: command not found"]);
    }
}
