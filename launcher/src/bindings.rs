//! From what was said to what to ask for: layers, duplicates and conflicts.
//!
//! Weakest first, the layers are: inherited variables; `--env-file` and `--from-env`; the command line. A target in a stronger layer
//! replaces the same in a weaker one; twice in one layer is an error.

use crate::documents;
use crate::env_file;
use crate::environment::Inherited;
use crate::file;
use crate::flags::FlagId;
use crate::name;
use crate::options::{Item, OnConflict, Options, Word};
use crate::problems::{File, Origin, Problems};
use crate::protocol::{Binding, Document, MOST_BINDINGS};
use crate::reference;
use crate::sort::{sorted, sorted_names};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ffi::CStr;
use core::fmt;
use core::str::from_utf8;

/// Marks a value as a reference.
pub const MARK: &[u8] = b"latchkey:";
const NOT_A_NAME: &str = "not the name of a variable before \"=\"";
const NO_NAME: &str = "no \"=\", and not itself the name of a variable";
const FILE_HINT: &str = "--secret-file ENV=REF puts the secret REF into a file whose path is in ENV";
const BINDING_HINT: &str = "--secret ENV=REF binds the secret REF to the variable ENV";

/// The variable in which the launcher leaves the names that were delivered.
pub const BOUND: &str = "LATCHKEY_BOUND";

/// What the variables of the command will be, besides inherited ones.
#[derive(Debug, Default)]
pub struct Bindings {
    /// `NAME=VALUE`
    pub plain: Vec<Word>,
    /// What to ask the agent for.
    pub secrets: Vec<Binding<'static>>,
    /// For each of the secrets, whether it replaces something weaker.
    pub replaces: Vec<bool>,
    /// What the agent parses, and what it renders, in the order in which they were named.
    pub documents: Vec<Document>,
    /// References of JSON secrets whose fields become variables.
    pub spreads: Vec<&'static str>,
    /// Whether only a SUPPLY can ask for all of this.
    pub composed: bool,
    /// The names of all of them, sorted.
    targets: Vec<&'static [u8]>,
    /// Of these, the names that replace something weaker, sorted.
    replacing: Vec<&'static [u8]>,
}

impl Bindings {
    /// Whether there is anything to ask the agent for.
    #[must_use]
    pub fn ask_something(&self) -> bool {
        !self.secrets.is_empty() || self.composed
    }

    /// Whether the one of that name replaces something weaker that was said.
    #[must_use]
    pub fn replaces_weaker(&self, name: &[u8]) -> bool {
        self.replacing.binary_search(&name).is_ok()
    }

