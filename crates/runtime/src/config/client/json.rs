//! Files in JSON, with or without comments. What is not changed stays as it is, byte for byte.

use std::path::Path;

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstRootNode};
use serde_json::Value;

use super::super::place::Place;
use super::{Error, entries};

pub(super) fn read(text: &str, file: &Path, table: &str, name: &str) -> Result<Option<Value>, Error> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let document: Value = jsonc_parser::parse_to_serde_value(text, &ParseOptions::default())
        .map_err(|error| no_json(text, file, &error))?;
    if !document.is_object() {
        return Err(flaw(file, "it is no object"));
    }
    match document.get(table) {
        None => Ok(None),
        Some(Value::Object(servers)) => Ok(servers.get(name).cloned()),
        Some(_) => Err(flaw(file, &format!("{table} in it is no object"))),
    }
}

/// Only what [`read`] has read.
pub(super) fn write(
    text: &str,
    file: &Path,
    table: &str,
    name: &str,
    entry: Option<&Value>,
) -> Result<String, Error> {
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    let root =
        CstRootNode::parse(text, &ParseOptions::default()).map_err(|error| no_json(text, file, &error))?;
    let object = root.object_value_or_set();
    match entry {
        Some(entry) => {
            let servers = object.object_value_or_set(table);
            match servers.get(name) {
                Some(known) => known.set_value(input(entry)),
                None => drop(servers.append(name, input(entry))),
            }
        }
        None => {
            if let Some(servers) = object.object_value(table) {
                servers.get(name).into_iter().for_each(|known| known.remove());
                // An object that holds nothing is one that was made for what is gone.
                if servers
                    .children()
                    .iter()
                    .all(|child| child.is_whitespace() || child.is_newline() || child.is_token())
                {
                    object.get(table).into_iter().for_each(|table| table.remove());
                }
            }
        }
    }
    Ok(root.to_string())
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(flag) => CstInputValue::Bool(*flag),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Value::Object(_) => {
            let values = entries(value).into_iter().map(|(key, value)| (key, input(&value)));
            CstInputValue::Object(values.collect())
        }
    }
}

fn no_json(text: &str, file: &Path, error: &jsonc_parser::errors::ParseError) -> Error {
    let place = Some(Place::of(text, error.range().start));
    Error::Invalid { path: file.to_owned(), place, message: format!("this is no JSON: {}", error.kind()) }
}

fn flaw(file: &Path, message: &str) -> Error {
    Error::Invalid { path: file.to_owned(), place: None, message: message.to_owned() }
}
