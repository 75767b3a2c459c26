//! What the user said: the arguments before the command, and the variables that stand in for some of them.

use crate::duration;
use crate::flags::{self, Flag, FlagId};
use crate::name;
use crate::problems::{Origin, Problems};
use crate::sys::SocketAddress;
use crate::trust;
use alloc::format;
use alloc::vec::Vec;
use core::ffi::CStr;

/// A string of the initial stack, which lives as long as the process.
pub type Word = &'static CStr;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Run the command.
    Launch,
    /// Show what would be delivered.
    DryRun(Format),
    /// Ask whether the agent is ready.
    Check,
    /// Show the help.
    Help,
    /// Show the version.
    Version,
}

/// How a dry run is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Which inherited variables pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inherit {
    /// All of them.
    All,
    /// All but what an outer launcher delivered.
    Clean,
    /// None.
    None,
    /// Those with these names.
    Named(Vec<&'static str>),
}

/// What to do where a binding meets an inherited variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// The binding wins.
    Override,
    /// The variable wins, and the binding is not requested.
    Keep,
    /// Nothing runs.
    Error,
}

/// An argument that adds to the environment.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// One of those that `is_item` names.
    pub flag: FlagId,
    /// Which argument.
    pub position: usize,
    /// Its text.
    pub text: Word,
}

/// The command and its arguments.
#[derive(Clone, Copy, Debug)]
pub struct CommandLine {
    /// Which argument of the launcher the command is.
    pub position: usize,
}

/// A file with a bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFile {
    /// Where it was named.
    pub origin: Origin,
    /// Its path, not empty.
    pub path: &'static [u8],
}

/// Everything that was said, checked.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // one for each switch
pub struct Options {
    /// What is wanted.
    pub mode: Mode,
    /// What adds to the environment, in order.
    pub items: Vec<Item>,
    /// `--all`
    pub all: bool,
    /// `--name-transform raw`
    pub raw_names: bool,
    /// `--secrets-backend`
    pub backend: Option<&'static str>,
    /// `--secret-dir`
    pub secret_dir: Option<&'static [u8]>,
    /// `--max-age`, in milliseconds.
    pub max_age: Option<u32>,
    /// `--offline`
    pub offline: bool,
    /// `--from-env`
    pub from_env: bool,
    /// `--project`
    pub project: Option<&'static str>,
    /// `--environment`
    pub environment: Option<&'static str>,
    /// `--inherit`
    pub inherit: Inherit,
    /// `--on-conflict`
    pub on_conflict: OnConflict,
    /// `--allow-dangerous-name`
    pub allow_dangerous: bool,
    /// `--socket`
    pub socket: Option<&'static [u8]>,
    /// `--agent-user`, as a uid.
    pub agent_user: Option<u32>,
    /// `--token-file`
    pub token_file: Option<TokenFile>,
    /// `--wait`, in milliseconds.
    pub wait: u64,
    /// `--timeout`, in milliseconds: 1 to 600,000, as the protocol has it.
    pub timeout: u32,
    /// `--require-lock`
    pub require_lock: bool,
    /// `--verbose`
    pub verbose: bool,
    /// The command, if there is one.
    pub command: Option<CommandLine>,
}

const DEFAULT_WAIT: u64 = 10_000;
const DEFAULT_TIMEOUT: u32 = 30_000;
const LONGEST_TIMEOUT: u32 = 600_000;

/// Understands the arguments. What is wrong is added to the problems, and the rest is still understood.
#[must_use]
pub fn parse(arguments: &[Word], variables: &Variables<'_>, problems: &mut Problems) -> Options {
    let mut said = Said::default();
    let command = said.read(arguments, problems);
    let options = said.options(command, variables, problems);
    check_combination(&options, &said, problems);
    if let Some(origin) = said.origin(FlagId::Socket).filter(|_| variables.ignored) {
        problems.at(origin, "--socket is not for a launcher that has rights of its own");
    }
    options
}

