//! What a program is told when a name means no tool, or more than one.

use crate::Catalog;
use crate::assign::shorten;
use crate::catalog::Connector;
use crate::nearest::{Features, nearest};

/// A name that means no tool or several. Its message is written for the model that wrote the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unknown {
    /// What about the name is unknown.
    pub kind: UnknownKind,
    /// What the model reads, with the nearest names in it.
    pub message: String,
    /// The nearest names, best first, at most five: `connector.identifier`, or names of connectors for
    /// [`UnknownKind::Connector`]. For [`UnknownKind::Ambiguous`], the candidates.
    pub nearest: Vec<String>,
}

/// What about a name is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownKind {
    /// There is no such connector.
    Connector,
    /// There is no such tool.
    Tool,
    /// The name means several tools.
    Ambiguous,
}

/// How many names an error offers: enough to hold the right one after a slip, too few to be a catalog.
pub(crate) const MAX_NEAREST: usize = 5;

impl Unknown {
    pub(crate) fn ambiguous(name: &str, candidates: impl Iterator<Item = String>) -> Self {
        let mut nearest: Vec<String> = candidates.collect();
        let total = nearest.len();
        nearest.truncate(MAX_NEAREST);
        let more = if total > nearest.len() { ", …" } else { "" };
        let message = format!(
            "{:?} is the name of {total} tools: say which, {}{more}",
            shorten(name),
            nearest.join(" or ")
        );
        Self { kind: UnknownKind::Ambiguous, message, nearest }
    }

    fn new(kind: UnknownKind, subject: String, nearest: Vec<String>, otherwise: &str) -> Self {
        let message = if nearest.is_empty() {
            format!("{subject}; {otherwise}")
        } else {
            format!("{subject}; nearest: {}", nearest.join(", "))
        };
        Self { kind, message, nearest }
    }
}

impl Catalog {
    pub(crate) fn unknown_connector(&self, name: &str) -> Unknown {
        let features: Vec<Features> = self.connectors.iter().map(|c| Features::new(&c.name)).collect();
        let candidates =
            self.connectors.iter().zip(&features).map(|(c, features)| (c.name.clone(), features, 0.0));
        let mut found = nearest(name, candidates, MAX_NEAREST);
        if found.is_empty() && self.connectors.len() <= MAX_NEAREST {
            found = self.connectors.iter().map(|c| c.name.clone()).collect();
        }
        let subject = format!("there is no connector {:?}", shorten(name));
        Unknown::new(UnknownKind::Connector, subject, found, "Object.keys(tools) lists the connectors")
    }

    pub(crate) fn unknown_tool(&self, connector: &Connector, key: &str) -> Unknown {
        /// Enough to prefer the connector that was named over an equally near name elsewhere.
        const HOME: f64 = 0.15;
        let found = self.nearest_tools(key, |name| if name == connector.name { HOME } else { 0.0 });
        let subject = format!("{} has no tool {:?}", connector.name, shorten(key));
        let otherwise = format!("Object.keys({}) lists its tools", connector.name);
        Unknown::new(UnknownKind::Tool, subject, found, &otherwise)
    }

    pub(crate) fn unknown_name(&self, name: &str) -> Unknown {
        let found = self.nearest_tools(name, |_| 0.0);
        let subject = format!("there is no tool {:?}", shorten(name));
        Unknown::new(UnknownKind::Tool, subject, found, "Object.keys(tools) lists the connectors")
    }

    fn nearest_tools(&self, key: &str, bonus: impl Fn(&str) -> f64) -> Vec<String> {
        let candidates = self.connectors.iter().flat_map(|connector| {
            let bonus = bonus(&connector.name);
            connector.entries.iter().map(move |entry| {
                (
                    NamedEntry { connector: &connector.name, identifier: &entry.identifier },
                    &entry.features,
                    bonus,
                )
            })
        });
        nearest(key, candidates, MAX_NEAREST).into_iter().map(|found| found.path()).collect()
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct NamedEntry<'a> {
    connector: &'a str,
    identifier: &'a str,
}

impl NamedEntry<'_> {
    fn path(&self) -> String {
        format!("{}.{}", self.connector, self.identifier)
    }
}
