//! Request bodies of OpenAPI 3.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::limits::MAX_TEXT_CHARS;
use super::lower::{Lower, shortened};
use super::media::{Media, bytes};
use super::parameter::take_text;
use crate::openapi::api::{Body, BodyForm};

impl Lower<'_> {
    /// The body that `value` describes, with its schema; its property is not named yet.
    pub(super) fn body(&mut self, value: Value) -> Option<(Body, Value)> {
        let Value::Object(mut value) = self.follow(value)? else {
            self.note("a request body that is no object");
            return None;
        };
        let content = match value.remove("content") {
            Some(Value::Object(content)) => content,
            _ => Map::new(),
        };
        let (name, media, mut described) = self.best(content)?;
        let required = value.get("required") == Some(&Value::Bool(true));
        let schema = described.remove("schema").unwrap_or_else(|| json!({}));
        let mut fields = BTreeMap::new();
        let (form, mut schema) = match media {
            Media::Json => (BodyForm::Json, self.schema(schema)),
            Media::Form | Media::Multipart => {
                let schema = self.form(schema, described.remove("encoding"), &mut fields);
                (if media == Media::Form { BodyForm::Form } else { BodyForm::Multipart }, schema)
            }
            Media::Text => (BodyForm::Text, json!({"type": "string"})),
            Media::Binary => (BodyForm::Binary, bytes()),
        };
        describe(&mut schema, take_text(&mut value, "description"));
        let media_type = match form {
            _ if !name.contains('*') && !name.is_empty() => name,
            BodyForm::Json => "application/json".to_owned(),
            BodyForm::Text => "text/plain".to_owned(),
            BodyForm::Multipart => "multipart/form-data".to_owned(),
            _ => "application/octet-stream".to_owned(),
        };
        Some((Body { property: String::new(), required, media_type, form, fields }, schema))
    }
}

/// Says of a schema what is said of the one use of it, which tells more than what is said of every use.
pub(super) fn describe(schema: &mut Value, text: String) {
    if let Value::Object(words) = schema
        && !text.is_empty()
    {
        words.insert("description".into(), shortened(text, MAX_TEXT_CHARS).into());
    }
}
