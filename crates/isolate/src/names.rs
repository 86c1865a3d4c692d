//! The names a program can see: connectors and their tools.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Connectors and the names of their tools, as a program writes them. One value serves all runs over one catalog.
///
/// It answers what the language asks of a namespace (`Object.keys(github)`, `"then" in github`); which tool a call
/// means, and whether there is one, is decided by whoever takes the call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    connectors: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    /// No connectors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a connector and the names of its tools. The connector's name must be a JavaScript identifier, which
    /// the caller has checked; names with a NUL are left out, since none can be written.
    pub fn insert(&mut self, connector: impl Into<String>, tools: impl IntoIterator<Item = String>) {
        let connector = connector.into();
        if !connector.contains('\0') {
            self.connectors
                .entry(connector)
                .or_default()
                .extend(tools.into_iter().filter(|t| !t.contains('\0')));
        }
    }

    /// The connectors' names, each followed by NUL.
    pub(crate) fn connectors(&self) -> Vec<u8> {
        nul_terminated(self.connectors.keys())
    }

    /// The names of a connector's tools, each followed by NUL; for the empty name, the connectors.
    pub(crate) fn keys(&self, connector: &str) -> Vec<u8> {
        match self.connectors.get(connector) {
            Some(tools) => nul_terminated(tools.iter()),
            None if connector.is_empty() => self.connectors(),
            None => Vec::new(),
        }
    }

    /// Whether `connector` has a tool of exactly this name; for the empty name, whether there is such a connector.
    pub(crate) fn has(&self, connector: &str, name: &str) -> bool {
        match self.connectors.get(connector) {
            Some(tools) => tools.contains(name),
            None => connector.is_empty() && self.connectors.contains_key(name),
        }
    }

    /// Whether any connector has a tool of exactly this name.
    pub(crate) fn named(&self, name: &str) -> bool {
        self.connectors.values().any(|tools| tools.contains(name))
    }
}

fn nul_terminated<'a>(names: impl Iterator<Item = &'a String>) -> Vec<u8> {
    names.flat_map(|name| name.bytes().chain([0])).collect()
}
