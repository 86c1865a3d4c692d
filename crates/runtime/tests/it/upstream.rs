//! The tools that the tests' programs call.

use std::sync::{Arc, Mutex};

use codemode::connect::Host;
use codemode::{Builder, Runtime};
use serde_json::{Value, json};

/// What reached the upstream, in order: the tool's path and its arguments.
pub type Sent = Arc<Mutex<Vec<(String, Value)>>>;

type Answer = Result<Value, String>;

/// A runtime with every tool of the tests; what `adjust` does to it comes on top.
pub async fn runtime(sent: &Sent, adjust: impl FnOnce(Builder) -> Builder) -> Runtime {
    adjust(builder(sent)).build().await.unwrap()
}

/// A runtime for tests that do not ask what was sent.
pub async fn plain() -> Runtime {
    runtime(&Sent::default(), |builder| builder).await
}

fn builder(sent: &Sent) -> Builder {
    let any = || json!({ "type": "object" });
    let numbers = json!({
        "type": "object",
        "properties": { "a": { "type": "number" }, "b": { "type": "number" } },
        "required": ["a", "b"],
    });
    let one = |name: &str, kind: &str| json!({ "type": "object", "properties": { name: { "type": kind } }, "required": [name] });
    Runtime::builder()
        .tool("echo", "Gives back its arguments", any(), record(sent, "host.echo", Ok))
        .tool(
            "add",
            "Adds two numbers",
            numbers,
            record(sent, "host.add", |input| {
                Ok(json!(input["a"].as_f64().unwrap() + input["b"].as_f64().unwrap()))
            }),
        )
        .tool(
            "fail",
            "Always fails",
            any(),
            record(sent, "host.fail", |input| {
                Err(input["message"].as_str().unwrap_or("the upstream said no").to_owned())
            }),
        )
        .tool(
            "panic",
            "Has a bug",
            any(),
            record(sent, "host.panic", |_| panic!("at the disco, with a secret")),
        )
        .tool(
            "get-weather",
            "The temperature in a city",
            one("city", "string"),
            record(sent, "host.get-weather", |input| Ok(json!({ "city": input["city"], "temp_f": 61 }))),
        )
        .tool(
            "batch",
            "Takes a list",
            one("ids", "array"),
            record(sent, "host.batch", |input| Ok(input["ids"].clone())),
        )
        .tool(
            "big",
            "Gives much",
            one("bytes", "integer"),
            record(sent, "host.big", |input| {
                Ok(json!("x".repeat(usize::try_from(input["bytes"].as_u64().unwrap()).unwrap())))
            }),
        )
        .tool("never", "Never answers", any(), {
            let sent = Arc::clone(sent);
            move |input: Value| {
                sent.lock().unwrap().push(("host.never".into(), input));
                std::future::pending::<Answer>()
            }
        })
        .connector(github(sent))
        .connector(Host::new("files").tool("search", "Finds files", any(), record(sent, "files.search", Ok)))
}

fn github(sent: &Sent) -> Host {
    let issue = json!({
        "type": "object",
        "properties": { "title": { "type": "string" }, "labels": { "type": "array", "items": { "type": "string" } } },
        "required": ["title"],
        "additionalProperties": false,
    });
    let any = || json!({ "type": "object" });
    Host::new("github")
        .tool(
            "create_issue",
            "Files an issue",
            issue,
            record(sent, "github.create_issue", |input| Ok(json!({ "number": 7, "title": input["title"] }))),
        )
        .tool(
            "list_issues",
            "Lists issues",
            any(),
            record(sent, "github.list_issues", |_| Ok(json!([{ "number": 1 }, { "number": 2 }]))),
        )
        .tool(
            "delete_repo",
            "Deletes a repository",
            any(),
            record(sent, "github.delete_repo", |_| Ok(json!(null))),
        )
        .tool("search", "Finds code", any(), record(sent, "github.search", Ok))
}

fn record(
    sent: &Sent,
    path: &'static str,
    answer: fn(Value) -> Answer,
) -> impl Fn(Value) -> std::future::Ready<Answer> + Send + Sync + 'static {
    let sent = Arc::clone(sent);
    move |input| {
        sent.lock().unwrap().push((path.to_owned(), input.clone()));
        std::future::ready(answer(input))
    }
}
