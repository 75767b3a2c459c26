//! Runs `protocol/vectors/frames`: everything a client decodes, and what it sends.

use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, println};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/vectors/frames");
const TO_CLIENT: [MessageType; 4] =
    [MessageType::Delivery, MessageType::Refusal, MessageType::Plan, MessageType::Status];

#[derive(Debug, Default)]
struct Vector {
    single: BTreeMap<String, String>,
    requested: Vec<String>,
    decoded: Vec<String>,
    bytes: Vec<u8>,
}

impl Vector {
    fn parse(text: &str) -> Self {
        let (head, bytes) = text.split_once("\n\n").expect("an empty line");
        let mut vector = Self { bytes: parse_bytes(bytes), ..Self::default() };
        for line in head.lines() {
            let (key, value) = line.split_once(": ").expect("key: value");
            match key {
                "requested" => vector.requested.push(value.into()),
                "decoded" => vector.decoded.push(value.into()),
                "name" | "comment" | "direction" | "message" | "outcome" | "class" => {
                    assert!(vector.single.insert(key.into(), value.into()).is_none(), "{key} twice");
                }
                _ => panic!("not understood: {key}"),
            }
        }
        vector
    }

    fn get(&self, key: &str) -> &str {
        self.single.get(key).map(String::as_str).unwrap_or_default()
    }
}

fn parse_bytes(text: &str) -> Vec<u8> {
    let words = text.lines().flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
    let mut bytes = Vec::new();
    for word in words {
        let (digits, count) = word.split_once('*').unwrap_or((word, "1"));
        let byte = u8::from_str_radix(digits, 16).expect("two hexadecimal digits");
        bytes.resize(bytes.len() + count.parse::<usize>().expect("a count"), byte);
    }
    bytes
}

