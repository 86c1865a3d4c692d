//! `allOf`, `anyOf`, `oneOf`, and the discriminator that tells the alternatives apart.

use serde_json::{Map, Value};

use super::reference::reference_of;
use super::{At, Reader};
use crate::declare::arena::{Arena, Field, Object, Scalar, TypeId};
use crate::declare::limits::MAX_WORD_CHARS;
use crate::declare::quote::quoted;

impl<'d, 'a> Reader<'d, 'a> {
    /// Adds what the combining keywords say to `parts`, all of which hold.
    pub(super) fn compose(&mut self, map: &'a Map<String, Value>, at: At<'d, 'a>, parts: &mut Vec<TypeId>) {
        if let Some(Value::Array(members)) = map.get("allOf") {
            for member in members {
                parts.push(self.schema(member, at));
            }
        }
        for key in ["anyOf", "oneOf"] {
            // An empty list is one that nobody filled in.
            let Some(Value::Array(members)) = map.get(key) else { continue };
            if members.is_empty() {
                continue;
            }
            let discriminator = map.get("discriminator").and_then(Discriminator::of);
            let mut alternatives = Vec::with_capacity(members.len().min(64));
            for member in members {
                let ty = self.schema(member, at);
                let tag = discriminator.as_ref().and_then(|found| self.tag(found, member, at));
                alternatives.push(match tag {
                    Some(tag) => self.arena.intersection([ty, tag]),
                    None => ty,
                });
            }
            parts.push(self.arena.union(alternatives));
        }
    }

    /// The object type that says which alternative `member` is, where its own schema does not.
    fn tag(
        &mut self,
        discriminator: &Discriminator<'_>,
        member: &'a Value,
        at: At<'d, 'a>,
    ) -> Option<TypeId> {
        let reference = reference_of(member.as_object()?)?;
        let (target, _) = at.home.resolve(reference).ok()?;
        let property = target.get("properties").and_then(|all| all.get(discriminator.property));
        if property.is_some_and(|own| own.get("const").is_some() || own.get("enum").is_some()) {
            return None;
        }
        let name = reference.rsplit('/').next().unwrap_or_default();
        let mapped: Vec<&str> = discriminator
            .mapping
            .into_iter()
            .flatten()
            .filter(|(_, to)| to.as_str().is_some_and(|to| to == reference || to == name))
            .map(|(value, _)| value.as_str())
            .collect();
        let values = if mapped.is_empty() { vec![name] } else { mapped };
        let literals: Vec<TypeId> = values
            .into_iter()
            .filter(|value| value.len() <= MAX_WORD_CHARS)
            .map(|value| self.literal(Scalar::String, quoted(value)))
            .collect();
        let ty = self.arena.union(literals);
        let field = Field { key: discriminator.property.into(), optional: false, ty, doc: Box::default() };
        (ty != Arena::NEVER).then(|| self.arena.object(Object { fields: vec![field], index: None }))
    }
}

/// OpenAPI's `discriminator`; in Swagger 2 it is a property's name and belongs to no alternatives.
struct Discriminator<'a> {
    property: &'a str,
    mapping: Option<&'a Map<String, Value>>,
}

impl<'a> Discriminator<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        let property = value.get("propertyName")?.as_str().filter(|name| name.len() <= MAX_WORD_CHARS)?;
        Some(Self { property, mapping: value.get("mapping").and_then(Value::as_object) })
    }
}
