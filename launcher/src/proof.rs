//! What a launcher with a group of its own says of the command, and keeps to: docs/adr/0025.

use crate::command;
use crate::error::{Error, Report};
use crate::options::Word;
use crate::output::{FileName, Shown};
use crate::protocol;
use crate::sha256::{self, Sha256};
use crate::sys::{self, Descriptor, Errno};
use crate::walk::{self, Fault};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::CStr;

/// The longest path that a request can carry.
const LONGEST_PATH: usize = 4096;

/// The command, held open as it was hashed.
pub struct Proof {
    file: Descriptor,
    path: String,
    executable: [u8; sha256::LENGTH],
    arguments: [u8; sha256::LENGTH],
}

/// A command for a message: its file, and which argument it was.
#[derive(Clone, Copy)]
struct Named<'a> {
    word: Word,
    position: usize,
    program: &'a CStr,
}

impl Proof {
    /// Opens and hashes the file of a command; `words` are all arguments of the launcher, that at `position` being the command.
    pub fn of(program: &CStr, words: &[Word], position: usize, uid: u32) -> Result<Self, Error> {
        let named = Named { word: words[position], position, program };
        let path = absolute(program.to_bytes()).map_err(|errno| named.refused(errno))?;
        let path =
            text(path).ok_or_else(|| named.problem("its path is no text that could be compared with a rule's"))?;
        let file = walk::open(path.as_bytes(), uid).map_err(|fault| named.fault(fault))?;
        let executable = hash(&file).map_err(|errno| named.refused(errno))?;
        let executable = executable.ok_or_else(|| named.script())?;
        Ok(Self { file, path, executable, arguments: hash_of_arguments(&words[position + 1..]) })
    }

    /// In the words of the protocol.
    #[must_use]
    pub fn said(&self) -> protocol::Proof<'_> {
        protocol::Proof { executable: &self.executable, arguments: &self.arguments, path: &self.path }
    }

    /// The very file that was hashed.
    #[must_use]
    pub fn file(&self) -> &Descriptor {
        &self.file
    }
}

impl Named<'_> {
    fn refused(self, errno: Errno) -> Error {
        command::not_executable(self.word, self.position, self.program, errno)
    }

    fn fault(self, fault: Fault) -> Error {
        let writable = match fault {
            Fault::Refused(errno) => return self.refused(errno),
            Fault::Writable(path) if path.is_empty() => b"/".to_vec(),
            Fault::Writable(path) => path,
        };
        let report = self.report(&format!("its user can change {}", Shown(&writable)));
        Error::NotExecutable(
            report
                .with_hint("a launcher with a group of its own runs only what its user can neither write nor replace"),
        )
    }

    fn script(self) -> Error {
        let report = self.report("a script cannot be proved");
        Error::NotExecutable(report.with_hint("name its interpreter as the command, and pin args in the rule"))
    }

    fn problem(self, what: &str) -> Error {
        Error::NotExecutable(self.report(what))
    }

    fn report(self, what: &str) -> Report {
        let command = FileName { text: self.word.to_bytes(), position: self.position };
        let file = FileName { text: self.program.to_bytes(), position: self.position };
        // SECURITY: a folder that may not be searched makes a file of everything.
        Report::of(if command.is_assignment() { format!("{command}: {what}") } else { format!("{file}: {what}") })
    }
}

/// The path from the root on, without `.` and empty names. A `..` stays: what it means depends on links.
fn absolute(path: &[u8]) -> Result<Vec<u8>, Errno> {
    let folder = if path.starts_with(b"/") { Vec::new() } else { sys::working_folder()? };
    if !folder.is_empty() && !folder.starts_with(b"/") {
        // The folder lies outside of what this process can reach.
        return Err(Errno::ENOENT);
    }
    let mut absolute = Vec::with_capacity(folder.len() + path.len() + 1);
    for name in folder.split(|byte| *byte == b'/').chain(path.split(|byte| *byte == b'/')) {
        if !name.is_empty() && name != b"." {
            absolute.push(b'/');
            absolute.extend_from_slice(name);
        }
    }
    Ok(absolute)
}

fn text(path: Vec<u8>) -> Option<String> {
    let fits = !path.is_empty() && path.len() <= LONGEST_PATH && !path.iter().any(u8::is_ascii_control);
    String::from_utf8(path).ok().filter(|_| fits)
}

/// The hash of a file, or nothing if it is a script: then what runs is another file.
fn hash(file: &Descriptor) -> Result<Option<[u8; sha256::LENGTH]>, Errno> {
    const AT_ONCE: usize = 64 * 1024;
    let mut hash = Sha256::new();
    let mut bytes = vec![0; AT_ONCE];
    let mut first = true;
    loop {
        match sys::read(file, &mut bytes) {
            Ok(0) => return Ok(Some(hash.finish())),
            Ok(length) => {
                if first && bytes[..length].starts_with(b"#!") {
                    return Ok(None);
                }
                first = false;
                hash.update(&bytes[..length]);
            }
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Each with its NUL, which no argument can contain, so that no two lists look alike.
fn hash_of_arguments(arguments: &[Word]) -> [u8; sha256::LENGTH] {
    let mut hash = Sha256::new();
    for argument in arguments {
        hash.update(argument.to_bytes_with_nul());
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    #[test]
    fn makes_paths_absolute_and_no_more() {
        let text = |path: &[u8]| String::from_utf8(absolute(path).unwrap()).unwrap();
        assert_eq!(text(b"/usr/bin/env"), "/usr/bin/env");
        assert_eq!(text(b"//usr/./bin//env"), "/usr/bin/env");
        assert_eq!(text(b"/usr/lib/../bin/env"), "/usr/lib/../bin/env");
        let here = std::env::current_dir().unwrap();
        assert_eq!(text(b"./tool"), format!("{}/tool", here.display()));
    }

    #[test]
    fn sends_only_text() {
        assert_eq!(text(b"/a".to_vec()), Some("/a".into()));
        assert_eq!(text(b"/\xff".to_vec()), None);
        assert_eq!(text(b"/a\n".to_vec()), None);
        assert_eq!(text(vec![b'/'; LONGEST_PATH + 1]), None);
        assert_eq!(text(Vec::new()), None);
    }

    #[test]
    fn tells_lists_of_arguments_apart() {
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash_of_arguments(&[]).as_slice(), hex::bytes(nothing));
        let lists: [&[Word]; 5] = [&[], &[c""], &[c"", c""], &[c"ab"], &[c"a", c"b"]];
        for (index, one) in lists.iter().enumerate() {
            for other in &lists[index + 1..] {
                assert_ne!(hash_of_arguments(one), hash_of_arguments(other));
            }
        }
    }

    #[test]
    fn knows_a_script() {
        let folder = std::env::temp_dir();
        let path = folder.join(format!("launcher-{}-script", std::process::id()));
        let hashed = ["#!/bin/sh\n", "plain", ""].map(|content| {
            std::fs::write(&path, content).unwrap();
            let name = alloc::ffi::CString::new(path.to_str().unwrap()).unwrap();
            hash(&sys::open(&name).unwrap()).unwrap().is_some()
        });
        std::fs::remove_file(&path).unwrap();
        assert_eq!(hashed, [false, true, true]);
    }
}
