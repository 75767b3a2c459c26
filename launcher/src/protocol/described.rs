//! Shows what was decoded as `protocol/vectors/README.md` has it. For tests and fuzzing only; the program has nothing of it.

use super::{
    Ask, Delivery, Failure, FailureClass, HEADER_LENGTH, Header, Item, MessageType, Parcel, Plan, PlanEntry, Refusal,
    State, Status,
};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

const TO_CLIENT: [MessageType; 6] = [
    MessageType::Delivery,
    MessageType::Refusal,
    MessageType::Plan,
    MessageType::Status,
    MessageType::Ask,
    MessageType::Parcel,
];

/// Of the targets in an input of fuzzing, as many as its first byte says.
const TARGETS: [&str; 3] = ["A", "B_1", "MY_APP_SECRET"];

/// Set in the first byte if the rest is a frame for the agent.
const TO_AGENT: u8 = 4;

/// What becomes of an input of fuzzing: a byte that says how many targets were requested, then a frame. Nothing for one that no
/// launcher ever decodes: a frame for the agent, or a connection that ends inside a header.
#[must_use]
pub fn outcome(input: &[u8]) -> Option<String> {
    let (first, frame) =
        input.split_first().filter(|(first, frame)| **first & TO_AGENT == 0 && frame.len() >= HEADER_LENGTH)?;
    let requested = &TARGETS[..usize::from(first & 3)];
    Some(match lines(frame, requested) {
        Ok(lines) => ["accept", &lines.join("\t")].join("\t"),
        Err(class) => format!("refuse\t{class}"),
    })
}

/// Decodes everything that an agent ever sends on a connection, as one line for each field.
pub fn lines(bytes: &[u8], requested: &[&str]) -> Result<Vec<String>, FailureClass> {
    let (header, rest) = bytes.split_first_chunk().ok_or(FailureClass::Truncated)?;
    let header = Header::decode(header, &TO_CLIENT)?;
    let (body, rest) = rest.split_at_checked(header.length).ok_or(FailureClass::Truncated)?;
    let mut lines = vec![format!("version {}.{}", header.version.0, header.version.1)];
    lines.extend(match header.message_type {
        MessageType::Delivery => describe_delivery(&Delivery::decode(body, requested)?),
        MessageType::Refusal => describe_refusal(&Refusal::decode(body)?),
        MessageType::Plan => describe_plan(&Plan::decode(body, requested.len())?),
        MessageType::Ask => describe_ask(&Ask::decode(body)?),
        MessageType::Parcel => describe_parcel(&Parcel::decode(body)?),
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

fn describe_ask(ask: &Ask<'_>) -> Vec<String> {
    let wanted = |kind: &str, (document, name): &(u16, &str)| format!("{kind} {document} {}", escape(name.as_bytes()));
    let variables = ask.variables.iter().map(|found| wanted("variable", found));
    variables.chain(ask.files.iter().map(|found| wanted("file", found))).collect()
}

fn describe_parcel(parcel: &Parcel<'_>) -> Vec<String> {
    let mut lines: Vec<String> = parcel.grant.iter().map(|grant| format!("grant {grant}")).collect();
    lines.extend(parcel.removed.iter().map(|name| format!("removed {}", escape(name.as_bytes()))));
    lines.extend(parcel.items.iter().map(|item| match item {
        Item::Variable(entry) => format!("item 1 {}", escape(entry.to_bytes())),
        Item::File(name, content) => format!("item 2 {}", escape(&[name, &b"="[..], content].concat())),
    }));
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
    let mut line = if entry.removed { line + " removed" } else { line };
    if let Some(origin) = &entry.origin {
        let kind = if origin.file { 2 } else { 1 };
        line += &format!(" target={} kind={kind}", escape(origin.target.as_bytes()));
        if let Some(reference) = origin.reference {
            line += &format!(" reference={}", escape(reference.as_bytes()));
        }
        line += if origin.replaces { " replaces" } else { "" };
    }
    line
}

fn describe_status(status: &Status<'_>) -> Vec<String> {
    let all = [State::Ready, State::Starting, State::Failing, State::Draining];
    let number = all.iter().position(|state| *state == status.state).unwrap_or_default() + 1;
    let mut lines = vec![format!("state {number}")];
    lines.extend(status.reasons.iter().map(|reason| format!("reason {}", escape(reason.as_bytes()))));
    lines
}

/// Writes bytes as the decoded lines have them.
fn escape(bytes: &[u8]) -> String {
    let last = bytes.last().copied().unwrap_or_default();
    let repeated = bytes.iter().rev().take_while(|byte| **byte == last).count();
    let (bytes, suffix) = match repeated {
        0..9 => (bytes, String::new()),
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
