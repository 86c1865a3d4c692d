//! Names that people take for one another, by Unicode Technical Standard 39.

use std::collections::HashMap;

use unicode_security::MixedScript as _;
use unicode_security::confusable_detection::skeleton;

use crate::catalog::Connector;
use crate::{Catalog, Entry, Warning};

/// The most that are told of.
const MAX_WARNINGS: usize = 100;

impl Catalog {
    /// Connectors and tools whose names look like another's, over all connectors: `gіthub` with a Cyrillic `і`,
    /// `read_fi1e`. Tools of one name in two connectors are no look-alikes: a program names the connector.
    pub fn look_alikes(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let connectors: Vec<(&str, String)> =
            self.connectors().map(|name| (name, skeleton(name).collect())).collect();
        let connectors = connectors.iter().map(|(name, shape)| (*name, "", shape.as_str()));
        compare(connectors, &mut warnings);
        let tools = self.connectors.iter().flat_map(|connector| {
            let names = connector.entries.iter().map(|entry| entry.tool.name.as_str());
            names.zip(connector.shapes()).map(|(name, shape)| (name, connector.name.as_str(), shape.as_str()))
        });
        compare(tools, &mut warnings);
        warnings
    }
}

impl Connector {
    /// How the names of its tools look. Made once: a catalog changes one connector at a time.
    fn shapes(&self) -> &[String] {
        let shape = |entry: &Entry| skeleton(&entry.tool.name).collect();
        self.shapes.get_or_init(|| self.entries.iter().map(shape).collect())
    }
}

/// Names, each with the connector that it is of and how it looks.
fn compare<'a>(names: impl Iterator<Item = (&'a str, &'a str, &'a str)>, warnings: &mut Vec<Warning>) {
    let path = |(name, connector): (&str, &str)| {
        if connector.is_empty() { name.to_owned() } else { format!("{connector}.{name}") }
    };
    let mut known: HashMap<&str, (&str, &str)> = HashMap::new();
    for (name, connector, shape) in names {
        let found = (name, connector);
        let first = *known.entry(shape).or_insert(found);
        let connector = if connector.is_empty() { name } else { connector }.to_owned();
        let warning = if first.0 != name {
            Warning::LookAlike { connector, name: path(found), other: path(first) }
        } else if !name.is_ascii() && !name.is_single_script() {
            Warning::MixedScripts { connector, name: path(found) }
        } else {
            continue;
        };
        if warnings.len() < MAX_WARNINGS {
            warnings.push(warning);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tool;

    #[test]
    fn g51_look_alikes_are_told_of_over_connectors() {
        let mut catalog = Catalog::default();
        let tools = |names: &[&str]| names.iter().map(|name| Tool::new(*name, "")).collect::<Vec<_>>();
        catalog.insert("github", tools(&["read_file", "search", "列出文件"])).unwrap();
        catalog.insert("gіthub", tools(&["search", "read_fi1e"])).unwrap();
        catalog.insert("files", tools(&["rеad_file", "sеnd", "wrіte_file"])).unwrap();
        let told: Vec<String> = catalog.look_alikes().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "gіthub looks like github: make sure that it is the one you mean",
                "gіthub.read_fi1e looks like github.read_file: make sure that it is the one you mean",
                "files.rеad_file looks like github.read_file: make sure that it is the one you mean",
                "files.sеnd mixes letters of several alphabets",
                "files.wrіte_file mixes letters of several alphabets",
            ]
        );
    }
}
