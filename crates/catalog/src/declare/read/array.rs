//! Arrays and tuples.

use serde_json::{Map, Value};

use super::{At, Reader};
use crate::declare::arena::{Arena, TypeId};

impl<'d, 'a> Reader<'d, 'a> {
    pub(super) fn array(&mut self, map: &'a Map<String, Value>, at: At<'d, 'a>) -> TypeId {
        let (first, rest) = match (map.get("prefixItems"), map.get("items")) {
            (Some(Value::Array(first)), rest) => (first, rest),
            (_, Some(Value::Array(first))) => (first, map.get("additionalItems")),
            (_, Some(item)) => {
                let item = self.schema(item, at);
                return self.arena.array(item);
            }
            _ => return self.arena.array(Arena::UNKNOWN),
        };
        let mut items = Vec::new();
        for item in first {
            if !self.step() {
                return Arena::UNKNOWN;
            }
            items.push(self.schema(item, at));
        }
        // Who lists the items and no rest means exactly these, whatever the specification says.
        let rest = rest
            .filter(|rest| rest.is_object() || rest == &&Value::Bool(true))
            .map(|rest| self.schema(rest, at));
        let required =
            map.get("minItems").and_then(Value::as_u64).and_then(|least| usize::try_from(least).ok());
        self.arena.tuple(items, required.unwrap_or(usize::MAX), rest)
    }
}
