//! What is searched of a tool: the words of each field.

use serde_json::Value;

use crate::Tool;
use crate::hidden::stripped;
use crate::pointer::followed;
use crate::search::ranking::{FIELDS, Field};
use crate::search::stem::stem;
use crate::search::stop::is_stop_word;
use crate::search::words::words;

/// The most words of one field that are indexed. The longest description of the 15,000 operations at hand that says
/// what its tool does has some 600 words; what follows in longer ones is a manual.
const MAX_FIELD_WORDS: usize = 1_000;

/// The most properties of a schema that are indexed, nested ones included: what comes after a hundred words of
/// parameters no longer tells two tools apart.
const MAX_PROPERTIES: usize = 200;

/// How deep a schema's properties are followed. At three levels a request body's fields and those of its parts are in.
const MAX_SCHEMA_DEPTH: usize = 3;

/// The most parts of an `allOf` that are indexed.
const MAX_PARTS: usize = 20;

/// The most enum values of one property that are indexed.
const MAX_ENUM_VALUES: usize = 20;

/// The terms of one tool with the number of times each occurs in each field.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Terms in the order of first occurrence, with repetitions.
    pub(crate) terms: Vec<(Field, String)>,
    /// The number of terms in each field.
    pub(crate) lengths: [u16; FIELDS],
    stemmed: bool,
}

impl Document {
    /// The terms of `tool`, that a program calls `identifier`, in `connector`. Its schema may refer into `definitions`.
    pub(crate) fn new(
        connector: &str,
        identifier: &str,
        tool: &Tool,
        definitions: Option<&Value>,
        stemmed: bool,
    ) -> Self {
        let mut document = Self { stemmed, ..Self::default() };
        document.add(Field::Name, &tool.name);
        if !same_words(&tool.name, identifier) {
            document.add(Field::Name, identifier);
        }
        document.add(Field::Title, tool.title.as_deref().unwrap_or_default());
        document.add(Field::Description, &tool.description);
        document.add(Field::Connector, connector);
        let mut left = MAX_PROPERTIES;
        document.add_schema(&tool.input_schema.read(), definitions, 0, &mut left);
        for tag in &tool.tags {
            document.add(Field::Tags, tag);
        }
        let claims = tool.annotations;
        for (claimed, tag) in [(claims.read_only, "readonly"), (claims.destructive, "destructive")] {
            if claimed == Some(true) {
                document.add(Field::Tags, tag);
            }
        }
        document
    }

    fn add(&mut self, field: Field, text: &str) {
        // In a name every word tells: `about.get`, `do_not_disturb`.
        let keep_stop_words = !self.stemmed || field == Field::Name;
        for word in words(&stripped(text)) {
            let Some(length) = self.lengths.get_mut(field as usize) else { return };
            if usize::from(*length) >= MAX_FIELD_WORDS {
                return;
            }
            if keep_stop_words || !is_stop_word(&word.text) {
                *length += 1;
                self.terms.push((field, if self.stemmed { stem(&word.text) } else { word.text }));
            }
        }
    }

    fn add_schema(&mut self, schema: &Value, definitions: Option<&Value>, depth: usize, left: &mut usize) {
        let schema = followed(schema, definitions);
        let parts = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for part in parts.iter().take(MAX_PARTS) {
            // A part counts as a level, so that parts of parts end.
            if depth + 1 < MAX_SCHEMA_DEPTH {
                self.add_schema(part, definitions, depth + 1, left);
            }
        }
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        for (name, property) in properties {
            if *left == 0 {
                return;
            }
            *left -= 1;
            // Below the first level a name is a detail of its parent.
            let field = if depth == 0 { Field::Parameters } else { Field::ParameterDescriptions };
            self.add(field, name);
            let property = followed(property, definitions);
            self.add(
                Field::ParameterDescriptions,
                property.get("description").and_then(Value::as_str).unwrap_or_default(),
            );
            let values =
                property.get("enum").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for value in values.iter().take(MAX_ENUM_VALUES).filter_map(Value::as_str) {
                self.add(Field::ParameterDescriptions, value);
            }
            if depth + 1 < MAX_SCHEMA_DEPTH {
                self.add_schema(property, definitions, depth + 1, left);
                if let Some(items) = property.get("items") {
                    self.add_schema(items, definitions, depth + 1, left);
                }
            }
        }
    }
}

fn same_words(a: &str, b: &str) -> bool {
    words(a).map(|word| word.text).eq(words(b).map(|word| word.text))
}
