//! What a configuration may hold, for editors and for people: both are derived from the types that read it.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::File;

/// The JSON Schema of `codemode.toml`.
pub fn schema() -> Value {
    schemars::schema_for!(File).to_value()
}

/// The head of the page: what no type says.
const HEAD: &str = include_str!("reference.md");

/// `docs/configuration.md`: every key with what it is for, its unit, default and range.
pub fn reference() -> String {
    let schema = schema();
    let mut out = HEAD.to_owned();
    let root = Page { schema: &schema, out: &mut out };
    root.table("", &schema);
    out
}

struct Page<'p> {
    schema: &'p Value,
    out: &'p mut String,
}

impl Page<'_> {
    /// The keys of a table, and below them the tables in it.
    fn table(self, path: &str, table: &Value) {
        let Self { schema, out } = self;
        let empty = Map::new();
        let properties = table.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let (tables, keys): (Vec<_>, Vec<_>) =
            properties.iter().partition(|(key, property)| subtable(schema, path, key, property).is_some());
        // Writing to a string does not fail.
        if !path.is_empty() {
            let _ = write!(out, "\n## `{path}`\n\n{}\n", unlinked(description(table)));
        }
        if !keys.is_empty() {
            let _ = write!(out, "\n| key | value | |\n| --- | --- | --- |\n");
        }
        for (key, property) in keys {
            let words = unlinked(description(property)).replace('\n', " ").replace('|', "\\|");
            let _ = writeln!(out, "| `{key}` | {} | {words} |", kind(schema, property));
        }
        for (key, property) in tables {
            let nested = !path.is_empty();
            let Some((path, inner)) = subtable(schema, path, key, property) else { continue };
            if nested && path.ends_with("]]") {
                // It stands at the top too, where its keys are.
                let words = unlinked(description(property));
                let _ = write!(out, "\n## `{path}`\n\n{words} As in `[[{key}]]`.\n");
                continue;
            }
            let words = match path.ends_with(".NAME]") || path.ends_with("]]") {
                true => format!("{}\n\n{}", description(property), description(inner)),
                false => description(property).to_owned(),
            };
            let mut described = inner.clone();
            if let Some(object) = described.as_object_mut() {
                object.insert("description".to_owned(), Value::String(words));
            }
            Page { schema, out: &mut *out }.table(&path, &described);
        }
    }
}

/// A table inside a table, and how its heading is written.
fn subtable<'s>(
    schema: &'s Value,
    path: &str,
    key: &str,
    property: &'s Value,
) -> Option<(String, &'s Value)> {
    let direct = resolve(schema, property);
    if direct.get("properties").is_some() {
        let name = if path.is_empty() {
            format!("[{key}]")
        } else {
            format!("[{}.{key}]", path.trim_matches(['[', ']']))
        };
        return Some((name, direct));
    }
    if let Some(items) = direct.get("items").map(|items| resolve(schema, items)) {
        items.get("properties")?;
        let path = path.trim_matches(['[', ']']);
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        return Some((format!("[[{path}]]"), items));
    }
    let values = resolve(schema, direct.get("additionalProperties")?);
    values.get("properties")?;
    let path = path.trim_matches(['[', ']']);
    let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    Some((format!("[{path}.NAME]"), values))
}

/// What a schema says in the end: references and alternatives to `null` are seen through.
fn resolve<'s>(schema: &'s Value, mut at: &'s Value) -> &'s Value {
    // Ours have two steps at most; a chain that does not end would be a mistake in our own types.
    for _ in 0..8 {
        let alternatives = at.get("anyOf").and_then(Value::as_array);
        let something = alternatives
            .and_then(|all| all.iter().find(|one| one.get("type").and_then(Value::as_str) != Some("null")));
        if let Some(something) = something {
            at = something;
            continue;
        }
        let target = at.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
        match target.and_then(|path| schema.pointer(path)) {
            Some(target) => at = target,
            None => break,
        }
    }
    at
}

fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

/// Documentation without its links into code: ``[`Policy`](super::Policy)`` is `` `Policy` `` for whoever reads the page.
fn unlinked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let is_code = |target: &str| target.contains("::") && !target.contains(' ');
        match after.split_once(')') {
            Some((target, after)) if is_code(target) && before.contains('[') => {
                let (start, word) = before.rsplit_once('[').unwrap_or((before, ""));
                out.push_str(start);
                out.push_str(word);
                rest = after;
            }
            _ => {
                out.push_str(before);
                out.push_str("](");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The kind of a value in a few words.
fn kind(schema: &Value, property: &Value) -> String {
    let direct = resolve(schema, property);
    if let Some(choices) = direct.get("oneOf").and_then(Value::as_array) {
        let names = choices.iter().filter_map(|choice| choice.get("const").and_then(Value::as_str));
        return names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(choices) = direct.get("enum").and_then(Value::as_array) {
        let names = choices.iter().filter_map(Value::as_str);
        return names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    }
    match direct.get("format").and_then(Value::as_str) {
        Some("duration") => return "duration".to_owned(),
        Some("size") => return "size".to_owned(),
        _ => {}
    }
    let types = match direct.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => Vec::new(),
    };
    let mut types = types.into_iter().filter(|name| *name != "null");
    match types.next().filter(|_| types.next().is_none()) {
        Some("array") => match kind(schema, direct.get("items").unwrap_or(&Value::Null)) {
            choices if choices.starts_with('`') => format!("array of {choices}"),
            items => format!("array of {items}s"),
        },
        Some("object") => match direct.get("additionalProperties").map(|values| kind(schema, values)) {
            Some(values) if values == "string" => "table of strings".to_owned(),
            _ => "table".to_owned(),
        },
        Some("integer") => "whole number".to_owned(),
        Some("boolean") => "`true`, `false`".to_owned(),
        Some(other) => other.to_owned(),
        None => "value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with a file of the repository; `UPDATE_EXPECT=1` writes it.
    fn is_committed(file: &str, text: &str) {
        let path = format!("{}/../../docs/{file}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed.replace("\r\n", "\n") == text,
            "docs/{file} is not current: run with UPDATE_EXPECT=1"
        );
    }

    #[test]
    fn the_reference_is_current() {
        is_committed("configuration.md", &reference());
    }

    #[test]
    fn the_schema_is_current() {
        is_committed("codemode.schema.json", &format!("{:#}\n", schema()));
    }

    #[test]
    fn every_key_is_described() {
        fn check(path: &str, schema: &Value) {
            for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                assert!(property.get("description").is_some(), "{path}.{key} has no description");
            }
        }
        let schema = schema();
        check("", &schema);
        for (name, definition) in schema["$defs"].as_object().unwrap() {
            check(name, definition);
        }
    }
}
