//! What a type cannot say about a property, for its comment.

use serde_json::Value;

use crate::declare::comment::clean;
use crate::declare::limits::{MAX_FIELD_DOC_CHARS, MAX_LITERALS, MAX_TYPE_DOC_CHARS};
use crate::declare::plain::plain;
use crate::resolve::fold;

/// Keywords that become a JSDoc tag as they are, and the tag.
const TAGS: [(&str, &str); 12] = [
    ("default", "default"),
    ("format", "format"),
    ("minimum", "minimum"),
    ("maximum", "maximum"),
    ("exclusiveMinimum", "exclusiveMinimum"),
    ("exclusiveMaximum", "exclusiveMaximum"),
    ("multipleOf", "multipleOf"),
    ("minLength", "minLength"),
    ("maxLength", "maxLength"),
    ("pattern", "pattern"),
    ("minItems", "minItems"),
    ("maxItems", "maxItems"),
];

/// Formats that a type says already, or that say nothing to someone who writes JSON.
const SILENT_FORMATS: [&str; 5] = ["int32", "int64", "float", "double", "string"];

/// The longest value of a tag that is worth its tokens.
const MAX_TAG_CHARS: usize = 60;

/// The comment of the property `key`: its description, and its default, format and bounds.
pub(super) fn field(key: &str, schema: &Value) -> String {
    let mut doc = String::new();
    if let Some(text) = schema.get("description").and_then(Value::as_str) {
        let text = clean(&plain(text), MAX_FIELD_DOC_CHARS).replace('\n', " ");
        if fold(&text) != fold(key) {
            doc = text;
        }
    }
    let mut add = |tag: &str, text: &str| {
        if !doc.is_empty() {
            doc.push(' ');
        }
        doc.push('@');
        doc.push_str(tag);
        if !text.is_empty() {
            doc.push(' ');
            doc.push_str(text);
        }
    };
    if schema.get("deprecated") == Some(&Value::Bool(true)) {
        add("deprecated", "");
    }
    for (keyword, tag) in TAGS {
        if let Some(text) = schema.get(keyword).and_then(|value| tag_text(keyword, value)) {
            add(tag, &text);
        }
    }
    if let Some(Value::Array(listed)) = schema.get("enum")
        && listed.len() > MAX_LITERALS
    {
        let shown: Vec<String> = listed.iter().take(3).map(Value::to_string).collect();
        add("example", &clean(&format!("{}, … ({} values)", shown.join(", "), listed.len()), 200));
    }
    doc
}

/// The comment of a whole type.
pub(super) fn description(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    clean(&plain(text), MAX_TYPE_DOC_CHARS)
}

fn tag_text(keyword: &str, value: &Value) -> Option<String> {
    if is_idle(keyword, value) {
        return None;
    }
    let text = match value {
        Value::String(text) if keyword == "default" && !text.is_empty() => value.to_string(),
        Value::String(text) if matches!(keyword, "format" | "pattern") => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) if keyword == "default" => flag.to_string(),
        Value::Array(items) if keyword == "default" && !items.is_empty() && items.len() < 5 => {
            value.to_string()
        }
        _ => return None,
    };
    let text = clean(&text, MAX_TAG_CHARS + 1).replace('\n', " ");
    let silent = keyword == "format" && SILENT_FORMATS.contains(&text.as_str());
    (!silent && !text.is_empty() && text.chars().count() <= MAX_TAG_CHARS).then_some(text)
}

/// Bounds that a caller would keep anyway: not empty, shorter than a page, within the integers of a machine.
fn is_idle(keyword: &str, value: &Value) -> bool {
    const PAGE_CHARS: f64 = 1_000.0;
    const LARGEST: f64 = i32::MAX as f64;
    let Some(bound) = value.as_f64() else { return false };
    match keyword {
        "minLength" | "minItems" => bound <= 1.0,
        "maxLength" => bound >= PAGE_CHARS,
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => bound.abs() >= LARGEST,
        _ => false,
    }
}
