//! Documents made to hurt: bounded time, memory and stack, and no harm to the operations beside them.

use std::time::{Duration, Instant};

use codemode_catalog::{MAX_TOOLS, Validator};
use serde_json::{Map, Value, json};

use crate::openapi::read::limits::{
    MAX_DOCUMENT_BYTES, MAX_NOTE_CHARS, MAX_NOTES, MAX_OPERATIONS, MAX_PARAMETERS,
};
use crate::openapi::read::{Document, ReadError, read};

/// How long the worst of these may take, unoptimised on a busy machine: it must end, not be fast.
const LONG: Duration = Duration::from_secs(100);

fn read_value(document: &Value) -> Document {
    let started = Instant::now();
    let read = read(document.to_string().as_bytes()).unwrap();
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
    assert!(read.api.notes.len() <= MAX_NOTES + 1);
    assert!(read.api.notes.iter().all(|note| note.chars().count() <= MAX_NOTE_CHARS + 1));
    serde_json::from_str::<Value>(&read.definitions).unwrap();
    read
}

fn with_paths(paths: Value, components: Value) -> Value {
    json!({"openapi": "3.1.0", "info": {}, "paths": paths, "components": components})
}

fn answering(schema: Value) -> Value {
    json!({"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}})
}

#[test]
fn what_is_no_document_says_what_it_is() {
    let error = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
    let found = [
        ("", "the document is empty"),
        (" \n", "the document is empty"),
        ("<!DOCTYPE html>", "HTML or XML"),
        ("[]", "a list, not an OpenAPI document"),
        ("\"x\"", "plain text"),
        ("{}", "an empty object"),
        ("{\"a\":1,", "not valid JSON"),
        ("{\"a\":1} x", "not valid JSON"),
        ("{\"openapi\": \"3.1.0\"", "not valid JSON"),
        ("{\"data\": {}}", "an answer of an API"),
        ("{\"asyncapi\": \"2.0.0\"}", "an AsyncAPI document"),
        ("{\"info\": {}, \"item\": []}", "a Postman collection"),
        ("{\"paths\": {}, \"b\": 1}", "an object of \"paths\", \"b\", not an OpenAPI document"),
        ("{\"openapi\": \"4.0.0\"}", "OpenAPI version \"4.0.0\""),
        ("{\"swagger\": \"1.2\"}", "OpenAPI version \"1.2\""),
        ("{\"openapi\": {}}", "OpenAPI version \"{}\""),
        ("just words", "plain text"),
        ("a: [", "neither JSON nor valid YAML"),
    ];
    for (text, said) in found {
        let error = error(text);
        assert!(error.contains(said) && !error.contains('\n'), "{text:?}: {error}");
    }
    assert_eq!(read(b"\xff\xfe{\x00"), Err(ReadError::NotText));
    assert_eq!(read(&vec![b' '; MAX_DOCUMENT_BYTES + 1]), Err(ReadError::TooLong));
    for version in ["\"2.0\"", "2.0", "2"] {
        assert!(read(format!("{{\"swagger\": {version}}}").as_bytes()).is_ok(), "{version}");
    }
    for version in ["\"3.0.4\"", "\"3.2.0\"", "3.1"] {
        assert!(read(format!("\u{feff}{{\"openapi\": {version}}}").as_bytes()).is_ok(), "{version}");
    }
}

#[test]
fn deep_documents_cost_what_is_deep() {
    // A thread's usual stack is 2 MiB.
    let deep = "{\"items\":".repeat(100_000) + "{}" + &"}".repeat(100_000);
    let text = format!(
        r##"{{"openapi": "3.1.0", "x": {deep}, "paths": {{
            "/good": {{"get": {{"operationId": "good"}}}},
            "/own": {{"post": {{"requestBody": {{"content": {{"application/json": {{"schema": {deep}}}}}}}}}}},
            "/shared": {{"get": {{"operationId": "shared", "responses": {{"200": {{"content": {{"application/json":
                {{"schema": {{"$ref": "#/components/schemas/Deep"}}}}}}}}}}}}}}
        }}, "components": {{"schemas": {{"Deep": {deep}}}}}}}"##
    );
    let document = read(text.as_bytes()).unwrap();
    let names: Vec<&str> = document.api.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["good", "shared"]);
    assert_eq!(&*document.definitions, r#"{"$defs":{"Deep":{}}}"#);
    let said = document.api.notes.join("\n");
    assert!(
        said.contains("POST /own: recursion limit") && said.contains("schema \"Deep\": recursion"),
        "{said}"
    );
}

#[test]
fn what_is_read_can_be_read_again() {
    for depth in [40, 90, 110, 120] {
        let wraps: [fn(Value) -> Value; 3] = [
            |inner| json!({"items": inner}),
            |inner| json!({"properties": {"a": inner}, "nullable": true, "allOf": [{}]}),
            |inner| json!({"default": [[[[inner]]]]}),
        ];
        for wrap in wraps {
            let schema = (0..depth).fold(json!({}), |inner, _| wrap(inner));
            let schemas = json!({"schemas": {"A": schema}});
            let paths =
                json!({"/a": answering(json!({"$ref": "#/components/schemas/A"})), "/b": answering(schema)});
            let document = read_value(&with_paths(paths, schemas));
            let api = serde_json::to_string(&document.api).unwrap();
            serde_json::from_str::<Value>(&format!("[{api}]")).unwrap();
        }
    }
}