/// The environment as a source of settings.
pub struct Variables<'a> {
    environment: &'a [Word],
    /// SECURITY: with rights that the caller does not have, the caller's variables decide nothing.
    ignored: bool,
}

impl<'a> Variables<'a> {
    /// Reads settings from the environment, or none at all with `AT_SECURE`.
    #[must_use]
    pub fn new(environment: &'a [Word], secure: bool) -> Self {
        Self { environment, ignored: secure }
    }

    /// The value of a variable; an empty one counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'static [u8]> {
        if self.ignored {
            return None;
        }
        let value = |entry: &Word| entry.to_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b"=");
        self.environment.iter().find_map(value).filter(|value| !value.is_empty())
    }
}

impl Variables<'_> {
    /// The provider for references that name none; the second variable is of programs that were written for Bruin. Every launch asks, so the
    /// environment is looked through once, and few entries begin like these.
    fn backend(&self, problems: &mut Problems) -> Option<&'static str> {
        const NAMES: [&str; 2] = ["LATCHKEY_SECRETS_BACKEND", "BRUIN_SECRETS_BACKEND"];
        let may_be = |entry: &&Word| matches!(entry.to_bytes().first(), Some(b'L' | b'B'));
        if self.ignored || !self.environment.iter().filter(may_be).any(names_backend) {
            return None;
        }
        let (name, text) = NAMES.into_iter().find_map(|name| Some((name, self.get(name)?)))?;
        provider(text).map_err(|what| problems.at(Origin::Variable(name), what)).ok()
    }
}

fn names_backend(entry: &Word) -> bool {
    let bytes = entry.to_bytes();
    bytes.starts_with(b"LATCHKEY_SECRETS_") || bytes.starts_with(b"BRUIN_SECRETS_")
}

/// A flag that was given.
#[derive(Clone, Copy)]
struct Given {
    flag: FlagId,
    origin: Origin,
    text: &'static [u8],
}

/// The arguments, flag by flag, not yet checked.
#[derive(Default)]
struct Said {
    given: Vec<Given>,
    items: Vec<Item>,
}

impl Said {
    /// Reads the flags; returns where the command is.
    fn read(&mut self, arguments: &[Word], problems: &mut Problems) -> Option<CommandLine> {
        let mut position = 1;
        while let Some(word) = arguments.get(position) {
            let bytes = word.to_bytes();
            if bytes == b"--" {
                position += 1;
                break;
            }
            if !bytes.starts_with(b"-") || bytes == b"-" {
                break;
            }
            position = self.read_flag(arguments, position, problems);
        }
        (position < arguments.len()).then_some(CommandLine { position })
    }

    /// Reads one flag; returns where the next one is.
    fn read_flag(&mut self, arguments: &[Word], position: usize, problems: &mut Problems) -> usize {
        let word = arguments[position];
        let (flag, attached) = split(word);
        let Some(flag) = flag else {
            unknown(word, position, problems);
            return position + 1;
        };
        let separate = flag.value.is_some() && attached.is_none();
        let value_position = position + usize::from(separate);
        let text = if separate { arguments.get(value_position).copied() } else { attached };
        let mut refuse = |what| problems.at(Origin::Argument(position), format_args!("--{} {what}", flag.long));
        match (flag.value, text) {
            _ if flag.id == FlagId::NotYet => refuse("is not available yet"),
            (Some(_), None) => refuse("needs a value"),
            (None, Some(_)) => refuse("takes no value"),
            (_, text) => self.add(flag, value_position, text.unwrap_or_default()),
        }
        value_position + 1
    }

    fn add(&mut self, flag: &Flag, position: usize, text: Word) {
        if is_item(flag.id) {
            self.items.push(Item { flag: flag.id, position, text });
        } else {
            self.given.push(Given { flag: flag.id, origin: Origin::Argument(position), text: text.to_bytes() });
        }
    }

    fn has(&self, flag: FlagId) -> bool {
        self.given.iter().any(|given| given.flag == flag)
    }

    /// Where a flag was given last.
    fn origin(&self, flag: FlagId) -> Option<Origin> {
        self.given.iter().rev().find(|given| given.flag == flag).map(|given| given.origin)
    }

