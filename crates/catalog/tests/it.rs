//! What the catalog promises, as data in `cases/`.

#![allow(clippy::unwrap_used, reason = "a broken case file is a failed test")]

use codemode_catalog::{Catalog, Error, Path, Tool, Validator, Warning, identifier, single_required};
use serde_json::{Value, json};

fn cases(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn tools(names: &[&str]) -> Vec<Tool> {
    names.iter().map(|name| Tool::new(*name, "")).collect()
}

#[test]
fn identifiers() {
    for case in cases(include_str!("cases/identifiers.json")).as_array().unwrap() {
        assert_eq!(identifier(case[0].as_str().unwrap()), case[1].as_str().unwrap(), "{case}");
    }
    assert_eq!(identifier(&"n".repeat(10_000)).len(), 128);
}

#[test]
fn resolution() {
    let data = cases(include_str!("cases/resolve.json"));
    let mut catalog = Catalog::default();
    for (connector, names) in data["catalog"].as_object().unwrap() {
        let names: Vec<&str> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        catalog.insert(connector, tools(&names)).unwrap();
    }
    for case in data["cases"].as_array().unwrap() {
        let path = match &case["ask"] {
            Value::String(name) => Path::name(name),
            ask => Path::member(ask[0].as_str().unwrap(), ask[1].as_str().unwrap()),
        };
        match catalog.resolve(&path) {
            Ok(found) => assert_eq!(json!(found.path()), case["is"], "{case}"),
            Err(unknown) => {
                assert_eq!(json!(unknown.to_string()), case["unknown"], "{case}");
                assert_eq!(json!(format!("{:?}", unknown.kind)), case["kind"], "{case}");
            }
        }
    }
}

#[test]
fn a_connector_is_a_new_global() {
    let mut catalog = Catalog::default();
    let mut refused = |name: &str| catalog.insert(name, vec![]).unwrap_err();
    for name in ["", "a-b", "1a", "class", "a b"] {
        assert_eq!(refused(name), Error::NotAnIdentifier(name.into()));
    }
    for name in
        ["codemode", "tools", "input", "console", "__return", "fetch", "Array", "URL", "globalThis", "then"]
    {
        assert_eq!(refused(name), Error::Shadows(name.into()));
    }
    catalog.insert("github", vec![]).unwrap();
    assert_eq!(catalog.insert("github", vec![]), Err(Error::Duplicate("github".into())));
}

#[test]
fn names_do_not_depend_on_the_order_they_are_listed_in() {
    let names = ["b c", "b-c", "b.c", "b_c", "b_c_2"];
    let mut reversed = names;
    reversed.reverse();
    let find = |names: &[&str]| {
        let mut catalog = Catalog::default();
        let warnings = catalog.insert("x", tools(names)).unwrap();
        assert_eq!(warnings.iter().filter(|w| matches!(w, Warning::Collision { .. })).count(), 3);
        let mut found: Vec<(String, String)> =
            catalog.tools("x").iter().map(|e| (e.tool.name.clone(), e.identifier.clone())).collect();
        found.sort();
        found
    };
    let expected = [("b c", "b_c_3"), ("b-c", "b_c_4"), ("b.c", "b_c_5"), ("b_c", "b_c"), ("b_c_2", "b_c_2")];
    assert_eq!(find(&names), expected.map(|(name, id)| (name.to_owned(), id.to_owned())));
    assert_eq!(find(&names), find(&reversed));
}

#[test]
fn huge_and_repeated_names_are_bounded() {
    let (long, longer) = ("n".repeat(10_000), "n".repeat(10_001));
    let mut catalog = Catalog::default();
    let warnings = catalog.insert("x", tools(&[&long, &longer, &long])).unwrap();
    assert_eq!(warnings.len(), 3);
    assert!(warnings.iter().all(|warning| warning.to_string().len() < 500));
    let identifiers: Vec<usize> = catalog.tools("x").iter().map(|entry| entry.identifier.len()).collect();
    assert_eq!(identifiers, [128, 130]);
    let unknown = catalog.resolve(&Path::member("x", &"m".repeat(1_000_000))).unwrap_err();
    assert!(unknown.to_string().len() < 1_000);
}

#[test]
fn twenty_thousand_names_for_one_identifier() {
    let tools: Vec<Tool> =
        (0..20_000).map(|n| Tool::new("-".repeat(n % 100 + 200) + &"🎉".repeat(n / 100), "")).collect();
    let mut catalog = Catalog::default();
    assert_eq!(catalog.insert("x", tools).unwrap().len(), 20_000);
}

#[test]
fn validation() {
    for case in cases(include_str!("cases/validate.json")).as_array().unwrap() {
        let validator = Validator::new(&case["schema"], None);
        assert_eq!(
            validator.warning().is_some(),
            case["warning"] == json!(true),
            "{:?}",
            validator.warning()
        );
        for value in case["values"].as_array().unwrap() {
            let found = validator.validate(&value[0]).err().unwrap_or_default();
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(json!(found), value[1], "{}", value[0]);
        }
    }
}

/// A schema of two kilobytes that applies itself to one value a million million times, and one that does so to every level
/// of a value.
#[test]
fn schemas_that_multiply_are_not_followed_for_ever() {
    let twice = |keyword: &str, name: &str| json!({keyword: [{"$ref": name}, {"$ref": name}]});
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let definitions: serde_json::Map<String, Value> =
            (0..40).map(|n| (format!("t{n}"), twice(keyword, &format!("#/$defs/t{}", n + 1)))).collect();
        let mut schema = json!({"$ref": "#/$defs/t0", "$defs": definitions});
        schema["$defs"]["t40"] = json!({"type": "string"});
        let validator = Validator::new(&schema, None);
        assert_eq!((validator.warning(), validator.validate(&json!({"a": 1}))), (None, Ok(())), "{keyword}");

        let level = json!({"items": {"$ref": "#"}});
        let schema = json!({"type": "array", keyword: [level, level]});
        let value = (0..60).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(Validator::new(&schema, None).validate(&value), Ok(()), "{keyword}");
        let value = (0..13).fold(json!(1), |inner, _| json!([inner]));
        assert!(Validator::new(&schema, None).validate(&json!(1)).is_err());
        let explained = Validator::new(&schema, None).validate(&value).unwrap_err();
        assert!(explained.iter().all(|violation| violation.to_string().len() < 200), "{explained:?}");
    }
}

#[test]
fn alternatives_within_alternatives_are_not_all_explained() {
    let three = |inner: &Value| json!({"anyOf": [inner, inner, inner]});
    let schema = (0..8).fold(json!({"type": "string"}), |inner, _| three(&inner));
    let violations = Validator::new(&schema, None).validate(&json!(1)).unwrap_err();
    let length = violations[0].to_string().len();
    assert!((200..2_000).contains(&length), "{length}");
}

#[test]
fn single_required_property() {
    assert_eq!(single_required(&json!({"required": ["ids"]})), Some("ids"));
    for schema in [
        json!({}),
        json!(true),
        json!({"required": []}),
        json!({"required": ["a", "b"]}),
        json!({"required": [1]}),
    ] {
        assert_eq!(single_required(&schema), None);
    }
}

#[test]
fn a_tool_reads_as_mcp_writes_it() {
    let text = json!({"name": "x", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true, "title": "X"}});
    let tool: Tool = serde_json::from_value(text).unwrap();
    assert_eq!(tool.annotations.read_only, Some(true));
    assert_eq!(
        serde_json::to_value(&tool).unwrap(),
        json!({"name": "x", "description": "", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true}})
    );
}
