//! Every flag, defined once: parsing, help, man page and completions are made of this table.

/// Which flag it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each is described in the table
pub enum FlagId {
    Secret,
    SecretFile,
    AllFrom,
    Env,
    EnvFile,
    Bindings,
    Template,
    All,
    SecretsBackend,
    NameTransform,
    SecretDir,
    MaxAge,
    Offline,
    FromEnv,
    Project,
    Environment,
    Inherit,
    OnConflict,
    AllowDangerousName,
    Socket,
    AgentUser,
    TokenFile,
    Wait,
    Timeout,
    RequireLock,
    DryRun,
    Format,
    Check,
    Verbose,
    Help,
    Version,
    /// Recognised, so that it is not taken for the command, and not available yet.
    NotYet,
}

/// What completes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Nothing that a shell knows.
    Nothing,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A file.
    File,
    /// A user.
    User,
}

/// A flag.
#[derive(Debug)]
pub struct Flag {
    /// Which.
    pub id: FlagId,
    /// Without the two dashes.
    pub long: &'static str,
    /// One letter, without its dash.
    pub short: Option<u8>,
    /// What its value is called, if it takes one.
    pub value: Option<&'static str>,
    /// What completes the value.
    pub completion: Completion,
    /// The variable that stands in for it.
    pub variable: Option<&'static str>,
    /// One line.
    pub summary: &'static str,
    /// What the man page adds.
    pub details: &'static str,
}

const BASE: Flag = Flag {
    id: FlagId::NotYet,
    long: "",
    short: None,
    value: None,
    completion: Completion::Nothing,
    variable: None,
    summary: "",
    details: "",
};

const fn not_yet(long: &'static str, value: Option<&'static str>) -> Flag {
    Flag { long, value, ..BASE }
}