    /// Every time that a flag was given, or else the variable that stands in for it.
    fn all(&self, flag: FlagId, variables: &Variables<'_>) -> Vec<Given> {
        let mut all: Vec<Given> = self.given.iter().filter(|given| given.flag == flag).copied().collect();
        if let Some(variable) = flags::variable_of(flag).filter(|_| all.is_empty()) {
            let text = variables.get(variable);
            all.extend(text.map(|text| Given { flag, origin: Origin::Variable(variable), text }));
        }
        all
    }

    /// Checks what was given; of several, the last counts.
    fn options(&self, command: Option<CommandLine>, variables: &Variables<'_>, problems: &mut Problems) -> Options {
        let mut value = |flag, check: &mut dyn FnMut(&Given) -> Result<(), &'static str>| {
            for given in self.all(flag, variables) {
                if let Err(what) = check(&given) {
                    problems.at(given.origin, what);
                }
            }
        };
        let mut options = Options { command, items: self.items.clone(), ..Options::default() };
        value(FlagId::FromEnv, &mut |given| set(&mut options.from_env, switch(given)));
        value(FlagId::Project, &mut |given| set(&mut options.project, place(given.text).map(Some)));
        value(FlagId::Environment, &mut |given| set(&mut options.environment, place(given.text).map(Some)));
        value(FlagId::Inherit, &mut |given| set(&mut options.inherit, inherit(given.text)));
        value(FlagId::OnConflict, &mut |given| set(&mut options.on_conflict, on_conflict(given.text)));
        value(FlagId::Socket, &mut |given| set(&mut options.socket, socket(given.text).map(Some)));
        value(FlagId::AgentUser, &mut |given| set(&mut options.agent_user, trust::uid_of(given.text).map(Some)));
        value(FlagId::TokenFile, &mut |given| set(&mut options.token_file, token_file(given).map(Some)));
        value(FlagId::Wait, &mut |given| set(&mut options.wait, wait(given.text)));
        value(FlagId::Timeout, &mut |given| set(&mut options.timeout, timeout(given.text)));
        value(FlagId::Format, &mut |given| format(given.text).map(drop));
        if self.given.iter().any(|given| is_rare(given.flag)) {
            value(FlagId::NameTransform, &mut |given| set(&mut options.raw_names, raw_names(given.text)));
            value(FlagId::SecretsBackend, &mut |given| set(&mut options.backend, provider(given.text).map(Some)));
            value(FlagId::SecretDir, &mut |given| set(&mut options.secret_dir, path(given.text).map(Some)));
            value(FlagId::MaxAge, &mut |given| set(&mut options.max_age, max_age(given.text).map(Some)));
        }
        if options.backend.is_none() && !self.has(FlagId::SecretsBackend) {
            options.backend = variables.backend(problems);
        }
        options.all = self.has(FlagId::All);
        options.offline = self.has(FlagId::Offline);
        options.allow_dangerous = self.has(FlagId::AllowDangerousName);
        options.require_lock = self.has(FlagId::RequireLock);
        options.verbose = self.has(FlagId::Verbose);
        options.mode = self.mode();
        options
    }

    fn mode(&self) -> Mode {
        let first = |given: &&Given| matches!(given.flag, FlagId::Help | FlagId::Version);
        match self.given.iter().find(first).map(|given| given.flag) {
            Some(FlagId::Help) => Mode::Help,
            Some(_) => Mode::Version,
            None if self.has(FlagId::Check) => Mode::Check,
            None if self.has(FlagId::DryRun) => Mode::DryRun(self.format()),
            None => Mode::Launch,
        }
    }

    fn format(&self) -> Format {
        let last = self.given.iter().rev().find(|given| given.flag == FlagId::Format);
        last.and_then(|given| format(given.text).ok()).unwrap_or(Format::Table)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::Launch,
            items: Vec::new(),
            all: false,
            raw_names: false,
            backend: None,
            secret_dir: None,
            max_age: None,
            offline: false,
            from_env: false,
            project: None,
            environment: None,
            inherit: Inherit::All,
            on_conflict: OnConflict::Override,
            allow_dangerous: false,
            socket: None,
            agent_user: None,
            token_file: None,
            wait: DEFAULT_WAIT,
            timeout: DEFAULT_TIMEOUT,
            require_lock: false,
            verbose: false,
            command: None,
        }
    }
}

