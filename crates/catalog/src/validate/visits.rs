//! What it takes to check a value, found out before it is checked.
//!
//! A schema of two kilobytes can apply itself to one value a million million times: each of thirty definitions refers to
//! the next one twice. And a program chooses how deep the value is that a recursive schema goes through. The validator
//! cannot be interrupted, so what it would do is counted first, and the counting can be. It also recurses: a chain of
//! references is as deep as it is long.

use serde_json::Value;

use crate::pointer::percent_decoded;

/// How many schemas deep, one inside another or behind a reference, a value may lead. Arguments nest to 100 levels, each of
/// which takes one to three; the tests check a chain of this length, unoptimised, on a stack of 2 MiB.
const MAX_DEPTH: usize = 400;

/// How many times checking `value` applies a subschema of `schema` to a part of it, at most; more than `most` are not
/// counted. What the validator leaves out, because an alternative has failed or fitted already, is counted too. A check that
/// would recurse too deep counts as too many.
pub(super) fn visits(schema: &Value, value: &Value, most: usize) -> usize {
    let mut count =
        Count { root: schema, named: None, left: vec![(schema, value, 0)], depth: 0, count: 1, most };
    while count.count <= most
        && let Some((schema, value, depth)) = count.left.pop()
    {
        count.depth = depth;
        count.visit(schema, value);
    }
    count.count
}

struct Count<'a> {
    root: &'a Value,
    /// The schemas with names of their own; found when first needed.
    named: Option<Vec<&'a Value>>,
    left: Vec<(&'a Value, &'a Value, usize)>,
    /// Of what is being visited.
    depth: usize,
    count: usize,
    most: usize,
}

impl<'a> Count<'a> {
    fn visit(&mut self, schema: &'a Value, value: &'a Value) {
        let Some(keywords) = schema.as_object() else { return };
        // What is not evaluated is only known once everything beside it was, for which that is done again.
        let again =
            keywords.contains_key("unevaluatedProperties") || keywords.contains_key("unevaluatedItems");
        for _ in 0..=usize::from(again) {
            for (keyword, operand) in keywords {
                self.keyword(keyword, operand, value);
            }
        }
    }

    fn keyword(&mut self, keyword: &str, operand: &'a Value, value: &'a Value) {
        match keyword {
            "$ref" | "$dynamicRef" | "$recursiveRef" => {
                self.reference(operand.as_str().unwrap_or_default(), value)
            }
            "allOf" | "anyOf" | "oneOf" => self.each(operand, value),
            "not" | "if" | "then" | "else" => self.push(operand, value),
            "properties" | "dependentSchemas" | "dependencies" => {
                let (Some(operands), Some(object)) = (operand.as_object(), value.as_object()) else { return };
                let found = operands.iter().filter_map(|(name, schema)| Some((schema, object.get(name)?)));
                found.for_each(|(schema, part)| {
                    self.push(schema, if keyword == "properties" { part } else { value })
                });
            }
            "patternProperties" => {
                operand.as_object().into_iter().flatten().for_each(|(_, schema)| self.parts(schema, value));
            }
            "items" | "prefixItems" if operand.is_array() => {
                let operands = operand.as_array().into_iter().flatten();
                operands
                    .zip(value.as_array().into_iter().flatten())
                    .for_each(|(schema, item)| self.push(schema, item));
            }
            "items" | "additionalItems" | "contains" | "unevaluatedItems" if value.is_array() => {
                self.parts(operand, value);
            }
            "additionalProperties" | "unevaluatedProperties" | "propertyNames" if value.is_object() => {
                self.parts(operand, value);
            }
            "enum" => self.count += operand.as_array().map_or(0, Vec::len),
            _ => {}
        }
    }

    fn each(&mut self, operands: &'a Value, value: &'a Value) {
        operands.as_array().into_iter().flatten().for_each(|schema| self.push(schema, value));
    }

