//! Files for values: in memory by default, else in a folder of a file system in memory.

use crate::error::{Error, Report};
use crate::options::Word;
use crate::output::Shown;
use crate::sys::{self, Descriptor, Errno};
use alloc::boxed::Box;
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;

const ROOT: u32 = 0;

/// Where the files go.
pub enum Place {
    /// Each is a descriptor that the command inherits.
    Memory,
    /// In this folder, open, with its path.
    Folder(Descriptor, &'static [u8]),
}

impl Place {
    /// The place that was asked for, for a process of that uid. SECURITY: a folder that reaches a disk, or in which others can replace files, is
    /// refused: its owner always can, whatever the mode and the sticky bit say. Judged is what was opened, not what the path names a moment later.
    pub fn of(folder: Option<&'static [u8]>, own: u32) -> Result<Self, Error> {
        let Some(path) = folder else { return Ok(Self::Memory) };
        let refuse = |why: &dyn core::fmt::Display| {
            let report = Report::of(format!("--secret-dir {}: {why}", Shown(path)));
            Err(Error::SetUp(
                report.with_hint("it must be a folder on a tmpfs, your own or root's, that nobody else can write to"),
            ))
        };
        let Ok(name) = CString::new(path) else { return refuse(&Errno::EINVAL) };
        let opened = sys::open(&name).and_then(sys::above_standard);
        let judged = opened.and_then(|folder| Ok((sys::status_of(&folder)?, sys::is_in_memory(&folder)?, folder)));
        match judged {
            Err(errno) => refuse(&errno),
            Ok((facts, ..)) if !facts.is_folder() => refuse(&Errno::ENOTDIR),
            Ok((facts, ..)) if facts.uid != ROOT && facts.uid != own => {
                refuse(&format_args!("it belongs to uid {}", facts.uid))
            }
            Ok((facts, ..)) if facts.others_can_write() && !facts.is_sticky() => refuse(&"others can write to it"),
            Ok((_, false, _)) => refuse(&"not on a tmpfs"),
            Ok((.., folder)) => Ok(Self::Folder(folder, path)),
        }
    }

    /// Makes the file of that variable; returns `NAME=PATH`.
    pub fn make(&self, name: &[u8], content: &[u8]) -> Result<Word, Error> {
        let path = match self {
            Self::Memory => in_memory(name, content),
            Self::Folder(folder, path) => in_folder(folder, path, name, content),
        };
        let path = path
            .map_err(|errno| Error::SetUp(Report::of(format!("{}: its file cannot be made: {errno}", Shown(name)))))?;
        let entry = CString::new([name, b"=", &path].concat());
        // The environment of the command points to it.
        entry.map(|entry| &*Box::leak(entry.into_boxed_c_str())).map_err(|_| Error::set_up("a path", Errno::EINVAL))
    }
}

fn in_memory(name: &[u8], content: &[u8]) -> Result<Vec<u8>, Errno> {
    const LONGEST: usize = 200;
    let shown = CString::new(&name[..name.len().min(LONGEST)]).map_err(|_| Errno::EINVAL)?;
    let file = sys::memory_file(&shown)?;
    sys::fill(&file, content)?;
    sys::seal(&file)?;
    Ok(format!("/proc/{}/fd/{}", sys::process_number(), sys::leave_open(file)).into_bytes())
}

/// Under another name first, so that nobody ever reads half of it.
fn in_folder(folder: &Descriptor, path: &[u8], name: &[u8], content: &[u8]) -> Result<Vec<u8>, Errno> {
    if name.contains(&b'/') || name.starts_with(b".") {
        return Err(Errno::EINVAL);
    }
    let own = CString::new(name).map_err(|_| Errno::EINVAL)?;
    let number = format!("{}", sys::process_number());
    let draft = CString::new([b".", name, b".", number.as_bytes()].concat()).map_err(|_| Errno::EINVAL)?;
    let file = sys::create_in(folder, &draft)?;
    let made = sys::fill(&file, content).and_then(|()| sys::rename_in(folder, &draft, &own));
    if made.is_err() {
        sys::remove_in(folder, &draft);
    }
    made.map(|()| [path, if path.ends_with(b"/") { b"" } else { b"/" }, name].concat())
}