/// The flag of a word, and the value attached to it.
fn split(word: Word) -> (Option<&'static Flag>, Option<Word>) {
    let bytes = word.to_bytes();
    if let [b'-', letter] = bytes {
        return (flags::by_short(*letter), None);
    }
    let Some(long) = bytes.strip_prefix(b"--") else { return (None, None) };
    match long.iter().position(|byte| *byte == b'=') {
        Some(equals) => (flags::by_long(&long[..equals]), tail(word, 2 + equals + 1)),
        None => (flags::by_long(long), None),
    }
}

/// The end of a word, from so many bytes on.
#[must_use]
pub fn tail(word: Word, from: usize) -> Option<Word> {
    CStr::from_bytes_with_nul(word.to_bytes_with_nul().get(from..)?).ok()
}

fn unknown(word: Word, position: usize, problems: &mut Problems) {
    problems.at(Origin::Argument(position), "unknown option");
    let long = word.to_bytes().strip_prefix(b"--").unwrap_or_default();
    let name = long.split(|byte| *byte == b'=').next().unwrap_or_default();
    match flags::nearest(name) {
        Some(flag) => problems.hint(format!("did you mean --{}?", flag.long)),
        None => problems.hint("launcher --help lists the options"),
    }
}

fn set<T>(place: &mut T, value: Result<T, &'static str>) -> Result<(), &'static str> {
    *place = value?;
    Ok(())
}

fn switch(given: &Given) -> Result<bool, &'static str> {
    match (given.origin, given.text) {
        (Origin::Variable(_), b"0") => Ok(false),
        (Origin::Variable(_), b"1") | (Origin::Argument(_), _) => Ok(true),
        _ => Err("neither 0 nor 1"),
    }
}

fn place(text: &'static [u8]) -> Result<&'static str, &'static str> {
    name::place(text).ok_or("not a name of 1 to 63 letters, digits, \".\", \"_\" and \"-\"")
}

/// Whether a flag adds to the environment, so that its place among others counts.
fn is_item(flag: FlagId) -> bool {
    matches!(
        flag,
        FlagId::Secret
            | FlagId::SecretFile
            | FlagId::AllFrom
            | FlagId::Env
            | FlagId::EnvFile
            | FlagId::Bindings
            | FlagId::Template
    )
}

fn raw_names(text: &[u8]) -> Result<bool, &'static str> {
    match text {
        b"posix" => Ok(false),
        b"raw" => Ok(true),
        _ => Err("not posix or raw"),
    }
}

fn provider(text: &'static [u8]) -> Result<&'static str, &'static str> {
    name::provider(text).ok_or("not the name of a provider: a lower-case letter, then such letters, digits and \"-\"")
}

/// Flags that most launches do not have, and need not look for.
fn is_rare(flag: FlagId) -> bool {
    matches!(flag, FlagId::NameTransform | FlagId::SecretsBackend | FlagId::SecretDir | FlagId::MaxAge)
}

fn path(text: &'static [u8]) -> Result<&'static [u8], &'static str> {
    if text.is_empty() { Err("the path is empty") } else { Ok(text) }
}

fn max_age(text: &[u8]) -> Result<u32, &'static str> {
    u32::try_from(wait(text)?).map_err(|_| "not a duration of at most 49d")
}

