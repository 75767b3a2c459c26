//! Names of variables, projects and environments, and those that no secret may have.

use core::str::from_utf8;

/// The longest name of a variable that the protocol carries.
pub const LONGEST_VARIABLE: usize = 1024;

/// The text, if it is the name of a variable: `[A-Za-z_][A-Za-z0-9_]*`.
#[must_use]
pub fn variable(text: &[u8]) -> Option<&str> {
    let (first, rest) = text.split_first()?;
    let valid = (first.is_ascii_alphabetic() || *first == b'_')
        && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && text.len() <= LONGEST_VARIABLE;
    from_utf8(text).ok().filter(|_| valid)
}

/// The text, if it can be the name of a project or an environment: `[A-Za-z0-9][A-Za-z0-9._-]{0,62}`.
#[must_use]
pub fn place(text: &[u8]) -> Option<&str> {
    let (first, rest) = text.split_first()?;
    let valid = first.is_ascii_alphanumeric()
        && rest.len() <= 62
        && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte));
    from_utf8(text).ok().filter(|_| valid)
}

/// The text, if it can be the name of a provider: `[a-z][a-z0-9-]*`.
#[must_use]
pub fn provider(text: &[u8]) -> Option<&str> {
    const LONGEST: usize = 64;
    let (first, rest) = text.split_first()?;
    let valid = first.is_ascii_lowercase()
        && rest.len() < LONGEST
        && rest.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-');
    from_utf8(text).ok().filter(|_| valid)
}

/// Names that change how programs run, so that whoever writes a secret would run code in the target.
const DANGEROUS: [&str; 30] = [
    "BASH_ENV",
    "DOTNET_STARTUP_HOOKS",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
    "GLIBC_TUNABLES",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PATH",
    "PERL5LIB",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYLIB",
    "RUBYOPT",
    "SHELLOPTS",
    "_JAVA_OPTIONS",
];

const DANGEROUS_PREFIXES: [&str; 2] = ["LD_", "GIT_CONFIG"];

/// Whether a secret may have this name only if the user says so.
#[must_use]
pub fn is_dangerous(name: &str) -> bool {
    DANGEROUS.contains(&name) || DANGEROUS_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_of_variables_only() {
        for good in ["A", "_", "MY_APP_SECRET", "a1"] {
            assert_eq!(variable(good.as_bytes()), Some(good));
        }
        for bad in [&b""[..], b"1A", b"my-secret", b"A.B", "Ä".as_bytes(), b"A B", b"A\0", &[b'A'; 1025]] {
            assert_eq!(variable(bad), None);
        }
    }

    #[test]
    fn takes_names_of_places_only() {
        for good in ["default", "1", "a.b_c-d", &"x".repeat(63)] {
            assert_eq!(place(good.as_bytes()), Some(good));
        }
        for bad in ["", "-a", ".a", "_a", "a/b", "a b", &"x".repeat(64)] {
            assert_eq!(place(bad.as_bytes()), None);
        }
    }

    #[test]
    fn its_dangerous_names_are_those_of_the_protocol() {
        let list = include_str!("../../protocol/vectors/dangerous-names.txt");
        let listed: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(listed.len(), DANGEROUS.len() + DANGEROUS_PREFIXES.len());
        for name in listed {
            assert!(is_dangerous(name.trim_end_matches('*')), "{name}");
            assert!(is_dangerous(&name.replace('*', "ANYTHING")), "{name}");
        }
    }

    #[test]
    fn knows_dangerous_names_and_prefixes() {
        for bad in
            ["PATH", "LD_PRELOAD", "LD_", "LD_ANYTHING", "GIT_CONFIG", "GIT_CONFIG_KEY_0", "_JAVA_OPTIONS", "IFS"]
        {
            assert!(is_dangerous(bad), "{bad}");
        }
        for good in ["path", "MY_PATH", "LD", "OLD_PATH", "GIT_CONF", "GIT_AUTHOR_NAME"] {
            assert!(!is_dangerous(good), "{good}");
        }
    }
}
