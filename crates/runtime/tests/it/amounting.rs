//! Calls that may be another tool's.

use codemode::connect::{BoxFuture, Call, CallError, Connector, Error, Reply};
use codemode::{Listing, Policy, RunOptions, Runtime, Tool, Verdict};
use serde_json::{Value, json};

/// Two tools that can be told apart by an argument only, and one that may amount to either.
struct Doors;

impl Connector for Doors {
    fn name(&self) -> &str {
        "doors"
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let tools = ["left", "right", "any"].map(|name| Tool::new(name, "Opens a door"));
        Box::pin(async { Ok(Vec::from(tools).into()) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async move { Ok(json!(call.tool).into()) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn amounts_to(&self, tool: &str, _arguments: &Value) -> Vec<String> {
        if tool == "any" { ["left", "right"].map(str::to_owned).into() } else { Vec::new() }
    }
}

#[tokio::test]
async fn a_call_is_denied_if_any_tool_is_that_it_may_amount_to() {
    for denied in ["left", "right"] {
        let policy = Policy::new().deny(format!("doors.{denied}"));
        let runtime = Runtime::builder().connector(Doors).policy(policy).build().await.unwrap();
        let run = runtime.run("return await doors.any().catch(e => e.message)", RunOptions::default()).await;
        let expected = format!(
            "this request is a call of doors.{denied}, which policy forbids (rule 1, deny doors.{denied}). Nothing was \
             sent; do without it"
        );
        assert_eq!(run.value(), Some(&json!(expected)), "{:?}", run.error());
    }
    let runtime = Runtime::builder().connector(Doors).build().await.unwrap();
    let run = runtime.run("return await doors.any()", RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!("any")), "{:?}", run.error());
}

#[tokio::test]
async fn a_call_is_asked_about_if_any_tool_is_that_it_may_amount_to() {
    // The arguments of one tool say nothing of the arguments of the other.
    for rule in [
        r#"{"tools": "left", "action": "ask"}"#,
        r#"{"tools": "left", "action": "ask", "when": {"key": "x"}}"#,
    ] {
        let policy = Policy::new().allow("doors.any").rule(serde_json::from_str(rule).unwrap());
        let runtime = Runtime::builder().connector(Doors).policy(policy).build().await.unwrap();
        let program = "return await doors.any({ key: 'y' }).catch(e => [e.name, e.kind, e.outcome])";
        let run = runtime.run(program, RunOptions::default()).await;
        let expected = json!(["ApprovalRequiredError", "denied", "not_started"]);
        assert_eq!(run.value(), Some(&expected), "{:?}", run.error());
        let explained = runtime.explain("doors.any", Some(json!({ "key": "y" }))).await.unwrap();
        assert_eq!((explained.verdict, explained.amounts_to.len()), (Verdict::Ask, 2));
    }
}
