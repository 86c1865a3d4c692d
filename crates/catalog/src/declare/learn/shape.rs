//! What values seen in one place have in common.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// How deep values are looked into; published results nest 6 to 10 levels.
const MAX_DEPTH: usize = 12;

/// How many different properties objects in one place may have before they are taken for a map from ids to values.
const MAX_PROPERTIES: usize = 100;

/// How many places a schema describes: 2,000 properties are some 20,000 tokens, already more than a model will read.
const MAX_PLACES: usize = 2_000;

/// The longest property name kept; longer ones are data, and make a map. The longest of the published schemas at hand has 61.
const MAX_KEY_CHARS: usize = 64;

/// The most digits in a property name: `sha256`, `x86_64`. Ids, dates and numbers have more.
const MAX_KEY_DIGITS: usize = 4;

/// How many keys may differ in their digits alone, such as `line1` and `line2`; more are numbered things.
const MAX_NUMBERED: usize = 4;

/// The types seen in one place. The default has seen nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Shape {
    /// Something that is not described further.
    any: bool,
    null: bool,
    boolean: bool,
    number: bool,
    string: bool,
    array: Option<Box<Shape>>,
    object: Option<Properties>,
}

#[derive(Debug, Clone, PartialEq)]
enum Properties {
    /// Each with whether every object had it; sorted, so that the order of the samples leaves no trace.
    Known(BTreeMap<String, (Shape, bool)>),
    Map(Box<Shape>),
}

impl Shape {
    pub(super) fn of_value(value: &Value, depth: usize) -> Self {
        let mut shape = Self::default();
        match value {
            _ if depth > MAX_DEPTH => shape.any = true,
            Value::Null => shape.null = true,
            Value::Bool(_) => shape.boolean = true,
            Value::Number(_) => shape.number = true,
            Value::String(_) => shape.string = true,
            Value::Array(items) => {
                let items = items.iter().map(|item| Self::of_value(item, depth + 1));
                shape.array = Some(Box::new(items.reduce(Self::merged).unwrap_or_default()));
            }
            Value::Object(map) => {
                let known =
                    map.iter().map(|(key, item)| (key.clone(), (Self::of_value(item, depth + 1), true)));
                shape.object = Some(Properties::Known(known.collect()).checked());
            }
        }
        shape
    }

