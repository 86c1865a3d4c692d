//! The keywords of a schema: what each holds, and what becomes of those that JSON Schema 2020-12 says otherwise.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

/// What a keyword holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keyword {
    /// A schema.
    Schema,
    /// Schemas by name.
    Named,
    /// A list of schemas.
    Listed,
    /// Any value, as data.
    Constant,
    /// A reference to a schema.
    Reference,
    Discriminator,
    /// A plain value: the function gives it back as it should be, where it can be.
    Plain(fn(Value) -> Option<Value>),
    /// Nothing that says anything about a value.
    Idle,
}

impl Keyword {
    pub(super) fn of(word: &str) -> Self {
        match word {
            "$ref" => Self::Reference,
            "items"
            | "additionalProperties"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema" => Self::Schema,
            "properties" | "patternProperties" | "dependentSchemas" => Self::Named,
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => Self::Listed,
            "default" | "const" => Self::Constant,
            "enum" => Self::Plain(listed),
            "discriminator" => Self::Discriminator,
            "type" => Self::Plain(types),
            "required" => Self::Plain(names),
            "dependentRequired" => Self::Plain(dependent),
            "title" | "description" | "format" | "pattern" | "contentEncoding" | "contentMediaType" => {
                Self::Plain(|value| value.is_string().then_some(value))
            }
            "tsType" => Self::Plain(|value| (value == "Uint8Array").then_some(value)),
            "readOnly" | "writeOnly" | "deprecated" | "uniqueItems" => {
                Self::Plain(|value| value.is_boolean().then_some(value))
            }
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                Self::Plain(|value| value.is_number().then_some(value))
            }
            "multipleOf" => {
                Self::Plain(|value| value.as_f64().is_some_and(|step| step > 0.0).then_some(value))
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains" => Self::Plain(count),
            _ => Self::Idle,
        }
    }
}

/// Says in the words of 2020-12 what older drafts and OpenAPI 2.0 and 3.0 say in others.
pub(super) fn modernise(words: &mut Map<String, Value>) {
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if words.get(flag) == Some(&Value::Bool(true))
            && let Some(limit) = words.remove(bound)
        {
            words.insert(flag.into(), limit);
        }
    }
    if words.get("type").and_then(Value::as_str).is_some_and(|name| name.eq_ignore_ascii_case("file")) {
        words.insert("type".into(), json!("string"));
        words.insert("format".into(), json!("binary"));
    }
    if words.get("items").is_some_and(Value::is_array)
        && let Some(tuple) = words.remove("items")
    {
        words.insert("prefixItems".into(), tuple);
        if let Some(rest) = words.remove("additionalItems") {
            words.insert("items".into(), rest);
        }
    }
    if let Some(Value::Object(dependencies)) = words.remove("dependencies") {
        let (names, schemas): (Map<_, _>, Map<_, _>) =
            dependencies.into_iter().partition(|(_, dependency)| dependency.is_array());
        words.insert("dependentRequired".into(), names.into());
        words.insert("dependentSchemas".into(), schemas.into());
    }
    for (old, new) in [("$dynamicRef", "$ref"), ("$recursiveRef", "$ref")] {
        if let Some(reference) = words.remove(old)
            && !words.contains_key(new)
        {
            words.insert(new.into(), reference);
        }
    }
}

/// The types among `value`, by the names that JSON Schema has for them; others are those of a programming language.
fn types(value: Value) -> Option<Value> {
    let known = |name: &str| {
        Some(match name.to_ascii_lowercase().as_str() {
            "string" | "str" | "text" | "date" | "datetime" | "date-time" | "uuid" => "string",
            "number" | "float" | "double" => "number",
            "integer" | "int" | "int32" | "int64" | "long" => "integer",
            "boolean" | "bool" => "boolean",
            "object" | "dict" | "map" => "object",
            "array" | "list" => "array",
            "null" => "null",
            _ => return None,
        })
    };
    match value {
        Value::String(name) => known(&name).map(Value::from),
        Value::Array(names) => {
            let mut found: Vec<&str> = Vec::new();
            for name in names.iter().filter_map(Value::as_str) {
                // An unknown type may be anything, and so may all.
                let name = known(name)?;
                if !found.contains(&name) {
                    found.push(name);
                }
            }
            (!found.is_empty()).then(|| found.into())
        }
        _ => None,
    }
}

/// The strings of a list, each once.
fn names(value: Value) -> Option<Value> {
    let Value::Array(listed) = value else { return None };
    let mut seen = HashSet::new();
    let names: Vec<Value> = listed
        .into_iter()
        .filter(|name| name.as_str().is_some_and(|name| seen.insert(name.to_owned())))
        .collect();
    (!names.is_empty()).then(|| names.into())
}

fn dependent(value: Value) -> Option<Value> {
    let Value::Object(by_name) = value else { return None };
    let kept: Map<String, Value> =
        by_name.into_iter().filter_map(|(name, value)| Some((name, names(value)?))).collect();
    (!kept.is_empty()).then(|| kept.into())
}

/// A list of constants; an empty one is one that nobody filled in.
fn listed(value: Value) -> Option<Value> {
    let fits = value.as_array().is_some_and(|listed| !listed.is_empty());
    (fits && super::is_shallow(&value, super::MAX_CONSTANT_DEPTH)).then_some(value)
}

fn count(value: Value) -> Option<Value> {
    if value.is_u64() {
        return Some(value);
    }
    let whole = value.as_f64().filter(|count| *count >= 0.0 && *count < 1e15 && count.fract() == 0.0)?;
    format!("{whole:.0}").parse::<u64>().ok().map(Value::from)
}
