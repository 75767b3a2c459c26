//! Section 4.1 and the question of section 4.5.

use super::field::{put, put_optional};
use super::{Header, MessageType};
use alloc::vec::Vec;

/// How many bindings one request may have.
pub const MOST_BINDINGS: usize = 1024;

/// Where the body's length stands in the frame, once it is known.
const HEADER_PLACE: [u8; super::HEADER_LENGTH] = [0; super::HEADER_LENGTH];

/// "This reference appears there as this variable".
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// The variable.
    pub target: &'a str,
    /// The reference.
    pub reference: &'a str,
    /// Whether the variable gets the path of a file with the value. A REQUEST has none of these.
    pub file: bool,
}

/// What exactly will be executed: hashes of the file and of its arguments, and where the file was found.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The SHA-256 of the file.
    pub executable: &'a [u8; 32],
    /// The SHA-256 of the arguments, each followed by NUL.
    pub arguments: &'a [u8; 32],
    /// Absolute, 1 to 4096 bytes.
    pub path: &'a str,
}

/// What the launcher asks.
#[derive(Debug)]
pub struct Request<'a> {
    /// Milliseconds until the launcher stops waiting, 1 to 600,000.
    pub deadline: u32,
    /// Whether to answer with a PLAN.
    pub dry_run: bool,
    /// Where store names without a project are looked up.
    pub project: Option<&'a str>,
    /// Where store names without an environment are looked up.
    pub environment: Option<&'a str>,
    /// The bearer token, 1 to 4096 bytes.
    pub token: Option<&'a [u8]>,
    /// The program about to be run, for the audit log.
    pub command: Option<&'a str>,
    /// What exactly it is, from a launcher that the agent may be able to believe.
    pub proof: Option<Proof<'a>>,
    /// Whether the user allowed dangerous names.
    pub allow_dangerous: bool,
    /// At least one, at most [`MOST_BINDINGS`].
    pub bindings: &'a [Binding<'a>],
}

impl Request<'_> {
    /// The frame, or nothing if it is longer than a REQUEST may be.
    #[must_use]
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut frame = Vec::with_capacity(128 + self.bindings.len() * 96);
        frame.extend_from_slice(&HEADER_PLACE);
        put(&mut frame, 1, &[&self.deadline.to_be_bytes()]);
        if self.dry_run {
            put(&mut frame, 2, &[&1_u32.to_be_bytes()]);
        }
        for (number, place) in [(3, self.project), (4, self.environment)] {
            if let Some(place) = place {
                put(&mut frame, number, &[place.as_bytes()]);
            }
        }
        if let Some(token) = self.token {
            put(&mut frame, 5, &[token]);
        }
        if let Some(command) = self.command {
            put_optional(&mut frame, 6, &[command.as_bytes()]);
        }
        if let Some(proof) = self.proof {
            put_optional(&mut frame, 12, &[proof.executable, proof.arguments, proof.path.as_bytes()]);
        }
        for binding in self.bindings {
            self.put_binding(&mut frame, binding);
        }
        let header = Header::encode(MessageType::Request, frame.len() - HEADER_PLACE.len())?;
        frame[..HEADER_PLACE.len()].copy_from_slice(&header);
        Some(frame)
    }

    fn put_binding(&self, frame: &mut Vec<u8>, binding: &Binding<'_>) {
        const VARIABLE: u8 = 1;
        let dangerous = self.allow_dangerous && crate::name::is_dangerous(binding.target);
        let [l0, l1] = u16::try_from(binding.target.len()).unwrap_or(u16::MAX).to_be_bytes();
        let fixed = [VARIABLE, u8::from(dangerous), l0, l1];
        put(frame, 16, &[&fixed, binding.target.as_bytes(), binding.reference.as_bytes()]);
    }
}

/// The frame of a CHECK.
#[must_use]
pub fn check() -> Vec<u8> {
    Header::encode(MessageType::Check, 0).map(Vec::from).unwrap_or_default()
}
