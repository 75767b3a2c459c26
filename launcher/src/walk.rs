//! Walks to a file through folders that the user cannot change, so that what was found there stays what it is.

use crate::sys::{self, Descriptor, Errno, FileStatus};
use alloc::ffi::CString;
use alloc::vec::Vec;

/// As many as the kernel follows.
const MOST_LINKS: u32 = 40;

/// Why a file was not opened.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// The kernel refused.
    Refused(Errno),
    /// The user owns or may write this, so that it can become anything. Its path, as far as the walk came.
    Writable(Vec<u8>),
}

impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        Self::Refused(errno)
    }
}

/// Opens the regular file at an absolute path for reading. SECURITY: each name is looked up in the folder that was checked before, and
/// symbolic links are followed here, so that there is no path for anybody to change in between.
pub fn open(path: &[u8], uid: u32) -> Result<Descriptor, Fault> {
    let mut walk = Walk { uid, names: Vec::new(), folder: sys::root_folder()?, at: Vec::new() };
    walk.check_folder(&walk.folder)?;
    walk.queue(path);
    for _ in 0..=MOST_LINKS {
        if let Some(file) = walk.until_link()? {
            return Ok(file);
        }
    }
    Err(Errno::ELOOP.into())
}

struct Walk {
    uid: u32,
    /// What is still to be looked up, the next one last.
    names: Vec<CString>,
    folder: Descriptor,
    /// The path of the folder, for messages.
    at: Vec<u8>,
}

impl Walk {
    fn queue(&mut self, path: &[u8]) {
        let names = path.rsplit(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".");
        // A path of the kernel's has no NUL.
        self.names.extend(names.filter_map(|name| CString::new(name).ok()));
    }

    /// Goes on until the file, which is returned, or until behind the next symbolic link.
    fn until_link(&mut self) -> Result<Option<Descriptor>, Fault> {
        while let Some(name) = self.names.pop() {
            let entry = sys::look_up(&self.folder, &name)?;
            let status = sys::status_of(&entry)?;
            if status.is_link() {
                self.follow(&entry, status, &name)?;
                return Ok(None);
            }
            if !status.is_folder() {
                return self.file(&name).map(Some);
            }
            self.enter(entry, &name)?;
        }
        Err(Errno::EISDIR.into())
    }

    fn enter(&mut self, folder: Descriptor, name: &CString) -> Result<(), Fault> {
        self.at = self.path_of(name);
        self.check_folder(&folder)?;
        self.folder = folder;
        Ok(())
    }

    fn follow(&mut self, link: &Descriptor, status: FileStatus, name: &CString) -> Result<(), Fault> {
        if status.uid == self.uid {
            return Err(Fault::Writable(self.path_of(name)));
        }
        let target = sys::link_target(link)?;
        if target.starts_with(b"/") {
            self.folder = sys::root_folder()?;
            self.at.clear();
        }
        self.queue(&target);
        Ok(())
    }

    /// The last name: neither the file nor the folder that has it may be the user's to write.
    fn file(&self, name: &CString) -> Result<Descriptor, Fault> {
        if !self.names.is_empty() {
            return Err(Errno::ENOTDIR.into());
        }
        if sys::may_write(&self.folder)? {
            return Err(Fault::Writable(self.at.clone()));
        }
        let file = sys::open_entry(&self.folder, name)?;
        let status = sys::status_of(&file)?;
        if !status.is_regular() {
            return Err(Errno::EACCES.into());
        }
        if self.is_the_users(&file, status)? {
            return Err(Fault::Writable(self.path_of(name)));
        }
        Ok(file)
    }

    /// What others have in a sticky folder, the user cannot take away or replace.
    fn check_folder(&self, folder: &Descriptor) -> Result<(), Fault> {
        let status = sys::status_of(folder)?;
        let harmless = status.is_sticky() && status.uid != self.uid;
        if !harmless && self.is_the_users(folder, status)? {
            return Err(Fault::Writable(self.at.clone()));
        }
        Ok(())
    }

    /// Whether the user can change it now, or could after a `chmod`. A mode counts also where the file system is mounted read-only here.
    fn is_the_users(&self, file: &Descriptor, status: FileStatus) -> Result<bool, Errno> {
        Ok(status.uid == self.uid || status.everybody_can_write() || sys::may_write(file)?)
    }

    fn path_of(&self, name: &CString) -> Vec<u8> {
        [&self.at, &b"/"[..], name.to_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    /// A user that these tests are not; what they make belongs to who runs them.
    const NOBODY: u32 = 65_534;

    fn own_uid() -> u32 {
        use std::os::unix::fs::MetadataExt;
        fs::metadata("/proc/self").unwrap().uid()
    }

    fn path(path: &PathBuf) -> &[u8] {
        path.to_str().unwrap().as_bytes()
    }

    #[test]
    fn reaches_system_commands_through_their_links() {
        if own_uid() == 0 {
            // Root may write everything, so that nothing is safe from it.
            assert_eq!(open(b"/bin/sh", NOBODY).unwrap_err(), Fault::Writable(Vec::new()));
            return;
        }
        assert!(open(b"/bin/sh", own_uid()).is_ok());
        assert!(open(b"//usr/./bin/../bin/env", own_uid()).is_ok());
    }

    #[test]
    fn refuses_what_the_user_owns_or_may_write() {
        let folder = std::env::temp_dir().join(format!("launcher-{}-walk", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("tool");
        fs::write(&file, "x").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o555)).unwrap();
        let link = folder.join("link");
        symlink("/bin/sh", &link).unwrap();
        let uid = own_uid();
        let results = [open(path(&file), uid), open(path(&link), uid)];
        fs::remove_dir_all(&folder).unwrap();
        for result in results {
            assert!(matches!(result, Err(Fault::Writable(_))), "{result:?}");
        }
    }

    #[test]
    fn says_what_is_missing_or_wrong() {
        let uid = own_uid();
        if uid != 0 {
            assert_eq!(open(b"/nonexistent/tool", uid).unwrap_err(), Fault::Refused(Errno::ENOENT));
            assert_eq!(open(b"/usr", uid).unwrap_err(), Fault::Refused(Errno::EISDIR));
            assert_eq!(open(b"/etc/passwd/x", uid).unwrap_err(), Fault::Refused(Errno::ENOTDIR));
        }
    }
}
