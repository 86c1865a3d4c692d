//! Small catalogs with one thing to find.

use codemode_catalog::{Annotations, Catalog, Found, Index, Query, Tool};
use serde_json::{Value, json};

fn catalog(connectors: &Value) -> Catalog {
    let mut catalog = Catalog::default();
    for (connector, tools) in connectors.as_object().unwrap() {
        let tools = tools.as_array().unwrap().iter();
        let tools = tools.map(|tool| Tool::new(tool[0].as_str().unwrap(), tool[1].as_str().unwrap()));
        catalog.insert(connector, tools.collect::<Vec<Tool>>()).unwrap();
    }
    catalog
}

fn paths(found: &Found) -> Vec<&str> {
    found.results.iter().map(|hit| hit.path.as_str()).collect()
}

fn named(count: usize, connector: &str) -> Catalog {
    let tools = (0..count).map(|n| Tool::new(format!("tool_{n}"), format!("Thing {n} of {connector}")));
    let mut catalog = Catalog::default();
    catalog.insert(connector, tools.collect::<Vec<Tool>>()).unwrap();
    catalog
}

#[test]
fn finds() {
    let data: Value = serde_json::from_str(include_str!("../../../../cases/search/finds.json")).unwrap();
    let index = Index::new(&catalog(&data["catalog"]));
    for case in data["cases"].as_array().unwrap() {
        let query = Query {
            text: case["query"].as_str().unwrap(),
            limit: case["limit"].as_u64().map_or(Query::DEFAULT_LIMIT, |limit| limit as usize),
            connector: case["connector"].as_str(),
        };
        let found = index.search(&query);
        let first: Vec<&str> =
            case["first"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        let given = paths(&found);
        if first.is_empty() {
            assert!(given.is_empty(), "{case}: {given:?}");
        }
        assert_eq!(given.iter().take(first.len()).copied().collect::<Vec<_>>(), first, "{case}: {given:?}");
        if let Some(total) = case["total"].as_u64() {
            assert_eq!(found.total as u64, total, "{case}");
        }
        if !case["nearest"].is_null() {
            assert_eq!(json!(found.nearest), case["nearest"], "{case}");
        }
        assert_eq!(found.truncated, found.total > given.len(), "{case}");
        assert!(found.results.iter().all(|hit| hit.score.is_finite() && hit.score >= 0.0), "{case}");
    }
}

#[test]
fn parameters_and_claims_are_searched() {
    let mut catalog = Catalog::default();
    let schema = json!({ "properties": {
        "when": { "description": "An ISO timestamp", "enum": ["yesterday"] },
        "nested": { "properties": { "postcode": {} } },
        "many": { "items": { "properties": { "iban": {} } } },
    }});
    let claims = Annotations { destructive: Some(true), ..Annotations::default() };
    let tool = Tool::new("b", "").with_input_schema(schema).with_annotations(claims);
    catalog.insert("x", vec![Tool::new("a", "Nothing"), tool]).unwrap();
    let index = Index::new(&catalog);
    for query in ["timestamp", "yesterday", "postcode", "iban", "destructive"] {
        assert_eq!(paths(&index.search(&Query::new(query))).first(), Some(&"x.b"), "{query}");
    }
}

#[test]
fn equal_tools_come_in_the_order_of_their_paths() {
    let mut catalog = Catalog::default();
    for connector in ["zeta", "alpha"] {
        let tools = ["run_2", "run_1"].map(|name| Tool::new(name, "Run the same thing"));
        catalog.insert(connector, tools.to_vec()).unwrap();
    }
    let found = Index::new(&catalog).search(&Query::new("same thing"));
    assert_eq!(paths(&found), ["alpha.run_1", "alpha.run_2", "zeta.run_1", "zeta.run_2"]);
}

#[test]
fn hostile_queries_end() {
    let index = Index::new(&named(2_000, "x"));
    let long = "tool ".repeat(200_000);
    for query in [
        long.as_str(),
        &"a".repeat(1 << 20),
        &"中".repeat(350_000),
        &"tool_1,".repeat(150_000),
        &"A\u{301}".repeat(350_000),
        "\u{0}\u{feff}\u{202e}",
        "tool_1\u{0}",
        "….',;'s's's",
    ] {
        let found = index.search(&Query::new(query).limit(3));
        assert!(found.results.len() <= 3);
        assert!(found.results.iter().all(|hit| hit.score.is_finite()));
    }
}

#[test]
fn hostile_tools_are_indexed() {
    let mut schema = json!({});
    for _ in 0..100 {
        schema = json!({ "properties": { "deep": schema, "": null, "n": 1 }, "enum": [1, null] });
    }
    let huge = Tool::new("n".repeat(100_000), "word ".repeat(300_000)).with_input_schema(schema);
    let odd = Tool::new("", "\u{0}").with_input_schema(json!([1, 2]));
    let mut catalog = Catalog::default();
    catalog.insert("x", vec![huge, odd, Tool::new("find", "Find a word")]).unwrap();
    let index = Index::new(&catalog);
    let found = index.search(&Query::new("find word"));
    assert_eq!(paths(&found).first(), Some(&"x.find"));
    assert!(found.results.iter().all(|hit| hit.description.chars().count() <= 161));
}

#[test]
fn a_replaced_connector_is_as_if_indexed_anew() {
    let before = json!({
        "a": [["one", "The first of many issues"], ["two", "A second thing"]],
        "b": [["gone", "Something entirely different, forgotten"], ["three", "A third thing"]],
        "c": [["four", "A repository of things"]],
    });
    let mut after = before.clone();
    after["b"] = json!([["three", "A third issue"], ["new", "Brand new thing with words"]]);
    let (before, after) = (catalog(&before), catalog(&after));
    let mut index = Index::new(&before);
    index.replace(&after, "b");
    let anew = Index::new(&after);
    for query in ["thing", "issue", "b.new", "forgotten", "words", "thrid", "repository of issues", ""] {
        assert_eq!(index.search(&Query::new(query)), anew.search(&Query::new(query)), "{query}");
    }
    // Many times over, so that the numbers of forgotten terms are given out again.
    for round in 0..20 {
        index.replace(&named(50 + round, "b"), "b");
    }
    index.replace(&after, "b");
    assert_eq!(index.search(&Query::new("third issue")), anew.search(&Query::new("third issue")));
    assert!(index.remove("b"));
    assert!(!index.remove("b"));
    assert_eq!(index.len(), 3);
    assert!(index.search(&Query::new("").connector("b")).results.is_empty());
    index.replace(&after, "b");
    assert_eq!(index.len(), 5);
}

#[test]
fn nothing_is_found_in_nothing() {
    let index = Index::new(&Catalog::default());
    assert!(index.is_empty());
    for query in ["", "issue", "a.b"] {
        assert_eq!(index.search(&Query::new(query)), Found::default());
    }
}

#[test]
fn a_miss_names_what_is_near() {
    let mut catalog = Catalog::default();
    catalog.insert("x", vec![Tool::new("ok", ""), Tool::new("zoom_in", "")]).unwrap();
    let found = Index::new(&catalog).search(&Query::new("okk"));
    assert!(found.results.is_empty());
    assert_eq!(found.nearest, ["x.ok"]);
}
