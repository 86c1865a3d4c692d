//! From OpenAPI's schemas to JSON Schema 2020-12.
//!
//! What a later reader would stumble over is put right or left out: one keyword of a wrong type would make a validator
//! refuse the whole schema. What says nothing about a value is left out.

mod keyword;
mod nullable;

use serde_json::{Map, Value, json};

use self::keyword::Keyword;
use super::limits::{MAX_CONSTANT_DEPTH, MAX_DEPTH};
use super::lower::Lower;
use super::parse::tight;

impl Lower<'_> {
    /// The schema as JSON Schema 2020-12, its references leading to shared schemas.
    pub(super) fn schema(&mut self, schema: Value) -> Value {
        self.schema_at(schema, 0)
    }

    /// `depth` is that of the JSON that comes out.
    fn schema_at(&mut self, schema: Value, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            self.note(format_args!("a schema nested deeper than {MAX_DEPTH} levels"));
            return json!({});
        }
        match schema {
            Value::Bool(any) => Value::Bool(any),
            Value::Object(words) => self.words(words, depth),
            Value::Null => json!({}),
            other => {
                self.note(format_args!("a schema that is {}", kind(&other)));
                json!({})
            }
        }
    }

    fn words(&mut self, mut words: Map<String, Value>, depth: usize) -> Value {
        let nullable = nullable::take(&mut words);
        keyword::modernise(&mut words);
        // A `null` beside it takes two levels.
        let depth = depth + if nullable { 2 } else { 0 };
        let mut schema = Map::new();
        for (word, value) in words {
            match Keyword::of(&word) {
                Keyword::Schema => {
                    if value.is_object() || value.is_boolean() {
                        schema.insert(word, self.schema_at(value, depth + 1));
                    }
                }
                Keyword::Named => {
                    if let Value::Object(members) = value {
                        let lowered: Vec<(String, Value)> = members
                            .into_iter()
                            .map(|(name, member)| (name, self.schema_at(member, depth + 2)))
                            .collect();
                        schema.insert(word, tight(lowered).into());
                    }
                }
                Keyword::Listed => {
                    if let Value::Array(members) = value
                        && !members.is_empty()
                    {
                        let lowered = members.into_iter().map(|member| self.schema_at(member, depth + 2));
                        schema.insert(word, lowered.collect::<Vec<_>>().into());
                    }
                }
                Keyword::Constant => {
                    if is_shallow(&value, MAX_CONSTANT_DEPTH) {
                        schema.insert(word, value);
                    }
                }
                Keyword::Reference => {
                    if let Some(reference) = value.as_str() {
                        schema.append(&mut self.referring(reference));
                    }
                }
                Keyword::Discriminator => {
                    schema.extend(self.discriminator(value).map(|value| (word, value)));
                }
                Keyword::Plain(fits) => schema.extend(fits(value).map(|value| (word, value))),
                Keyword::Idle => {}
            }
        }
        if nullable { nullable::or_null(schema) } else { tight(schema).into() }
    }

    fn referring(&mut self, reference: &str) -> Map<String, Value> {
        match self.reference(reference) {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// The discriminator with references as they are in what is lowered. Swagger 2.0's, a property's name, says nothing
    /// about alternatives.
    fn discriminator(&mut self, value: Value) -> Option<Value> {
        let property = value.get("propertyName")?.as_str()?;
        let mut lowered = json!({ "propertyName": property });
        if let Some(Value::Object(mapping)) = value.get("mapping") {
            let mapped = mapping.iter().filter_map(|(value, to)| {
                let to = to.as_str()?;
                Some((value.clone(), Value::String(self.mapped(to).unwrap_or_else(|| to.to_owned()))))
            });
            lowered.as_object_mut()?.insert("mapping".into(), mapped.collect::<Map<_, _>>().into());
        }
        Some(lowered)
    }
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| is_shallow(item, levels - 1)),
        Value::Object(map) => levels > 0 && map.values().all(|item| is_shallow(item, levels - 1)),
        _ => true,
    }
}
