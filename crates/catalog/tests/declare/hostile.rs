//! Schemas made to hurt: bounded time and stack, and no harm to the tools beside them.

use codemode_catalog::{Declarations, Declared, Detail, Flaw, Tool};
use serde_json::{Map, Value, json};

use crate::compiler;

/// Declares the schema as the input of one tool beside a harmless one.
fn declared(schema: Value) -> (String, Vec<Flaw>) {
    let good = Tool::new("good", "").with_input_schema(json!({"properties": {"a": {"type": "string"}}}));
    let bad = Tool::new("bad", "").with_input_schema(schema);
    let tools = [("good", &good), ("bad", &bad)];
    let tools = tools.map(|(identifier, tool)| Declared { identifier, tool, observed: None });
    let declarations = Declarations::new("x", tools, None);
    let full = declarations.all(Detail::Full, usize::MAX);
    assert!(full.contains("function good(input?: {a?: string}): Promise<unknown>;"), "{full}");
    declarations.all(Detail::Signature, usize::MAX);
    (full, declarations.warnings().iter().map(|warning| warning.flaw.clone()).collect())
}

fn nested(depth: usize, wrap: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(json!({"type": "string"}), |inner, _| wrap(inner))
}

#[test]
fn deep_schemas_are_cut() {
    let wraps: [fn(Value) -> Value; 6] = [
        |inner| json!({"items": inner}),
        |inner| json!({"properties": {"a": inner}}),
        |inner| json!({"allOf": [inner, {"properties": {"b": {"type": "string"}}}]}),
        |inner| json!({"anyOf": [inner, {"type": "null"}]}),
        |inner| json!({"prefixItems": [inner]}),
        |inner| json!({"additionalProperties": inner}),
    ];
    for wrap in wraps {
        // A thread's usual stack is 2 MiB; a quarter of it is enough in an unoptimised build.
        let small = std::thread::Builder::new().stack_size(512 * 1024);
        let schema = nested(200, wrap);
        let (full, flaws) = small.spawn(move || declared(schema)).unwrap().join().unwrap();
        assert!(full.len() < 100_000);
        assert!(matches!(flaws[..], [Flaw::TooDeep { .. }]), "{flaws:?}");
    }
}

#[test]
fn wide_schemas_cost_their_tool() {
    let properties: Map<String, Value> = (0..50_000).map(|n| (format!("p{n}"), json!({}))).collect();
    let (full, flaws) = declared(json!({"properties": properties}));
    assert!(full.contains("function bad(input?: unknown)"), "{}", full.len());
    assert!(matches!(flaws[..], [Flaw::TooManyParts { .. }]), "{flaws:?}");

    let text = "long ".repeat(50);
    let properties: Map<String, Value> =
        (0..1_000).map(|n| (format!("p{n}"), json!({"description": text}))).collect();
    let (_, flaws) = declared(json!({"properties": properties}));
    assert!(matches!(flaws[..], [Flaw::TooLong { .. }]), "{flaws:?}");
}

#[test]
fn chains_and_webs_of_references_end() {
    let mut texts = Vec::new();
    let count = 20_000;
    let link = |key: &'static str| -> Value {
        let definitions: Map<String, Value> = (0..count)
            .map(|n| {
                (
                    format!("t{n}"),
                    json!({key: [{"$ref": format!("#/$defs/t{}", (n + 1) % count)}, {"type": "string"}]}),
                )
            })
            .collect();
        json!({"properties": {"a": {"$ref": "#/$defs/t0"}}, "$defs": definitions})
    };
    texts.push(declared(link("anyOf")).0);
    texts.push(declared(link("allOf")).0);
    // Inlined, each level would double the text.
    let doubling: Map<String, Value> = (0..200)
        .map(|n| {
            let next = json!({"$ref": format!("#/$defs/t{}", n + 1)});
            (format!("t{n}"), json!({"properties": {"a": next, "b": next}}))
        })
        .collect();
    let (full, _) = declared(json!({"$ref": "#/$defs/t0", "$defs": doubling}));
    assert!(full.len() < 100_000, "{}", full.len());
    texts.push(full);
    // Only references.
    let pure: Map<String, Value> = (0..1_000)
        .map(|n| (format!("t{n}"), json!({"$ref": format!("#/$defs/t{}", (n + 1) % 1_000)})))
        .collect();
    let (_, flaws) = declared(json!({"properties": {"a": {"$ref": "#/$defs/t0"}}, "$defs": pure}));
    assert!(matches!(flaws[..], [Flaw::Circular(_)]), "{flaws:?}");
    let files: Vec<_> =
        texts.into_iter().enumerate().map(|(n, text)| (format!("{n}.ts"), text + "export {};\n")).collect();
    if let Some(mistakes) = compiler::check("hostile", &files) {
        assert_eq!(mistakes, Vec::<String>::new());
    }
}

#[test]
fn multiplied_unions_are_left_out() {
    let union = |letter: char| {
        let members: Vec<Value> =
            (0..60).map(|n| json!({"properties": {format!("{letter}{n}"): {}}})).collect();
        json!({"oneOf": members})
    };
    let (full, _) = declared(json!({"allOf": (['a', 'b', 'c', 'd'].map(union))}));
    assert!(full.contains("a59") && !full.contains(" & "), "{full}");
}

#[test]
fn keywords_of_the_wrong_type_are_nothing() {
    let wrong = [json!(null), json!(true), json!(1), json!("x"), json!([1, null]), json!({"x": 1})];
    let keywords = [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "items",
        "prefixItems",
        "additionalItems",
        "minItems",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "enum",
        "const",
        "$ref",
        "$defs",
        "$id",
        "$anchor",
        "discriminator",
        "nullable",
        "readOnly",
        "description",
        "title",
        "default",
        "format",
        "dependencies",
        "deprecated",
    ];
    for keyword in keywords {
        for value in &wrong {
            declared(json!({"type": "object", "properties": {"a": {keyword: value}}, keyword: value}));
        }
    }
}
