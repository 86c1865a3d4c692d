//! The file of one connector's pins.

use std::collections::BTreeMap;

use codemode_catalog::MAX_TOOLS;
use serde::{Deserialize, Serialize};

use super::fields::{Field, Fields, are_same, digest_of};

/// The version of the format. A file of another one cannot be read.
const VERSION: u32 = 1;

/// The largest file. With all texts the pins of a server with a thousand tools take some 5 MB; of more the texts are left
/// out before this is reached, then all but one hash of each tool. A larger one is neither written nor read.
pub(super) const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The most pins of a connector: of all the tools that it may offer, and of as many that it no longer does. None is ever
/// forgotten, or a server could have it forgotten and come back with another tool of that name; those that come when there
/// is no room are not called.
const MAX_PINS: usize = 2 * MAX_TOOLS;

/// How much of that texts may take.
const MAX_TEXTS_BYTES: usize = 16 * 1024 * 1024;

/// What is known of one connector.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pinned {
    version: u32,
    pub(super) connector: String,
    /// Which of the upstreams of this name it is: see [`PinStore`](super::PinStore).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<String>,
    /// What the server says about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<Pin>,
    /// By own name.
    #[serde(default)]
    pub(super) tools: BTreeMap<String, Pin>,
}

/// What is known of one tool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pin {
    /// What was accepted.
    pub(super) accepted: Fields,
    /// What it was when it was last seen, where that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<Fields>,
    /// Whether the connector had other tools before it had this one, and nobody has accepted it since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_new: bool,
}

impl Pinned {
    pub(super) fn new(connector: &str, identity: Option<&str>) -> Self {
        let (connector, identity) = (connector.to_owned(), identity.map(str::to_owned));
        Self { version: VERSION, connector, identity, about: None, tools: BTreeMap::new() }
    }

    /// Reads a file, which may come from anyone; `None` where it is damaged.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let pinned: Self = serde_json::from_slice(bytes).ok()?;
        (pinned.version == VERSION && pinned.tools.len() <= MAX_PINS).then_some(pinned)
    }

    /// What is written: with as much of what can be shown as there is room for.
    ///
    /// # Errors
    ///
    /// Where it would have more than [`MAX_BYTES`].
    pub(super) fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let text = |field: &Field| field.text.as_ref().map_or(0, String::len);
        let all = self.tools.values().chain(&self.about);
        let texts: usize = all
            .flat_map(|pin| pin.accepted.values().chain(pin.seen.iter().flat_map(BTreeMap::values)))
            .map(text)
            .sum();
        if texts <= MAX_TEXTS_BYTES {
            let bytes = serde_json::to_vec(self)?;
            if bytes.len() as u64 <= MAX_BYTES {
                return Ok(bytes);
            }
        }
        let mut bare = self.clone();
        for pin in bare.tools.values_mut() {
            let seen = pin.seen.iter_mut().flat_map(BTreeMap::values_mut);
            pin.accepted.values_mut().chain(seen).for_each(|field| field.text = None);
        }
        let bytes = serde_json::to_vec(&bare)?;
        if bytes.len() as u64 <= MAX_BYTES {
            return Ok(bytes);
        }
        for pin in bare.tools.values_mut() {
            pin.accepted = digest_of(&pin.accepted);
            pin.seen = pin.seen.as_ref().map(digest_of);
        }
        let bytes = serde_json::to_vec(&bare)?;
        if bytes.len() as u64 <= MAX_BYTES {
            return Ok(bytes);
        }
        let message = format!("the pins of {} take more than {MAX_BYTES} bytes", self.connector);
        Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, message))
    }

    /// Takes note of what a tool is now; `false` where there is no room for its pin.
    pub(super) fn see(&mut self, tool: &str, fields: Fields, was_known: bool) -> bool {
        if !self.tools.contains_key(tool) && self.tools.len() >= MAX_PINS {
            return false;
        }
        let pin = self.tools.entry(tool.to_owned()).or_insert_with(|| Pin {
            accepted: fields.clone(),
            seen: None,
            is_new: was_known,
        });
        pin.see(fields);
        true
    }

    /// Whether tools or anything else were seen before.
    pub(super) fn is_known(&self) -> bool {
        !self.tools.is_empty() || self.about.is_some()
    }
}

impl Pin {
    pub(super) fn see(&mut self, fields: Fields) {
        self.seen = (!are_same(&self.accepted, &fields)).then_some(fields);
    }

    /// Accepts what it was last seen to be; whether there was anything to accept.
    pub(super) fn accept(&mut self) -> bool {
        let was_new = std::mem::take(&mut self.is_new);
        match self.seen.take() {
            Some(seen) => {
                self.accepted = seen;
                true
            }
            None => was_new,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::from([("description".to_owned(), Field::new(text.to_owned()))])
    }

    #[test]
    fn nothing_is_forgotten_where_there_is_no_room() {
        let mut pinned = Pinned::new("mail", None);
        for number in 0..MAX_PINS {
            assert!(pinned.see(&number.to_string(), fields("Is one of many"), false));
        }
        assert!(!pinned.see("another", fields("?"), true), "there is no room for it");
        assert!(pinned.see("0", fields("?"), true));
        assert!(pinned.tools["0"].seen.is_some(), "what has a pin is still held to it");
        assert_eq!(pinned.tools.len(), MAX_PINS);
    }

    #[test]
    fn a_file_that_could_not_be_read_again_is_not_written() {
        let mut pinned = Pinned::new("mail", None);
        assert!(pinned.see(&"x".repeat(MAX_BYTES as usize), fields("?"), false));
        assert_eq!(pinned.to_bytes().unwrap_err().kind(), std::io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn one_hash_tells_what_all_do() {
        let [mut pin, same] = [0; 2].map(|_| Pin { accepted: digest_of(&fields("a")), ..Pin::default() });
        pin.see(fields("a"));
        assert_eq!(pin, same);
        pin.see(fields("b"));
        assert!(pin.seen.is_some());
        assert!(are_same(&digest_of(&fields("a")), &fields("a")) && !are_same(&fields("b"), &pin.accepted));
    }
}