    /// `schema` applies to everything in `value`.
    fn parts(&mut self, schema: &'a Value, value: &'a Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.push(schema, item)),
            Value::Object(object) => object.values().for_each(|item| self.push(schema, item)),
            _ => {}
        }
    }

    /// A pointer may start at any schema that has an address, and a name may be that of any schema that has one: which
    /// of them is meant is for the validator to know, and matters little here.
    fn reference(&mut self, reference: &str, value: &'a Value) {
        let pointer = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        let pointer = percent_decoded(pointer);
        let named = match self.named.take() {
            Some(named) => named,
            None => named(self.root),
        };
        // Looking there is work too.
        self.count += named.len();
        if reference == "#" || pointer.starts_with('/') {
            let starts = std::iter::once(self.root).chain(named.iter().copied());
            let found: Vec<&Value> = starts.filter_map(|start| start.pointer(&pointer)).collect();
            found.into_iter().for_each(|schema| self.push(schema, value));
        } else {
            named.iter().for_each(|schema| self.push(schema, value));
        }
        self.named = Some(named);
    }

    fn push(&mut self, schema: &'a Value, value: &'a Value) {
        self.count += 1;
        if self.depth >= MAX_DEPTH {
            self.count = self.most.saturating_add(1);
        }
        if self.count <= self.most {
            self.left.push((schema, value, self.depth + 1));
        }
    }
}

/// Whether a keyword holds values and no schema.
fn is_data(keyword: &str) -> bool {
    matches!(keyword, "default" | "const" | "enum" | "example" | "examples")
}

/// All schemas that have a name or an address of their own.
fn named(root: &Value) -> Vec<&Value> {
    let (mut found, mut left) = (Vec::new(), vec![root]);
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(object) => {
                let names = ["$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"];
                if !std::ptr::eq(value, root)
                    && names.iter().any(|name| object.get(*name).is_some_and(|name| !name.is_object()))
                {
                    found.push(value);
                }
                left.extend(object.iter().filter(|(key, _)| !is_data(key)).map(|(_, value)| value));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_that_applies_is_counted() {
        for (schema, value, expected) in [
            (json!(true), json!(1), 1),
            (json!({"type": "string"}), json!(1), 1),
            (json!({"properties": {"a": {}, "b": {}}}), json!({"a": 1, "c": 2}), 2),
            (json!({"items": {"anyOf": [{}, {}]}}), json!([1, 2, 3]), 10),
            (json!({"items": [{}, {}]}), json!([1]), 2),
            (json!({"$ref": "#/$defs/a", "$defs": {"a": {"not": {}}}}), json!(1), 3),
            (json!({"$ref": "#a", "$defs": {"x": {"$anchor": "a", "not": {}}}}), json!(1), 4),
            (json!({"additionalProperties": {"$ref": "#"}}), json!({"a": {"b": {}}}), 5),
            (json!({"enum": [1, 2, 3]}), json!(1), 4),
            (json!({"$ref": "#"}), json!(1), 101),
        ] {
            assert_eq!(visits(&schema, &value, 100), expected, "{schema}");
        }
    }

    fn chain(length: usize) -> Value {
        let link = |n: usize| json!({"allOf": [{"$ref": format!("#/$defs/d{}", n + 1)}]});
        let mut definitions: serde_json::Map<String, Value> =
            (0..length).map(|n| (format!("d{n}"), link(n))).collect();
        definitions.insert(format!("d{length}"), json!({"type": "string"}));
        json!({"$ref": "#/$defs/d0", "$defs": definitions})
    }

    #[test]
    fn what_recurses_too_deep_is_not_checked() {
        // Two hops a link, and the stack of a test's thread.
        for (length, is_checked) in [(MAX_DEPTH / 2 - 2, true), (MAX_DEPTH / 2, false), (45_000, false)] {
            let validator = crate::Validator::new(&chain(length), None);
            assert_eq!(validator.validate(&json!(1)).is_err(), is_checked, "{length}");
        }
    }

    #[test]
    fn names_in_data_are_not_looked_for() {
        let data: Vec<Value> = (0..60_000).map(|id| json!({"id": id})).collect();
        let schema = json!({"default": data, "items": {"$ref": "#/$defs/a"}, "$defs": {"a": {}}});
        assert_eq!(visits(&schema, &json!(vec![1; 1_000]), 1_000_000), 2_001);
    }
}
