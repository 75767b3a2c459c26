//! Documents that the agent parses. The launcher reads them, and gives what they name of its own variables and files.

use crate::error::{Error, Report};
use crate::file;
use crate::name;
use crate::options::{Variables, Word};
use crate::output::FileName;
use crate::problems::{File, Problems};
use crate::protocol::{Ask, Document, Given, LONGEST_DOCUMENT, Named};
use crate::sys;
use alloc::ffi::CString;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The longest file that a document may name.
const LONGEST_FILE: usize = 256 * 1024;
const LONGEST_LABEL: usize = 4096;
const SUFFIXES: [&[u8]; 3] = [b".tmpl", b".tpl", b".template"];

/// Reads a document; nothing if it cannot be read, which is then among the problems.
pub fn read(file: File, path: Word, target: Option<&'static str>, problems: &mut Problems) -> Option<Document> {
    let source = if target.is_none() && path.to_bytes() == b"-" { c"/dev/stdin" } else { path };
    match file::read(source, LONGEST_DOCUMENT) {
        Ok(content) => Some(Document {
            target,
            label: label(path, file.position),
            // Texts of it may be looked up again when the agent asks for something.
            content: content.leak(),
            folder: folder(path),
        }),
        Err(why) => {
            problems.in_file(file, why);
            None
        }
    }
}

/// What messages call it: its path, if that is text that may be shown.
fn label(path: Word, position: usize) -> String {
    let name = FileName { text: path.to_bytes(), position };
    let text = path.to_str().ok().filter(|text| !text.bytes().any(|byte| byte.is_ascii_control()));
    match text.filter(|text| !text.is_empty() && text.len() <= LONGEST_LABEL && !name.is_assignment()) {
        Some(text) => text.to_string(),
        None => name.to_string(),
    }
}

fn folder(path: Word) -> &'static [u8] {
    let path = path.to_bytes();
    let slash = path.iter().rposition(|byte| *byte == b'/');
    slash.map_or(b"", |slash| &path[..=slash])
}

/// Takes `SRC[=ENV]` apart: the path, and the variable.
#[must_use]
pub fn template(text: Word) -> Option<(Word, &'static str)> {
    let bytes = text.to_bytes();
    let equals = bytes.iter().rposition(|byte| *byte == b'=');
    if let Some((equals, target)) = equals.and_then(|at| name::variable(&bytes[at + 1..]).map(|name| (at, name))) {
        // The path must end with a NUL of its own.
        let path = CString::new(&bytes[..equals]).ok()?;
        return Some((&*alloc::boxed::Box::leak(path.into_boxed_c_str()), target));
    }
    default_target(bytes).map(|target| (text, target))
}

fn default_target(path: &[u8]) -> Option<&'static str> {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let name = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(*suffix)).unwrap_or(name);
    let mut target: Vec<u8> = Vec::with_capacity(name.len() + 1);
    if name.first().is_some_and(u8::is_ascii_digit) {
        target.push(b'_');
    }
    // One for each character, of which only the first byte is no continuation.
    let characters = name.iter().filter(|byte| **byte & 0xC0 != 0x80);
    target.extend(characters.map(|byte| if byte.is_ascii_alphanumeric() { byte.to_ascii_uppercase() } else { b'_' }));
    name::variable(target.leak())
}

/// Looks up what an agent asks for.
///
/// SECURITY: only what a document names in so many letters, for an agent has no business with the rest.
pub fn give(
    ask: &Ask<'_>,
    documents: &[Document],
    environment: &[Word],
    variables: &Variables<'_>,
) -> Result<Given, Error> {
    let mut given = Given::default();
    for (document, name) in &ask.variables {
        named_in(documents, *document, |content| names_variable(content, name))?;
        let value = |entry: &Word| entry.to_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b"=");
        given.variables.push((Named::new(*document, name), environment.iter().find_map(value)));
    }
    for (document, path) in &ask.files {
        let found =
            named_in(documents, *document, |content| contains(content, &[b"${file:", path.as_bytes(), b"}"].concat()))?;
        let content = content_of(path.as_bytes(), found.folder, variables);
        given.files.push((Named::new(*document, path), content));
    }
    Ok(given)
}

