//! Types of results as they were observed, for tools whose upstream declares none.
//!
//! They are a memory and no promise: a declaration says of such a type that it was observed. Losing the file costs
//! nothing but having to observe again, so a file that cannot be read or written is passed over.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use codemode_catalog::{Tool, learn};
use serde_json::Value;

use crate::state_file;

/// The longest result that is looked at, in bytes of JSON: a few thousand rows, of which a hundred would do.
pub(crate) const MAX_OBSERVED_BYTES: usize = 1024 * 1024;

/// After so many results in a row that taught nothing new a tool's results are no longer looked at: its type is known.
const SETTLED: u32 = 20;

/// How many tools' types are kept for one connector; a person's programs call a few hundred.
const MAX_TOOLS: usize = 500;

/// The longest type that is kept, as JSON: some 150 properties, which cost a model 2,000 tokens.
const MAX_SCHEMA_BYTES: usize = 16 * 1024;

/// The largest file that is read back: as many tools as are kept, each with the longest type.
const MAX_FILE_BYTES: u64 = (MAX_TOOLS * (MAX_SCHEMA_BYTES + 256)) as u64;

/// What was learned, of all connectors.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// Where it is kept: one file a connector. `None`: nowhere.
    folder: Option<PathBuf>,
    connectors: Mutex<HashMap<String, Connector>>,
    saving: Mutex<()>,
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
    /// Of which tool: the same name may be that of another one tomorrow.
    identity: u64,
    schema: Value,
    unchanged: u32,
}

impl Learned {
    /// What `folder` has of these connectors. Reads files: not for a thread that others wait for.
    pub(crate) fn load(folder: Option<PathBuf>, connectors: impl Iterator<Item = String>) -> Self {
        let mut known = HashMap::new();
        if let Some(folder) = &folder {
            for name in connectors {
                if let Some(connector) = read(&state_file::of(folder, &name)) {
                    known.insert(name, connector);
                }
            }
        }
        Self { folder, connectors: Mutex::new(known), saving: Mutex::default() }
    }

    /// Learns from one result of a tool.
    pub(crate) fn observe(&self, connector: &str, tool: &Tool, result: &Value) {
        let identity = identity(tool);
        let earlier = {
            let connectors = self.connectors();
            let known = connectors.get(connector);
            let earlier = known.and_then(|known| known.tools.get(&tool.name));
            let is_full = known.is_some_and(|known| known.tools.len() >= MAX_TOOLS);
            if is_full && earlier.is_none() || earlier.is_some_and(|seen| seen.unchanged >= SETTLED) {
                return;
            }
            earlier.filter(|seen| seen.identity == identity).map(|seen| seen.schema.clone())
        };
        // Not while others wait for the lock: a result may be large.
        let schema = learn(earlier.as_ref(), std::slice::from_ref(result));
        if schema.to_string().len() > MAX_SCHEMA_BYTES {
            return;
        }
        let mut connectors = self.connectors();
        let known = connectors.entry(connector.to_owned()).or_default();
        let observed = known.tools.entry(tool.name.clone()).or_default();
        if observed.schema == schema && observed.identity == identity {
            observed.unchanged += 1;
        } else {
            *observed = Observed { identity, schema, unchanged: 0 };
            known.version += 1;
        }
    }

    /// How often what is known of `connector` has changed.
    pub(crate) fn version(&self, connector: &str) -> u64 {
        self.connectors().get(connector).map_or(0, |known| known.version)
    }

    /// The schema of a tool's results, where any were seen.
    pub(crate) fn schema(&self, connector: &str, tool: &Tool) -> Option<Value> {
        let connectors = self.connectors();
        let observed = connectors.get(connector)?.tools.get(&tool.name)?;
        (observed.identity == identity(tool)).then(|| observed.schema.clone())
    }

    /// Whether there is anything to [`save`](Self::save).
    pub(crate) fn is_unsaved(&self) -> bool {
        self.folder.is_some() && self.connectors().values().any(|known| known.saved < known.version)
    }

    /// Writes what has changed. Not for a thread that others wait for.
    pub(crate) fn save(&self) {
        let Some(folder) = &self.folder else { return };
        // One after another: what is older must not be written last.
        let _saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
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
            let _ = write(folder, &state_file::of(folder, &name), &known);
        }
    }

    fn connectors(&self) -> MutexGuard<'_, HashMap<String, Connector>> {
        self.connectors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a tool is besides its name: where it changes, what was seen of it before no longer counts. The hash may change
/// with the compiler's version; then everything is observed again.
fn identity(tool: &Tool) -> u64 {
    let mut hasher = DefaultHasher::new();
    tool.description.hash(&mut hasher);
    tool.input_schema.read().to_string().hash(&mut hasher);
    hasher.finish()
}

