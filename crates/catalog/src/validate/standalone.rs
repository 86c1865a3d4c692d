//! A tool's schema with all that it refers to, as a document of its own.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::pointer::definition_name;

/// How many values (keywords, names, subschemas) a tool's schema and what it refers to may have together. The largest
/// request of Stripe's API, with all of its types, has some 30,000.
pub(super) const MAX_PARTS: usize = 200_000;

/// How deep a schema is read, in values; compiling it recurses, and follows some references on the way. The deepest of the
/// published ones nests 12 schemas, each of them two or three values.
const MAX_DEPTH: usize = 100;

/// The schema, with the definitions it needs under `$defs` and without the properties that only an upstream writes among
/// the required ones. `None` when it has too many parts.
pub(super) fn standalone(schema: &Value, definitions: Option<&Value>) -> Option<Value> {
    let shared = definitions.and_then(|document| document.get("$defs")?.as_object());
    let mut copy = Copy { shared, parts: 0, wanted: Vec::new(), known: BTreeSet::new() };
    let mut root = copy.value(schema, 0)?;
    let mut defs = Map::new();
    while let Some(name) = copy.wanted.pop() {
        if let Some(definition) = shared.and_then(|shared| shared.get(&name)) {
            let definition = copy.value(definition, 0)?;
            defs.insert(name, definition);
        }
    }
    if let Value::Object(root) = &mut root
        && !defs.is_empty()
    {
        match root.get_mut("$defs") {
            // Its own definitions come first.
            Some(Value::Object(own)) => {
                for (name, definition) in defs {
                    own.entry(name).or_insert(definition);
                }
            }
            _ => drop(root.insert("$defs".to_owned(), Value::Object(defs))),
        }
    }
    Some(root)
}

struct Copy<'a> {
    shared: Option<&'a Map<String, Value>>,
    parts: usize,
    wanted: Vec<String>,
    known: BTreeSet<String>,
}

impl Copy<'_> {
    fn value(&mut self, value: &Value, depth: usize) -> Option<Value> {
        self.parts += 1;
        if self.parts > MAX_PARTS || depth > MAX_DEPTH {
            return None;
        }
        Some(match value {
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.value(item, depth + 1)).collect::<Option<_>>()?)
            }
            Value::Object(object) => {
                if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(definition_name)
                    && self.known.insert(name.clone())
                {
                    self.wanted.push(name);
                }
                let mut copy = Map::with_capacity(object.len());
                for (key, item) in object {
                    copy.insert(key.clone(), self.value(item, depth + 1)?);
                }
                self.require_of_callers(&mut copy);
                Value::Object(copy)
            }
            plain => plain.clone(),
        })
    }

    /// Takes out of `required` what only an upstream writes.
    fn require_of_callers(&self, schema: &mut Map<String, Value>) {
        let Some(Value::Array(required)) = schema.get("required") else { return };
        let Some(Value::Object(properties)) = schema.get("properties") else { return };
        let kept: Vec<Value> = required
            .iter()
            .filter(|name| {
                let property = name.as_str().and_then(|name| properties.get(name));
                !property.is_some_and(|property| self.is_read_only(property))
            })
            .cloned()
            .collect();
        if kept.len() < required.len() {
            schema.insert("required".to_owned(), Value::Array(kept));
        }
    }

    fn is_read_only(&self, property: &Value) -> bool {
        let says = |schema: &Value| schema.get("readOnly") == Some(&Value::Bool(true));
        let target = property.get("$ref").and_then(Value::as_str).and_then(definition_name);
        says(property) || target.and_then(|name| self.shared?.get(&name)).is_some_and(says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_referred_to_comes_along() {
        let shared = json!({"$defs": {
            "a/b": {"type": "object", "properties": {"next": {"$ref": "#/$defs/c%20d"}}},
            "c d": {"$ref": "#/$defs/a~1b"},
            "unused": {"type": "string"}
        }});
        let schema = json!({"properties": {"x": {"$ref": "#/$defs/a~1b"}}});
        let whole = standalone(&schema, Some(&shared)).unwrap();
        let names: Vec<&String> = whole["$defs"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["a/b", "c d"]);
        assert_eq!(standalone(&schema, None), Some(schema));
    }

    #[test]
    fn what_only_the_upstream_writes_is_not_required() {
        let shared = json!({"$defs": {"id": {"type": "string", "readOnly": true}}});
        let schema = json!({
            "properties": {"id": {"$ref": "#/$defs/id"}, "at": {"readOnly": true}, "name": {}},
            "required": ["id", "at", "name"]
        });
        assert_eq!(standalone(&schema, Some(&shared)).unwrap()["required"], json!(["name"]));
    }

    #[test]
    fn its_own_definitions_come_first() {
        let shared = json!({"$defs": {"a": {"type": "string"}}});
        let schema = json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "number"}}});
        assert_eq!(standalone(&schema, Some(&shared)), Some(schema));
    }

    #[test]
    fn what_is_too_large_is_refused() {
        assert_eq!(standalone(&json!({"enum": vec![0; MAX_PARTS]}), None), None);
        let deep = (0..=MAX_DEPTH).fold(json!({}), |inner, _| json!({"not": inner}));
        assert_eq!(standalone(&deep, None), None);
    }

    #[test]
    fn compiling_what_is_deep_fits_the_stack() {
        let deep =
            |innermost: Value| (0..MAX_DEPTH / 2 - 2).fold(innermost, |inner, _| json!({"allOf": [inner]}));
        let definitions: Map<String, Value> = (0..40)
            .map(|n| (format!("d{n}"), deep(json!({"$ref": format!("#/$defs/d{}", n + 1)}))))
            .collect();
        let schema = json!({"$ref": "#/$defs/d0", "$defs": definitions});
        assert!(standalone(&schema, None).is_some());
        assert!(crate::Validator::new(&schema, None).validate(&json!(1)).is_ok());
    }
}
