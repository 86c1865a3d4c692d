//! What there is of a tool, field by field.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use codemode_catalog::{Http, Tool};
use ring::digest::{Context, SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest text of a field that is kept to be shown. Of 15,000 published operations 1 in 100 has a longer schema.
const MAX_TEXT_BYTES: usize = 16 * 1024;

/// The most fields besides MCP's own that are told apart; the others are one.
const MAX_OTHERS: usize = 20;

/// How deep schemas are read; what is nested deeper has been refused where it came in.
const MAX_DEPTH: usize = 200;

/// All that a tool says of itself. A field that is not there is not said.
pub(super) type Fields = BTreeMap<String, Field>;

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Field {
    /// SHA-256 of its text, in hexadecimal.
    sha256: String,
    /// Its text, where that is not too long: a description as it is, else JSON with its keys in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
}

impl Field {
    pub(super) fn new(text: String) -> Self {
        let hash = sha256(text.as_bytes());
        Self { sha256: hash, text: (text.len() <= MAX_TEXT_BYTES).then_some(text) }
    }

    /// Whether it says the same. What is kept to be shown does not count.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
    }
}

/// The name of the one field that is left where there is no room for each.
const ALL: &str = "*";

/// Whether all fields say the same.
pub(super) fn are_same(one: &Fields, other: &Fields) -> bool {
    match (one.contains_key(ALL), other.contains_key(ALL)) {
        (true, false) => return are_same(one, &digest_of(other)),
        (false, true) => return are_same(&digest_of(one), other),
        _ => {}
    }
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|((name, field), (other_name, other))| name == other_name && field.is_same(other))
}

/// All fields as one hash, which takes a tenth of the room and still tells whether anything has changed.
pub(super) fn digest_of(fields: &Fields) -> Fields {
    if fields.contains_key(ALL) {
        return fields.clone();
    }
    let mut context = Context::new(&SHA256);
    for (name, field) in fields {
        // Lengths first: no name can pass for another name and its hash.
        context.update(&(name.len() as u64).to_le_bytes());
        context.update(name.as_bytes());
        context.update(field.sha256.as_bytes());
    }
    Fields::from([(ALL.to_owned(), Field { sha256: hex(context.finish().as_ref()), text: None })])
}

/// The fields of a tool whose calls are sent to `base_url`. `shared` knows what its schemas refer into.
pub(super) fn of(tool: &Tool, base_url: Option<&str>, shared: &mut Shared<'_>) -> Fields {
    let mut fields = Fields::new();
    let mut add = |name: &str, text: String| drop(fields.insert(name.to_owned(), Field::new(text)));
    if let Some(title) = &tool.title {
        add("title", title.clone());
    }
    add("description", tool.description.clone());
    add("inputSchema", canonical(&tool.input_schema.read()));
    if let Some(schema) = &tool.output_schema {
        add("outputSchema", canonical(&schema.read()));
    }
    if !tool.annotations.is_empty() {
        add("annotations", canonical(&serde_json::to_value(tool.annotations).unwrap_or_default()));
    }
    if !tool.tags.is_empty() {
        add("tags", canonical(&tool.tags.iter().map(String::as_str).collect()));
    }
    match &tool.http {
        Some(Http::Operation { method, path }) => add("request", format!("{method} {path}")),
        Some(Http::Any) => add("request", "any".to_owned()),
        None => {}
    }
    if let Some(base_url) = base_url {
        add("base URL", base_url.to_owned());
    }
    let others = tool.others.iter().flat_map(|others| others.iter());
    let mut rest = serde_json::Map::new();
    for (at, (name, value)) in others.enumerate() {
        if at < MAX_OTHERS && name.len() <= 100 {
            add(&format!("+{name}"), canonical(value));
        } else {
            rest.insert(name.clone(), value.clone());
        }
    }
    if !rest.is_empty() {
        add("+", canonical(&Value::Object(rest)));
    }
    let schemas = [Some(&tool.input_schema), tool.output_schema.as_ref()];
    if let Some(sha256) = shared.reached(schemas.into_iter().flatten().map(|schema| schema.read())) {
        fields.insert("shared types".to_owned(), Field { sha256, text: None });
    }
    fields
}

/// `value` as text that does not depend on the order of keys, nor on that of `required`: some servers write both in the
/// order of a hash table.
fn canonical(value: &Value) -> String {
    ordered(value, 0).to_string()
}

fn ordered(value: &Value, depth: usize) -> Value {
    match value {
        _ if depth > MAX_DEPTH => value.clone(),
        Value::Object(object) => {
            let mut entries: Vec<(&String, &Value)> = object.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            let ordered = entries.into_iter().map(|(key, value)| {
                let value = match value {
                    Value::Array(names) if key == "required" && names.iter().all(Value::is_string) => {
                        let mut names = names.clone();
                        names.sort_unstable_by(|a, b| a.as_str().cmp(&b.as_str()));
                        Value::Array(names)
                    }
                    value => ordered(value, depth + 1),
                };
                (key.clone(), value)
            });
            Value::Object(ordered.collect())
        }
        Value::Array(items) => items.iter().map(|item| ordered(item, depth + 1)).collect(),
        other => other.clone(),
    }
}

/// The document that a connector's schemas refer into, each part hashed when it is first reached.
pub(super) struct Shared<'a> {
    document: Option<&'a Value>,
    /// By reference.
    parts: HashMap<String, Part>,
}

struct Part {
    sha256: String,
    references: BTreeSet<String>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(document: Option<&'a Value>) -> Self {
        Self { document, parts: HashMap::new() }
    }

    /// The hash of all that can be reached from `schemas`; `None` where that is nothing.
    fn reached<'s>(&mut self, schemas: impl Iterator<Item = std::borrow::Cow<'s, Value>>) -> Option<String> {
        let document = self.document?;
        let mut left = BTreeSet::new();
        schemas.for_each(|schema| references(&schema, &mut left, 0));
        let mut reached: BTreeSet<String> = BTreeSet::new();
        while let Some(reference) = left.pop_first() {
            if reached.contains(&reference) {
                continue;
            }
            let part = self.parts.entry(reference.clone()).or_insert_with(|| {
                let found = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                let mut inner = BTreeSet::new();
                found.into_iter().for_each(|found| references(found, &mut inner, 0));
                let text = found.map(canonical).unwrap_or_default();
                Part { sha256: sha256(text.as_bytes()), references: inner }
            });
            left.extend(part.references.iter().filter(|inner| !reached.contains(*inner)).cloned());
            reached.insert(reference);
        }
        if reached.is_empty() {
            return None;
        }
        let mut context = Context::new(&SHA256);
        for reference in &reached {
            context.update(reference.as_bytes());
            context.update(b"\n");
            context.update(self.parts.get(reference).map(|part| part.sha256.as_bytes()).unwrap_or_default());
            context.update(b"\n");
        }
        Some(hex(context.finish().as_ref()))
    }
}

/// Adds all `$ref` to `found`.
fn references(value: &Value, found: &mut BTreeSet<String>, depth: usize) {
    match value {
        _ if depth > MAX_DEPTH => {}
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(reference) if key == "$ref" => drop(found.insert(reference.clone())),
                    value => references(value, found, depth + 1),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found, depth + 1)),
        _ => {}
    }
}

/// A SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}