/// All flags, in the order of the help.
pub static FLAGS: &[Flag] = &[
    Flag {
        id: FlagId::Secret,
        long: "secret",
        value: Some("ENV=REF"),
        summary: "bind the secret REF to the variable ENV; ENV alone is ENV=ENV (repeatable)",
        details: "Split at the first \"=\". REF is [PROVIDER:]PATH[#FIELD][@VERSION][,OPTION...] where an OPTION is optional, \
                  default=TEXT, decode=base64|hex or encode=base64|base64url|hex|url|json. With optional, the variable is removed \
                  from the environment if the secret does not exist, whatever was inherited.",
        ..BASE
    },
    Flag {
        id: FlagId::Env,
        long: "env",
        value: Some("NAME=VALUE"),
        summary: "set a plain variable (repeatable)",
        details: "Split at the first \"=\"; the value may be empty. It always replaces an inherited variable.",
        ..BASE
    },
    Flag {
        id: FlagId::EnvFile,
        long: "env-file",
        value: Some("FILE"),
        completion: Completion::File,
        summary: "variables from NAME=VALUE lines; a value latchkey:REF is a binding (repeatable)",
        details: "Blanks before a name are skipped, as are empty lines and lines that begin with \"#\". The value is everything after the \
                  first \"=\", byte for byte: quotes, blanks and \"#\" belong to it, and nothing in it is expanded. Lines end with LF \
                  or CR LF. At most 256 KiB; a pipe, such as /dev/stdin, must end within 30 seconds.",
        ..BASE
    },
    Flag {
        id: FlagId::FromEnv,
        long: "from-env",
        variable: Some("LATCHKEY_FROM_ENV"),
        summary: "inherited variables whose value is latchkey:REF are bindings",
        details: "LATCHKEY_FROM_ENV is set to 1 or 0. All inherited variables are looked at, also those that --inherit does not pass on.",
        ..BASE
    },
    Flag {
        id: FlagId::Project,
        long: "project",
        value: Some("P"),
        variable: Some("LATCHKEY_PROJECT"),
        summary: "look up names without a project in P",
        details: "The policy of the agent must allow it.",
        ..BASE
    },
    Flag {
        id: FlagId::Environment,
        long: "environment",
        value: Some("E"),
        variable: Some("LATCHKEY_ENVIRONMENT"),
        summary: "look up names without an environment in E",
        details: "The policy of the agent must allow it.",
        ..BASE
    },
    Flag {
        id: FlagId::Inherit,
        long: "inherit",
        value: Some("MODE"),
        completion: Completion::Words(&["all", "clean", "none"]),
        summary: "all (default), clean (all but what an outer launcher delivered), none, or NAME,NAME,...",
        details: "Inherited variables pass byte for byte. LATCHKEY_SOCKET passes on, other LATCHKEY_ variables do not.",
        ..BASE
    },
    Flag {
        id: FlagId::OnConflict,
        long: "on-conflict",
        value: Some("MODE"),
        completion: Completion::Words(&["override", "keep", "error"]),
        summary: "override (default), keep or error, where a binding meets an inherited variable",
        details: "With keep such a binding is not even requested.",
        ..BASE
    },
    Flag {
        id: FlagId::AllowDangerousName,
        long: "allow-dangerous-name",
        summary: "allow targets that change how programs run, such as PATH or LD_PRELOAD (audited)",
        ..BASE
    },
    Flag {
        id: FlagId::Socket,
        long: "socket",
        value: Some("PATH"),
        completion: Completion::File,
        variable: Some("LATCHKEY_SOCKET"),
        summary: "the agent's socket",
        details: "The default is the first that exists of $XDG_RUNTIME_DIR/latchkey/agent.sock (without that variable \
                  /run/user/UID/latchkey/agent.sock, then ~/.local/state/latchkey/run/agent.sock) and /run/latchkey/agent.sock; root \
                  looks only at the last.",
        ..BASE
    },
    Flag {
        id: FlagId::AgentUser,
        long: "agent-user",
        value: Some("USER"),
        completion: Completion::User,
        variable: Some("LATCHKEY_AGENT_USER"),
        summary: "a user or uid the agent may run as, besides root and your own",
        details: "Names are looked up in /etc/passwd. The owner of the socket's folder is accepted too, if every folder above it is \
                  root's and nobody else can write to any of them.",
        ..BASE
    },
    Flag {
        id: FlagId::TokenFile,
        long: "token-file",
        value: Some("FILE"),
        completion: Completion::File,
        variable: Some("LATCHKEY_TOKEN_FILE"),
        summary: "a bearer token for rules that ask for one",
        details: "The token is the content of the file without one final newline, 1 to 4096 bytes. It is read only where there are \
                  bindings, and sent to the agent alone.",
        ..BASE
    },
    Flag {
        id: FlagId::Wait,
        long: "wait",
        value: Some("DURATION"),
        variable: Some("LATCHKEY_WAIT"),
        summary: "wait until the agent is there and ready (default 10s; 0: do not wait)",
        details: "Covers connecting, an agent that is starting or busy, and a connection that is lost before an answer. A duration is 0, \
                  or one integer with ms, s, m, h or d.",
        ..BASE
    },
    Flag {
        id: FlagId::Timeout,
        long: "timeout",
        value: Some("DURATION"),
        variable: Some("LATCHKEY_TIMEOUT"),
        summary: "wait for the agent's answer (default 30s, at most 10m)",
        ..BASE
    },
    Flag { id: FlagId::Offline, long: "offline", summary: "of outside stores, only what the agent has kept", ..BASE },
    Flag {
        id: FlagId::SecretFile,
        long: "secret-file",
        value: Some("ENV=REF"),
        summary: "the value of the secret REF in an in-memory file; ENV holds its path (repeatable)",
        details: "The file has mode 0400, cannot be changed, and is open in the command and its children unless they close it. Any bytes \
                  up to 1 MiB.",
        ..BASE
    },
    Flag {
        id: FlagId::AllFrom,
        long: "all-from",
        value: Some("REF"),
        summary: "every field of a JSON secret as a variable under its own name (repeatable)",
        details: "Anything else that binds one of these names replaces it.",
        ..BASE
    },
    Flag {
        id: FlagId::Bindings,
        long: "bindings",
        value: Some("FILE"),
        completion: Completion::File,
        summary: "bindings from a YAML manifest, pipeline or annotated script (repeatable; - is stdin)",
        details: "The agent reads it. Of several, an entry of an earlier one replaces those of later ones with the same key. At most 256 \
                  KiB.",
        ..BASE
    },
    Flag {
        id: FlagId::Template,
        long: "template",
        value: Some("SRC[=ENV]"),
        completion: Completion::File,
        summary: "render the ${...} references of SRC to an in-memory file, ENV holds its path (repeatable)",
        details: "${secret:REF}, ${env:NAME}, ${file:PATH}, ${NAME} and ${NAME:-TEXT}; $${ is a literal ${. Without ENV it is the name of \
                  the file without .tmpl, .tpl or .template, in upper case, every other character _.",
        ..BASE
    },
    Flag {
        id: FlagId::All,
        long: "all",
        summary: "everything that the inject-all of the agent's rule selects, under its own name",
        ..BASE
    },
    Flag {
        id: FlagId::SecretsBackend,
        long: "secrets-backend",
        value: Some("NAME"),
        variable: Some("LATCHKEY_SECRETS_BACKEND"),
        summary: "the agent's provider for references that name none",
        details: "Without it and its variable, BRUIN_SECRETS_BACKEND counts.",
        ..BASE
    },
    Flag {
        id: FlagId::NameTransform,
        long: "name-transform",
        value: Some("MODE"),
        completion: Completion::Words(&["posix", "raw"]),
        summary: "posix (default) or raw, for variables named after secrets and fields",
        details: "posix writes what is no name of a variable in upper case, other characters as _; raw keeps it.",
        ..BASE
    },
    Flag {
        id: FlagId::SecretDir,
        long: "secret-dir",
        value: Some("DIR"),
        completion: Completion::File,
        summary: "secret files as 0400 files in the tmpfs DIR instead of in memory",
        details: "Each is called like its variable. They stay when the command ends. DIR must be your own or root's.",
        ..BASE
    },
    Flag {
        id: FlagId::MaxAge,
        long: "max-age",
        value: Some("DURATION"),
        summary: "how old a value may be that the agent kept of an outside store",
        ..BASE
    },
    Flag {
        id: FlagId::RequireLock,
        long: "require-lock",
        summary: "fail where memory cannot be locked",
        details: "Otherwise the launch goes on, and --verbose says it.",
        ..BASE
    },
    Flag {
        id: FlagId::DryRun,
        long: "dry-run",
        summary: "show what would be delivered and why; run nothing, needs no COMMAND",
        details: "The exit status is that which the launch would have.",
        ..BASE
    },
    Flag {
        id: FlagId::Format,
        long: "format",
        value: Some("FORMAT"),
        completion: Completion::Words(&["table", "json"]),
        summary: "with --dry-run: table (default) or json",
        ..BASE
    },
    Flag {
        id: FlagId::Check,
        long: "check",
        summary: "exit 0 if the agent is ready, else 120; no COMMAND",
        details: "The probe for containers.",
        ..BASE
    },
    Flag {
        id: FlagId::Verbose,
        long: "verbose",
        short: Some(b'v'),
        summary: "say each step and its microseconds, never a value",
        ..BASE
    },
    Flag { id: FlagId::Help, long: "help", short: Some(b'h'), summary: "show this help", ..BASE },
    Flag { id: FlagId::Version, long: "version", short: Some(b'V'), summary: "show the version", ..BASE },
    not_yet("on-rotate", Some("ACTION")),
    not_yet("supervise", None),
    not_yet("mask", None),
    not_yet("mask-hold", Some("DURATION")),
    not_yet("user", Some("USER[:GROUP]")),
];