fn inherit(text: &'static [u8]) -> Result<Inherit, &'static str> {
    match text {
        b"all" => Ok(Inherit::All),
        b"clean" => Ok(Inherit::Clean),
        b"none" => Ok(Inherit::None),
        _ => {
            let names: Option<Vec<_>> = text.split(|byte| *byte == b',').map(name::variable).collect();
            names.map(Inherit::Named).ok_or("not all, clean, none or names of variables with commas between them")
        }
    }
}

fn on_conflict(text: &[u8]) -> Result<OnConflict, &'static str> {
    match text {
        b"override" => Ok(OnConflict::Override),
        b"keep" => Ok(OnConflict::Keep),
        b"error" => Ok(OnConflict::Error),
        _ => Err("not override, keep or error"),
    }
}

fn format(text: &[u8]) -> Result<Format, &'static str> {
    match text {
        b"table" => Ok(Format::Table),
        b"json" => Ok(Format::Json),
        _ => Err("not table or json"),
    }
}

fn socket(text: &'static [u8]) -> Result<&'static [u8], &'static str> {
    match text.len() {
        0 => Err("the path is empty"),
        1..=SocketAddress::LONGEST_PATH => Ok(text),
        _ => Err("the path of a socket is longer than 107 bytes"),
    }
}

fn token_file(given: &Given) -> Result<TokenFile, &'static str> {
    if given.text.is_empty() {
        return Err("the path is empty");
    }
    Ok(TokenFile { origin: given.origin, path: given.text })
}

fn wait(text: &[u8]) -> Result<u64, &'static str> {
    duration::milliseconds(text).ok_or("not a duration: 0, or an integer with ms, s, m, h or d")
}

fn timeout(text: &[u8]) -> Result<u32, &'static str> {
    let milliseconds = u32::try_from(wait(text)?).ok().filter(|found| (1..=LONGEST_TIMEOUT).contains(found));
    milliseconds.ok_or("not a duration from 1ms to 10m")
}

