//! One request and its answer, as in `protocol/SPEC.md`, of a shape that does not change: a number of secrets `bench-000001`, … as the
//! variables `BENCH_1`, …

use std::io::{Error, Result};

/// Secrets of one request, as of the launches that are measured.
pub const BINDINGS: usize = 8;
/// Bytes of each value.
pub const VALUE: usize = 32;

const HEADER: usize = 12;
const FIELD: usize = 6;
const REQUEST: u8 = 1;
const DELIVERY: u8 = 2;
const REFUSAL: u8 = 3;
const STARTING: [u8; 2] = 12_001u16.to_be_bytes();
const DEADLINE_MILLIS: u32 = 10_000;
const NAME_DIGITS: usize = 6;
/// `BENCH_1=`, the value, NUL.
const ENTRY: usize = 8 + VALUE + 1;
/// Grant, count and block.
const ANSWER_BODY: usize = FIELD + 8 + FIELD + 4 + FIELD + BINDINGS * ENTRY;
/// The whole frame that answers a request.
pub const ANSWER: usize = HEADER + ANSWER_BODY;

fn field(body: &mut Vec<u8>, tag: u16, value: &[u8]) {
    body.extend_from_slice(&tag.to_be_bytes());
    body.extend_from_slice(&(value.len() as u32).to_be_bytes());
    body.extend_from_slice(value);
}

fn header(length: usize) -> Vec<u8> {
    let mut frame = b"LKEY\x01\x00".to_vec();
    frame.extend_from_slice(&[REQUEST, 0]);
    frame.extend_from_slice(&(length as u32).to_be_bytes());
    frame
}

/// A request frame whose secrets can be others each time.
pub struct Request {
    frame: Vec<u8>,
    /// Where the digits of each secret's name begin.
    digits: Vec<usize>,
    secrets: u64,
    random: u64,
}

impl Request {
    /// Asks for the first secrets each time, or for random ones of so many.
    pub fn new(secrets: Option<u64>) -> Self {
        let mut body = Vec::new();
        field(&mut body, 0x8001, &DEADLINE_MILLIS.to_be_bytes());
        let mut digits = Vec::new();
        for number in 1..=BINDINGS {
            let target = format!("BENCH_{number}");
            let mut binding = vec![1, 0];
            binding.extend_from_slice(&(target.len() as u16).to_be_bytes());
            binding.extend_from_slice(target.as_bytes());
            binding.extend_from_slice(format!("bench-{number:06}").as_bytes());
            field(&mut body, 0x8010, &binding);
            digits.push(HEADER + body.len() - NAME_DIGITS);
        }
        let mut frame = header(body.len());
        frame.extend_from_slice(&body);
        Self {
            frame,
            digits,
            secrets: secrets.unwrap_or(0),
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// The frame to send next.
    pub fn next(&mut self) -> &[u8] {
        if self.secrets > 0 {
            for index in 0..self.digits.len() {
                let name = format!("{:06}", 1 + self.next_random() % self.secrets);
                let at = self.digits[index];
                self.frame[at..at + NAME_DIGITS].copy_from_slice(name.as_bytes());
            }
        }
        &self.frame
    }

    /// Marsaglia's xorshift.
    fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

/// Whether what came so far can still become a delivery: an error as soon as it cannot.
pub fn check_begin(bytes: &[u8]) -> Result<()> {
    // The reason of a refusal may come later than its header.
    if bytes.len() < HEADER || bytes[6] == DELIVERY || bytes.len() < HEADER + FIELD + 4 {
        return Ok(());
    }
    Err(Error::other(format!("no delivery but {}", refusal(bytes))))
}

/// Whether it is the refusal of an agent that will serve soon.
pub fn is_starting(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER + FIELD + 2 && bytes[6] == REFUSAL && bytes[HEADER + FIELD..HEADER + FIELD + 2] == STARTING
}

fn refusal(bytes: &[u8]) -> String {
    let Some(failure) = bytes.get(HEADER + FIELD..HEADER + FIELD + 4) else {
        return format!("a frame of type {}", bytes[6]);
    };
    let length = usize::from(bytes[HEADER + 4]) << 8 | usize::from(bytes[HEADER + 5]);
    let text = bytes.get(HEADER + FIELD + 4..HEADER + FIELD + length).unwrap_or_default();
    format!(
        "code {}: {}",
        u16::from_be_bytes([failure[0], failure[1]]),
        String::from_utf8_lossy(text)
    )
}

/// Whether a complete answer is the delivery of all the entries that were asked for.
pub fn check(answer: &[u8; ANSWER]) -> Result<()> {
    let bad = |what| Err(Error::other(format!("the delivery is wrong: {what}")));
    if answer[..4] != *b"LKEY" || answer[4..8] != [1, 0, DELIVERY, 0] {
        return bad("its header");
    }
    if answer[8..12] != (ANSWER_BODY as u32).to_be_bytes() {
        return bad("its length");
    }
    let block_at = ANSWER - BINDINGS * ENTRY;
    if answer[block_at - FIELD - 4..block_at - FIELD] != (BINDINGS as u32).to_be_bytes() {
        return bad("its count");
    }
    for (index, entry) in answer[block_at..].chunks_exact(ENTRY).enumerate() {
        let digit = b'1' + index as u8;
        if entry[..6] != *b"BENCH_" || entry[6..8] != [digit, b'='] || entry[ENTRY - 1] != 0 {
            return bad("an entry");
        }
        if !entry[8..ENTRY - 1].iter().all(u8::is_ascii_alphanumeric) {
            return bad("a value");
        }
    }
    Ok(())
}
