//! Section 4.6: asking for more than bindings of variables.

use super::field::{put, put_optional};
use super::request::Proof;
use super::{Binding, Header, MessageType};
use alloc::string::String;
use alloc::vec::Vec;

/// Where the body's length stands in the frame, once it is known.
const HEADER_PLACE: [u8; super::HEADER_LENGTH] = [0; super::HEADER_LENGTH];

/// How many variables and how many files an agent may ask for.
pub const MOST_ASKED: usize = 1024;

/// The longest document.
pub const LONGEST_DOCUMENT: usize = 256 * 1024;

/// A switch of a request.
#[derive(Clone, Copy)]
#[repr(u32)]
#[allow(missing_docs)] // named like the options of section 4.6
pub enum Switch {
    DryRun = 1,
    Offline = 2,
    All = 4,
    RawNames = 8,
    Keep = 16,
    RefuseConflicts = 32,
    AllowDangerous = 64,
}

/// A document as it was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// Of a template, the variable that gets the path of what it becomes.
    pub target: Option<&'static str>,
    /// Its name in messages.
    pub label: String,
    /// Its bytes.
    pub content: &'static [u8],
    /// Where paths in it begin: its path up to the last slash, with it.
    pub folder: &'static [u8],
}

/// Something that a document names.
#[derive(Debug)]
pub struct Named {
    document: u16,
    name: Vec<u8>,
}

impl Named {
    /// The name, and the index of the document.
    #[must_use]
    pub fn new(document: u16, name: &str) -> Self {
        Self { document, name: name.into() }
    }
}

/// What an agent asked for and the launcher found.
#[derive(Debug, Default)]
pub struct Given {
    /// The value, if it is set.
    pub variables: Vec<(Named, Option<&'static [u8]>)>,
    /// The content, or why there is none.
    pub files: Vec<(Named, Result<Vec<u8>, String>)>,
}

/// What the launcher asks.
pub struct Supply<'a> {
    /// Milliseconds until the launcher stops waiting, 1 to 600,000.
    pub deadline: u32,
    /// Bits of [`Switch`].
    pub switches: u32,
    /// Where store names without a project are looked up.
    pub project: Option<&'a str>,
    /// Where store names without an environment are looked up.
    pub environment: Option<&'a str>,
    /// The bearer token, 1 to 4096 bytes.
    pub token: Option<&'a [u8]>,
    /// The program about to be run, for the audit log.
    pub command: Option<&'a str>,
    /// What exactly will be executed.
    pub proof: Option<Proof<'a>>,
    /// The provider of references that name none.
    pub backend: Option<&'a str>,
    /// Milliseconds that a cached value may be old.
    pub max_age: Option<u32>,
    /// Of variables and files.
    pub bindings: &'a [Binding<'a>],
    /// In the order in which they were named.
    pub documents: &'a [Document],
    /// References of JSON secrets whose fields become variables.
    pub spreads: &'a [&'static str],
    /// Targets that something stronger sets.
    pub taken: &'a [&'a [u8]],
    /// Names of inherited variables, where meeting one matters to the agent.
    pub inherited: &'a [&'a [u8]],
}

impl Supply<'_> {
    /// The frame, or nothing if it is longer than a SUPPLY may be.
    #[must_use]
    #[inline(never)] // it has two callers, and much code
    pub fn encode(&self, given: &Given) -> Option<Vec<u8>> {
        let mut frame = Vec::with_capacity(4096);
        frame.extend_from_slice(&HEADER_PLACE);
        put(&mut frame, 1, &[&self.deadline.to_be_bytes()]);
        if self.switches != 0 {
            put(&mut frame, 2, &[&self.switches.to_be_bytes()]);
        }
        self.put_terms(&mut frame);
        for binding in self.bindings {
            self.put_binding(&mut frame, binding);
        }
        for document in self.documents {
            put_document(&mut frame, document);
        }
        for reference in self.spreads {
            put(&mut frame, 18, &[reference.as_bytes()]);
        }
        for (number, names) in [(19, self.taken), (20, self.inherited)] {
            for name in names {
                put(&mut frame, number, &[name]);
            }
        }
        for (named, value) in &given.variables {
            put_given(&mut frame, 32, named, value.ok_or(&[]));
        }
        for (named, content) in &given.files {
            put_given(&mut frame, 33, named, content.as_deref().map_err(String::as_bytes));
        }
        let header = Header::encode(MessageType::Supply, frame.len() - HEADER_PLACE.len())?;
        frame[..HEADER_PLACE.len()].copy_from_slice(&header);
        Some(frame)
    }

    fn put_terms(&self, frame: &mut Vec<u8>) {
        for (number, place) in [(3, self.project), (4, self.environment)] {
            if let Some(place) = place {
                put(frame, number, &[place.as_bytes()]);
            }
        }
        if let Some(token) = self.token {
            put(frame, 5, &[token]);
        }
        if let Some(command) = self.command {
            put_optional(frame, 6, &[command.as_bytes()]);
        }
        if let Some(backend) = self.backend {
            put(frame, 7, &[backend.as_bytes()]);
        }
        if let Some(max_age) = self.max_age {
            put(frame, 8, &[&max_age.to_be_bytes()]);
        }
        if let Some(proof) = self.proof {
            put_optional(frame, 12, &[proof.executable, proof.arguments, proof.path.as_bytes()]);
        }
    }

    fn put_binding(&self, frame: &mut Vec<u8>, binding: &Binding<'_>) {
        let allowed = self.switches & Switch::AllowDangerous as u32 != 0;
        let dangerous = allowed && crate::name::is_dangerous(binding.target);
        let [l0, l1] = length_of(binding.target.as_bytes());
        let fixed = [if binding.file { 2 } else { 1 }, u8::from(dangerous), l0, l1];
        put(frame, 16, &[&fixed, binding.target.as_bytes(), binding.reference.as_bytes()]);
    }
}

/// The lengths of names and paths are checked before they come here.
fn length_of(text: &[u8]) -> [u8; 2] {
    u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes()
}

fn put_document(frame: &mut Vec<u8>, document: &Document) {
    let target = document.target.unwrap_or_default().as_bytes();
    let kind = [if document.target.is_some() { 2 } else { 1 }];
    let label = document.label.as_bytes();
    put(frame, 17, &[&kind, &length_of(target), target, &length_of(label), label, document.content]);
}

fn put_given(frame: &mut Vec<u8>, number: u16, named: &Named, found: Result<&[u8], &[u8]>) {
    let Named { document, name } = named;
    let state = [u8::from(found.is_ok())];
    let rest = found.unwrap_or_else(|reason| reason);
    put(frame, number, &[&document.to_be_bytes(), &state, &length_of(name), name, rest]);
}