/// `{"<tool>": ["<identity>", <schema>], …}`. What is in a file may come from anyone: it is taken for an earlier result of
/// [`learn`], which reads it as far as it is one.
fn read(file: &Path) -> Option<Connector> {
    let bytes = state_file::read(file, MAX_FILE_BYTES).ok()??;
    let tools: BTreeMap<String, (u64, Value)> = serde_json::from_slice(&bytes).ok()?;
    let tools = tools.into_iter().take(MAX_TOOLS).map(|(tool, (identity, schema))| {
        (tool, Observed { identity, schema: learn(Some(&schema), &[]), unchanged: 0 })
    });
    Some(Connector { tools: tools.collect(), ..Connector::default() })
}

fn write(folder: &Path, file: &Path, known: &Connector) -> std::io::Result<()> {
    let tools: BTreeMap<&str, (u64, &Value)> =
        known.tools.iter().map(|(tool, seen)| (tool.as_str(), (seen.identity, &seen.schema))).collect();
    state_file::write(folder, file, &serde_json::to_vec(&tools)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn tool(name: &str) -> Tool {
        Tool::new(name, "Gets it")
    }

    #[test]
    fn what_was_observed_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let load = || Learned::load(Some(folder.path().to_owned()), ["a".into(), "A".into()].into_iter());
        let (learned, get) = (load(), tool("get"));
        assert!(!learned.is_unsaved());
        learned.observe("a", &get, &json!({"id": 1}));
        learned.observe("A", &get, &json!("text"));
        assert!(learned.is_unsaved());
        learned.save();
        assert!(!learned.is_unsaved());
        let again = load();
        let schema = again.schema("a", &get).unwrap();
        assert_eq!(schema["properties"], json!({"id": {"type": "number"}}));
        assert_eq!(again.schema("A", &get), Some(json!({"type": "string"})));
        assert_eq!(again.version("a"), 0);
        again.observe("a", &get, &json!({"id": 1}));
        assert_eq!(again.version("a"), 0, "it taught nothing");
        again.observe("a", &get, &json!({"id": null}));
        assert_eq!(again.version("a"), 1);
    }

    #[test]
    fn another_tool_of_the_same_name_is_another_tool() {
        let learned = Learned::default();
        let (one, other) = (tool("get"), Tool::new("get", "Gets something else"));
        learned.observe("a", &one, &json!(1));
        assert_eq!(learned.schema("a", &other), None);
        learned.observe("a", &other, &json!("text"));
        assert_eq!(learned.schema("a", &other), Some(json!({"type": "string"})));
        assert_eq!(learned.schema("a", &one), None);
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let load = || Learned::load(Some(folder.path().to_owned()), std::iter::once("a".to_owned()));
        for damaged in ["", "[]", "{\"get\": 5", "{\"get\": 5}", "\u{0}"] {
            std::fs::write(folder.path().join("a.json"), damaged).unwrap();
            assert_eq!(load().schema("a", &tool("get")), None, "{damaged:?}");
        }
        let foreign = json!({"get": [identity(&tool("get")), {"$ref": "http://x", "type": "string"}]});
        std::fs::write(folder.path().join("a.json"), foreign.to_string()).unwrap();
        assert_eq!(load().schema("a", &tool("get")), Some(json!({"type": "string"})));
    }

    #[test]
    fn what_is_too_long_is_not_kept() {
        let learned = Learned::default();
        let wide: Map<String, Value> =
            (0..90u8).map(|n| (char::from(b'!' + n).to_string().repeat(3), json!({"inner": "x"}))).collect();
        let names: Map<String, Value> = ('a'..='z')
            .flat_map(|a| {
                ('a'..='c').map(move |b| {
                    (format!("{a}{b}").repeat(20), json!({"one": 1, "two": "2", "three": [true]}))
                })
            })
            .collect();
        learned.observe("a", &tool("wide"), &Value::Object(wide));
        learned.observe("a", &tool("names"), &Value::Object(names));
        assert!(learned.schema("a", &tool("wide")).is_some());
        assert_eq!(learned.schema("a", &tool("names")), None);
    }

    #[test]
    fn results_that_teach_nothing_are_not_looked_at_for_ever() {
        let (learned, get) = (Learned::default(), tool("get"));
        for _ in 0..=SETTLED {
            learned.observe("a", &get, &json!(1));
        }
        learned.observe("a", &get, &json!("text"));
        assert_eq!(learned.schema("a", &get), Some(json!({"type": "number"})));
    }
}