    /// The names of all that no document may replace: plain variables.
    #[must_use]
    pub fn plain_names(&self) -> Vec<&'static [u8]> {
        self.plain.iter().map(|entry| entry.to_bytes().split(|byte| *byte == b'=').next().unwrap_or_default()).collect()
    }

    /// The same plain variables, and other names that come from here.
    #[must_use]
    pub fn delivering(&self, names: &[&'static [u8]]) -> Self {
        let targets = [self.targets.as_slice(), names].concat();
        Self { plain: self.plain.clone(), targets: sorted_names(&targets), ..Self::default() }
    }

    /// Whether a variable comes from here.
    #[must_use]
    pub fn sets(&self, name: &[u8]) -> bool {
        self.targets.binary_search(&name).is_ok()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Files,
    CommandLine,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Plain(Word),
    Secret(&'static str),
    File(&'static str),
    /// The document of that index.
    Template(usize),
    /// It is among the problems; its target still counts.
    Refused,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    target: &'static str,
    source: Source,
    layer: Layer,
    origin: Origin,
    /// It replaces a weaker one, or an inherited variable.
    replaces: bool,
    /// A stronger one replaces it.
    replaced: bool,
}

/// Collects everything that was said. What is wrong is added to the problems.
#[must_use]
pub fn collect(options: &Options, inherited: &Inherited, problems: &mut Problems) -> Bindings {
    let proving = inherited.is_proving();
    // Then they are refused as names of any variable, and not allowed by anybody.
    let allow_dangerous = options.allow_dangerous || proving;
    let mut collector = Collector {
        entries: Vec::new(),
        documents: Vec::new(),
        spreads: Vec::new(),
        allow_dangerous,
        proving,
        problems,
    };
    for item in &options.items {
        collector.add_item(item);
    }
    if options.from_env {
        collector.add_inherited(inherited);
    }
    let (documents, spreads) = (collector.documents, collector.spreads);
    let entries = strongest(collector.entries, problems);
    let entries = resolve_conflicts(entries, options.on_conflict, inherited, problems);
    let mut bindings = finish(&entries, problems);
    bindings.documents = remaining(documents, &entries);
    bindings.spreads = spreads;
    bindings.composed = options.all
        || !bindings.documents.is_empty()
        || !bindings.spreads.is_empty()
        || bindings.secrets.iter().any(|binding| binding.file)
        || !bindings.secrets.is_empty() && (options.backend.is_some() || options.max_age.is_some() || options.offline);
    bindings
}

/// Without the templates whose variable is not wanted after all.
fn remaining(documents: Vec<Document>, entries: &[Entry]) -> Vec<Document> {
    let wanted = |index: usize| entries.iter().any(|entry| matches!(entry.source, Source::Template(of) if of == index));
    let all = documents.into_iter().enumerate();
    all.filter(|(index, document)| document.target.is_none() || wanted(*index)).map(|(_, document)| document).collect()
}

struct Collector<'a> {
    entries: Vec<Entry>,
    documents: Vec<Document>,
    spreads: Vec<&'static str>,
    allow_dangerous: bool,
    proving: bool,
    problems: &'a mut Problems,
}

impl Collector<'_> {
    fn add_item(&mut self, item: &Item) {
        let origin = Origin::Argument(item.position);
        match item.flag {
            FlagId::Secret => self.add_secret(item.text, origin),
            FlagId::SecretFile => self.add_secret_file(item.text, origin),
            FlagId::AllFrom => self.add_spread(item.text, origin),
            FlagId::Bindings => self.add_document(item, item.text, None),
            FlagId::Template => self.add_template(item, origin),
            FlagId::Env => self.add_plain_argument(item.text, origin),
            _ => self.add_file(File { position: item.position, name: item.text }),
        }
    }

    /// `ENV=REF`, or `ENV` for `ENV=ENV`.
    fn add_secret(&mut self, text: Word, origin: Origin) {
        let bytes = text.to_bytes();
        let equals = bytes.iter().position(|byte| *byte == b'=');
        let target = name::variable(&bytes[..equals.unwrap_or(bytes.len())]);
        if target.is_none() {
            self.refuse(origin, if equals.is_some() { NOT_A_NAME } else { NO_NAME }, BINDING_HINT);
        }
        match (equals.map(|equals| &bytes[equals + 1..]), target) {
            (Some(reference), _) => self.add_reference(target, reference, Layer::CommandLine, origin),
            (None, Some(_)) => self.add_reference(target, bytes, Layer::CommandLine, origin),
            (None, None) => {}
        }
    }

    /// `ENV=REF`, and nothing else.
    fn add_secret_file(&mut self, text: Word, origin: Origin) {
        let bytes = text.to_bytes();
        let Some(equals) = bytes.iter().position(|byte| *byte == b'=') else {
            return self.refuse(origin, "no \"=\"", FILE_HINT);
        };
        let target = name::variable(&bytes[..equals]);
        if target.is_none() {
            self.refuse(origin, NOT_A_NAME, FILE_HINT);
        }
        self.add_bound(target, &bytes[equals + 1..], Layer::CommandLine, origin, Source::File);
    }

    fn add_spread(&mut self, text: Word, origin: Origin) {
        match checked(text.to_bytes()) {
            Ok(reference) => self.spreads.push(reference),
            Err(fault) => self.problems.at(origin, fault),
        }
    }

    fn add_document(&mut self, item: &Item, path: Word, target: Option<&'static str>) {
        let file = File { position: item.position, name: path };
        if let Some(document) = documents::read(file, path, target, self.problems) {
            self.documents.push(document);
        }
    }

    fn add_template(&mut self, item: &Item, origin: Origin) {
        let Some((path, target)) = documents::template(item.text) else {
            let hint = "--template SRC=ENV says which variable gets the path";
            return self.refuse(origin, "the name of the file makes no name of a variable", hint);
        };
        self.refuse_dangerous(Some(target), origin);
        let index = self.documents.len();
        self.add_document(item, path, Some(target));
        self.add(target, Source::Template(index), Layer::CommandLine, origin);
    }

    fn refuse_dangerous(&mut self, target: Option<&'static str>, origin: Origin) {
        if target.is_some_and(name::is_dangerous) && !self.allow_dangerous {
            let hint = "--allow-dangerous-name allows names that change how programs run";
            self.refuse(origin, format_args!("{} is a dangerous name for a secret", target.unwrap_or_default()), hint);
        }
    }

    fn add_plain_argument(&mut self, text: Word, origin: Origin) {
        let bytes = text.to_bytes();
        let hint = "--env NAME=VALUE sets a variable, --env NAME= an empty one; --inherit passes variables on";
        let Some(equals) = bytes.iter().position(|byte| *byte == b'=') else {
            return self.refuse(origin, "no \"=\"", hint);
        };
        match name::variable(&bytes[..equals]) {
            Some(target) => self.add(target, Source::Plain(text), Layer::CommandLine, origin),
            None => self.refuse(origin, NOT_A_NAME, hint),
        }
    }

    fn add_file(&mut self, file: File) {
        let content = match file::read(file.name, env_file::LONGEST) {
            // The environment points into it until the command runs.
            Ok(content) => &*content.leak(),
            Err(why) => return self.problems.in_file(file, why),
        };
        for line in env_file::lines(content) {
            self.add_line(&line, Origin::Line(file, line.number));
        }
    }

    fn add_line(&mut self, line: &env_file::Line<'static>, origin: Origin) {
        for what in [line.target.err(), line.value.err()].into_iter().flatten() {
            self.problems.at(origin, what);
        }
        match (line.target, line.value) {
            (target, Ok(value)) if value.starts_with(MARK) => {
                self.add_reference(target.ok(), &value[MARK.len()..], Layer::Files, origin);
            }
            (Ok(target), Ok(value)) => self.add_plain_line(target, value, origin),
            (Ok(target), Err(_)) => self.add(target, Source::Refused, Layer::Files, origin),
            (Err(_), _) => {}
        }
    }

    fn add_plain_line(&mut self, target: &'static str, value: &'static [u8], origin: Origin) {
        let text = [target.as_bytes(), b"=", value, b"\0"].concat().leak();
        // The lines of a file have no NUL: checked where they are split.
        if let Ok(text) = CStr::from_bytes_with_nul(text) {
            self.add(target, Source::Plain(text), Layer::Files, origin);
        }
    }

    fn add_inherited(&mut self, inherited: &Inherited) {
        for (index, variable) in inherited.variables.iter().enumerate() {
            let Some(reference) = variable.reference() else { continue };
            let origin = Origin::Inherited(index + 1);
            let target = name::variable(variable.name);
            if target.is_none() {
                self.problems.at(origin, "not the name of a variable");
            }
            self.add_reference(target, reference, Layer::Files, origin);
        }
    }

    /// Both are looked at whatever is wrong with the other. A target that is not a name was refused by the caller.
    fn add_reference(&mut self, target: Option<&'static str>, text: &'static [u8], layer: Layer, origin: Origin) {
        self.add_bound(target, text, layer, origin, Source::Secret);
    }

    fn add_bound(
        &mut self,
        target: Option<&'static str>,
        text: &'static [u8],
        layer: Layer,
        origin: Origin,
        source: fn(&'static str) -> Source,
    ) {
        self.refuse_dangerous(target, origin);
        let source = match (checked(text), target) {
            (Ok(reference), _) => source(reference),
            (Err(fault), Some(target)) => self.refused_reference(origin, format_args!("{target}: {fault}"), text),
            (Err(fault), None) => self.refused_reference(origin, format_args!("{fault}"), text),
        };
        if let Some(target) = target {
            self.add(target, source, layer, origin);
        }
    }

    fn refused_reference(&mut self, origin: Origin, what: fmt::Arguments<'_>, text: &[u8]) -> Source {
        self.problems.at(origin, what);
        if text.is_empty() {
            self.problems.hint(BINDING_HINT);
        }
        Source::Refused
    }

    fn add(&mut self, target: &'static str, source: Source, layer: Layer, origin: Origin) {
        if target == BOUND {
            return self.problems.at(origin, format_args!("{BOUND} is set by the launcher"));
        }
        // SECURITY: also what a reference defaults to is the user's word.
        if self.proving && name::is_dangerous(target) {
            let what =
                format_args!("{target} is a dangerous name, which a launcher with a group of its own does not set");
            self.problems.at(origin, what);
        }
        self.entries.push(Entry { target, source, layer, origin, replaces: false, replaced: false });
    }

    fn refuse(&mut self, origin: Origin, what: impl fmt::Display, hint: &str) {
        self.problems.at(origin, what);
        self.problems.hint(hint);
    }
}

/// The text of a reference, or what is wrong with it.
fn checked(text: &'static [u8]) -> Result<&'static str, String> {
    if text.is_empty() {
        return Err(String::from("no reference after \"=\""));
    }
    if text.len() > reference::LONGEST {
        return Err(format!("the reference is longer than {} bytes", reference::LONGEST));
    }
    reference::parse(text).map_err(|fault| fault.to_string())?;
    from_utf8(text).map_err(|_| String::from("the reference is not UTF-8"))
}

/// Keeps the strongest entry of each target, in the order in which they were said.
fn strongest(mut entries: Vec<Entry>, problems: &mut Problems) -> Vec<Entry> {
    let key = |index: usize| (entries[index].target, Reverse(entries[index].layer), index);
    let order = sorted(entries.len(), &|left, right| key(left).cmp(&key(right)));
    let mut winner: Option<usize> = None;
    let mut before = 0;
    for index in order {
        match winner {
            Some(winner) if entries[index].target == entries[winner].target => {
                refuse_twice(&entries[before], &entries[index], problems);
                entries[winner].replaces = true;
                entries[index].replaced = true;
            }
            _ => winner = Some(index),
        }
        before = index;
    }
    entries.retain(|entry| !entry.replaced);
    entries
}

fn refuse_twice(first: &Entry, second: &Entry, problems: &mut Problems) {
    if first.layer == second.layer {
        let what = format_args!("{} is already the target of {}", second.target, first.origin);
        problems.at(second.origin, what);
    }
}

/// Bindings that meet an inherited variable. Plain variables always replace it.
fn resolve_conflicts(
    mut entries: Vec<Entry>,
    on_conflict: OnConflict,
    inherited: &Inherited,
    problems: &mut Problems,
) -> Vec<Entry> {
    let met = met(&entries, inherited);
    let meets = |entry: &Entry| {
        !matches!(entry.source, Source::Plain(_)) && met.binary_search(&entry.target.as_bytes()).is_ok()
    };
    match on_conflict {
        OnConflict::Override => entries.iter_mut().for_each(|entry| entry.replaces |= meets(entry)),
        OnConflict::Keep => entries.retain(|entry| !meets(entry)),
        OnConflict::Error => {
            for entry in entries.iter().filter(|entry| meets(entry)) {
                problems.at(entry.origin, format_args!("{} is in the environment already", entry.target));
            }
        }
    }
    entries
}

/// The targets that are names of inherited variables, sorted. There may be far more of those than there are targets.
fn met(entries: &[Entry], inherited: &Inherited) -> Vec<&'static [u8]> {
    let targets = sorted_targets(entries);
    let mut seen = vec![false; targets.len()];
    for name in inherited.passing_names() {
        if let Ok(index) = targets.binary_search(&name) {
            seen[index] = true;
        }
    }
    targets.into_iter().zip(seen).filter_map(|(target, seen)| seen.then_some(target)).collect()
}

fn sorted_targets(entries: &[Entry]) -> Vec<&'static [u8]> {
    let targets: Vec<&[u8]> = entries.iter().map(|entry| entry.target.as_bytes()).collect();
    sorted_names(&targets)
}

fn finish(entries: &[Entry], problems: &mut Problems) -> Bindings {
    let mut bindings = Bindings { targets: sorted_targets(entries), ..Bindings::default() };
    for entry in entries {
        match entry.source {
            Source::Plain(text) => bindings.plain.push(text),
            Source::Secret(reference) | Source::File(reference) => {
                let file = matches!(entry.source, Source::File(_));
                bindings.secrets.push(Binding { target: entry.target, reference, file });
                bindings.replaces.push(entry.replaces);
            }
            Source::Template(_) | Source::Refused => {}
        }
    }
    let replacing: Vec<&[u8]> =
        entries.iter().filter(|entry| entry.replaces).map(|entry| entry.target.as_bytes()).collect();
    bindings.replacing = sorted_names(&replacing);
    if bindings.secrets.len() > MOST_BINDINGS {
        let what = format_args!("{} bindings are more than {MOST_BINDINGS}", bindings.secrets.len());
        problems.at(Origin::Whole, what);
    }
    bindings
}

/// How a binding is shown: `TARGET=REFERENCE` up to the reference's first comma.
#[must_use]
pub fn shown(binding: &Binding<'_>) -> String {
    format!("{}={}", binding.target, reference::shown(binding.reference))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Mode, Variables, parse};
    use std::boxed::Box;
    use std::ffi::CString;

    fn words(texts: &[&str]) -> Vec<Word> {
        texts.iter().map(|text| &*Box::leak(CString::new(*text).unwrap().into_boxed_c_str())).collect()
    }

    fn collected(arguments: &[&str], environment: &[&str]) -> (Bindings, Vec<String>) {
        collected_by(arguments, environment, false)
    }

    fn collected_by(arguments: &[&str], environment: &[&str], proving: bool) -> (Bindings, Vec<String>) {
        let mut problems = Problems::default();
        let environment = words(environment);
        let arguments = words(&[&["launcher"], arguments, &["true"]].concat());
        let options = parse(&arguments, &Variables::new(&environment, false), &mut problems);
        assert_eq!(options.mode, Mode::Launch);
        let inherited = Inherited::new(&environment, &options.inherit, options.from_env, proving);
        let bindings = collect(&options, &inherited, &mut problems);
        for file in options.items.iter().filter(|item| item.flag == FlagId::EnvFile) {
            std::fs::remove_file(file.text.to_str().unwrap()).unwrap();
        }
        (bindings, problems.lines())
    }

    fn secrets(arguments: &[&str], environment: &[&str]) -> Vec<String> {
        let (bindings, problems) = collected(arguments, environment);
        assert_eq!(problems, [""; 0]);
        bindings.secrets.iter().map(|binding| format!("{}={}", binding.target, binding.reference)).collect()
    }

    fn env_file(content: &str) -> String {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("launcher-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        format!("--env-file={}", path.display())
    }

    #[test]
    fn splits_at_the_first_equals_sign() {
        assert_eq!(
            secrets(&["--secret", "A=b", "--secret=C=d%3De", "--secret", "SAME"], &[]),
            ["A=b", "C=d%3De", "SAME=SAME"]
        );
        let (bindings, _) = collected(&["--env", "A=", "--env=B=x=y"], &[]);
        assert_eq!(bindings.plain, [c"A=", c"B=x=y"]);
    }

    #[test]
    fn sets_no_dangerous_name_where_it_proves_what_runs() {
        let file = env_file("LD_PRELOAD=x\nFINE=1\n");
        let arguments = ["--allow-dangerous-name", "--secret=PATH=p,default=/home", "--env", "PS4=x", &file];
        let (_, problems) = collected_by(&arguments, &[], true);
        let said: Vec<&str> = problems.iter().map(|line| line.split(" is a dangerous name").next().unwrap()).collect();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(said[0].ends_with("PATH") && said[1].ends_with("PS4") && said[2].ends_with("LD_PRELOAD"), "{said:?}");
        assert_eq!(collected_by(&["--secret=A=p", "--env=B=1"], &[], true).1, [""; 0]);
        assert_eq!(collected_by(&["--allow-dangerous-name", "--secret=PATH=p"], &[], false).1, [""; 0]);
    }

    #[test]
    fn refuses_bad_arguments_by_position_without_their_text() {
        let arguments =
            ["--secret", "my-secret", "--secret", "FOO=", "--env", "hunter2", "--secret=A=b#c#d", "--secret=PATH=p"];
        let (_, problems) = collected(&arguments, &[]);
        assert_eq!(
            problems,
            [
                "argument 2: no \"=\", and not itself the name of a variable",
                "argument 4: FOO: no reference after \"=\"",
                "argument 6: no \"=\"",
                "argument 7: A: column 4 of the reference: a second \"#\"",
                "argument 8: PATH is a dangerous name for a secret",
            ]
        );
    }

    #[test]
    fn refuses_everything_about_one_binding_and_counts_its_target() {
        let (_, problems) = collected(&["--secret", "9=a@1@2", "--secret", "PATH=b#", "--env", "PATH=/bin"], &[]);
        assert_eq!(
            problems,
            [
                "argument 2: not the name of a variable before \"=\"",
                "argument 2: column 4 of the reference: a second \"@\"",
                "argument 4: PATH is a dangerous name for a secret",
                "argument 4: PATH: column 3 of the reference: a part of the field is empty",
                "argument 6: PATH is already the target of argument 4",
            ]
        );
    }

    #[test]
    fn refuses_lines_of_files_among_arguments_by_position() {
        let file = env_file("9=x\nA=latchkey:b@\nA=1\n8=latchkey:c#");
        let name = file.strip_prefix("--env-file=").unwrap();
        let (_, problems) = collected(&["--env", "x", &file, "--secret", "y=z,z"], &[]);
        assert_eq!(
            problems,
            [
                "argument 2: no \"=\"".to_string(),
                format!("{name} line 1: not the name of a variable before \"=\""),
                format!("{name} line 2: A: column 3 of the reference: the version is empty"),
                format!("{name} line 3: A is already the target of {name} line 2"),
                format!("{name} line 4: not the name of a variable before \"=\""),
                format!("{name} line 4: column 3 of the reference: a part of the field is empty"),
                "argument 5: y: column 3 of the reference: not an option: they are optional, default=, decode= and encode="
                    .to_string(),
            ]
        );
    }

    #[test]
    fn refuses_a_target_twice_in_one_layer_in_any_mix() {
        let (_, problems) = collected(&["--secret", "A=b", "--env", "B=1", "--env", "A=x", "--secret", "A=c"], &[]);
        assert_eq!(
            problems,
            ["argument 6: A is already the target of argument 2", "argument 8: A is already the target of argument 6"]
        );
        let file = env_file("X=1\nA=1\nX=latchkey:y");
        let name = file.strip_prefix("--env-file=").unwrap();
        let (_, problems) = collected(&["--from-env", &file], &["A=latchkey:b"]);
        assert_eq!(
            problems,
            [
                format!("{name} line 3: X is already the target of {name} line 1"),
                format!("inherited variable 1: A is already the target of {name} line 2"),
            ]
        );
    }

    #[test]
    fn lets_the_command_line_replace_files_and_variables() {
        let file = env_file("A=latchkey:file\nB=plain\nC=latchkey:c");
        let (bindings, problems) = collected(&["--secret", "A=line", "--secret=B", &file], &["X=1"]);
        assert_eq!(problems, [""; 0]);
        let found: Vec<_> = bindings.secrets.iter().map(shown).collect();
        assert_eq!(
            (found, bindings.replaces.clone()),
            (vec!["A=line".into(), "B=B".into(), "C=c".into()], vec![true, true, false])
        );
        assert!(bindings.sets(b"C") && bindings.plain.is_empty() && !bindings.sets(b"X"));
    }

    #[test]
    fn finds_references_in_the_environment_only_if_asked() {
        let environment = ["A=latchkey:b", "C=d", "LATCHKEY_X=latchkey:y"];
        assert_eq!(secrets(&[], &environment), [""; 0]);
        assert_eq!(secrets(&["--from-env"], &environment), ["A=b"]);
        assert_eq!(secrets(&["--from-env", "--on-conflict=error"], &environment), ["A=b"]);
        assert_eq!(secrets(&["--from-env", "--inherit=none"], &environment), ["A=b"]);
        assert_eq!(
            collected(&["--from-env"], &["a.b=latchkey:x"]).1,
            ["inherited variable 1: not the name of a variable"]
        );
    }

    #[test]
    fn resolves_conflicts_with_inherited_variables() {
        let arguments = |mode| ["--secret", "A=b", "--secret", "C=d", "--env", "X=2", mode];
        let environment = ["A=1", "X=1"];
        let (bindings, _) = collected(&arguments("--on-conflict=override"), &environment);
        assert_eq!(bindings.replaces, [true, false]);
        assert_eq!(secrets(&arguments("--on-conflict=keep"), &environment), ["C=d"]);
        let (_, problems) = collected(&arguments("--on-conflict=error"), &environment);
        assert_eq!(problems, ["argument 2: A is in the environment already"]);
        assert_eq!(secrets(&["--secret=A", "--on-conflict=error", "--inherit=none"], &environment), ["A=A"]);
    }

    #[test]
    fn allows_dangerous_names_to_plain_variables_and_by_flag() {
        assert_eq!(collected(&["--env", "PATH=/bin", &env_file("LD_PRELOAD=x")], &[]).1, [""; 0]);
        assert_eq!(secrets(&["--allow-dangerous-name", "--secret", "PATH=p"], &[]), ["PATH=p"]);
    }

    #[test]
    fn keeps_the_name_of_its_own_variable() {
        assert_eq!(
            collected(&["--env", "LATCHKEY_BOUND=x"], &[]).1,
            ["argument 2: LATCHKEY_BOUND is set by the launcher"]
        );
    }

    #[test]
    fn counts_bindings() {
        let arguments: Vec<String> = (0..=MOST_BINDINGS).map(|index| format!("--secret=A{index}=x")).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(collected(&arguments, &[]).1, ["1025 bindings are more than 1024"]);
    }
}
