//! From JSON Schema to types: tolerant of every keyword that is not what it should be.
//!
//! A schema is untrusted. Nesting is cut at [`MAX_DEPTH`], a `$ref` never recurses (its target is read later, from
//! a queue), and a schema with more than [`MAX_STEPS`] parts is `unknown`; so neither the native stack nor the time
//! depends on what an upstream wrote by more than its length.

mod array;
mod compose;
mod literal;
mod notes;
mod object;
mod reference;
mod scalar;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::arena::{Arena, NameId, TypeId};
use super::limits::{MAX_DEPTH, MAX_STEPS, MAX_TYPE_CHARS, MAX_WARNINGS};
use super::scope::Home;
use super::warning::Flaw;

/// The one value of `tsType` that is understood: no upstream gets to write TypeScript.
const BYTES: &str = "Uint8Array";

/// Which side of a call a schema describes: what only an upstream writes is no part of an input, what only a caller
/// writes no part of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Side {
    Output,
    Input,
}

/// Where in the schemas the reader is.
#[derive(Debug, Clone, Copy)]
struct At<'d, 'a> {
    home: Home<'d, 'a>,
    side: Side,
    depth: usize,
}

/// A type that references lead to.
#[derive(Debug)]
pub(super) struct Named<'d, 'a> {
    schema: &'a Value,
    home: Home<'d, 'a>,
    pub(super) side: Side,
    /// The reference by which it was first reached.
    pub(super) reference: &'a str,
    /// The tool from which it was first reached.
    pub(super) tool: String,
    pub(super) body: TypeId,
    pub(super) doc: String,
}

impl Named<'_, '_> {
    /// The name it would have if no other had it.
    pub(super) fn suggested_name(&self) -> String {
        let title = self.schema.get("title").and_then(Value::as_str);
        super::name::suggested(self.reference, title)
    }
}

/// Reads a connector's schemas into one arena.
#[derive(Debug)]
pub(super) struct Reader<'d, 'a> {
    pub(super) arena: Arena,
    pub(super) named: Vec<Named<'d, 'a>>,
    /// By the address of the schema, which is the same for every reference to it.
    by_schema: HashMap<(*const Value, Side), NameId>,
    /// How many of `named` are read.
    read: usize,
    steps: usize,
    too_deep: bool,
    /// The tool being read.
    tool: String,
    flaws: Vec<Flaw>,
    pub(super) warnings: Vec<(String, Flaw)>,
}

impl<'d, 'a> Reader<'d, 'a> {
    pub(super) fn new() -> Self {
        Self {
            arena: Arena::new(),
            named: Vec::new(),
            by_schema: HashMap::new(),
            read: 0,
            steps: 0,
            too_deep: false,
            tool: String::new(),
            flaws: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The type of one side of a tool, after which all that it refers to is read too.
    pub(super) fn tool(&mut self, tool: &str, schema: &'a Value, home: Home<'d, 'a>, side: Side) -> TypeId {
        tool.clone_into(&mut self.tool);
        let id = self.whole(schema, home, side, tool);
        while let Some(next) = self.named.get(self.read) {
            let (schema, home, side, at) = (next.schema, next.home, next.side, next.reference);
            let body = self.whole(schema, home, side, at);
            let doc = notes::description(schema);
            if let Some(named) = self.named.get_mut(self.read) {
                (named.body, named.doc) = (body, doc);
            }
            self.read += 1;
        }
        id
    }

    /// A schema on its own account: what is wrong in it costs no other.
    fn whole(&mut self, schema: &'a Value, home: Home<'d, 'a>, side: Side, at: &str) -> TypeId {
        (self.steps, self.too_deep) = (0, false);
        let mut id = self.schema(schema, At { home, side, depth: 0 });
        let observed = self.arena.chars(id);
        if self.too_deep {
            self.flaws.push(Flaw::TooDeep { limit: MAX_DEPTH });
        }
        if self.steps > MAX_STEPS {
            self.flaws.push(Flaw::TooManyParts { limit: MAX_STEPS });
            id = Arena::UNKNOWN;
        } else if observed > MAX_TYPE_CHARS {
            self.flaws.push(Flaw::TooLong { observed, limit: MAX_TYPE_CHARS });
            id = Arena::UNKNOWN;
        }
        let room = MAX_WARNINGS.saturating_sub(self.warnings.len());
        let flaws = std::mem::take(&mut self.flaws);
        self.warnings.extend(flaws.into_iter().take(room).map(|flaw| (super::scope::shorten(at), flaw)));
        id
    }

    fn schema(&mut self, schema: &'a Value, at: At<'d, 'a>) -> TypeId {
        if at.depth > MAX_DEPTH {
            self.too_deep = true;
            return Arena::UNKNOWN;
        }
        if !self.step() {
            return Arena::UNKNOWN;
        }
        match schema {
            Value::Bool(false) => Arena::NEVER,
            Value::Object(map) => {
                let at = At { home: at.home.inside(schema), depth: at.depth + 1, ..at };
                self.keywords(map, at)
            }
            _ => Arena::UNKNOWN,
        }
    }

    fn keywords(&mut self, map: &'a Map<String, Value>, at: At<'d, 'a>) -> TypeId {
        if map.get("not").is_some_and(is_anything) {
            return Arena::NEVER;
        }
        if map.get("tsType").and_then(Value::as_str) == Some(BYTES) {
            return Arena::BYTES;
        }
        let types = scalar::Types::of(map);
        let mut parts = Vec::new();
        parts.extend(self.reference(map, at));
        parts.push(self.values(map, &types).unwrap_or_else(|| self.typed(map, &types, at)));
        self.compose(map, at, &mut parts);
        let id = self.arena.intersection(parts);
        if types.nullable && id != Arena::NEVER { self.arena.union([id, Arena::NULL]) } else { id }
    }

    /// What `type`, or in its absence the keywords that only make sense for one type, say.
    fn typed(&mut self, map: &'a Map<String, Value>, types: &scalar::Types, at: At<'d, 'a>) -> TypeId {
        let mut parts: Vec<TypeId> = types.scalars.clone();
        if types.object {
            parts.push(self.object(map, at));
        }
        if types.array {
            parts.push(self.array(map, at));
        }
        // `{"type": "null"}` alone is nullable nothing.
        match (parts.is_empty(), types.nullable, types.said) {
            (true, true, true) => Arena::NULL,
            (true, ..) => Arena::UNKNOWN,
            _ => self.arena.union(parts),
        }
    }

    /// Counts one part of the schema being read; false where it has too many.
    fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps <= MAX_STEPS
    }
}

fn is_anything(schema: &Value) -> bool {
    schema == &Value::Bool(true) || schema.as_object().is_some_and(Map::is_empty)
}
