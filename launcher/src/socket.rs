//! Where the agent's socket is: section 1.1 of the protocol.

use crate::error::{Error, Report};
use crate::options::{Options, Variables};
use crate::output::Shown;
use crate::sys::{Identity, SocketAddress};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

const SYSTEM: &[u8] = b"/run/latchkey/agent.sock";
const PROOF: &[u8] = b"/run/latchkey/proof/agent.sock";

/// The paths to try, the first that exists being the one.
pub fn candidates(options: &Options, variables: &Variables<'_>, identity: &Identity) -> Result<Vec<Vec<u8>>, Error> {
    // SECURITY: a launcher with a group of its own talks to the system's agent, or to nobody.
    if identity.secure {
        return Ok(vec![PROOF.to_vec(), SYSTEM.to_vec()]);
    }
    let paths = match options.socket {
        Some(path) => vec![path.to_vec()],
        None => default_paths(variables, identity.uid),
    };
    match paths.iter().find(|path| path.len() > SocketAddress::LONGEST_PATH) {
        Some(path) => {
            let limit = SocketAddress::LONGEST_PATH;
            Err(Error::SetUp(Report::of(format!(
                "the path of the socket is longer than {limit} bytes: {}",
                Shown(path)
            ))))
        }
        None => Ok(paths),
    }
}

fn default_paths(variables: &Variables<'_>, uid: u32) -> Vec<Vec<u8>> {
    const BELOW: &[u8] = b"/latchkey/agent.sock";
    let mut paths = Vec::new();
    if uid != 0 {
        if let Some(folder) = variables.get("XDG_RUNTIME_DIR") {
            paths.push([folder, BELOW].concat());
        } else {
            paths.push(format!("/run/user/{uid}/latchkey/agent.sock").into_bytes());
            let below_home = |home| [home, &b"/.local/state/latchkey/run/agent.sock"[..]].concat();
            paths.extend(variables.get("HOME").map(below_home));
        }
    }
    paths.push(SYSTEM.to_vec());
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Word;

    const USER: Identity = Identity { uid: 1000, real_uid: 1000, gid: 1000, real_gid: 1000, secure: false };

    fn paths(options: &Options, environment: &[Word], identity: Identity) -> Vec<std::string::String> {
        let variables = Variables::new(environment, identity.secure);
        let paths = candidates(options, &variables, &identity).unwrap();
        paths.into_iter().map(|path| std::string::String::from_utf8(path).unwrap()).collect()
    }

    #[test]
    fn looks_where_the_specification_says() {
        let options = Options::default();
        assert_eq!(
            paths(&options, &[c"XDG_RUNTIME_DIR=/x"], USER),
            ["/x/latchkey/agent.sock", "/run/latchkey/agent.sock"]
        );
        let default = [
            "/run/user/1000/latchkey/agent.sock",
            "/h/.local/state/latchkey/run/agent.sock",
            "/run/latchkey/agent.sock",
        ];
        assert_eq!(paths(&options, &[c"HOME=/h", c"XDG_RUNTIME_DIR="], USER), default);
        let root = Identity { uid: 0, ..USER };
        assert_eq!(paths(&options, &[c"XDG_RUNTIME_DIR=/x"], root), ["/run/latchkey/agent.sock"]);
        assert_eq!(paths(&Options { socket: Some(b"/s"), ..options }, &[], USER), ["/s"]);
    }

    #[test]
    fn lets_nobody_choose_with_rights_of_its_own() {
        let secure = Identity { secure: true, ..USER };
        let environment = [c"XDG_RUNTIME_DIR=/x", c"LATCHKEY_SOCKET=/y"];
        let built_in = ["/run/latchkey/proof/agent.sock", "/run/latchkey/agent.sock"];
        assert_eq!(paths(&Options::default(), &environment, secure), built_in);
        let options = Options { socket: Some(b"/s"), ..Options::default() };
        assert_eq!(paths(&options, &[], secure), built_in);
    }

    #[test]
    fn refuses_paths_that_do_not_fit_by_name() {
        let environment: [Word; 1] =
            [c"XDG_RUNTIME_DIR=/very/long/very/long/very/long/very/long/very/long/very/long/very/long/very/long/very/long/very"];
        let error = candidates(&Options::default(), &Variables::new(&environment, false), &USER).unwrap_err();
        assert_eq!(error.exit_code(), 125);
        assert!(error.report().problems[0].contains("longer than 107 bytes: /very/long"));
    }
}