fn vectors() -> Vec<Vector> {
    let mut files: Vec<_> = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| Vector::parse(&fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn decodes_what_agents_answer() {
    let vectors: Vec<_> = vectors().into_iter().filter(|vector| vector.get("direction") == "to-client").collect();
    for vector in &vectors {
        let requested: Vec<&str> = vector.requested.iter().map(String::as_str).collect();
        let found = decode(&vector.bytes, &requested).map_err(|class| class.to_string());
        let expected = match vector.get("outcome") {
            "accept" => Ok(vector.decoded.clone()),
            "refuse" => Err(vector.get("class").to_string()),
            other => panic!("not understood: {other}"),
        };
        assert_eq!(found, expected, "{}", vector.get("name"));
    }
    println!("{} vectors", vectors.len());
    assert!(vectors.len() > 80);
}

/// Each byte of each vector in turn becomes each of some values that hurt; whatever comes out, nothing breaks.
#[test]
fn survives_mutated_frames() {
    let small = |vector: &Vector| vector.get("direction") == "to-client" && vector.bytes.len() < 1000;
    let (mut refused, mut accepted) = (0, 0);
    for vector in vectors().into_iter().filter(small) {
        let requested: Vec<&str> = vector.requested.iter().map(String::as_str).collect();
        for (place, value) in (0..vector.bytes.len()).flat_map(|place| MUTATIONS.map(|value| (place, value))) {
            let mut bytes = vector.bytes.clone();
            bytes[place] = bytes[place].wrapping_add(value);
            match decode(&bytes, &requested) {
                Ok(_) => accepted += 1,
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 50_000 && accepted > 1_000, "{refused} refused, {accepted} accepted");
}

const MUTATIONS: [u8; 16] = [1, 2, 3, 4, 7, 8, 16, 32, 64, 127, 128, 129, 200, 253, 254, 255];

#[test]
fn sends_what_agents_decode() {
    let bindings = [Binding { target: "MY_APP_SECRET", reference: "my-secret" }];
    let request = Request {
        deadline: 29_000,
        dry_run: false,
        project: None,
        environment: None,
        token: None,
        command: None,
        allow_dangerous: true,
        bindings: &bindings,
    };
    let vectors = vectors();
    let bytes = |name: &str| &vectors.iter().find(|vector| vector.get("name") == name).expect(name).bytes;
    assert_eq!(&request.encode().unwrap(), bytes("request-minimal"));
    assert_eq!(&check(), bytes("check"));
    assert_eq!(&everything().encode().unwrap(), bytes("request-everything"));
}

fn everything() -> Request<'static> {
    Request {
        deadline: 600_000,
        dry_run: true,
        project: Some("analytics"),
        environment: Some("production"),
        token: Some(b"\x01tok en\xff"),
        command: Some("/usr/bin/café run"),
        allow_dangerous: true,
        bindings: &[
            Binding { target: "MY_APP_SECRET", reference: "my-secret" },
            Binding { target: "PATH", reference: "vault:web#api_key@3,decode=base64" },
        ],
    }
}

#[test]
fn refuses_to_send_more_than_agents_take() {
    let reference = "x".repeat(300);
    let bindings: Vec<_> = (0..MOST_BINDINGS).map(|_| Binding { target: "A", reference: &reference }).collect();
    let request = Request { bindings: &bindings, ..everything() };
    assert!(request.encode().is_none());
}

/// Decodes everything that an agent ever sends on a connection.
fn decode(bytes: &[u8], requested: &[&str]) -> Result<Vec<String>, FailureClass> {
    let (header, rest) = bytes.split_first_chunk().ok_or(FailureClass::Truncated)?;
    let header = Header::decode(header, &TO_CLIENT)?;
    let (body, rest) = rest.split_at_checked(header.length).ok_or(FailureClass::Truncated)?;
    let mut lines = std::vec![format!("version {}.{}", header.version.0, header.version.1)];
    lines.extend(match header.message_type {
        MessageType::Delivery => describe_delivery(&Delivery::decode(body, requested)?),
        MessageType::Refusal => describe_refusal(&Refusal::decode(body)?),
        MessageType::Plan => describe_plan(&Plan::decode(body, requested.len())?),
        _ => describe_status(&Status::decode(body)?),
    });
    if rest.is_empty() { Ok(lines) } else { Err(FailureClass::Trailing) }
}

fn describe_delivery(delivery: &Delivery<'_>) -> Vec<String> {
    let mut lines: Vec<String> = delivery.grant.iter().map(|grant| format!("grant {grant}")).collect();
    lines.extend(delivery.removed.iter().map(|index| format!("removed {index}")));
    lines.extend(delivery.entries.iter().map(|entry| format!("entry {}", escape(entry.to_bytes()))));
    lines
}

fn describe_refusal(refusal: &Refusal<'_>) -> Vec<String> {
    let failure = |f: &Failure<'_>| format!("failure {} {} {}", f.code, f.binding, escape(f.message.as_bytes()));
    let mut lines: Vec<String> = refusal.failures.iter().map(failure).collect();
    lines.extend(refusal.hints.iter().map(|hint| format!("hint {}", escape(hint.as_bytes()))));
    lines.extend(refusal.retry_after.map(|retry| format!("retry-after {retry}")));
    lines
}

fn describe_plan(plan: &Plan<'_>) -> Vec<String> {
    let mut lines: Vec<String> = plan.entries.iter().map(describe_entry).collect();
    lines.extend(plan.hints.iter().map(|hint| format!("hint {}", escape(hint.as_bytes()))));
    lines
}

fn describe_entry(entry: &PlanEntry<'_>) -> String {
    let mut line = format!("entry code={}", entry.code);
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            line = [line.as_str(), " ", name, "=", &value].concat();
        }
    };
    let text = |text: Option<&str>| text.map(|text| escape(text.as_bytes()));
    add("message", text(entry.message));
    add("decision", Some(if entry.allowed { "1" } else { "2" }.into()));
    add("rule", text(entry.rule));
    add("provider", text(entry.provider));
    add("version", text(entry.version));
    add("size", entry.size.map(|size| size.to_string()));
    add("age", entry.age.map(|age| age.to_string()));
    if entry.removed { line + " removed" } else { line }
}

fn describe_status(status: &Status<'_>) -> Vec<String> {
    let all = [State::Ready, State::Starting, State::Failing, State::Draining];
    let number = all.iter().position(|state| *state == status.state).unwrap_or_default() + 1;
    let mut lines = std::vec![format!("state {number}")];
    lines.extend(status.reasons.iter().map(|reason| format!("reason {}", escape(reason.as_bytes()))));
    lines
}

/// Writes bytes as the decoded lines have them.
fn escape(bytes: &[u8]) -> String {
    let last = bytes.last().copied().unwrap_or_default();
    let repeated = bytes.iter().rev().take_while(|byte| **byte == last).count();
    let (bytes, suffix) = match repeated {
        0..100 => (bytes, String::new()),
        _ => (&bytes[..=(bytes.len() - repeated)], format!("*{repeated}")),
    };
    let escaped: String = bytes
        .iter()
        .map(|byte| match byte {
            b'%' | b'*' | 0..=0x20 | 0x7F..=0xFF => format!("%{byte:02X}"),
            _ => char::from(*byte).to_string(),
        })
        .collect();
    escaped + &suffix
}