    pub(super) fn of_schema(schema: &Value, depth: usize) -> Self {
        let mut shape = Self::default();
        let types: Vec<&str> = match schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => vec![],
        };
        shape.any = depth > MAX_DEPTH || types.is_empty() && schema.get("not").is_none();
        for name in types.into_iter().filter(|_| depth <= MAX_DEPTH) {
            match name {
                "null" => shape.null = true,
                "boolean" => shape.boolean = true,
                "number" | "integer" => shape.number = true,
                "string" => shape.string = true,
                "array" => {
                    let items = schema.get("items").map(|items| Self::of_schema(items, depth + 1));
                    shape.array = Some(Box::new(items.unwrap_or_default()));
                }
                "object" => shape.object = Some(Properties::of_schema(schema, depth)),
                _ => shape.any = true,
            }
        }
        shape
    }

    pub(super) fn merged(self, other: Self) -> Self {
        Self {
            any: self.any || other.any,
            null: self.null || other.null,
            boolean: self.boolean || other.boolean,
            number: self.number || other.number,
            string: self.string || other.string,
            array: match (self.array, other.array) {
                (Some(a), Some(b)) => Some(Box::new(a.merged(*b))),
                (a, b) => a.or(b),
            },
            object: match (self.object, other.object) {
                (Some(a), Some(b)) => Some(a.merged(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// The same without its innermost levels, as few as it takes for [`MAX_PLACES`].
    pub(super) fn bounded(mut self) -> Self {
        for depth in (0..=MAX_DEPTH).rev() {
            if self.places() <= MAX_PLACES {
                break;
            }
            self.prune(depth);
        }
        self
    }

    pub(super) fn into_schema(self) -> Value {
        let mut schema = Map::new();
        if self.any {
            return Value::Object(schema);
        }
        let mut types: Vec<&str> = Vec::new();
        let flags = [(self.boolean, "boolean"), (self.number, "number"), (self.string, "string")];
        types.extend(flags.iter().filter(|(seen, _)| *seen).map(|(_, name)| name));
        if self.array.is_some() {
            types.push("array");
        }
        if self.object.is_some() {
            types.push("object");
        }
        if self.null {
            types.push("null");
        }
        match types.as_slice() {
            // Nothing was seen: no value at all, or only empty arrays around this place.
            [] => return json!({ "not": {} }),
            [only] => schema.insert("type".into(), json!(only)),
            _ => schema.insert("type".into(), json!(types)),
        };
        if let Some(items) = self.array.filter(|items| **items != Self::default()) {
            schema.insert("items".into(), items.into_schema());
        }
        match self.object {
            Some(Properties::Known(known)) => {
                let required: Vec<&String> =
                    known.iter().filter(|(_, (_, always))| *always).map(|(key, _)| key).collect();
                let required = json!(required);
                let properties: Map<String, Value> =
                    known.into_iter().map(|(key, (shape, _))| (key, shape.into_schema())).collect();
                schema.insert("properties".into(), Value::Object(properties));
                if required != json!([]) {
                    schema.insert("required".into(), required);
                }
            }
            Some(Properties::Map(shape)) => {
                schema.insert("additionalProperties".into(), shape.into_schema());
            }
            None => {}
        }
        Value::Object(schema)
    }

    fn places(&self) -> usize {
        let inner = self.parts().map(Self::places).sum::<usize>();
        inner + 1
    }

    fn parts(&self) -> impl Iterator<Item = &Self> {
        let (known, map) = match &self.object {
            Some(Properties::Known(known)) => (Some(known.values().map(|(shape, _)| shape)), None),
            Some(Properties::Map(shape)) => (None, Some(shape.as_ref())),
            None => (None, None),
        };
        self.array.as_deref().into_iter().chain(known.into_iter().flatten()).chain(map)
    }

    fn prune(&mut self, depth: usize) {
        if depth == 0 {
            if self.array.is_some() || self.object.is_some() {
                *self = Self { any: true, ..Self::default() };
            }
            return;
        }
        if let Some(items) = &mut self.array {
            items.prune(depth - 1);
        }
        match &mut self.object {
            Some(Properties::Known(known)) => {
                known.values_mut().for_each(|(shape, _)| shape.prune(depth - 1))
            }
            Some(Properties::Map(shape)) => shape.prune(depth - 1),
            None => {}
        }
    }
}

impl Properties {
    fn of_schema(schema: &Value, depth: usize) -> Self {
        if let Some(additional) = schema.get("additionalProperties").filter(|value| value.is_object()) {
            return Self::Map(Box::new(Shape::of_schema(additional, depth + 1)));
        }
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let known = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        Self::Known(
            known
                .map(|(key, schema)| {
                    (key.clone(), (Shape::of_schema(schema, depth + 1), required.contains(&key.as_str())))
                })
                .collect(),
        )
        .checked()
    }

    fn merged(self, other: Self) -> Self {
        let (mut known, others) = match (self, other) {
            (Self::Known(a), Self::Known(b)) => (a, b),
            (a, b) => return Self::Map(Box::new(a.into_values().merged(b.into_values()))),
        };
        for (key, (_, always)) in &mut known {
            *always &= others.contains_key(key);
        }
        for (key, (shape, always)) in others {
            match known.remove(&key) {
                Some((seen, both)) => known.insert(key, (seen.merged(shape), always && both)),
                None => known.insert(key, (shape, false)),
            };
        }
        Self::Known(known).checked()
    }

    /// A map where there are too many properties, or keys that are data.
    fn checked(self) -> Self {
        match &self {
            Self::Known(known) if known.len() > MAX_PROPERTIES || !are_names(known.keys()) => {
                Self::Map(Box::new(self.into_values()))
            }
            _ => self,
        }
    }

    fn into_values(self) -> Shape {
        match self {
            Self::Known(known) => {
                known.into_values().map(|(shape, _)| shape).reduce(Shape::merged).unwrap_or_default()
            }
            Self::Map(shape) => *shape,
        }
    }
}

/// Whether keys are names that somebody gave to properties. What is not (an e-mail address, an id, a title) is data of
/// one result, and has no place in a type that every reader sees.
fn are_names<'a>(keys: impl Iterator<Item = &'a String>) -> bool {
    let mut numbered: BTreeMap<String, usize> = BTreeMap::new();
    for key in keys {
        let digits = key.chars().filter(char::is_ascii_digit).count();
        let plain =
            key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '.' | ':' | '@'));
        // `@type` and `xml:lang` are names, an address is none.
        let address = key.chars().skip(1).any(|c| c == '@');
        if key.is_empty() || key.len() > MAX_KEY_CHARS || digits > MAX_KEY_DIGITS || !plain || address {
            return false;
        }
        if digits > 0 {
            let words: String = key.chars().filter(|c| !c.is_ascii_digit()).collect();
            let count = numbered.entry(words).or_default();
            *count += 1;
            if *count > MAX_NUMBERED {
                return false;
            }
        }
    }
    true
}
