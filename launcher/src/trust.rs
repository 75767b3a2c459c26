//! Which server the launcher sends to: section 1.2 of the protocol.

use crate::duration;
use crate::error::{Error, Report};
use crate::file;
use crate::output::Shown;
use crate::sys::{self, Identity};
use alloc::ffi::CString;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

const ROOT: u32 = 0;
const USERS: &core::ffi::CStr = c"/etc/passwd";
const LONGEST_USERS: usize = 16 * 1024 * 1024;

/// The uid that `--agent-user` names: a number, or a name of /etc/passwd.
pub fn uid_of(user: &[u8]) -> Result<u32, &'static str> {
    if let Some(uid) = duration::integer(user) {
        return u32::try_from(uid).map_err(|_| "not a uid");
    }
    let users = file::read(USERS, LONGEST_USERS).map_err(|_| "cannot read /etc/passwd to find the user")?;
    find_user(&users, user).ok_or("no such user in /etc/passwd")
}

fn find_user(users: &[u8], name: &[u8]) -> Option<u32> {
    let mut lines = users.split(|byte| *byte == b'\n').map(|line| line.split(|byte| *byte == b':'));
    let uid = lines.find_map(|mut columns| (columns.next() == Some(name)).then(|| columns.nth(1)))??;
    u32::try_from(duration::integer(uid)?).ok()
}

/// Refuses a server whose uid is none of those that are accepted for this socket.
// SECURITY: comes before the first byte is sent, because a list of names is itself worth something.
pub fn check_server(path: &[u8], found: u32, own: &Identity, agent_user: Option<u32>) -> Result<(), Error> {
    if found == ROOT || found == own.uid || agent_user == Some(found) {
        return Ok(());
    }
    let owner = trusted_owner(path);
    if owner == Some(found) {
        return Ok(());
    }
    let mut accepted = format!("0 (root), {} (your own)", own.uid);
    for (uid, what) in [(agent_user, "--agent-user"), (owner, "the owner of its folder")] {
        if let Some(uid) = uid {
            // Writing to a String does not fail.
            let _ = write!(accepted, ", {uid} ({what})");
        }
    }
    Err(Error::SetUp(refusal(path, found, &accepted)))
}

fn refusal(path: &[u8], found: u32, accepted: &str) -> Report {
    let problem: String = format!("the server at {} runs as uid {found}; accepted: {accepted}", Shown(path));
    Report::of(problem).with_hint("--agent-user names the user that the agent runs as; nothing was sent")
}

/// The owner of the socket's folder, if nobody else can have put the socket there.
fn trusted_owner(path: &[u8]) -> Option<u32> {
    let folder = path.iter().rposition(|byte| *byte == b'/')?;
    if !path.starts_with(b"/") || folder == 0 {
        return None;
    }
    let above = path[..folder].iter().enumerate().filter(|(_, byte)| **byte == b'/');
    for (end, _) in above {
        let status = sys::status(&CString::new(&path[..end.max(1)]).ok()?).ok()?;
        // A sticky folder (/tmp) is no better: anybody can make a folder of their own in it.
        if status.uid != ROOT || status.others_can_write() {
            return None;
        }
    }
    let status = sys::status(&CString::new(&path[..folder]).ok()?).ok()?;
    (status.is_folder() && !status.others_can_write()).then_some(status.uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Identity = Identity { uid: 1000, real_uid: 1000, gid: 1000, real_gid: 1000, secure: false };

    #[test]
    fn finds_users_by_their_whole_name() {
        let users = b"root:x:0:0::/:/bin/sh\nlatchkey:x:990:989::/:/bin/false\nbad:x\nworse:x:y:1\n";
        assert_eq!(find_user(users, b"latchkey"), Some(990));
        for name in [&b"latch"[..], b"", b"bad", b"worse", b"x"] {
            assert_eq!(find_user(users, name), None);
        }
        assert_eq!(uid_of(b"4294967296"), Err("not a uid"));
        assert_eq!(uid_of(b"990"), Ok(990));
    }

    #[test]
    fn accepts_root_oneself_and_the_named_user() {
        for uid in [0, 1000, 7] {
            assert_eq!(check_server(b"/tmp/x", uid, &OWN, Some(7)), Ok(()));
        }
    }

    #[test]
    fn refuses_others_and_names_them() {
        let error = check_server(b"/tmp/a\x1b/agent.sock", 7, &OWN, Some(8)).unwrap_err();
        assert_eq!(error.exit_code(), 125);
        let expected =
            "the server at /tmp/a\\x1b/agent.sock runs as uid 7; accepted: 0 (root), 1000 (your own), 8 (--agent-user)";
        assert_eq!(error.report().problems, [expected]);
    }

    #[test]
    fn trusts_no_folder_below_one_that_others_can_write_to() {
        assert_eq!(trusted_owner(b"/tmp/somebody/agent.sock"), None);
        assert_eq!(trusted_owner(b"/tmp/agent.sock"), None);
        assert_eq!(trusted_owner(b"etc/agent.sock"), None);
        assert_eq!(trusted_owner(b"agent.sock"), None);
        assert_eq!(trusted_owner(b"/etc/../tmp/x/agent.sock"), None);
        assert_eq!(trusted_owner(b"/etc/agent.sock"), Some(0));
    }
}
