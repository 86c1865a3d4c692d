//! `const` and `enum`.

use serde_json::{Map, Value};

use super::Reader;
use super::scalar::Types;
use crate::declare::arena::{Arena, Field, Object, Scalar, Type, TypeId};
use crate::declare::limits::{MAX_LITERALS, MAX_WORD_CHARS};
use crate::declare::quote::quoted;

impl Reader<'_, '_> {
    /// The values that `const` or `enum` lists. An empty list is one that nobody filled in, and says nothing; values
    /// of a type that `type` rules out are left out, unless that is all of them.
    pub(super) fn values(&mut self, map: &Map<String, Value>, types: &Types) -> Option<TypeId> {
        if let Some(value) = map.get("const") {
            return Some(self.value(value, 0));
        }
        let listed = map.get("enum")?.as_array().filter(|listed| !listed.is_empty())?;
        let mut allowed: Vec<&Value> =
            listed.iter().filter(|value| !types.said || types.allow(value)).collect();
        if allowed.iter().all(|value| value.is_null()) {
            allowed = listed.iter().collect();
        }
        let mut members = Vec::new();
        for value in allowed {
            if !self.step() {
                break;
            }
            members.push(self.value(value, 0));
        }
        Some(self.arena.union(members))
    }

    fn value(&mut self, value: &Value, depth: usize) -> TypeId {
        /// Constants are flat; what is nested deeper than this is data.
        const MAX_VALUE_DEPTH: usize = 8;
        if depth > MAX_VALUE_DEPTH || !self.step() {
            return Arena::UNKNOWN;
        }
        match value {
            Value::Null => Arena::NULL,
            Value::Bool(flag) => self.literal(Scalar::Boolean, flag.to_string()),
            Value::Number(number) => self.literal(Scalar::Number, number.to_string()),
            Value::String(text) if text.chars().nth(MAX_WORD_CHARS).is_some() => Arena::STRING,
            Value::String(text) => self.literal(Scalar::String, quoted(text)),
            Value::Array(items) => {
                let items: Vec<TypeId> =
                    items.iter().take(MAX_LITERALS).map(|item| self.value(item, depth + 1)).collect();
                self.arena.tuple(items, usize::MAX, None)
            }
            Value::Object(map) => {
                let mut object = Object::default();
                for (key, item) in map.iter().filter(|(key, _)| key.len() <= MAX_WORD_CHARS) {
                    let ty = self.value(item, depth + 1);
                    let doc = Box::default();
                    object.fields.push(Field { key: key.as_str().into(), optional: false, ty, doc });
                }
                self.arena.object(object)
            }
        }
    }

    pub(super) fn literal(&mut self, scalar: Scalar, text: String) -> TypeId {
        self.arena.intern(Type::Literal(scalar, text.into()))
    }
}
