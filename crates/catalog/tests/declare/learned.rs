//! Schemas learned from results.

use codemode_catalog::{Validator, learn};
use serde_json::{Map, Value, json};

#[test]
fn the_order_of_the_samples_does_not_matter() {
    let samples = [
        json!({"items": [{"id": 1}, {"id": "2", "tags": []}], "next": null}),
        json!({"items": [], "next": "abc"}),
        json!([1, 2.5, null]),
        json!("text"),
    ];
    let schema = learn(None, &samples);
    let mut reversed = samples.clone();
    reversed.reverse();
    assert_eq!(learn(None, &reversed), schema);
    let step_by_step = samples
        .iter()
        .fold(None, |earlier: Option<Value>, one| Some(learn(earlier.as_ref(), std::slice::from_ref(one))));
    assert_eq!(step_by_step, Some(schema.clone()));
    let validator = Validator::new(&schema, None);
    for sample in &samples {
        assert_eq!(validator.validate(sample), Ok(()), "{schema}");
    }
    assert_eq!(
        schema,
        json!({
            "type": ["string", "array", "object"],
            "items": {"type": ["number", "null"]},
            "properties": {
                "items": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "id": {"type": ["number", "string"]},
                            "tags": {"type": "array"}
                        },
                        "required": ["id"]
                    }
                },
                "next": {"type": ["string", "null"]}
            },
            "required": ["items", "next"]
        })
    );
}

#[test]
fn objects_with_very_many_properties_are_maps() {
    let users: Map<String, Value> = (0..150).map(|n| (format!("user{n}"), json!({"age": n}))).collect();
    let age = json!({"type": "object", "properties": {"age": {"type": "number"}}, "required": ["age"]});
    let map = json!({"type": "object", "additionalProperties": age});
    assert_eq!(learn(None, &[Value::Object(users)]), map);
    assert_eq!(learn(Some(&map), &[json!({"user7": {"age": 7}})]), map);
}

#[test]
fn keys_that_are_data_are_not_learned() {
    let number = json!({"type": "number"});
    for keys in [
        &["ada@example.com", "name"][..],
        &["cus_00042", "cus_00043"],
        &["2026-11-20"],
        &["The title of a book"],
        &["7f3a9c1e-0b52-4d6e-9a11-2f0c8d3b5e77"],
        &["u1", "u2", "u3", "u4", "u5"],
        &[""],
    ] {
        let object: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!(1))).collect();
        let schema = learn(None, &[Value::Object(object)]);
        assert_eq!(schema, json!({"type": "object", "additionalProperties": number}), "{keys:?}");
    }
    for keys in [&["line1", "line2", "sha256", "x86_64"][..], &["@type", "xml:lang", "content-type", "naïve"]]
    {
        let object: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!(1))).collect();
        let schema = learn(None, &[Value::Object(object)]);
        assert_eq!(schema["properties"].as_object().map(Map::len), Some(keys.len()), "{keys:?}");
    }
}

/// A name without digits for each number.
fn letters(n: u8) -> String {
    [n / 26, n % 26].map(|digit| char::from(b'a' + digit)).into_iter().collect()
}

#[test]
fn what_is_learned_is_bounded() {
    let wide = |inner: &Value| {
        Value::Object((0..90).map(|n| (letters(n), inner.clone())).collect::<Map<String, Value>>())
    };
    let schema = learn(None, &[wide(&wide(&wide(&json!(1))))]);
    assert!(schema.to_string().len() < 200_000, "{}", schema.to_string().len());
    assert_eq!(learn(Some(&schema), &[]), schema);
    let deep = (0..10_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    assert!(learn(None, std::slice::from_ref(&deep)).to_string().len() < 1_000);
    // Dropping it must not recurse either; that is not ours to mend.
    std::mem::forget(deep);
}

#[test]
fn a_foreign_schema_is_read_as_far_as_it_says_the_same() {
    let foreign = json!({"$ref": "#/x", "enum": [1]});
    assert_eq!(learn(Some(&foreign), &[json!(1)]), json!({}));
    assert_eq!(learn(None, &[]), json!({"not": {}}));
}