fn named_in(documents: &[Document], index: u16, names: impl Fn(&[u8]) -> bool) -> Result<&Document, Error> {
    documents
        .get(usize::from(index))
        .filter(|document| names(document.content))
        .ok_or_else(|| Error::AgentFailed(Report::of("the agent asks for what no document names, and gets nothing")))
}

fn names_variable(content: &[u8], name: &str) -> bool {
    let forms: [[&[u8]; 3]; 3] =
        [[b"${env:", name.as_bytes(), b"}"], [b"${", name.as_bytes(), b"}"], [b"${", name.as_bytes(), b":-"]];
    forms.iter().any(|form| contains(content, &form.concat()))
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    content.windows(wanted.len()).any(|window| window == wanted)
}

/// Opened with the rights of who runs the launcher, from where the document is.
fn content_of(path: &[u8], folder: &[u8], variables: &Variables<'_>) -> Result<Vec<u8>, String> {
    let whole = match path.strip_prefix(b"~/") {
        Some(rest) => [variables.get("HOME").ok_or("HOME is not set")?, b"/", rest].concat(),
        None if path.starts_with(b"/") => path.to_vec(),
        None => [folder, path].concat(),
    };
    let whole = CString::new(whole).map_err(|_| "its path has a NUL byte".to_string())?;
    let facts = sys::status(&whole).map_err(|errno| errno.to_string())?;
    if facts.is_folder() {
        return Err(format!("{}", sys::Errno::EISDIR));
    }
    file::read(&whole, LONGEST_FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_templates_at_the_last_equals_sign_before_a_name() {
        let split = |text: &'static core::ffi::CStr| template(text).map(|(path, target)| (path.to_bytes(), target));
        assert_eq!(split(c"a/db.conf.tmpl"), Some((&b"a/db.conf.tmpl"[..], "DB_CONF")));
        assert_eq!(split(c"a=b.tpl=CONF"), Some((&b"a=b.tpl"[..], "CONF")));
        assert_eq!(split(c"x=1y"), Some((&b"x=1y"[..], "X_1Y")));
        assert_eq!(split(c"9.template"), Some((&b"9.template"[..], "_9")));
        assert_eq!(split(c"x.tmpl.tmpl"), Some((&b"x.tmpl.tmpl"[..], "X_TMPL")));
        assert_eq!(split(c"\xC3\xA4-b").map(|(_, target)| target), Some("__B"));
        assert_eq!(split(c"a/"), None);
    }

    fn document(content: &'static [u8]) -> Document {
        Document { target: None, label: "x".into(), content, folder: b"" }
    }

    #[test]
    fn gives_only_what_a_document_names() {
        let documents = [document(b"a: ${env:A} ${B:-x} ${C} ${file:/etc/hostname} $D ${DD}")];
        let environment = [c"A=1", c"D=secret"];
        let variables = Variables::new(&environment, false);
        let ask = |variables: Vec<(u16, &'static str)>, files| Ask { variables, files };
        let given =
            give(&ask(std::vec![(0, "A"), (0, "B"), (0, "C")], std::vec![]), &documents, &environment, &variables);
        let given = given.unwrap();
        assert_eq!(given.variables[0].1, Some(&b"1"[..]));
        assert_eq!(given.variables[1].1, None);
        for refused in [
            ask(std::vec![(0, "D")], std::vec![]),
            ask(std::vec![(1, "A")], std::vec![]),
            ask(std::vec![], std::vec![(0, "/etc/shadow")]),
            ask(std::vec![], std::vec![(0, "/etc/host")]),
        ] {
            assert!(matches!(give(&refused, &documents, &environment, &variables), Err(Error::AgentFailed(_))));
        }
    }

    #[test]
    fn reads_files_from_where_the_document_is() {
        let variables = Variables::new(&[c"HOME=/etc"], false);
        assert!(content_of(b"hostname", b"/etc/", &variables).is_ok());
        assert!(content_of(b"~/hostname", b"", &variables).is_ok());
        assert_eq!(content_of(b"/etc/no-such-file", b"", &variables), Err("no such file or directory".into()));
        assert_eq!(content_of(b"/etc", b"", &variables), Err("is a folder".into()));
        assert!(content_of(b"/dev/zero", b"", &variables).is_err());
    }
}
