//! Types of results as they were observed, for tools whose upstream declares none.
//!
//! They are a memory and no promise: a declaration says of such a type that it was observed. Losing the file costs
//! nothing but having to observe again, so a file that cannot be read or written is passed over.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use codemode_catalog::learn;
use serde_json::{Map, Value};

/// The longest result that is looked at, in bytes of JSON: a few thousand rows, of which a hundred would do.
pub(crate) const MAX_OBSERVED_BYTES: usize = 1024 * 1024;

/// After so many results in a row that taught nothing new a tool's results are no longer looked at: its type is known.
const SETTLED: u32 = 20;

/// How many tools' types are kept for one connector. Of a list of [`MAX_TOOLS`](codemode_catalog::MAX_TOOLS) a person's
/// programs call a few hundred.
const MAX_TOOLS: usize = 2_000;

/// The largest file that is read back: 2,000 types of 4 KiB.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// What was learned, of all connectors.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// Where it is kept: one file a connector. `None`: nowhere.
    folder: Option<PathBuf>,
    connectors: Mutex<HashMap<String, Connector>>,
}

#[derive(Debug, Default, Clone)]
struct Connector {
    tools: HashMap<String, Observed>,
    /// Counts the changes.
    version: u64,
    saved: u64,
}

#[derive(Debug, Default, Clone)]
struct Observed {
    schema: Value,
    unchanged: u32,
}

impl Learned {
    /// What `folder` has of these connectors. Reads files: not for a thread that others wait for.
    pub(crate) fn load(folder: Option<PathBuf>, connectors: impl Iterator<Item = String>) -> Self {
        let mut known = HashMap::new();
        if let Some(folder) = &folder {
            for name in connectors {
                if let Some(connector) = read(&file(folder, &name)) {
                    known.insert(name, connector);
                }
            }
        }
        Self { folder, connectors: Mutex::new(known) }
    }

    /// Learns from one result of a tool, which is named by its own name.
    pub(crate) fn observe(&self, connector: &str, tool: &str, result: &Value) {
        let mut connectors = self.connectors();
        let known = connectors.entry(connector.to_owned()).or_default();
        if known.tools.len() >= MAX_TOOLS && !known.tools.contains_key(tool) {
            return;
        }
        let earlier = known.tools.get(tool);
        if earlier.is_some_and(|observed| observed.unchanged >= SETTLED) {
            return;
        }
        let schema = learn(earlier.map(|observed| &observed.schema), std::slice::from_ref(result));
        let observed = known.tools.entry(tool.to_owned()).or_default();
        if observed.schema == schema {
            observed.unchanged += 1;
        } else {
            *observed = Observed { schema, unchanged: 0 };
            known.version += 1;
        }
    }

    /// How often what is known of `connector` has changed.
    pub(crate) fn version(&self, connector: &str) -> u64 {
        self.connectors().get(connector).map_or(0, |known| known.version)
    }

    /// The schemas of the results of a connector's tools, by the tools' own names.
    pub(crate) fn schemas(&self, connector: &str) -> HashMap<String, Value> {
        let connectors = self.connectors();
        let tools = connectors.get(connector).into_iter().flat_map(|known| &known.tools);
        tools.map(|(tool, observed)| (tool.clone(), observed.schema.clone())).collect()
    }

    /// Whether there is anything to [`save`](Self::save).
    pub(crate) fn is_unsaved(&self) -> bool {
        self.folder.is_some() && self.connectors().values().any(|known| known.saved < known.version)
    }

    /// Writes what has changed. Not for a thread that others wait for.
    pub(crate) fn save(&self) {
        let Some(folder) = &self.folder else { return };
        let changed: Vec<(String, Connector)> = {
            let mut connectors = self.connectors();
            let changed = connectors.iter_mut().filter(|(_, known)| known.saved < known.version);
            changed
                .map(|(name, known)| {
                    known.saved = known.version;
                    (name.clone(), known.clone())
                })
                .collect()
        };
        for (name, known) in changed {
            // Passed over when it fails: see above.
            let _ = write(folder, &file(folder, &name), &known);
        }
    }

    fn connectors(&self) -> MutexGuard<'_, HashMap<String, Connector>> {
        self.connectors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connector's name is an identifier, but identifiers may differ in case only and file names may not.
fn file(folder: &Path, connector: &str) -> PathBuf {
    let mut name = String::new();
    for c in connector.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' {
            name.push(c);
        } else {
            name.push_str(&format!("-{:x}", u32::from(c)));
        }
    }
    folder.join(name + ".json")
}

/// `{"<tool>": <schema>, …}`. What is in a file may come from anyone: it is taken for an earlier result of
/// [`learn`], which reads it as far as it is one.
fn read(file: &Path) -> Option<Connector> {
    if std::fs::metadata(file).ok()?.len() > MAX_FILE_BYTES {
        return None;
    }
    let tools: Map<String, Value> = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let tools = tools.into_iter().take(MAX_TOOLS);
    let tools =
        tools.map(|(tool, schema)| (tool, Observed { schema: learn(Some(&schema), &[]), unchanged: 0 }));
    Some(Connector { tools: tools.collect(), ..Connector::default() })
}

fn write(folder: &Path, file: &Path, known: &Connector) -> std::io::Result<()> {
    let mut tools: Vec<_> = known.tools.iter().collect();
    tools.sort_unstable_by_key(|(tool, _)| *tool);
    let tools: Map<String, Value> =
        tools.into_iter().map(|(tool, observed)| (tool.clone(), observed.schema.clone())).collect();
    std::fs::create_dir_all(folder)?;
    // Another process may be reading it, or writing one of its own.
    let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&temporary, serde_json::to_vec(&tools)?)?;
    std::fs::rename(&temporary, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_observed_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let load = || Learned::load(Some(folder.path().to_owned()), ["a".into(), "A".into()].into_iter());
        let learned = load();
        assert!(!learned.is_unsaved());
        learned.observe("a", "get", &json!({"id": 1}));
        learned.observe("A", "get", &json!("text"));
        assert!(learned.is_unsaved());
        learned.save();
        assert!(!learned.is_unsaved());
        let again = load();
        assert_eq!(again.schemas("a")["get"]["properties"], json!({"id": {"type": "number"}}));
        assert_eq!(again.schemas("A")["get"], json!({"type": "string"}));
        assert_eq!(again.version("a"), 0);
        again.observe("a", "get", &json!({"id": 1}));
        assert_eq!(again.version("a"), 0, "it taught nothing");
        again.observe("a", "get", &json!({"id": null}));
        assert_eq!(again.version("a"), 1);
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let load = || Learned::load(Some(folder.path().to_owned()), std::iter::once("a".to_owned()));
        for damaged in ["", "[]", "{\"get\": 5", "\u{0}"] {
            std::fs::write(folder.path().join("a.json"), damaged).unwrap();
            assert_eq!(load().schemas("a"), HashMap::new(), "{damaged:?}");
        }
        std::fs::write(
            folder.path().join("a.json"),
            r#"{"get": {"$ref": "http://x"}, "b": {"type": "string"}}"#,
        )
        .unwrap();
        assert_eq!(load().schemas("a")["b"], json!({"type": "string"}));
    }

    #[test]
    fn results_that_teach_nothing_are_not_looked_at_for_ever() {
        let learned = Learned::default();
        for _ in 0..=SETTLED {
            learned.observe("a", "get", &json!(1));
        }
        learned.observe("a", "get", &json!("text"));
        assert_eq!(learned.schemas("a")["get"], json!({"type": "number"}));
    }
}
