//! JSON Schemas of tools: declared in TypeScript, checked against, learned, and searched.
//!
//! The input is `{"tools": […], "definitions": …, "values": […], "query": "…"}`, all of it optional. An OpenAPI document
//! is taken as tools that take and give its shared schemas, a map of lists as those lists' tools, and anything else as the
//! schema of one tool.

#![cfg_attr(feature = "libfuzzer", no_main)]

use codemode_catalog::{
    Catalog, Declarations, Declared, Detail, Index, MAX_TYPE_CHARS, MAX_VIOLATIONS, Path, Query, Tool,
    Validator, learn,
};
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;
use serde_json::{Value, json};

codemode_fuzz::target!(run, json: WORDS);

/// Keywords that lead somewhere.
const WORDS: [&str; 63] = [
    "$anchor",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "array",
    "boolean",
    "components",
    "const",
    "contains",
    "default",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "deprecated",
    "description",
    "discriminator",
    "else",
    "enum",
    "format",
    "http://json-schema.org/draft-04/schema#",
    "if",
    "inputSchema",
    "integer",
    "items",
    "mapping",
    "maxItems",
    "maxLength",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "name",
    "not",
    "null",
    "nullable",
    "number",
    "object",
    "oneOf",
    "outputSchema",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyName",
    "propertyNames",
    "query",
    "readOnly",
    "required",
    "schemas",
    "string",
    "then",
    "title",
    "type",
    "unevaluatedProperties",
    "uniqueItems",
];

/// Tools looked at one by one; the catalog and the index take them all.
const ALONE: usize = 16;

/// The most characters of what a model reads about one violation. An honest one takes some hundred.
const MAX_VIOLATION_CHARS: usize = 16 * 1024;

fn run(data: &[u8]) {
    let Ok(case) = serde_json::from_slice(data) else { return };
    let tools = tools(&case);
    let definitions = case.get("definitions").or(case.get("components").map(|_| &case));
    let mut values: Vec<Value> = case.get("values").and_then(Value::as_array).cloned().unwrap_or_default();
    values.extend([json!({}), case.clone()]);
    for tool in tools.iter().take(ALONE) {
        checked(tool.input_schema.get(), definitions, &values);
        learned(Some(tool.input_schema.get()), &values);
    }
    learned(None, &values);
    let query = case.get("query").and_then(Value::as_str).unwrap_or("list all things");
    let mut catalog = Catalog::default();
    catalog.insert("x", tools).expect("64 KiB hold no 20,000 tools");
    declared(&catalog, definitions, values.first());
    found(&catalog, query);
}

fn tools(case: &Value) -> Vec<Tool> {
    let tool = |value: &Value| serde_json::from_value::<Tool>(value.clone()).ok();
    if let Some(listed) = case.get("tools").and_then(Value::as_array) {
        return listed.iter().filter_map(tool).collect();
    }
    if let Some(shared) = case.pointer("/components/schemas").and_then(Value::as_object) {
        let shared = shared.iter().map(|(name, schema)| (name.as_str(), schema.clone()));
        return shared
            .map(|(name, schema)| {
                Tool::new(name, "").with_input_schema(schema.clone()).with_output_schema(schema)
            })
            .collect();
    }
    let lists = case.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array());
    let listed: Vec<Tool> = lists.flatten().filter_map(tool).collect();
    if listed.is_empty() {
        let one = Tool::new("get-it", "Gets it").with_input_schema(case.clone());
        return vec![one.with_output_schema(case.clone())];
    }
    listed
}

/// Every text that comes of schemas is bounded, and a program of the language.
fn declared(catalog: &Catalog, definitions: Option<&Value>, observed: Option<&Value>) {
    let entries = catalog.tools("x");
    let tools = entries.iter().map(|entry| Declared { observed, ..Declared::from(entry) });
    let declarations = Declarations::new("x", tools, definitions);
    assert!(declarations.warnings().len() <= 100);
    assert!(declarations.warnings().iter().all(|warning| warning.to_string().len() < 4_096));
    for detail in [Detail::Name, Detail::Signature, Detail::Full] {
        let most = 2 * entries.len().max(1) * (MAX_TYPE_CHARS + 10_000);
        assert!(declarations.all(detail, usize::MAX).len() < 4 * most);
        for entry in entries.iter().take(ALONE) {
            let one = declarations.one(&entry.identifier, detail, 2_000).expect("it was declared");
            assert!(one.len() < 4 * MAX_TYPE_CHARS, "{} characters", one.len());
        }
    }
    for limit in [usize::MAX, 2_000] {
        let text = declarations.all(Detail::Full, limit);
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, &text, SourceType::d_ts()).parse();
        assert!(parsed.diagnostics.is_empty() && !parsed.panicked, "{:?} in {text}", parsed.diagnostics);
        assert_eq!(parsed.program.body.len(), 1, "more than a namespace in {text}");
    }
}

/// What a validator says is bounded.
fn checked(schema: &Value, definitions: Option<&Value>, values: &[Value]) {
    let validator = Validator::new(schema, definitions);
    assert!(validator.warning().is_none_or(|warning| warning.len() < 4_096));
    for value in values {
        let Err(violations) = validator.validate(value) else { continue };
        assert!((1..=MAX_VIOLATIONS).contains(&violations.len()));
        for violation in violations {
            let length = violation.to_string().len();
            assert!(length <= MAX_VIOLATION_CHARS, "a violation of {length} characters");
        }
    }
}

/// What is learned is bounded, can be learned again, and is fit by what it was learned from.
fn learned(earlier: Option<&Value>, values: &[Value]) {
    let schema = learn(earlier, values);
    assert!(schema.to_string().len() < 1024 * 1024);
    assert_eq!(learn(Some(&schema), &[]), schema);
    let reversed: Vec<Value> = values.iter().rev().cloned().collect();
    assert_eq!(learn(earlier, &reversed), schema);
    let validator = Validator::new(&schema, None);
    assert_eq!(validator.warning(), None, "{schema}");
    for value in values {
        assert_eq!(validator.validate(value), Ok(()), "{schema} was learned from {value}");
    }
}

/// What is found can be called, and nothing depends on how the index came to be.
fn found(catalog: &Catalog, query: &str) {
    let mut index = Index::new(catalog);
    for text in [query, "", "x.get_it"] {
        let found = index.search(&Query::new(text));
        assert!(found.results.len() <= Query::DEFAULT_LIMIT && found.total <= catalog.len());
        for hit in &found.results {
            assert!(hit.score.is_finite() && hit.score >= 0.0);
            let resolved = catalog.resolve(&Path::name(&hit.path)).expect("what was found is there");
            assert_eq!(resolved.path(), hit.path);
        }
    }
    for entry in catalog.tools("x").iter().take(ALONE) {
        let named = catalog.resolve(&Path::member("x", &entry.identifier)).expect("it is there");
        assert_eq!(named.identifier, entry.identifier);
    }
    if let Err(unknown) = catalog.resolve(&Path::name(query)) {
        assert!(unknown.to_string().len() < 8_192);
    }
    let before = index.search(&Query::new(query));
    index.replace(catalog, "x");
    assert_eq!(index.search(&Query::new(query)), before);
    assert!(index.remove("x") && index.is_empty());
}