#[test]
fn operations_are_bounded_and_named_apart() {
    let paths: Map<String, Value> =
        (0..100_000).map(|n| (format!("/p{n}"), json!({"get": {"operationId": "same"}}))).collect();
    let document = read_value(&with_paths(paths.into(), json!({})));
    let tools = &document.api.tools;
    assert_eq!(tools.len(), MAX_OPERATIONS);
    const { assert!(MAX_OPERATIONS < MAX_TOOLS) };
    assert_eq!((tools[0].name.as_str(), tools[1].name.as_str()), ("same", "get_p1"));
    let names: std::collections::HashSet<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names.len(), tools.len());
    assert!(document.api.notes.last().unwrap().ends_with("more notes"), "{:?}", document.api.notes.last());
}

#[test]
fn parameters_are_bounded() {
    let parameters: Vec<Value> =
        (0..10_000).map(|n| json!({"name": format!("p{n}"), "in": "query", "schema": {}})).collect();
    let paths = json!({"/a": {"get": {"parameters": parameters}}});
    let document = read_value(&with_paths(paths, json!({})));
    assert_eq!(document.api.operations[0].parameters.len(), MAX_PARAMETERS);
    assert_eq!(document.api.notes, ["GET /a: more than 500 parameters"]);
}

#[test]
fn cycles_of_references_end() {
    let refer = |kind: &str, name: &str| json!({"$ref": format!("#/components/{kind}/{name}")});
    let components = json!({
        "parameters": {"A": refer("parameters", "B"), "B": refer("parameters", "A")},
        "requestBodies": {"A": refer("requestBodies", "A")},
        "responses": {"A": refer("responses", "A")},
        "pathItems": {"A": refer("pathItems", "A")},
        "schemas": {"A": {"allOf": [refer("schemas", "B")]}, "B": {"anyOf": [refer("schemas", "A")]}, "C": refer("schemas", "C")},
    });
    let paths = json!({
        "/a": {"post": {
            "parameters": [refer("parameters", "A")],
            "requestBody": refer("requestBodies", "A"),
            "responses": {"200": refer("responses", "A")},
        }},
        "/b": refer("pathItems", "A"),
        "/c": answering(refer("schemas", "A")),
        "/d": {"$ref": "#/paths/~1d"},
        "/f": answering(refer("schemas", "C")),
        "/e": {"get": {"$ref": "#/paths/~1e/get"}},
    });
    let document = read_value(&with_paths(paths, components));
    let definitions: Value = serde_json::from_str(&document.definitions).unwrap();
    for name in ["A", "B", "C"] {
        let schema = json!({"$ref": format!("#/$defs/{name}")});
        let _ = Validator::new(&schema, Some(&definitions)).validate(&json!({"a": 1}));
    }
    assert_eq!(document.api.tools.len(), 3);
    assert_eq!(document.definitions.matches("$ref").count(), 3);
    assert_eq!(document.api.notes.len(), 4, "{:#?}", document.api.notes);
}

#[test]
fn what_many_refer_to_is_not_multiplied_for_ever() {
    let properties: Map<String, Value> =
        (0..5_000).map(|n| (format!("p{n}"), json!({"type": "string"}))).collect();
    let components =
        json!({"parameters": {"Large": {"name": "x", "in": "query", "schema": {"properties": properties}}}});
    let operation = json!({"get": {"parameters": [{"$ref": "#/components/parameters/Large"}]}});
    let paths: Map<String, Value> = (0..2_000).map(|n| (format!("/p{n}"), operation.clone())).collect();
    let document = read_value(&with_paths(paths.into(), components));
    assert!((100..1_000).contains(&document.api.tools.len()), "{}", document.api.tools.len());
    assert!(document.api.notes[0].contains("are taken over"), "{:?}", document.api.notes[0]);
}

#[test]
fn references_into_the_midst_are_bounded() {
    let count = 3_000;
    let properties: Map<String, Value> = (0..count)
        .map(|n| {
            let target = (n + 1) % count;
            (format!("p{n}"), json!({"$ref": format!("#/components/schemas/A/properties/p{target}")}))
        })
        .collect();
    let paths = json!({"/a": answering(json!({"$ref": "#/components/schemas/A/properties/p0"}))});
    let document = read_value(&with_paths(paths, json!({"schemas": {"A": {"properties": properties}}})));
    assert!(
        document.api.notes.iter().any(|note| note.contains("too many references")),
        "{:?}",
        document.api.notes
    );
}

#[test]
fn names_are_only_names() {
    let names = [
        "__proto__",
        "constructor",
        "",
        "a/b~c",
        "$ref",
        "%",
        "\u{0}",
        "ä \"ö\"",
        "$serde_json::private::Number",
    ];
    let schemas: Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), json!({"properties": {*name: {"const": {*name: *name}}}})))
        .collect();
    let encoded = |name: &str| name.replace('%', "%25").replace('~', "~0").replace('/', "~1");
    let paths: Map<String, Value> = names
        .iter()
        .map(|name| {
            let reference = format!("#/components/schemas/{}", encoded(name));
            (format!("/{name}/{{{name}}}"), answering(json!({"$ref": reference})))
        })
        .collect();
    let document = read_value(&with_paths(paths.into(), json!({"schemas": schemas})));
    let definitions: Value = serde_json::from_str(&document.definitions).unwrap();
    assert_eq!(definitions["$defs"], Value::Object(schemas), "{:?}", document.api.notes);
    assert_eq!(document.api.tools.len(), names.len());
}
