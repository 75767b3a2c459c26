//! Finding the command, as `execvp` does but without ever asking a shell.

use crate::error::{Error, Report};
use crate::output::FileName;
use crate::sys::{self, Errno};
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;
use core::ffi::CStr;

/// Where commands are looked for without a `PATH`.
pub const DEFAULT_PATH: &[u8] = b"/usr/local/bin:/usr/bin:/bin";

/// Finds the file of a command: itself if it has a `/`, else the first in `path` that can be executed. `position` is that of its
/// argument.
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
            // A fault of the folder, not of the command.
            Err(Errno::ENAMETOOLONG | Errno::ELOOP) if !has_folder => {}
            // Goes on: another folder may have one that can be executed.
            Err(errno) => refused = refused.or(Some((candidate, errno))),
        }
    }
    Err(match refused {
        Some((candidate, errno)) => not_executable(command, position, &candidate, errno),
        None => not_found(command, position),
    })
}

fn not_found(command: &CStr, position: usize) -> Error {
    let name = FileName { text: command.to_bytes(), position };
    let report = Report::of(format!("{name}: command not found"));
    let hint = "--env NAME=VALUE sets a variable";
    Error::NotFound(if name.is_assignment() { report.with_hint(hint) } else { report })
}

/// The file of a command that cannot be executed, and why.
#[must_use]
pub fn not_executable(command: &CStr, position: usize, file: &CStr, errno: Errno) -> Error {
    let command = FileName { text: command.to_bytes(), position };
    // SECURITY: a folder that may not be searched makes a file of everything.
    let name = if command.is_assignment() { command } else { FileName { text: file.to_bytes(), position } };
    let why: &dyn core::fmt::Display = match errno {
        Errno::ENOENT => &"its interpreter is not there",
        _ => &errno,
    };
    let report = Report::of(format!("{name}: {why}"));
    let hint = "one variable has at most 131071 bytes, all together about a quarter of the stack limit";
    Error::NotExecutable(if errno == Errno::E2BIG { report.with_hint(hint) } else { report })
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
    fn names_the_command_but_no_assignment() {
        let said = |command: &CStr| find(command, 4, b"/bin").unwrap_err().report().clone();
        assert_eq!(said(c"nosuch\x1b"), Report::of("nosuch\\x1b: command not found"));
        assert_eq!(said(c"/bin"), Report::of("/bin: is a folder"));
        let expected = Report::of("argument 4: command not found").with_hint("--env NAME=VALUE sets a variable");
        assert_eq!(said(c"URL=db://u:hunter2@h/x"), expected);
        let Error::NotExecutable(report) = not_executable(c"A=hunter2", 4, c"/root/A=hunter2", Errno::EACCES) else {
            panic!("another error")
        };
        assert_eq!(report, Report::of("argument 4: permission denied"));
    }

    #[test]
    fn takes_an_empty_folder_for_the_current_one() {
        let here = std::env::current_dir().unwrap();
        let name = CString::new(format!("launcher-{}-here", std::process::id())).unwrap();
        let file = here.join(name.to_str().unwrap());
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        let found = [&b""[..], b":/bin", b"/nowhere:", b"/nowhere::/bin"].map(|path| find(&name, 1, path));
        let elsewhere = find(&name, 1, b"/bin");
        fs::remove_file(&file).unwrap();
        assert!(found.iter().all(|found| found.as_ref() == Ok(&name)), "{found:?}");
        assert_eq!(elsewhere.unwrap_err().exit_code(), 127);
    }

    #[test]
    fn passes_over_folders_that_cannot_be() {
        let long = "x".repeat(5000);
        assert_eq!(find(c"sh", 1, format!("/{long}:/bin").as_bytes()), Ok(c"/bin/sh".into()));
        assert_eq!(find(c"nothing", 1, format!("/{long}:/bin").as_bytes()).unwrap_err().exit_code(), 127);
        let name = CString::new(long.clone()).unwrap();
        assert_eq!(find(&name, 1, b"/bin").unwrap_err().exit_code(), 127);
        assert_eq!(find(&CString::new(format!("/{long}")).unwrap(), 1, b"").unwrap_err().exit_code(), 126);
    }
}
