//! Documentation: what connectors say of themselves and folders of Markdown, found by what they say.

use codemode::connect::{BoxFuture, Call, CallError, Error, Reply};
use codemode::{Builder, Connector, Docs, Listing, Runtime, Shape, SurfaceOptions, Tool, View};
use codemode_catalog::Validator;
use serde_json::{Value, json};

/// A connector that says this of itself.
struct Telling(&'static str, String);

impl Connector for Telling {
    fn name(&self) -> &str {
        self.0
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let mut listing = Listing::from(vec![Tool::new("get", "Gets one")]);
        listing.about = Some(self.1.clone());
        Box::pin(async move { Ok(listing) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async move { Ok(json!(call.tool).into()) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

fn manual() -> String {
    let filler = "Orders and their items are kept for seven years. ".repeat(30);
    format!(
        "# Rate limits\nEach key may send 100 requests a minute; after that wait for Retry-After.\n\
         # Paging\nLists are paged by cursor: pass next_cursor until there is none.\n# Retention\n{filler}"
    )
}

fn with(connectors: Vec<Telling>, options: SurfaceOptions) -> Builder {
    connectors.into_iter().fold(Runtime::builder().surface(options), Builder::connector)
}

async fn names(builder: Builder) -> Vec<&'static str> {
    builder.build().await.unwrap().tools().iter().map(|tool| tool.name).collect()
}

#[tokio::test]
async fn there_is_docs_where_something_is_written_at_length() {
    let shaped = |shape| SurfaceOptions::default().shape(shape);
    let long = || vec![Telling("shop", manual())];
    let short = || vec![Telling("shop", "Sells things.".into())];
    assert_eq!(names(with(short(), shaped(Shape::Pair))).await, ["search", "execute"]);
    assert_eq!(names(with(long(), shaped(Shape::Pair))).await, ["search", "docs", "execute"]);
    assert_eq!(names(with(long(), shaped(Shape::Auto))).await, ["docs", "execute"]);
    assert_eq!(names(with(long(), shaped(Shape::Single))).await, ["codemode"]);
    assert!(names(with(long(), shaped(Shape::Passthrough))).await.is_empty());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.md"), "One line.").unwrap();
    let docs = Docs::read([folder.path().to_owned()]);
    assert_eq!(names(with(short(), shaped(Shape::Pair)).docs(docs)).await, ["search", "docs", "execute"]);
}

#[tokio::test]
async fn passages_are_found_with_their_source() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("handbook");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("deploy.md"), "# Deploying\n## Rollback\nRun the previous release again.")
        .unwrap();
    let builder = with(
        vec![Telling("shop", manual()), Telling("mail", "# Sending\nMail is sent at night.".repeat(60))],
        SurfaceOptions::default().shape(Shape::Pair),
    );
    let runtime = builder.docs(Docs::read([folder])).build().await.unwrap();
    let ask = async |runtime: &Runtime, query: &str| {
        let answer = runtime.call("docs", json!({ "query": query })).await.unwrap();
        let schema = runtime.tools().into_iter().find(|tool| tool.name == "docs").unwrap().output_schema;
        Validator::new(&schema, None).validate(&answer.structured).unwrap();
        assert!(!answer.is_error);
        answer
    };
    let first = |answer: &codemode::Answer, key: &str| answer.structured["results"][0][key].clone();
    let answer = ask(&runtime, "how to roll back a deployment").await;
    assert_eq!(
        (first(&answer, "source"), first(&answer, "heading")),
        (json!("handbook/deploy.md"), json!("Deploying › Rollback"))
    );
    assert!(
        answer.text.starts_with("# Deploying › Rollback (handbook/deploy.md)\nRun the"),
        "{}",
        answer.text
    );
    let answer = ask(&runtime, "how many requests may I send").await;
    assert_eq!((first(&answer, "source"), first(&answer, "heading")), (json!("shop"), json!("Rate limits")));
    assert!(ask(&runtime, "xyzzy").await.text.starts_with("Nothing is written about that"));
    // Who may not have a connector does not read of it either.
    let view = runtime.view(View::default().connectors(["mail"]));
    let answer = ask(&view, "how many requests may I send").await;
    assert!(!answer.text.contains("100 requests"), "{}", answer.text);
    for wrong in [json!({}), json!({ "query": 1 }), json!({ "query": "x", "limit": 1_000 })] {
        let misuse = runtime.call("docs", wrong).await.unwrap_err().to_string();
        assert!(misuse.contains("It takes {query: string; limit?: number}"), "{misuse}");
    }
}

#[tokio::test]
async fn an_answer_keeps_to_its_budget() {
    let many: String =
        (0..40).map(|n| format!("# Chapter {n}\n{}\n", "The cursor pages lists. ".repeat(40))).collect();
    let options = SurfaceOptions::default().shape(Shape::Pair).search_tokens(600);
    let runtime = with(vec![Telling("shop", many)], options).build().await.unwrap();
    let tokens = |text: &str| tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len();
    let answer = runtime.call("docs", json!({ "query": "cursor", "limit": 20 })).await.unwrap();
    assert!((100..=660).contains(&tokens(&answer.text)), "{}", tokens(&answer.text));
    assert!(answer.text.ends_with("more passages; narrow the query)"), "{}", answer.text);
    let small = with(vec![Telling("shop", manual())], SurfaceOptions::default().search_tokens(40));
    let answer = small.build().await.unwrap().call("docs", json!({ "query": "retention" })).await.unwrap();
    assert!(tokens(&answer.text) < 60 && answer.text.contains("Retention"), "{}", answer.text);
}

#[tokio::test]
async fn all_tools_together_stay_under_700_tokens() {
    let runtime = with(vec![Telling("shop", manual())], SurfaceOptions::default().shape(Shape::Pair));
    let runtime = runtime.build().await.unwrap();
    let listed: Vec<Value> = runtime.tools().iter().map(|tool| serde_json::to_value(tool).unwrap()).collect();
    let text = format!("{}{}", json!({ "tools": listed }), runtime.system_prompt());
    let used = tiktoken_rs::o200k_base_singleton().encode_ordinary(&text).len();
    assert!(used < 800, "{used}");
    let tools =
        tiktoken_rs::o200k_base_singleton().encode_ordinary(&json!({ "tools": listed }).to_string()).len();
    assert!(tools < 700, "{tools}");
}
