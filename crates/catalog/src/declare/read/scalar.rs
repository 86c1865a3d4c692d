//! `type`, in every dialect and as people misspell it.

use serde_json::{Map, Value};

use crate::declare::arena::{Arena, TypeId};

/// What `type` and `nullable` allow.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) scalars: Vec<TypeId>,
    pub(super) object: bool,
    pub(super) array: bool,
    pub(super) nullable: bool,
    /// Whether the schema itself names a type.
    pub(super) said: bool,
}

/// Keywords that people write only for objects, and only for arrays.
const OF_OBJECTS: [&str; 4] = ["properties", "additionalProperties", "patternProperties", "required"];
const OF_ARRAYS: [&str; 3] = ["items", "prefixItems", "additionalItems"];

impl Types {
    pub(super) fn of(map: &Map<String, Value>) -> Self {
        let mut types = Self::default();
        match map.get("type") {
            Some(Value::String(name)) => types.add(name),
            Some(Value::Array(names)) => {
                // There are seven types; a longer list only repeats them.
                names.iter().take(32).filter_map(Value::as_str).for_each(|name| types.add(name));
            }
            _ => {}
        }
        types.said = types.object || types.array || types.nullable || !types.scalars.is_empty();
        types.nullable |=
            ["nullable", "x-nullable"].iter().any(|key| map.get(*key) == Some(&Value::Bool(true)));
        if !types.said {
            // `required` alone is a condition on an object, not a list of properties by mistake.
            types.object =
                OF_OBJECTS.iter().any(|key| map.get(*key).is_some_and(|value| !value.is_boolean()))
                    || map.get("additionalProperties").is_some();
            types.array = !types.object && OF_ARRAYS.iter().any(|key| map.contains_key(*key));
        }
        types
    }

    fn add(&mut self, name: &str) {
        let scalar = match name.to_ascii_lowercase().as_str() {
            "string" | "str" | "text" | "date" | "datetime" | "date-time" | "uuid" | "file" => Arena::STRING,
            "number" | "integer" | "int" | "int32" | "int64" | "long" | "float" | "double" => Arena::NUMBER,
            "boolean" | "bool" => Arena::BOOLEAN,
            "object" | "dict" | "map" => return self.object = true,
            "array" | "list" => return self.array = true,
            "null" => return self.nullable = true,
            _ => return,
        };
        if !self.scalars.contains(&scalar) {
            self.scalars.push(scalar);
        }
    }

    /// Whether a value of `enum` is of a type that is allowed.
    pub(super) fn allow(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Bool(_) => self.scalars.contains(&Arena::BOOLEAN),
            Value::Number(_) => self.scalars.contains(&Arena::NUMBER),
            Value::String(_) => self.scalars.contains(&Arena::STRING),
            Value::Array(_) => self.array,
            Value::Object(_) => self.object,
        }
    }
}
