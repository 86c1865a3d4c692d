//! Objects: known properties, and what is said of all others.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::reference::reference_of;
use super::{At, Reader, Side, notes};
use crate::declare::arena::{Arena, Field, Object, TypeId};
use crate::declare::limits::MAX_WORD_CHARS;

/// Keywords whose schemas hold under a condition: what they say of a property is kept, that it must be there is not.
const CONDITIONAL: [&str; 2] = ["then", "else"];
const CONDITIONAL_BY_NAME: [&str; 2] = ["dependentSchemas", "dependencies"];

impl<'d, 'a> Reader<'d, 'a> {
    pub(super) fn object(&mut self, map: &'a Map<String, Value>, at: At<'d, 'a>) -> TypeId {
        let required: HashSet<&str> = strings(map.get("required")).collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut object = Object::default();
        self.properties(map, at, &mut seen, &mut object, &|key| required.contains(key));
        for key in strings(map.get("required")) {
            if key.len() <= MAX_WORD_CHARS && seen.insert(key) && self.step() {
                let doc = Box::default();
                object.fields.push(Field { key: key.into(), optional: false, ty: Arena::UNKNOWN, doc });
            }
        }
        let conditions = CONDITIONAL.iter().filter_map(|key| map.get(*key));
        let by_name = CONDITIONAL_BY_NAME.iter().filter_map(|key| map.get(*key)?.as_object());
        for condition in conditions.chain(by_name.flat_map(Map::values)).filter_map(Value::as_object) {
            self.properties(condition, at, &mut seen, &mut object, &|_| false);
        }
        object.index = self.index(map, at);
        // A tool with an empty list of arguments takes none; an object of which nothing is said may hold anything.
        let listed = map.contains_key("properties") && at.side == Side::Input;
        if object.fields.is_empty() && object.index.is_none() && !closed(map) && seen.is_empty() && !listed {
            return self.arena.any_object();
        }
        self.arena.object(object)
    }

    fn properties(
        &mut self,
        map: &'a Map<String, Value>,
        at: At<'d, 'a>,
        seen: &mut HashSet<&'a str>,
        object: &mut Object,
        required: &dyn Fn(&str) -> bool,
    ) {
        let Some(Value::Object(properties)) = map.get("properties") else { return };
        for (key, schema) in properties {
            if !self.step() {
                return;
            }
            if key.len() > MAX_WORD_CHARS || !seen.insert(key) || is_left_out(schema, at) {
                continue;
            }
            // In drafts up to 3, and by mistake ever since, a property says of itself that it is required.
            let optional = !required(key) && schema.get("required") != Some(&Value::Bool(true));
            let ty = self.schema(schema, at);
            let doc = notes::field(key, schema).into();
            object.fields.push(Field { key: key.as_str().into(), optional, ty, doc });
        }
    }

    /// The type of properties that are not named: of `additionalProperties` and of every pattern.
    fn index(&mut self, map: &'a Map<String, Value>, at: At<'d, 'a>) -> Option<TypeId> {
        let mut types = Vec::new();
        if let Some(Value::Object(patterns)) = map.get("patternProperties") {
            for schema in patterns.values() {
                types.push(self.schema(schema, at));
            }
        }
        let additional =
            ["additionalProperties", "unevaluatedProperties"].iter().find_map(|key| map.get(*key));
        if let Some(additional) = additional.filter(|value| !matches!(value, Value::Bool(false))) {
            types.push(self.schema(additional, at));
        }
        if types.is_empty() { None } else { Some(self.arena.union(types)) }
    }
}

/// Whether nothing but the named properties is allowed.
fn closed(map: &Map<String, Value>) -> bool {
    ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|key| map.get(*key) == Some(&Value::Bool(false)))
}

/// Whether the property belongs to the other side of the call only; it may say so where a `$ref` leads.
fn is_left_out(schema: &Value, at: At<'_, '_>) -> bool {
    let keyword = match at.side {
        Side::Input => "readOnly",
        Side::Output => "writeOnly",
    };
    let says = |schema: &Value| schema.get(keyword) == Some(&Value::Bool(true));
    says(schema)
        || schema
            .as_object()
            .and_then(reference_of)
            .and_then(|reference| at.home.resolve(reference).ok())
            .is_some_and(|(target, _)| says(target))
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
