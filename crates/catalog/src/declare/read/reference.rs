//! `$ref` and its kin.

use serde_json::{Map, Value};

use super::{At, Named, Reader, Side};
use crate::declare::arena::{Arena, NameId, Type, TypeId};
use crate::declare::limits::{MAX_HOPS, MAX_NAMED};
use crate::declare::scope::shorten;
use crate::declare::warning::Flaw;

/// Keywords that say nothing about a value's type: a schema with only these beside its `$ref` is that reference.
const SILENT: [&str; 10] = [
    "$ref",
    "$comment",
    "$schema",
    "description",
    "summary",
    "title",
    "example",
    "examples",
    "default",
    "deprecated",
];

impl<'d, 'a> Reader<'d, 'a> {
    /// The named type that the schema refers to.
    pub(super) fn reference(&mut self, map: &'a Map<String, Value>, at: At<'d, 'a>) -> Option<TypeId> {
        let mut reference = reference_of(map)?;
        let first = reference;
        let mut home = at.home;
        for _ in 0..MAX_HOPS {
            let (target, target_home) = match home.resolve(reference) {
                Ok(found) => found,
                Err(flaw) => {
                    self.flaws.push(flaw);
                    return Some(Arena::UNKNOWN);
                }
            };
            match target.as_object().filter(|map| map.keys().all(|key| SILENT.contains(&key.as_str()))) {
                Some(map) if map.contains_key("$ref") => {
                    home = target_home.inside(target);
                    reference = reference_of(map).unwrap_or_default();
                }
                _ => return Some(self.named(target, target_home, at.side, reference)),
            }
        }
        self.flaws.push(Flaw::Circular(shorten(first)));
        Some(Arena::UNKNOWN)
    }

    fn named(
        &mut self,
        schema: &'a Value,
        home: super::Home<'d, 'a>,
        side: Side,
        reference: &'a str,
    ) -> TypeId {
        match schema {
            Value::Bool(false) => return Arena::NEVER,
            Value::Object(map) if !map.is_empty() => {}
            _ => return Arena::UNKNOWN,
        }
        let key = (std::ptr::from_ref(schema), side);
        if let Some(&id) = self.by_schema.get(&key) {
            return self.arena.intern(Type::Named(id));
        }
        let Ok(number) = u32::try_from(self.named.len()) else { return Arena::UNKNOWN };
        if self.named.len() >= MAX_NAMED {
            self.flaws.push(Flaw::TooManyTypes { limit: MAX_NAMED });
            return Arena::UNKNOWN;
        }
        let tool = self.tool.clone();
        let (body, doc) = (Arena::UNKNOWN, String::new());
        self.named.push(Named { schema, home, side, reference, tool, body, doc });
        self.by_schema.insert(key, NameId(number));
        self.arena.intern(Type::Named(NameId(number)))
    }
}

/// The reference of `$ref`, or of the keywords that later drafts have for recursive ones; a dynamic reference is
/// read as if nothing extended the schema.
pub(super) fn reference_of(map: &Map<String, Value>) -> Option<&str> {
    ["$ref", "$dynamicRef", "$recursiveRef"].iter().find_map(|key| map.get(*key)?.as_str())
}
