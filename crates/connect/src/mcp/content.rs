//! The parts that MCP's content is made of, in the form a program gets them (the table is with [`Mcp`](super::Mcp)).
//!
//! What a part has besides stays, such as `annotations`; only `_meta`, which is between servers and clients, is left out.
//! A part of an unknown type stays as it is.

use serde_json::Value;

/// A part as a program gets it. The places of its bytes go into `binary`, as JSON Pointers below `at`.
pub(super) fn part(mut part: Value, at: &str, binary: &mut Vec<String>) -> Value {
    let Some(fields) = part.as_object_mut() else { return part };
    fields.remove("_meta");
    match fields.get("type").and_then(Value::as_str) {
        Some("image" | "audio") if fields.get("data").is_some_and(Value::is_string) => {
            binary.push(format!("{at}/data"));
        }
        Some("resource") => {
            if let Some(resource) = fields.get_mut("resource") {
                *resource = contents(resource.take(), &format!("{at}/resource"), binary);
            }
        }
        _ => {}
    }
    part
}

/// The same for parts in an array, which is `at` this pointer.
pub(super) fn parts(parts: Vec<Value>, at: &str, binary: &mut Vec<String>) -> Value {
    parts.into_iter().enumerate().map(|(index, one)| part(one, &format!("{at}/{index}"), binary)).collect()
}

/// The contents of a resource: `{uri, mimeType?, text}` or `{uri, mimeType?, blob}`.
pub(super) fn contents(mut contents: Value, at: &str, binary: &mut Vec<String>) -> Value {
    if let Some(fields) = contents.as_object_mut() {
        fields.remove("_meta");
        if fields.get("blob").is_some_and(Value::is_string) {
            binary.push(format!("{at}/blob"));
        }
    }
    contents
}

/// The text of a text part.
pub(super) fn text(part: &Value) -> Option<&str> {
    (part.get("type")?.as_str()? == "text").then(|| part.get("text")?.as_str()).flatten()
}
