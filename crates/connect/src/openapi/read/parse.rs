//! Parts of a document as values: without what nobody reads, and bounded.

use std::cell::Cell;
use std::fmt::Formatter;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::limits::MAX_PART_VALUES;

/// What the keys of an object are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Words of OpenAPI or JSON Schema: those that say nothing to a caller are passed over, examples above all, which
    /// are most of some documents.
    Words,
    /// Names that the document's author gave.
    Names,
    /// Anything: all is kept.
    Any,
}

/// A part, and how many values it holds.
pub(super) fn part(text: &str, keys: Keys) -> Result<(Value, usize), String> {
    let left = Cell::new(MAX_PART_VALUES);
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Part { keys, left: &left }.deserialize(&mut json).map_err(|error| error.to_string())?;
    Ok((value, MAX_PART_VALUES - left.get()))
}

#[derive(Debug, Clone, Copy)]
struct Part<'c> {
    keys: Keys,
    left: &'c Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(D::Error::custom(format_args!("more than {MAX_PART_VALUES} values")));
        };
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            found.push(item);
        }
        found.shrink_to_fit();
        Ok(found.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            match self.keys.below(&key) {
                Some(keys) => {
                    let value = entries.next_value_seed(Part { keys, ..self })?;
                    found.push((key, value));
                }
                None => {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(tight(found).into())
    }
}

/// The object of these entries with no room for more: most objects of a schema have one entry or two, and one that grew
/// has room for three at least, of a hundred bytes each.
pub(super) fn tight(
    entries: impl IntoIterator<Item = (String, Value), IntoIter: ExactSizeIterator>,
) -> Map<String, Value> {
    let entries = entries.into_iter();
    let mut map = Map::with_capacity(entries.len());
    map.extend(entries);
    map
}

impl Keys {
    /// What the keys below `key` are, or `None` where all below it is passed over.
    fn below(self, key: &str) -> Option<Self> {
        match (self, key) {
            (Self::Any, _) => Some(Self::Any),
            (Self::Names, _) => Some(Self::Words),
            (_, "example" | "examples" | "externalDocs" | "xml" | "links" | "callbacks") => None,
            (_, "x-nullable") => Some(Self::Any),
            (_, key) if key.starts_with("x-") => None,
            (
                _,
                "properties" | "patternProperties" | "dependentSchemas" | "dependencies" | "$defs"
                | "definitions" | "content" | "encoding" | "headers" | "responses" | "variables",
            ) => Some(Self::Names),
            (_, "default" | "enum" | "const" | "required" | "security" | "mapping" | "scopes" | "tags") => {
                Some(Self::Any)
            }
            _ => Some(Self::Words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_reads_is_passed_over() {
        let document = json!({
            "x-note": {"a": 1}, "x-nullable": true, "example": {"type": "x"},
            "properties": {"example": {"example": 1, "type": "string"}, "x-y": {"default": {"example": 2}}},
            "enum": [{"example": 1}],
            "security": [{"x-key": []}],
            "responses": {"default": {"examples": {}, "description": "a"}},
        });
        let (value, count) = part(&document.to_string(), Keys::Words).unwrap();
        let expected = json!({
            "x-nullable": true,
            "properties": {"example": {"type": "string"}, "x-y": {"default": {"example": 2}}},
            "enum": [{"example": 1}],
            "security": [{"x-key": []}],
            "responses": {"default": {"description": "a"}},
        });
        assert_eq!(value, expected);
        assert_eq!(count, 17);
        assert_eq!(part("{\"x-a\": 1}", Keys::Names).unwrap().0, json!({"x-a": 1}));
    }

    #[test]
    fn parts_are_bounded() {
        let many = format!("[{}1]", "1,".repeat(MAX_PART_VALUES));
        assert!(part(&many, Keys::Words).unwrap_err().contains("more than 500000 values"));
        let deep = "[".repeat(100_000);
        assert!(part(&deep, Keys::Words).unwrap_err().contains("recursion limit"));
    }
}
