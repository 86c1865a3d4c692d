//! Calls that may be another tool's.

use codemode::connect::{BoxFuture, Call, CallError, Connector, Error, Reply};
use codemode::{Listing, Policy, RunOptions, Runtime, Tool};
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
        let expected =
            format!("this request is a call of doors.{denied}, which policy forbids. Do without it");
        assert_eq!(run.value(), Some(&json!(expected)), "{:?}", run.error());
    }
    let runtime = Runtime::builder().connector(Doors).build().await.unwrap();
    let run = runtime.run("return await doors.any()", RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!("any")), "{:?}", run.error());
}
