//! What clients are told in the middle of a request, and how they give it up.

use codemode_gateway::Gateway;
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::upstream::Upstream;

fn execute(code: &str) -> Value {
    json!({ "name": "execute", "arguments": { "code": code } })
}

#[tokio::test]
async fn progress_names_the_tools_and_grows() {
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    let mut params = execute("await shop.echo({}); await shop.steps({}); return shop.gated({})");
    params["_meta"] = json!({ "progressToken": "t" });
    let id = client.begin("tools/call", params).await;
    let mut messages = Vec::new();
    let mut last = 0.0;
    while !messages.iter().any(|message: &String| message.starts_with("shop.gated started")) {
        let told = client.other("notifications/progress").await;
        assert_eq!(told["params"]["progressToken"], "t");
        let progress = told["params"]["progress"].as_f64().unwrap();
        assert!(progress > last);
        last = progress;
        messages.push(told["params"]["message"].as_str().unwrap().to_owned());
    }
    upstream.open();
    assert_eq!(client.answer(id).await["result"]["structuredContent"]["result"], "through");
    assert_eq!(messages[0], "shop.echo started (1 call)");
    assert!(messages.contains(&"shop.steps: 1/3 copying".to_owned()), "{messages:?}");
    assert!(messages[1].starts_with("shop.echo ended"), "{messages:?}");
    assert_eq!(messages.last().unwrap(), "shop.gated started (3 calls)");
}

/// However many calls there are, a client is told of few of them.
#[tokio::test]
async fn progress_is_bounded() {
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    let mut params = execute("for (let i = 0; i < 400; i++) await shop.echo({}); return 'done'");
    params["_meta"] = json!({ "progressToken": 1 });
    let id = client.begin("tools/call", params).await;
    assert_eq!(client.answer(id).await["result"]["structuredContent"]["result"], "done");
    assert!(client.others.len() < 400, "{}", client.others.len());
}

#[tokio::test]
async fn whoever_does_not_ask_is_told_nothing() {
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    client.call("execute", json!({ "code": "await shop.steps({})" })).await;
    assert!(client.others.is_empty(), "{:?}", client.others);
}

#[tokio::test]
async fn logs_are_told_from_the_level_that_was_asked_for() {
    let upstream = Upstream::new();
    let mut older = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    older.request("logging/setLevel", json!({ "level": "warning" })).await;
    older.call("execute", json!({ "code": "await shop.steps({})" })).await;
    let mut newer = Raw::newer(&Gateway::default(), upstream.runtime().await, &json!({}));
    let mut params = execute("await shop.steps({})");
    params["_meta"] = json!({ "io.modelcontextprotocol/logLevel": "warning" });
    newer.request("tools/call", params).await;
    for client in [&older, &newer] {
        let logged: Vec<&Value> = client.others.iter().map(|told| &told["params"]).collect();
        assert_eq!(logged, [&json!({ "level": "error", "logger": "shop", "data": "trouble" })]);
    }
}

/// In both eras a request that is given up stops the program and the calls that it waits for.
#[tokio::test]
async fn a_cancelled_request_stops_its_calls() {
    let upstream = Upstream::new();
    let gateway = Gateway::default();
    let older = Raw::older(&gateway, upstream.runtime().await, json!({})).await;
    let newer = Raw::newer(&gateway, upstream.runtime().await, &json!({}));
    for mut client in [older, newer] {
        let upstream = upstream.clone();
        upstream.forget();
        let id = client.begin("tools/call", execute("await shop.slow({})")).await;
        upstream.until("slow").await;
        client
            .send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }))
            .await;
        upstream.until("slow cancelled").await;
        // The connection goes on, and the id may be used again.
        let result = client.call("execute", json!({ "code": "return 1" })).await;
        assert_eq!(result["structuredContent"]["result"], 1);
        assert!(client.others.iter().all(|message| message["id"] != id), "{:?}", client.others);
    }
}
