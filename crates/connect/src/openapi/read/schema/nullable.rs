//! `nullable`, which JSON Schema says by the type `null`.

use serde_json::{Map, Value, json};

/// Keywords that describe a schema for people; they stay outside when its alternatives are listed.
const OUTSIDE: [&str; 6] = ["title", "description", "default", "deprecated", "readOnly", "writeOnly"];

/// Whether a schema says so, which it then says no more.
pub(super) fn take(words: &mut Map<String, Value>) -> bool {
    let said = ["nullable", "x-nullable"].map(|word| words.remove(word) == Some(Value::Bool(true)));
    said.contains(&true)
}

/// `schema`, or `null`.
pub(super) fn or_null(mut schema: Map<String, Value>) -> Value {
    let composed = ["$ref", "allOf", "not"].iter().any(|word| schema.contains_key(*word));
    let lists = ["anyOf", "oneOf"].iter().filter(|word| schema.contains_key(**word)).count();
    if composed || lists > 1 || (lists == 1 && schema.contains_key("type")) {
        return alternative(schema);
    }
    if lists == 1 {
        for word in ["anyOf", "oneOf"] {
            if let Some(Value::Array(members)) = schema.get_mut(word) {
                add(members, json!({"type": "null"}));
            }
        }
        return schema.into();
    }
    match schema.get_mut("type") {
        Some(Value::Array(types)) => add(types, json!("null")),
        Some(Value::String(name)) if name == "null" => {}
        Some(single) => *single = json!([single.take(), "null"]),
        None => {
            // What has no type may be `null` as it is; but what lists properties means an object.
            let meant = [("properties", "object"), ("items", "array")];
            if let Some((_, name)) = meant.iter().find(|(word, _)| schema.contains_key(*word)) {
                schema.insert("type".into(), json!([name, "null"]));
            }
        }
    }
    constants(schema)
}

/// A nullable enumeration often does not list `null`, and means it.
fn constants(mut schema: Map<String, Value>) -> Value {
    if let Some(Value::Array(listed)) = schema.get_mut("enum") {
        add(listed, Value::Null);
    }
    if schema.contains_key("const") {
        return alternative(schema);
    }
    schema.into()
}

fn alternative(schema: Map<String, Value>) -> Value {
    let (mut outer, inner): (Map<_, _>, Map<_, _>) =
        schema.into_iter().partition(|(word, _)| OUTSIDE.contains(&word.as_str()));
    outer.insert("anyOf".into(), Value::Array(vec![inner.into(), json!({"type": "null"})]));
    outer.into()
}

fn add(list: &mut Vec<Value>, value: Value) {
    if !list.contains(&value) {
        list.push(value);
    }
}
