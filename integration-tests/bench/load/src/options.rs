//! `SUBCOMMAND --name value ... -- WORD ...`

use std::collections::HashMap;
use std::io::{Error, Result};
use std::str::FromStr;

/// What the command line says.
pub struct Options {
    pub subcommand: String,
    /// What stands after `--`.
    pub words: Vec<String>,
    named: HashMap<String, String>,
}

impl Options {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let subcommand = words.next().unwrap_or_default();
        let mut named = HashMap::new();
        while let Some(word) = words.next() {
            if word == "--" {
                break;
            }
            let name = word
                .strip_prefix("--")
                .ok_or_else(|| Error::other(format!("no option: {word}")))?;
            let value = words.next().ok_or_else(|| Error::other(format!("no value for {word}")))?;
            named.insert(name.to_owned(), value);
        }
        Ok(Self {
            subcommand,
            words: words.collect(),
            named,
        })
    }

    pub fn optional<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.named.get(name) else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| Error::other(format!("bad value of --{name}")))
    }

    pub fn required<T: FromStr>(&self, name: &str) -> Result<T> {
        self.optional(name)?
            .ok_or_else(|| Error::other(format!("--{name} is missing")))
    }
}
