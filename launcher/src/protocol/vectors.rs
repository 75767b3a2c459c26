//! Runs `protocol/vectors/frames`: everything a client decodes, and what it sends.

use super::described::lines;
use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::println;
use std::string::{String, ToString};
use std::vec::Vec;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/vectors/frames");
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
        let found = lines(&vector.bytes, &requested).map_err(|class| class.to_string());
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

/// The agent's codec runs the same file.
#[test]
fn agrees_with_the_agent_on_the_corpus_of_fuzzing() {
    const CORPUS: &str = include_str!("../../../integration-tests/fuzz/corpus/frames.txt");
    let mut compared = 0;
    for line in CORPUS.lines() {
        let (input, expected) = line.split_once('\t').unwrap();
        if let Some(found) = described::outcome(&crate::hex::bytes(input)) {
            assert_eq!(found, expected, "{input}");
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} compared");
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
            match lines(&bytes, &requested) {
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
    let bindings = [Binding { target: "MY_APP_SECRET", reference: "my-secret", file: false }];
    let request = Request {
        deadline: 29_000,
        dry_run: false,
        project: None,
        environment: None,
        token: None,
        command: None,
        proof: None,
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
        proof: Some(Proof { executable: &[0x0F; 32], arguments: &[0xA1; 32], path: "/usr/bin/café" }),
        allow_dangerous: true,
        bindings: &[
            Binding { target: "MY_APP_SECRET", reference: "my-secret", file: false },
            Binding { target: "PATH", reference: "vault:web#api_key@3,decode=base64", file: false },
        ],
    }
}

#[test]
fn refuses_to_send_more_than_agents_take() {
    let reference = "x".repeat(300);
    let bindings: Vec<_> =
        (0..MOST_BINDINGS).map(|_| Binding { target: "A", reference: &reference, file: false }).collect();
    let request = Request { bindings: &bindings, ..everything() };
    assert!(request.encode().is_none());
}