/// The flags that the help, the man page and completions show.
pub fn listed() -> impl Iterator<Item = &'static Flag> {
    FLAGS.iter().filter(|flag| flag.id != FlagId::NotYet)
}

/// The flag of a long name.
#[must_use]
pub fn by_long(name: &[u8]) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.long.as_bytes() == name)
}

/// The flag of a letter.
#[must_use]
pub fn by_short(letter: u8) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.short == Some(letter))
}

/// The variable that stands in for a flag.
#[must_use]
pub fn variable_of(id: FlagId) -> Option<&'static str> {
    FLAGS.iter().find(|flag| flag.id == id).and_then(|flag| flag.variable)
}

/// The listed flag that somebody who wrote this name probably meant.
#[must_use]
pub fn nearest(name: &[u8]) -> Option<&'static Flag> {
    const TOO_FAR: usize = 3;
    let distances = listed().map(|flag| (distance(name, flag.long.as_bytes()), flag));
    let (distance, flag) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance < TOO_FAR && distance * 2 < flag.long.len()).then_some(flag)
}

/// The longest flag that `distance` looks at.
const LONGEST: usize = 32;

/// How many characters must be changed, added, left out or swapped with their neighbour.
fn distance(from: &[u8], to: &[u8]) -> usize {
    if from.len() > LONGEST || to.len() > LONGEST {
        return usize::MAX;
    }
    let mut rows = [[0_usize; LONGEST + 1]; 3];
    for (column, cell) in rows[1].iter_mut().enumerate() {
        *cell = column;
    }
    for (row, from_byte) in from.iter().enumerate() {
        rows[2][0] = row + 1;
        for (column, to_byte) in to.iter().enumerate() {
            let changed = rows[1][column] + usize::from(from_byte != to_byte);
            let added_or_left_out = rows[2][column].min(rows[1][column + 1]) + 1;
            let swapped = row > 0 && column > 0 && from[row - 1] == *to_byte && *from_byte == to[column - 1];
            let swapped = if swapped { rows[0][column - 1] + 1 } else { usize::MAX };
            rows[2][column + 1] = changed.min(added_or_left_out).min(swapped);
        }
        rows.rotate_left(1);
    }
    rows[1][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_each_name_once() {
        for (index, flag) in FLAGS.iter().enumerate() {
            assert!(FLAGS.iter().skip(index + 1).all(|other| other.long != flag.long), "{}", flag.long);
            assert!(flag.id == FlagId::NotYet || !flag.summary.is_empty(), "{}", flag.long);
        }
    }

    #[test]
    fn guesses_what_was_meant() {
        let guess = |name: &str| nearest(name.as_bytes()).map(|flag| flag.long);
        assert_eq!(guess("sekret"), Some("secret"));
        assert_eq!(guess("secrets"), Some("secret"));
        assert_eq!(guess("hlep"), Some("help"));
        assert_eq!(guess("enviroment"), Some("environment"));
        assert_eq!(guess("dryrun"), Some("dry-run"));
        assert_eq!(guess("xyz"), None);
        assert_eq!(guess(&"x".repeat(1000)), None);
    }
}
