//! The fields of a form.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::lower::Lower;
use super::media::{Media, bytes, essence};
use super::parameter::style_of;
use crate::openapi::api::{Field, Style};
use crate::openapi::request::is_method;

impl Lower<'_> {
    /// The schema of a form, where files are bytes; what is to be known of single fields goes into `fields`.
    pub(super) fn form(
        &mut self,
        schema: Value,
        encoding: Option<Value>,
        fields: &mut BTreeMap<String, Field>,
    ) -> Value {
        let encoding = match encoding {
            Some(Value::Object(encoding)) => encoding,
            _ => Map::new(),
        };
        let listed = if schema.get("$ref").is_some() { self.follow(schema.clone()) } else { None };
        let listed = listed.as_ref().unwrap_or(&schema);
        let names: Vec<String> = listed
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys)
            .cloned()
            .collect();
        let mut files = Vec::new();
        for name in names {
            let property = listed.get("properties").and_then(|all| all.get(&name));
            let said = encoding.get(&name);
            let file = property.map(|property| self.is_file(property, said));
            let list = match file {
                Some(File::One | File::Many) => file,
                _ => None,
            };
            // A declared field for another method is one that may be sent.
            if list.is_some() || said.is_some() || is_method(&name) {
                fields.insert(name.clone(), field(said, list.is_some()));
            }
            files.extend(list.map(|list| (name, list)));
        }
        if files.is_empty() {
            return self.schema(schema);
        }
        let mut schema = listed.clone();
        for (name, file) in files {
            let property = schema.get_mut("properties").and_then(|all| all.get_mut(&name));
            if let Some(property) = property {
                replace(property, file);
            }
        }
        self.schema(schema)
    }

    /// Whether the field of this schema is sent as bytes.
    fn is_file(&mut self, property: &Value, encoding: Option<&Value>) -> File {
        let followed = if property.get("$ref").is_some() { self.follow(property.clone()) } else { None };
        let property = followed.as_ref().unwrap_or(property);
        let said = encoding.and_then(|encoding| encoding.get("contentType")).and_then(Value::as_str);
        if is_bytes(property) {
            return File::One;
        }
        match property.get("items") {
            Some(items) if is_bytes(items) => File::Many,
            None if said.is_some_and(|said| Media::of(said) == Media::Binary) => File::One,
            _ => File::No,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    No,
    One,
    Many,
}

/// Whether a schema is one of bytes: by `format` up to 3.0, by `contentMediaType` alone from 3.1.
fn is_bytes(schema: &Value) -> bool {
    let word = |key: &str| schema.get(key).and_then(Value::as_str);
    word("format") == Some("binary")
        || word("type") == Some("file")
        || (schema.get("contentMediaType").is_some() && schema.get("contentEncoding").is_none())
}

fn replace(property: &mut Value, file: File) {
    let description = property.get("description").cloned();
    let bytes = bytes();
    let mut schema = match file {
        File::Many => serde_json::json!({"type": "array", "items": bytes}),
        _ => bytes,
    };
    if let (Value::Object(words), Some(description)) = (&mut schema, description) {
        words.insert("description".into(), description);
    }
    *property = schema;
}

fn field(encoding: Option<&Value>, binary: bool) -> Field {
    let get = |key: &str| encoding.and_then(|encoding| encoding.get(key));
    let style = get("style").and_then(Value::as_str).and_then(style_of).unwrap_or(Style::Form);
    let style = if matches!(style, Style::Space | Style::Pipe | Style::Deep) { style } else { Style::Form };
    let explode = get("explode").and_then(Value::as_bool);
    // Where there is a choice of types, the first.
    let media_type = get("contentType").and_then(Value::as_str).and_then(|said| said.split(',').next());
    let media_type =
        media_type.map(str::trim).filter(|said| !said.contains('*') && !essence(said).is_empty());
    Field {
        style,
        explode: style == Style::Deep || explode.unwrap_or(style == Style::Form),
        allow_reserved: get("allowReserved") == Some(&Value::Bool(true)),
        media_type: media_type.map(str::to_owned),
        binary,
    }
}
