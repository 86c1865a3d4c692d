//! The file of one connector's pins.

use std::collections::BTreeMap;

use codemode_catalog::MAX_TOOLS;
use serde::{Deserialize, Serialize};

use super::fields::{Field, Fields, are_same};

/// The version of the format. A file of another one is as good as none: its tools are seen for the first time again.
const VERSION: u32 = 1;

/// The largest file. With all texts the pins of a server with a thousand tools take some 5 MB; of more the texts are left
/// out before this is reached.
pub(super) const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The most pins of a connector: of all the tools that it may offer, and of as many that it no longer does.
const MAX_PINS: usize = 2 * MAX_TOOLS;

/// How much of that texts may take.
const MAX_TEXTS_BYTES: usize = 16 * 1024 * 1024;

/// What is known of one connector.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pinned {
    version: u32,
    pub(super) connector: String,
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
    pub(super) fn new(connector: &str) -> Self {
        Self { version: VERSION, connector: connector.to_owned(), about: None, tools: BTreeMap::new() }
    }

    /// Reads a file, which may come from anyone. What is damaged is as good as none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let pinned: Self = serde_json::from_slice(bytes).ok()?;
        (pinned.version == VERSION && pinned.tools.len() <= MAX_PINS).then_some(pinned)
    }

    pub(super) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let text = |field: &Field| field.text.as_ref().map_or(0, String::len);
        let all = self.tools.values().chain(&self.about);
        let texts: usize = all
            .flat_map(|pin| pin.accepted.values().chain(pin.seen.iter().flat_map(BTreeMap::values)))
            .map(text)
            .sum();
        if texts <= MAX_TEXTS_BYTES {
            return serde_json::to_vec(self);
        }
        let mut bare = self.clone();
        for pin in bare.tools.values_mut() {
            let seen = pin.seen.iter_mut().flat_map(BTreeMap::values_mut);
            pin.accepted.values_mut().chain(seen).for_each(|field| field.text = None);
        }
        serde_json::to_vec(&bare)
    }

    /// Takes note of what a tool is now. Where there is no room for another pin, tools that are no longer offered have to
    /// be forgotten first: see [`forget`](Self::forget).
    pub(super) fn see(&mut self, tool: &str, fields: Fields, was_known: bool) {
        if !self.tools.contains_key(tool) && self.tools.len() >= MAX_PINS {
            return;
        }
        let pin = self.tools.entry(tool.to_owned()).or_insert_with(|| Pin {
            accepted: fields.clone(),
            seen: None,
            is_new: was_known,
        });
        pin.see(fields);
    }

    /// Makes room for new pins where there is none, by the pins of tools that are not `offered`. One that comes back is new.
    pub(super) fn forget(&mut self, offered: impl Fn(&str) -> bool) {
        if self.tools.len() + MAX_TOOLS > MAX_PINS {
            self.tools.retain(|tool, _| offered(tool));
        }
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
