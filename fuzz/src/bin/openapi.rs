//! OpenAPI documents: read, kept, and called.
//!
//! The input is a document in JSON or YAML. Its `x-arguments`, where it has any, are what every operation is called with.

#![cfg_attr(feature = "libfuzzer", no_main)]

use codemode_catalog::{Catalog, Declarations, Declared, Detail, Validator};
use codemode_connect::fuzzing::read;
use serde_json::{Value, json};

codemode_fuzz::target!(run, json: WORDS);

/// Fields and values of documents.
const WORDS: [&str; 72] = [
    "$defs",
    "$ref",
    "2.0",
    "2XX",
    "200",
    "3.0.0",
    "3.1.0",
    "allOf",
    "allowEmptyValue",
    "allowReserved",
    "anyOf",
    "apiKey",
    "application/json",
    "application/x-www-form-urlencoded",
    "array",
    "basePath",
    "body",
    "body_2",
    "collectionFormat",
    "components",
    "consumes",
    "content",
    "cookie",
    "deepObject",
    "default",
    "definitions",
    "delete",
    "description",
    "encoding",
    "enum",
    "explode",
    "file",
    "form",
    "formData",
    "get",
    "header",
    "host",
    "in",
    "info",
    "items",
    "label",
    "matrix",
    "multi",
    "multipart/form-data",
    "name",
    "oneOf",
    "openapi",
    "operationId",
    "parameters",
    "patch",
    "path",
    "paths",
    "pipeDelimited",
    "post",
    "properties",
    "put",
    "query",
    "readOnly",
    "requestBody",
    "required",
    "responses",
    "schema",
    "schemas",
    "security",
    "securitySchemes",
    "servers",
    "simple",
    "string",
    "style",
    "swagger",
    "type",
    "x-arguments",
];

/// Where the API is said to be.
const BASE: &str = "https://api.example.com/v1";

/// Tools that are looked at one by one.
const ALONE: usize = 16;

fn run(data: &[u8]) {
    let document = match read(data) {
        Ok(document) => document,
        Err(error) => return assert!(error.len() < 4_096, "an error of {} bytes", error.len()),
    };
    assert!(document.is_sound());
    assert!(document.notes().len() <= 200 && document.notes().iter().all(|note| note.len() < 4_096));
    let definitions: Value = serde_json::from_str(&document.definitions).expect("definitions are JSON");
    // An input is 64 KiB, of which no part is copied into more than a few tools.
    let total: usize = document.tools().iter().map(|tool| tool.input_schema.to_json().len()).sum();
    assert!(total < 64 * 1024 * 1024, "{total} bytes of schemas");

    let given: Option<Value> = serde_json::from_slice(data).ok();
    let given = given.and_then(|given| given.get("x-arguments").cloned());
    let raw = json!({"method": "GET", "path": "/../a/%2e%2e/b?c#d", "query": {"a": [1]}, "body": {}});
    for arguments in [given.unwrap_or_default(), json!({}), raw] {
        for url in document.requests(BASE, &arguments) {
            assert!(url.as_str().starts_with("https://api.example.com/"), "{url}");
        }
    }
    for tool in document.tools().iter().take(ALONE) {
        Validator::new(&tool.input_schema.read(), Some(&definitions)).validate(&json!({"id": 1})).ok();
    }
    let mut catalog = Catalog::default();
    catalog.insert("api", document.tools().to_vec()).expect("64 KiB hold no 20,000 operations");
    let tools = catalog.tools("api").iter().map(Declared::from);
    Declarations::new("api", tools, Some(&definitions)).all(Detail::Full, 24_000);
}
