//! From what a program wrote to the one tool it means.

use std::sync::Arc;

use crate::catalog::{Connector, Entry};
use crate::reserved::is_exact_only;
use crate::{Catalog, Tool, Unknown};

/// How a program asks for a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path<'a> {
    /// `connector.key(…)` or `tools.connector.key(…)`.
    Member {
        /// The connector as written.
        connector: &'a str,
        /// The key as written.
        key: &'a str,
    },
    /// `codemode.name(…)`, `callBinding(name)` or `callHostTool(name)`: a bare name, or `connector.tool`.
    Name(&'a str),
}

/// The tool that a [`Path`] means.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    /// The connector's name.
    pub connector: &'a str,
    /// What the program properly calls the tool.
    pub identifier: &'a str,
    /// The tool.
    pub tool: &'a Tool,
}

impl<'a> Path<'a> {
    /// `connector.key`.
    pub fn member(connector: &'a str, key: &'a str) -> Self {
        Self::Member { connector, key }
    }

    /// A bare or dotted name.
    pub fn name(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl Resolved<'_> {
    /// `connector.identifier`, the one way to name the tool that is never ambiguous.
    pub fn path(&self) -> String {
        format!("{}.{}", self.connector, self.identifier)
    }
}

impl Catalog {
    /// The tool that `path` means.
    ///
    /// Within a connector the identifier counts first, then the tool's own name, then either with case and
    /// separators ignored, where that leaves one tool. A bare name is looked for in all connectors in that order
    /// and must mean one tool; `connector.tool` comes after an exact bare name and before an inexact one.
    pub fn resolve(&self, path: &Path<'_>) -> Result<Resolved<'_>, Unknown> {
        match *path {
            Path::Member { connector, key } => self.member(connector, key),
            Path::Name(name) => self.by_name(name),
        }
    }

    fn member(&self, connector: &str, key: &str) -> Result<Resolved<'_>, Unknown> {
        let Some(found) = self.connector(connector) else { return Err(self.unknown_connector(connector)) };
        Matching::ALL
            .into_iter()
            .find_map(|matching| found.find(key, matching))
            .map(|entry| resolved(found, entry))
            .ok_or_else(|| self.unknown_tool(found, key))
    }

    fn by_name(&self, name: &str) -> Result<Resolved<'_>, Unknown> {
        for matching in [Matching::Identifier, Matching::OwnName] {
            if let Some(found) = self.bare(name, matching)? {
                return Ok(found);
            }
        }
        if let Some((connector, key)) = name.split_once('.')
            && self.connector(connector).is_some()
        {
            return self.member(connector, key);
        }
        self.bare(name, Matching::Fold)?.ok_or_else(|| self.unknown_name(name))
    }

    fn bare(&self, name: &str, matching: Matching) -> Result<Option<Resolved<'_>>, Unknown> {
        let found: Vec<Resolved<'_>> = self
            .connectors
            .iter()
            .filter_map(|connector| Some(resolved(connector, connector.find(name, matching)?)))
            .collect();
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            several => Err(Unknown::ambiguous(name, several.iter().map(Resolved::path))),
        }
    }

    /// The name of the connector that `name` means, with case and separators ignored if need be.
    pub fn connector_name(&self, name: &str) -> Result<&str, Unknown> {
        self.connector(name).map(|found| found.name.as_str()).ok_or_else(|| self.unknown_connector(name))
    }

    fn connector(&self, name: &str) -> Option<&Connector> {
        let connectors = || self.connectors.iter().map(Arc::as_ref);
        connectors().find(|connector| connector.name == name).or_else(|| {
            let folded = fold(name);
            let mut same = connectors().filter(|connector| fold(&connector.name) == folded);
            same.next().filter(|_| same.next().is_none())
        })
    }
}

/// `name` with case and separators gone: what a camelCase or snake_case slip has in common with the name it missed.
pub(crate) fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | '.' | '/' | ':') && !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

#[derive(Debug, Clone, Copy)]
enum Matching {
    Identifier,
    OwnName,
    Fold,
}

impl Matching {
    const ALL: [Self; 3] = [Self::Identifier, Self::OwnName, Self::Fold];
}

impl Connector {
    fn find(&self, key: &str, matching: Matching) -> Option<&Entry> {
        let index = match matching {
            Matching::Identifier => self.by_identifier.get(key).copied(),
            Matching::OwnName => self.by_name.get(key).copied(),
            Matching::Fold if is_exact_only(key) => None,
            Matching::Fold => self.by_fold.get(&fold(key)).copied().flatten(),
        };
        self.entries.get(index?)
    }
}

fn resolved<'a>(connector: &'a Connector, entry: &'a Entry) -> Resolved<'a> {
    Resolved { connector: &connector.name, identifier: &entry.identifier, tool: &entry.tool }
}
