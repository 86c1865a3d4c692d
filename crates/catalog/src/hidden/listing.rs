//! A connector's offer: what it hides is told of, and kept from the model.

use std::borrow::Cow;

use serde_json::Value;

use super::{Hidden, parted};
use crate::assign::shorten;
use crate::{Listing, Schema, Tool, Warning};

/// The most places of one connector that are told of; who hides more is not to be used at all.
const MAX_WARNINGS: usize = 100;

/// How deep schemas are looked through; the rest is not declared.
const MAX_DEPTH: usize = 100;

/// What is hidden in a connector's offer.
pub(crate) fn warnings(connector: &str, listing: &Listing) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut tell = |tool: &str, at: &str, found: Vec<Hidden>| {
        for what in found {
            if warnings.len() < MAX_WARNINGS {
                let (connector, tool, at) = (connector.to_owned(), shorten(tool), at.to_owned());
                warnings.push(Warning::Hidden { connector, tool, at, what });
            }
        }
    };
    for tool in &listing.tools {
        tell(&tool.name, "name", parted(&tool.name).1);
        tell(&tool.name, "title", parted(tool.title.as_deref().unwrap_or_default()).1);
        tell(&tool.name, "description", parted(&tool.description).1);
        tell(&tool.name, "inputSchema", in_schema(&tool.input_schema));
        tool.output_schema.iter().for_each(|schema| tell(&tool.name, "outputSchema", in_schema(schema)));
    }
    tell("", "about", parted(listing.about.as_deref().unwrap_or_default()).1);
    warnings
}

/// The descriptions without what is hidden. Names stay, for they are what is called; schemas too, for they are what is
/// checked, and what declarations and search take from them is stripped there.
pub(crate) fn clean(listing: &mut Listing) {
    fn strip(text: &mut String) {
        if let (Cow::Owned(clean), _) = parted(text) {
            *text = clean;
        }
    }
    for Tool { title, description, .. } in &mut listing.tools {
        strip(description);
        title.iter_mut().for_each(strip);
    }
    listing.about.iter_mut().for_each(strip);
}

/// The same of what a model is shown as it is: every description and title in `value`, however deep, such as those of a
/// schema.
pub fn disclose(value: &mut Value) {
    fn disclosed(value: &mut Value, under: &str, depth: usize) {
        match value {
            _ if depth > MAX_DEPTH => *value = Value::Null,
            Value::String(text) if is_prose(under) => {
                if let (Cow::Owned(clean), _) = parted(text) {
                    *text = clean;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| disclosed(item, under, depth + 1)),
            Value::Object(object) => {
                object.iter_mut().for_each(|(key, value)| disclosed(value, key, depth + 1));
            }
            _ => {}
        }
    }
    disclosed(value, "", 0);
}

/// Whether the value of this key is words for whoever reads it.
fn is_prose(key: &str) -> bool {
    matches!(key, "description" | "title" | "$comment")
}

fn in_schema(schema: &Schema) -> Vec<Hidden> {
    let text = schema.to_json();
    // Escapes of anything but ASCII are as good as the character; a schema without either hides nothing in characters.
    if text.is_ascii() && !text.contains("\\u") && !text.contains("<!--") && !has_long_run(&text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    walk(&schema.read(), "", 0, &mut found);
    found.dedup();
    found
}

fn has_long_run(text: &str) -> bool {
    text.split(['"', ' ', '.', ',', ':']).any(|run| run.len() >= 100)
}

/// `under` is the key whose value it is. Encoded text is a hiding place only where words are expected: examples and
/// defaults of certificates and tokens are base64.
fn walk(value: &Value, under: &str, depth: usize, found: &mut Vec<Hidden>) {
    let is_prose = is_prose(under);
    let mut tell = |hidden: Vec<Hidden>| {
        found.extend(hidden.into_iter().filter(|what| is_prose || !matches!(what, Hidden::Encoded(_))));
    };
    match value {
        _ if depth > MAX_DEPTH => {}
        Value::String(text) => tell(parted(text).1),
        Value::Array(items) => items.iter().for_each(|item| walk(item, under, depth + 1, found)),
        Value::Object(object) => {
            for (key, value) in object {
                found.extend(parted(key).1);
                walk(value, key, depth + 1, found);
            }
        }
        _ => {}
    }
}
