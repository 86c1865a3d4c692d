//! Headers that repeat parameters of a call, so that what stands between us and the server can route by them
//! (`x-mcp-header` in a tool's input schema, `Mcp-Param-*` in the request; MCP 2026-07-28, Transports).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

/// Which parameters of which tools are repeated.
#[derive(Debug, Clone, Default)]
pub(in crate::mcp) struct Params {
    by_tool: Arc<Mutex<HashMap<String, Vec<Param>>>>,
}

/// One repeated parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Param {
    /// Its names from the root of the arguments.
    path: Vec<String>,
    header: HeaderName,
}

/// How deep a schema is searched; annotations deeper than that count as misplaced.
const MAX_DEPTH: usize = 100;

const ANNOTATION: &str = "x-mcp-header";

impl Params {
    /// Forgets the tools that are not among those of a new listing.
    pub(in crate::mcp) fn retain(&self, listed: &HashSet<&str>) {
        self.by_tool().retain(|name, _| listed.contains(name.as_str()));
    }

    /// Learns what a listed tool wants repeated. `false` for one whose annotations are invalid, which is not to be used.
    pub(in crate::mcp) fn learn(&self, tool: &Value) -> bool {
        let (Some(name), schema) = (tool.get("name").and_then(Value::as_str), tool.get("inputSchema")) else {
            return true;
        };
        let Some(params) = schema.map_or(Some(Vec::new()), annotated) else {
            self.by_tool().remove(name);
            return false;
        };
        if params.is_empty() {
            self.by_tool().remove(name);
        } else {
            self.by_tool().insert(name.to_owned(), params);
        }
        true
    }

    /// Adds what a call of `tool` is to repeat of its arguments.
    pub(super) fn add(&self, tool: &str, arguments: Option<&Map<String, Value>>, headers: &mut HeaderMap) {
        let (Some(params), Some(arguments)) = (self.by_tool().get(tool).cloned(), arguments) else { return };
        for Param { path, header } in params {
            let mut names = path.iter();
            let first = names.next().and_then(|name| arguments.get(name));
            let found = first.and_then(|value| names.try_fold(value, |value, name| value.get(name)));
            if let Some(value) = found.and_then(text).and_then(|text| encoded(&text)) {
                headers.insert(header, value);
            }
        }
    }

