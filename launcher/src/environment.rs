//! The environment: what was inherited, and what the command gets.

use crate::bindings::{BOUND, Bindings, MARK};
use crate::name;
use crate::options::{Inherit, Word};
use crate::sort::sorted_names;
use crate::sys::StringArray;
use alloc::boxed::Box;
use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::CStr;

const OWN_PREFIX: &[u8] = b"LATCHKEY_";
const PASSED_ON: &[u8] = b"LATCHKEY_SOCKET";

/// The inherited variables.
pub struct Inherited {
    /// In their order, byte for byte.
    pub variables: Vec<InheritedVariable>,
    /// What an outer launcher delivered, sorted.
    bound: Vec<&'static [u8]>,
    /// Whether nothing comes from the user that changes how programs run.
    proving: bool,
}

/// One of them.
pub struct InheritedVariable {
    /// What stands before the first `=`, or the whole entry if there is none.
    pub name: &'static [u8],
    entry: Word,
    passes: bool,
    reference: Option<&'static [u8]>,
}

impl InheritedVariable {
    /// With `--from-env`, the reference that it holds.
    #[must_use]
    pub fn reference(&self) -> Option<&'static [u8]> {
        self.reference
    }
}

impl Inherited {
    /// Looks at the environment.
    #[must_use]
    pub fn new(environment: &[Word], mode: &Inherit, from_env: bool, proving: bool) -> Self {
        let bound = bound_names(environment);
        let variable = |entry: &Word| {
            let (name, value) = split(entry);
            let own = name.starts_with(OWN_PREFIX);
            let reference = value.and_then(|value| value.strip_prefix(MARK)).filter(|_| from_env && !own);
            let passes = reference.is_none()
                && (!own || name == PASSED_ON)
                && admits(mode, name, &bound)
                && !(proving && is_unsafe(name));
            InheritedVariable { name, entry, passes, reference }
        };
        Self { variables: environment.iter().map(variable).collect(), bound, proving }
    }

    /// Whether they are those of a launcher that proves what it runs, which sets no dangerous name either.
    #[must_use]
    pub fn is_proving(&self) -> bool {
        self.proving
    }

    /// The names of those that are passed on unless something replaces them.
    pub fn passing_names(&self) -> impl Iterator<Item = &'static [u8]> {
        self.variables.iter().filter(|variable| variable.passes).map(|variable| variable.name)
    }

    /// The value of a variable that is passed on.
    #[must_use]
    pub fn passing_value(&self, name: &[u8]) -> Option<&'static [u8]> {
        let mut passing = self.variables.iter().filter(|variable| variable.passes && variable.name == name);
        passing.find_map(|variable| split(variable.entry).1)
    }
}

/// SECURITY: besides the names that change how programs run, those that are none: so a shell exports functions.
fn is_unsafe(name: &[u8]) -> bool {
    name::variable(name).is_none_or(name::is_dangerous)
}

fn split(entry: Word) -> (&'static [u8], Option<&'static [u8]>) {
    let bytes = entry.to_bytes();
    match bytes.iter().position(|byte| *byte == b'=') {
        Some(equals) => (&bytes[..equals], Some(&bytes[equals + 1..])),
        None => (bytes, None),
    }
}

fn bound_names(environment: &[Word]) -> Vec<&'static [u8]> {
    let values = environment.iter().map(|entry| split(entry)).filter(|(name, _)| *name == BOUND.as_bytes());
    let names: Vec<_> = values.flat_map(|(_, value)| value.unwrap_or_default().split(|byte| *byte == b',')).collect();
    sorted_names(&names)
}

fn admits(mode: &Inherit, name: &[u8], bound: &[&[u8]]) -> bool {
    match mode {
        Inherit::All => true,
        Inherit::Clean => bound.binary_search(&name).is_err(),
        Inherit::None => false,
        Inherit::Named(names) => names.iter().any(|found| found.as_bytes() == name),
    }
}

/// The environment of the command without what the agent delivers.
pub struct Unfinished<'a> {
    entries: StringArray<'a>,
    /// Of what an outer launcher delivered, the names that are passed on.
    outer: Vec<&'static [u8]>,
}

/// Begins to put the environment of the command together.
#[must_use]
pub fn begin<'a>(inherited: &Inherited, bindings: &Bindings) -> Unfinished<'a> {
    let most = inherited.variables.len() + bindings.plain.len() + bindings.secrets.len() + 1;
    let mut unfinished = Unfinished { entries: StringArray::with_capacity(most), outer: Vec::new() };
    for variable in &inherited.variables {
        if variable.passes && !bindings.sets(variable.name) {
            unfinished.entries.push(variable.entry);
            if inherited.bound.binary_search(&variable.name).is_ok() {
                unfinished.outer.push(variable.name);
            }
        }
    }
    for entry in &bindings.plain {
        unfinished.entries.push(entry);
    }
    unfinished
}

