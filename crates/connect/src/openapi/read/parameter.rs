//! Parameters of an operation.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::limits::{MAX_PARAMETERS, MAX_TEXT_CHARS};
use super::lower::{Lower, shortened};
use super::media::Media;
use super::path::Template;
use super::version::Version;
use crate::openapi::api::{Parameter, Place, Style};

/// Headers that are described elsewhere in a document; parameters of these names count for nothing (OpenAPI 3.1,
/// "Parameter Object").
const ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

/// What the lists of parameters of one operation hold.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// Parameters, each with its schema; their properties are not named yet.
    pub(super) parameters: Vec<(Parameter, Value)>,
    /// The parameters of Swagger 2.0 that are the body, or fields of it.
    pub(super) body: Option<Map<String, Value>>,
    pub(super) fields: Vec<Map<String, Value>>,
}

impl Lower<'_> {
    /// The parameters in `lists`: of two of one name and place the later counts, in the place of the earlier.
    pub(super) fn parameters(&mut self, lists: [Vec<Value>; 2], template: &Template) -> Given {
        let mut given = Given::default();
        let mut known: HashMap<(String, String), usize> = HashMap::new();
        let mut found: Vec<Map<String, Value>> = Vec::new();
        for value in lists.into_iter().flatten() {
            let Some(value) = self.follow(value) else { continue };
            let (Some(name), Some(place)) = (text(&value, "name"), text(&value, "in")) else {
                self.note("a parameter without `name` or `in`");
                continue;
            };
            let name = if place == "header" { name.to_ascii_lowercase() } else { name.to_owned() };
            let key = (name, place.to_owned());
            let Value::Object(value) = value else { continue };
            if let Some(earlier) = known.get(&key).and_then(|&at| found.get_mut(at)) {
                *earlier = value;
            } else if found.len() >= MAX_PARAMETERS {
                self.note(format_args!("more than {MAX_PARAMETERS} parameters"));
                break;
            } else {
                known.insert(key, found.len());
                found.push(value);
            }
        }
        for value in found {
            self.parameter(value, template, &mut given);
        }
        given
    }

    fn parameter(&mut self, mut value: Map<String, Value>, template: &Template, given: &mut Given) {
        let name = take_text(&mut value, "name");
        let place = take_text(&mut value, "in");
        let place = match (place.as_str(), self.version) {
            ("path", _) if !template.variables.contains(&name) => {
                return self.note(format_args!("the path has no place for the parameter {name:?}"));
            }
            ("path", _) => Place::Path,
            ("query", _) => Place::Query,
            ("header", _) if ELSEWHERE.contains(&name.to_ascii_lowercase().as_str()) => return,
            ("header", _) => Place::Header,
            ("cookie", Version::Three) => Place::Cookie,
            ("body", Version::Two) => return given.body = Some(value),
            ("formData", Version::Two) => {
                value.insert("name".into(), name.into());
                return given.fields.push(value);
            }
            (other, _) => return self.note(format_args!("the parameter {name:?} is in {other:?}")),
        };
        let required = place == Place::Path || value.get("required") == Some(&Value::Bool(true));
        let description = take_text(&mut value, "description");
        let deprecated = value.get("deprecated") == Some(&Value::Bool(true));
        let (style, explode) = self.style(&value, place, &name);
        let allow_reserved = value.get("allowReserved") == Some(&Value::Bool(true));
        let (schema, json) = self.parameter_schema(value);
        let mut schema = self.schema(schema);
        if let Value::Object(words) = &mut schema {
            if !description.is_empty() {
                words.insert("description".into(), shortened(description, MAX_TEXT_CHARS).into());
            }
            if deprecated {
                words.insert("deprecated".into(), json!(true));
            }
        }
        let property = String::new();
        let parameter = Parameter { property, name, place, required, style, explode, allow_reserved, json };
        given.parameters.push((parameter, schema));
    }

    /// How a parameter is written, and whether each of its elements by itself.
    fn style(&mut self, value: &Map<String, Value>, place: Place, name: &str) -> (Style, bool) {
        if let Version::Two = self.version {
            return super::swagger::style(value, place);
        }
        let usual = match place {
            Place::Path | Place::Header => Style::Simple,
            Place::Query | Place::Cookie => Style::Form,
        };
        let said = value.get("style").and_then(Value::as_str);
        let known = said.map(|said| Some((style_of(said)?, said)));
        let style = match known {
            None => usual,
            Some(Some((style, _))) if fits(style, place) => style,
            Some(_) => {
                let said = said.unwrap_or_default();
                self.note(format_args!("the parameter {name:?} cannot be written in the style {said:?}"));
                usual
            }
        };
        let explode = value.get("explode").and_then(Value::as_bool);
        (style, style == Style::Deep || explode.unwrap_or(style == Style::Form))
    }

    /// The schema of a parameter, and whether its value is written as JSON.
    fn parameter_schema(&mut self, mut value: Map<String, Value>) -> (Value, bool) {
        if let Version::Two = self.version {
            return (super::swagger::schema(value), false);
        }
        match (value.remove("schema"), value.remove("content")) {
            (Some(schema), _) => (schema, false),
            (None, Some(Value::Object(content))) => match self.best(content) {
                Some((_, media, mut described)) => {
                    (described.remove("schema").unwrap_or_else(|| json!({})), media == Media::Json)
                }
                None => (json!({}), false),
            },
            _ => (json!({}), false),
        }
    }
}

pub(super) fn style_of(name: &str) -> Option<Style> {
    Some(match name {
        "simple" => Style::Simple,
        "label" => Style::Label,
        "matrix" => Style::Matrix,
        "form" | "cookie" => Style::Form,
        "spaceDelimited" => Style::Space,
        "pipeDelimited" => Style::Pipe,
        "deepObject" => Style::Deep,
        _ => return None,
    })
}

/// Whether a parameter of this place may have the style.
fn fits(style: Style, place: Place) -> bool {
    match place {
        Place::Path => matches!(style, Style::Simple | Style::Label | Style::Matrix),
        Place::Query => matches!(style, Style::Form | Style::Space | Style::Pipe | Style::Deep),
        Place::Header => style == Style::Simple,
        Place::Cookie => style == Style::Form,
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// The text under `key`, which is gone then; empty where there is none.
pub(super) fn take_text(value: &mut Map<String, Value>, key: &str) -> String {
    match value.remove(key) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}