    fn by_tool(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<Param>>> {
        self.by_tool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The parameters that `schema` annotates; `None` where an annotation is invalid: no token, given twice, not on a string,
/// integer or boolean, or not on a way through `properties` alone.
fn annotated(schema: &Value) -> Option<Vec<Param>> {
    let mut found = Vec::new();
    if schema.get(ANNOTATION).is_some() || !search(schema, Some(&mut Vec::new()), 0, &mut found) {
        return None;
    }
    let mut seen = HashSet::new();
    found.iter().all(|param| seen.insert(param.header.clone())).then_some(found)
}

/// Whether all annotations in `schema` are valid. `path` is the way there, where it is one through `properties` alone.
fn search(schema: &Value, path: Option<&mut Vec<String>>, depth: usize, found: &mut Vec<Param>) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let mut path = path;
    match schema {
        Value::Array(items) => items.iter().all(|item| search(item, None, depth + 1, found)),
        Value::Object(object) => object.iter().all(|(key, value)| match (key.as_str(), value) {
            (ANNOTATION, header) => match &path {
                // The root was looked at before.
                Some(path) if path.is_empty() => true,
                Some(path) => param(path, object, header).is_some_and(|param| {
                    found.push(param);
                    true
                }),
                None => false,
            },
            ("properties", Value::Object(properties)) => properties.iter().all(|(name, schema)| {
                let Some(path) = path.as_deref_mut() else { return search(schema, None, depth + 1, found) };
                path.push(name.clone());
                let valid = search(schema, Some(path), depth + 1, found);
                path.pop();
                valid
            }),
            // Names of schemas, not keywords.
            ("$defs" | "definitions" | "dependentSchemas" | "patternProperties", Value::Object(schemas)) => {
                schemas.values().all(|schema| search(schema, None, depth + 1, found))
            }
            // Data, not schemas.
            ("default" | "const" | "enum" | "examples", _) => true,
            _ => search(value, None, depth + 1, found),
        }),
        _ => true,
    }
}

fn param(path: &[String], schema: &Map<String, Value>, header: &Value) -> Option<Param> {
    let kind = schema.get("type").and_then(Value::as_str)?;
    let header = header.as_str().filter(|_| matches!(kind, "string" | "integer" | "boolean"))?;
    let header = (!header.is_empty()).then(|| format!("mcp-param-{header}").parse().ok()).flatten()?;
    Some(Param { path: path.to_vec(), header })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// As it is, or as `=?base64?…?=` where a header could not carry it so.
fn encoded(text: &str) -> Option<HeaderValue> {
    let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let is_padded = text.starts_with(' ') || text.ends_with(' ');
    let looks_encoded = text.starts_with("=?base64?") && text.ends_with("?=");
    let value = if is_printable && !is_padded && !looks_encoded {
        text.to_owned()
    } else {
        format!("=?base64?{}?=", STANDARD.encode(text))
    };
    HeaderValue::from_str(&value).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(schema: Value, arguments: Value) -> Option<Vec<(String, String)>> {
        let params = Params::default();
        let valid = params.learn(&json!({"name": "t", "inputSchema": schema}));
        let mut headers = HeaderMap::new();
        params.add("t", arguments.as_object(), &mut headers);
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        valid.then(|| headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect())
    }

    #[test]
    fn what_is_not_listed_any_more_is_forgotten() {
        let params = Params::default();
        let schema = one(json!({"type": "string", ANNOTATION: "A"}));
        for name in ["old", "kept"] {
            assert!(params.learn(&json!({"name": name, "inputSchema": schema})));
        }
        params.retain(&HashSet::from(["kept", "new"]));
        assert_eq!(params.by_tool().keys().collect::<Vec<_>>(), ["kept"]);
    }

    fn one(annotation: Value) -> Value {
        json!({"properties": {"a": annotation}})
    }

    #[test]
    fn values_are_repeated() {
        for (value, expected) in [
            (json!("eu-1"), Some("eu-1")),
            (json!("a b"), Some("a b")),
            (json!(" a"), Some("=?base64?IGE=?=")),
            (json!("ü"), Some("=?base64?w7w=?=")),
            (json!("a\r\nHost: evil"), Some("=?base64?YQ0KSG9zdDogZXZpbA==?=")),
            (json!("=?base64?x?="), Some("=?base64?PT9iYXNlNjQ/eD89?=")),
            (json!(12), Some("12")),
            (json!(true), Some("true")),
            (json!(null), None),
            (json!({"b": 1}), None),
        ] {
            let found =
                headers(one(json!({"type": "string", "x-mcp-header": "Region"})), json!({"a": value}))
                    .unwrap();
            let expected: Vec<_> =
                expected.map(|text| ("mcp-param-region".to_owned(), text.to_owned())).into_iter().collect();
            assert_eq!(found, expected, "{value}");
        }
        let nested =
            one(json!({"type": "object", "properties": {"b": {"type": "integer", "x-mcp-header": "B"}}}));
        let expected = vec![("mcp-param-b".to_owned(), "5".to_owned())];
        assert_eq!(headers(nested, json!({"a": {"b": 5}})), Some(expected));
    }

    #[test]
    fn invalid_annotations_cost_their_tool() {
        for schema in [
            json!({"x-mcp-header": "A"}),
            one(json!({"type": "string", "x-mcp-header": ""})),
            one(json!({"type": "string", "x-mcp-header": "a b"})),
            one(json!({"type": "string", "x-mcp-header": "a\r\nb"})),
            one(json!({"type": "string", "x-mcp-header": 5})),
            one(json!({"type": "object", "x-mcp-header": "A"})),
            one(json!({"type": "number", "x-mcp-header": "A"})),
            one(json!({"x-mcp-header": "A"})),
            one(json!({"type": "array", "items": {"type": "string", "x-mcp-header": "A"}})),
            json!({"$defs": {"a": {"type": "string", "x-mcp-header": "A"}}}),
            json!({"allOf": [{"properties": {"a": {"type": "string", "x-mcp-header": "A"}}}]}),
            json!({"properties": {
                "a": {"type": "string", "x-mcp-header": "Same"},
                "b": {"type": "string", "x-mcp-header": "same"},
            }}),
        ] {
            assert_eq!(headers(schema.clone(), json!({})), None, "{schema}");
        }
        for schema in [
            json!({"properties": {"x-mcp-header": {"type": "string"}}}),
            json!({"default": {"x-mcp-header": "A"}}),
            json!(true),
        ] {
            assert_eq!(headers(schema.clone(), json!({})), Some(Vec::new()), "{schema}");
        }
    }
}
