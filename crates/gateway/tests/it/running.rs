//! Programs that take longer than they are waited for.

use std::time::Duration;

use codemode_gateway::{Gateway, GatewayOptions, Principal};
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::upstream::Upstream;

fn waits(ms: u64) -> Gateway {
    Gateway::new(GatewayOptions::default().wait(Duration::from_millis(ms)))
}

async fn begin(client: &mut Raw, code: &str) -> String {
    let result = client.call("execute", json!({ "code": code })).await;
    assert_eq!(result["structuredContent"]["status"], "running", "{result}");
    assert_eq!(result["isError"], false);
    result["structuredContent"]["runId"].as_str().unwrap().to_owned()
}

/// Waits for a run, however often it takes; what it asks by the way is answered.
async fn outcome(client: &mut Raw, run_id: &str) -> Value {
    let params = json!({ "name": "execute", "arguments": { "runId": run_id } });
    let red = json!({ "action": "accept", "content": { "colour": "red" } });
    loop {
        let id = client.begin("tools/call", params.clone()).await;
        let result = loop {
            let message = client.next().await;
            if message["method"] == "elicitation/create" {
                client.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": red })).await;
            } else if message["id"] == id {
                break message["result"].clone();
            }
        };
        if result["resultType"] == "input_required" {
            let mut params = params.clone();
            params["requestState"] = result["requestState"].clone();
            params["inputResponses"] = json!({ "question-1": red });
            let result = client.request("tools/call", params).await["result"].take();
            if result["structuredContent"]["status"] != "running" {
                return result;
            }
        } else if result["structuredContent"]["status"] != "running" {
            return result;
        }
    }
}

#[tokio::test]
async fn a_long_program_is_waited_for_again() {
    let (gateway, upstream) = (waits(1), Upstream::new());
    let runtime = upstream.runtime().await;
    let mut client = Raw::older(&gateway, runtime.clone(), json!({})).await;
    let run_id = begin(&mut client, "return shop.gated({})").await;
    let again = client.call("execute", json!({ "runId": run_id })).await;
    assert_eq!(again["structuredContent"]["status"], "running", "{again}");

    // Nobody else's, and another's is as unknown as one that never was.
    let mut other = Raw::newer_as(&gateway, Principal::new("eve", runtime), &json!({}));
    let of_other = other.call("execute", json!({ "runId": run_id })).await;
    assert_eq!(of_other["isError"], true, "{of_other}");

    upstream.open();
    let result = outcome(&mut client, &run_id).await;
    assert_eq!(result["structuredContent"]["result"], "through", "{result}");
    assert_eq!(upstream.happened(), ["gated"]);
}

/// Whoever waits next is asked.
#[tokio::test]
async fn a_run_that_goes_on_can_still_ask() {
    let (gateway, upstream) = (waits(200), Upstream::new());
    let runtime = upstream.runtime().await;
    let capabilities = json!({ "elicitation": {} });
    let older = Raw::older(&gateway, runtime.clone(), capabilities.clone()).await;
    let newer = Raw::newer(&gateway, runtime, &capabilities);
    let code = "await shop.gated({}); return shop.ask({})";
    let (mut clients, mut runs) = (vec![older, newer], Vec::new());
    for client in &mut clients {
        runs.push(begin(client, code).await);
    }
    upstream.open();
    for (client, run_id) in clients.iter_mut().zip(runs) {
        let result = outcome(client, &run_id).await;
        assert_eq!(result["structuredContent"]["result"], json!({ "colour": "red" }), "{result}");
    }
}

/// Two wait for the same run: what it asks still reaches whoever waits next.
#[tokio::test]
async fn a_run_that_two_wait_for_can_still_ask() {
    let (gateway, upstream) = (waits(100), Upstream::new());
    let mut client = Raw::older(&gateway, upstream.runtime().await, json!({ "elicitation": {} })).await;
    let run_id = begin(&mut client, "await shop.gated({}); return shop.ask({})").await;
    let params = json!({ "name": "execute", "arguments": { "runId": run_id } });
    let first = client.begin("tools/call", params.clone()).await;
    let second = client.begin("tools/call", params).await;
    let mut ended = Vec::new();
    while ended.len() < 2 {
        let answer = client.next().await;
        assert_eq!(answer["result"]["structuredContent"]["status"], "running", "{answer}");
        ended.push(answer["id"].as_i64().unwrap());
    }
    ended.sort_unstable();
    assert_eq!(ended, [first, second]);
    upstream.open();
    let result = outcome(&mut client, &run_id).await;
    assert_eq!(result["structuredContent"]["result"], json!({ "colour": "red" }), "{result}");
}

/// Giving up the waiting is not giving up the run.
#[tokio::test]
async fn a_run_that_goes_on_outlives_whoever_waits() {
    let (gateway, upstream) = (waits(100), Upstream::new());
    let mut client = Raw::older(&gateway, upstream.runtime().await, json!({})).await;
    let run_id = begin(&mut client, "return shop.gated({})").await;
    let params = json!({ "name": "execute", "arguments": { "runId": run_id } });
    let id = client.begin("tools/call", params).await;
    let cancelled =
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
    client.send(&cancelled).await;
    upstream.open();
    let result = outcome(&mut client, &run_id).await;
    assert_eq!(result["structuredContent"]["result"], "through", "{result}");
    assert_eq!(upstream.happened(), ["gated"]);
}
