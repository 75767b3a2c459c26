//! A group of the launcher's own, which an agent knows it by: docs/adr/0024.
//!
//! The kernel gives it to a launcher that is installed set-group-id, together with `AT_SECURE`. It is set aside while the arguments are
//! understood, used for one `connect()`, and given up for good before any file is opened that the user names.

use crate::error::{Error, Report};
use crate::sys::{self, Errno, Identity};
use alloc::format;
use alloc::string::String;

const OWN_FILE: &core::ffi::CStr = c"/proc/self/exe";

/// SECURITY: from here on nobody of the same user looks into this process, and files are opened as the caller's.
pub fn set_aside(identity: &Identity) -> Result<(), Error> {
    if identity.uid != identity.real_uid {
        return Err(Error::SetUp(Report::of("the launcher must not be setuid")));
    }
    if !identity.secure {
        return Ok(());
    }
    let set_aside = sys::shut_out_others().and_then(|()| change(sys::set_effective_group, identity.real_gid));
    set_aside.map_err(|errno| Error::set_up("setting the group aside", errno))
}

/// Does something, a `connect()`, with the group.
pub fn having<T>(identity: &Identity, action: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
    if !identity.secure {
        return action();
    }
    change(sys::set_effective_group, identity.gid)?;
    let done = action();
    change(sys::set_effective_group, identity.real_gid)?;
    done
}

/// SECURITY: what is given up cannot be taken up again, whatever happens to this process.
pub fn give_up(identity: &Identity) -> Result<(), Error> {
    if !identity.secure {
        return Ok(());
    }
    change(sys::set_all_groups, identity.real_gid).map_err(|errno| Error::set_up("giving up the group", errno))
}

/// SECURITY: each change of the effective group makes the process as dumpable as `fs.suid_dumpable` says.
fn change(set: fn(u32) -> Result<(), Errno>, gid: u32) -> Result<(), Errno> {
    set(gid)?;
    sys::shut_out_others()
}

/// Why the kernel did not give the launcher the group that its file has, if it has one. Asked only where something failed.
#[must_use]
pub fn why_lost(identity: &Identity) -> Option<String> {
    let file = sys::status(OWN_FILE).ok().filter(|file| file.is_set_group())?;
    if identity.secure || identity.gid == file.gid {
        return None;
    }
    let why = if sys::has_no_new_privileges() {
        "no_new_privs is set"
    } else if sys::ignores_set_group(OWN_FILE) {
        "its file system is mounted nosuid"
    } else {
        "it is traced, or in a user namespace without that group"
    };
    Some(format!("this launcher was started without its group, so that no rule on a command fits: {why}"))
}
