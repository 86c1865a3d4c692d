//! Documents changed by chance (the same each time): whatever comes, reading ends without a panic, and what is read
//! can be read again.

use std::fs;

use serde_json::{Value, json};

use super::compiler::workspace;
use crate::openapi::read::read;

const ROUNDS: u64 = 400;

/// Numbers that are the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

fn documents() -> Vec<Value> {
    let folder = workspace().join("cases/openapi");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| !file.to_str().unwrap().contains(".expected")).collect();
    files.sort();
    let cases = files.iter().map(|file| serde_json::from_slice::<Value>(&fs::read(file).unwrap()).unwrap());
    cases.filter(|case| case["document"].is_object()).map(|mut case| case["document"].take()).collect()
}

#[test]
fn values_out_of_place_cost_no_more_than_their_operation() {
    let documents = documents();
    for seed in 0..ROUNDS {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut document = documents[chance.below(documents.len())].clone();
        let donor = documents[chance.below(documents.len())].clone();
        for _ in 0..1 + chance.below(12) {
            let value = odd(&mut chance, &donor);
            *anywhere(&mut chance, &mut document) = value;
        }
        check(document.to_string().as_bytes());
    }
}

#[test]
fn bytes_out_of_place_are_errors_at_worst() {
    let documents = documents();
    for seed in 0..ROUNDS {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut bytes = documents[chance.below(documents.len())].to_string().into_bytes();
        for _ in 0..1 + chance.below(4) {
            let at = chance.below(bytes.len());
            match chance.below(4) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..(at + chance.below(20)).min(bytes.len()))),
                2 if at < bytes.len() => bytes[at] = b"{}[]\",:\\ \n-&*0a\xff"[chance.below(16)],
                _ => bytes.insert(at, b"{}[]\",:\\ \n-&*!#"[chance.below(15)]),
            }
        }
        check(&bytes);
    }
}

fn check(bytes: &[u8]) {
    let Ok(document) = read(bytes) else { return };
    serde_json::from_str::<Value>(&document.definitions).unwrap();
    let api = serde_json::to_string(&document.api).unwrap();
    serde_json::from_str::<Value>(&api).unwrap();
    assert_eq!(document.api.tools.len(), document.api.operations.len());
    for (tool, operation) in document.api.tools.iter().zip(&document.api.operations) {
        assert!(operation.path.starts_with('/') && !operation.path.contains(['?', '#']), "{operation:?}");
        let schema = tool.input_schema.read();
        let properties = schema["properties"].as_object().unwrap();
        let parameters = operation.parameters.iter().map(|parameter| &parameter.property);
        let named: Vec<&String> =
            parameters.chain(operation.body.iter().map(|body| &body.property)).collect();
        assert_eq!(named, properties.keys().collect::<Vec<_>>());
    }
}

/// A value somewhere in `value`.
fn anywhere<'v>(chance: &mut Chance, value: &'v mut Value) -> &'v mut Value {
    let inside = match &*value {
        Value::Object(map) => map.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if inside == 0 || chance.below(6) == 0 {
        return value;
    }
    let at = chance.below(inside);
    let below = match value {
        Value::Object(map) => map.values_mut().nth(at),
        Value::Array(items) => items.get_mut(at),
        _ => None,
    };
    anywhere(chance, below.unwrap())
}

fn odd(chance: &mut Chance, donor: &Value) -> Value {
    let pointers =
        ["", "/components/schemas/A", "/paths/~1a", "/paths/~1a/get", "/info", "/components", "/x/y/z/0"];
    match chance.below(9) {
        0 => Value::Null,
        1 => json!(""),
        2 => json!([]),
        3 => json!({}),
        4 => json!(-1.5e300),
        5 => json!({"$ref": format!("#{}", pointers[chance.below(pointers.len())])}),
        6 => json!(["x", {"x": [null]}, true]),
        7 => json!({"": {"$ref": 1, "type": ["x"], "nullable": true, "properties": {"a": null}}}),
        _ => anywhere(chance, &mut donor.clone()).clone(),
    }
}