fn check_combination(options: &Options, said: &Said, problems: &mut Problems) {
    match (options.mode, options.command) {
        (Mode::Launch, None) => {
            problems.at(Origin::Whole, "no command");
            problems.hint(format!("usage: {}", crate::help::USAGE));
        }
        (Mode::Check, Some(command)) => problems.at(Origin::Argument(command.position), "--check takes no command"),
        _ => {}
    }
    if said.has(FlagId::Check) && said.has(FlagId::DryRun) {
        problems.at(Origin::Whole, "--check and --dry-run exclude each other");
    }
    if let Some(origin) = said.origin(FlagId::Format).filter(|_| !said.has(FlagId::DryRun)) {
        problems.at(origin, "--format needs --dry-run");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::string::String;

    fn words(texts: &[&str]) -> Vec<Word> {
        texts.iter().map(|text| &*std::boxed::Box::leak(CString::new(*text).unwrap().into_boxed_c_str())).collect()
    }

    fn parsed(arguments: &[&str], environment: &[&str]) -> (Options, Vec<String>) {
        let mut problems = Problems::default();
        let arguments = words(&[&["launcher"], arguments].concat());
        let environment = words(environment);
        let options = parse(&arguments, &Variables::new(&environment, false), &mut problems);
        (options, problems.lines())
    }

    fn problems(arguments: &[&str]) -> Vec<String> {
        parsed(arguments, &[]).1
    }

    #[test]
    fn takes_values_in_both_forms() {
        for arguments in [&["--wait", "2s", "true"][..], &["--wait=2s", "true"]] {
            assert_eq!(parsed(arguments, &[]).0.wait, 2_000);
        }
        assert_eq!(parsed(&["--inherit=A,B", "true"], &[]).0.inherit, Inherit::Named(std::vec!["A", "B"]));
    }

    #[test]
    fn ends_options_at_the_first_other_word() {
        let command = |arguments: &[&str]| parsed(arguments, &[]).0.command.map(|command| command.position);
        assert_eq!(command(&["true", "--wait", "x"]), Some(1));
        assert_eq!(command(&["-v", "--", "--true"]), Some(3));
        assert_eq!(command(&["-v", "-"]), Some(2));
        assert_eq!(command(&["--", "--"]), Some(2));
        assert_eq!(command(&["-v"]), None);
    }

    #[test]
    fn takes_variables_where_nothing_is_said() {
        let environment = ["LATCHKEY_WAIT=3s", "LATCHKEY_TIMEOUT=", "LATCHKEY_FROM_ENV=1", "LATCHKEY_PROJECT=p"];
        let (options, problems) = parsed(&["--project", "q", "true"], &environment);
        assert_eq!(problems, [""; 0]);
        assert_eq!((options.wait, options.timeout, options.from_env), (3_000, 30_000, true));
        assert_eq!(options.project, Some("q"));
    }

    #[test]
    fn ignores_variables_with_rights_that_the_caller_lacks() {
        let mut problems = Problems::default();
        let environment = words(&["LATCHKEY_WAIT=3s", "LATCHKEY_SOCKET=/tmp/x"]);
        let variables = Variables::new(&environment, true);
        let options = parse(&words(&["launcher", "true"]), &variables, &mut problems);
        assert_eq!((options.wait, options.socket), (DEFAULT_WAIT, None));
        let _ = parse(&words(&["launcher", "--socket=/s", "true"]), &variables, &mut problems);
        assert_eq!(problems.lines(), ["argument 1: --socket is not for a launcher that has rights of its own"]);
    }

    #[test]
    fn reports_everything_at_once_by_position() {
        let arguments = [
            "--sekret",
            "--wait",
            "5",
            "--timeout=0",
            "--project",
            "-p",
            "--inherit=",
            "--mask",
            "--verbose=1",
            "--env",
        ];
        let problems = problems(&arguments);
        assert_eq!(
            problems,
            [
                "argument 1: unknown option",
                "argument 3: not a duration: 0, or an integer with ms, s, m, h or d",
                "argument 4: not a duration from 1ms to 10m",
                "argument 6: not a name of 1 to 63 letters, digits, \".\", \"_\" and \"-\"",
                "argument 7: not all, clean, none or names of variables with commas between them",
                "argument 8: --mask is not available yet",
                "argument 9: --verbose takes no value",
                "argument 10: --env needs a value",
                "no command",
            ]
        );
    }

    #[test]
    fn takes_the_token_file_from_the_argument_then_from_the_variable() {
        let variable = ["LATCHKEY_TOKEN_FILE=/v"];
        let found = |arguments: &[&str]| parsed(arguments, &variable).0.token_file.map(|file| (file.origin, file.path));
        assert_eq!(found(&["true"]), Some((Origin::Variable("LATCHKEY_TOKEN_FILE"), b"/v".as_slice())));
        assert_eq!(found(&["--token-file", "/a", "true"]), Some((Origin::Argument(2), b"/a".as_slice())));
        assert_eq!(parsed(&["--token-file=", "true"], &[]).1, ["argument 1: the path is empty"]);
        assert_eq!(parsed(&["true"], &["LATCHKEY_TOKEN_FILE="]).0.token_file, None);
    }

    #[test]
    fn recognises_what_is_not_available_yet_with_its_value() {
        let (options, problems) = parsed(&["--on-rotate", "none", "--mask-hold=1s", "true"], &[]);
        assert_eq!(
            problems,
            ["argument 1: --on-rotate is not available yet", "argument 3: --mask-hold is not available yet"]
        );
        assert_eq!(options.command.map(|command| command.position), Some(4));
    }

    #[test]
    fn gives_help_whatever_else_is_wrong() {
        assert_eq!(parsed(&["--nonsense", "-h"], &[]).0.mode, Mode::Help);
    }

    #[test]
    fn refuses_what_does_not_go_together() {
        assert_eq!(problems(&["--check", "true"]), ["argument 2: --check takes no command"]);
        assert_eq!(problems(&["--check", "--dry-run"]), ["--check and --dry-run exclude each other"]);
        assert_eq!(problems(&["--format", "json", "true"]), ["argument 2: --format needs --dry-run"]);
    }

    #[test]
    fn takes_the_last_of_several() {
        assert_eq!(parsed(&["--wait=1s", "--wait=2s", "true"], &[]).0.wait, 2_000);
        assert_eq!(problems(&["--wait=1", "--wait=2s", "true"]).len(), 1);
    }
}