/// Adds what was delivered, `NAME=VALUE` strings where they were received, and their names.
#[must_use]
pub fn finish<'a>(unfinished: Unfinished<'a>, delivered: &[&'a CStr]) -> StringArray<'a> {
    let Unfinished { mut entries, outer } = unfinished;
    for entry in delivered {
        entries.push(entry);
    }
    let ours = delivered.iter().map(|entry| entry.to_bytes().split(|byte| *byte == b'=').next().unwrap_or_default());
    if let Some(bound) = bound(ours.chain(outer)) {
        entries.push(bound);
    }
    entries
}

/// `LATCHKEY_BOUND=NAME,NAME`, or nothing if there are none.
fn bound<'a>(names: impl Iterator<Item = &'a [u8]>) -> Option<Word> {
    let mut text = Vec::from(BOUND.as_bytes());
    for name in names {
        text.push(if text.len() == BOUND.len() { b'=' } else { b',' });
        text.extend_from_slice(name);
    }
    let text = CString::new(text).ok().filter(|text| text.count_bytes() > BOUND.len())?;
    // The command's environment points to it.
    Some(Box::leak(text.into_boxed_c_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    const ENVIRONMENT: [Word; 8] = [
        c"A=1",
        c"OUTER=x",
        c"LATCHKEY_BOUND=OUTER,GONE",
        c"LATCHKEY_WAIT=1s",
        c"LATCHKEY_SOCKET=/s",
        c"odd entry",
        c"A=2",
        c"R=latchkey:r",
    ];

    fn passing(mode: &Inherit, from_env: bool) -> Vec<&'static str> {
        let inherited = Inherited::new(&ENVIRONMENT, mode, from_env, false);
        let passing = inherited.variables.iter().filter(|variable| variable.passes);
        passing.map(|variable| variable.entry.to_str().unwrap()).collect()
    }

    #[test]
    fn passes_what_the_mode_lets_through() {
        let all = ["A=1", "OUTER=x", "LATCHKEY_SOCKET=/s", "odd entry", "A=2", "R=latchkey:r"];
        assert_eq!(passing(&Inherit::All, false), all);
        assert_eq!(passing(&Inherit::Clean, false), ["A=1", "LATCHKEY_SOCKET=/s", "odd entry", "A=2", "R=latchkey:r"]);
        assert_eq!(passing(&Inherit::None, false), [""; 0]);
        assert_eq!(passing(&Inherit::Named(vec!["A", "LATCHKEY_WAIT"]), false), ["A=1", "A=2"]);
        assert_eq!(passing(&Inherit::All, true), all[..5]);
    }

    #[test]
    fn passes_nothing_that_changes_how_programs_run_where_it_proves_what_runs() {
        let environment: [Word; 9] = [
            c"PATH=/home",
            c"LD_PRELOAD=/home/x.so",
            c"BASH_FUNC_ls%%=() { id; }",
            c"GIT_CONFIG_COUNT=1",
            c"odd entry",
            c"=x",
            c"HOME=/home",
            c"LATCHKEY_SOCKET=/s",
            c"PATHS=1",
        ];
        let passing = |proving| Inherited::new(&environment, &Inherit::All, false, proving).passing_names().count();
        assert_eq!(passing(false), environment.len());
        let inherited = Inherited::new(&environment, &Inherit::All, false, true);
        assert_eq!(inherited.passing_names().collect::<Vec<_>>(), [&b"HOME"[..], b"LATCHKEY_SOCKET", b"PATHS"]);
    }

    #[test]
    fn names_what_was_delivered() {
        assert_eq!(bound([&b"A"[..], b"B"].into_iter()), Some(c"LATCHKEY_BOUND=A,B"));
        assert_eq!(bound([].into_iter()), None);
    }

    #[test]
    fn finds_values_that_pass() {
        let inherited = Inherited::new(&ENVIRONMENT, &Inherit::All, false, false);
        assert_eq!(inherited.passing_value(b"A"), Some(&b"1"[..]));
        assert_eq!(inherited.passing_value(b"LATCHKEY_WAIT"), None);
        assert_eq!(inherited.passing_value(b"odd entry"), None);
        let inherited = Inherited::new(&[c"PATH", c"", c"=x", c"PATH=/bin"], &Inherit::All, false, false);
        assert_eq!(inherited.passing_value(b"PATH"), Some(&b"/bin"[..]));
        assert_eq!(inherited.passing_names().collect::<Vec<_>>(), [&b"PATH"[..], b"", b"", b"PATH"]);
    }
}
