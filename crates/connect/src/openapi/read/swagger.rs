//! What Swagger 2.0 says in other words: parameters that are their own schema, bodies among the parameters.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::lower::Lower;
use super::media::{Media, bytes};
use super::parameter::{Given, take_text};
use crate::openapi::api::{Body, BodyForm, Field, Place, Style};

/// Words of a parameter that are none of its schema.
const OF_PARAMETERS: [&str; 6] =
    ["name", "in", "required", "description", "collectionFormat", "allowEmptyValue"];

/// What a schema may not have that is a parameter's or a field's.
pub(super) fn schema(mut parameter: Map<String, Value>) -> Value {
    // Not of 2.0, but written by those who have the later versions in mind.
    if let Some(schema) = parameter.remove("schema").filter(|_| !parameter.contains_key("type")) {
        return schema;
    }
    parameter.retain(|word, _| !OF_PARAMETERS.contains(&word.as_str()));
    parameter.into()
}

/// How a list is written.
pub(super) fn style(parameter: &Map<String, Value>, place: Place) -> (Style, bool) {
    let plain = if matches!(place, Place::Query | Place::Cookie) { Style::Form } else { Style::Simple };
    match parameter.get("collectionFormat").and_then(Value::as_str) {
        Some("multi") if plain == Style::Form => (Style::Form, true),
        Some("ssv") => (Style::Space, false),
        Some("pipes") => (Style::Pipe, false),
        Some("tsv") => (Style::Tabs, false),
        _ => (plain, false),
    }
}

impl Lower<'_> {
    /// The body that parameters describe, with its schema. `consumes` are the media types that the operation takes.
    pub(super) fn body_of_parameters(
        &mut self,
        given: &mut Given,
        consumes: &[String],
    ) -> Option<(Body, Value)> {
        if let Some(body) = given.body.take() {
            return Some(self.whole_body(body, consumes));
        }
        let fields = std::mem::take(&mut given.fields);
        (!fields.is_empty()).then(|| self.form_body(fields, consumes))
    }

    fn whole_body(&mut self, mut parameter: Map<String, Value>, consumes: &[String]) -> (Body, Value) {
        let best = consumes.iter().min_by_key(|name| Media::of(name));
        let media = best.map_or(Media::Json, |name| Media::of(name));
        let schema = parameter.remove("schema").unwrap_or_else(|| json!({}));
        // A form is made of `formData`; a schema is of JSON, whatever is said to be consumed.
        let (form, media_type, mut schema) = match (media, best) {
            (Media::Text, Some(name)) => (BodyForm::Text, name.clone(), json!({"type": "string"})),
            (Media::Binary, Some(name)) => (BodyForm::Binary, name.clone(), bytes()),
            (Media::Json, Some(name)) if !name.contains('*') => {
                (BodyForm::Json, name.clone(), self.schema(schema))
            }
            _ => (BodyForm::Json, "application/json".to_owned(), self.schema(schema)),
        };
        super::body::describe(&mut schema, take_text(&mut parameter, "description"));
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let body = Body { property: String::new(), required, media_type, form, fields: BTreeMap::new() };
        (body, schema)
    }

    fn form_body(&mut self, parameters: Vec<Map<String, Value>>, consumes: &[String]) -> (Body, Value) {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let mut fields = BTreeMap::new();
        for mut parameter in parameters {
            let name = take_text(&mut parameter, "name");
            let binary = parameter.get("type").and_then(Value::as_str) == Some("file");
            let (style, explode) = style(&parameter, Place::Query);
            let described = take_text(&mut parameter, "description");
            if parameter.get("required") == Some(&Value::Bool(true)) {
                required.push(Value::from(name.clone()));
            }
            let mut lowered = if binary { bytes() } else { self.schema(schema(parameter)) };
            super::body::describe(&mut lowered, described);
            properties.insert(name.clone(), lowered);
            fields.insert(name, Field { style, explode, allow_reserved: false, media_type: None, binary });
        }
        let multipart = fields.values().any(|field| field.binary)
            || (consumes.iter().any(|name| Media::of(name) == Media::Multipart)
                && !consumes.iter().any(|name| Media::of(name) == Media::Form));
        let (form, media_type) = match multipart {
            true => (BodyForm::Multipart, "multipart/form-data"),
            false => (BodyForm::Form, "application/x-www-form-urlencoded"),
        };
        let needed = !required.is_empty();
        let mut schema = json!({"type": "object"});
        if let Value::Object(words) = &mut schema {
            words.insert("properties".into(), properties.into());
        }
        if needed && let Value::Object(words) = &mut schema {
            words.insert("required".into(), required.into());
        }
        let media_type = media_type.to_owned();
        (Body { property: String::new(), required: needed, media_type, form, fields }, schema)
    }
}
