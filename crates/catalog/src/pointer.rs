//! Parts of references.

use std::borrow::Cow;

use serde_json::Value;

/// The name in a reference to a definition, `#/$defs/name`, or to something inside one.
pub(crate) fn definition_name(reference: &str) -> Option<String> {
    let rest = reference.strip_prefix("#/$defs/")?;
    let token = rest.split_once('/').map_or(rest, |(first, _)| first);
    Some(percent_decoded(token).replace("~1", "/").replace("~0", "~"))
}

/// Where a schema's `$ref` leads inside `definitions`; the schema itself where it has none that leads there.
pub(crate) fn followed<'a>(schema: &'a Value, definitions: Option<&'a Value>) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    let found = target.and_then(|pointer| definitions?.pointer(&percent_decoded(pointer)));
    found.unwrap_or(schema)
}

/// `text` without its `%` escapes; those that are none stay.
pub(crate) fn percent_decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}
