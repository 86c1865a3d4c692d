//! Programs that take long, as tasks and without.

use std::time::Duration;

use codemode_gateway::{Gateway, GatewayOptions, Principal};
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::upstream::Upstream;

fn execute(code: &str) -> Value {
    json!({ "name": "execute", "arguments": { "code": code } })
}

/// A gateway that waits for no program.
fn impatient() -> Gateway {
    Gateway::new(GatewayOptions::default().wait(Duration::from_millis(1)))
}

fn takes_tasks() -> Value {
    json!({ "extensions": { "io.modelcontextprotocol/tasks": {} }, "elicitation": {} })
}

/// Asks for a task until it is otherwise than it was.
async fn until(client: &mut Raw, id: &str, status: &str) -> Value {
    for _ in 0..10_000 {
        let task = client.request("tasks/get", json!({ "taskId": id })).await["result"].take();
        if task["status"] == status {
            return task;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("the task does not get {status}");
}

async fn begin(client: &mut Raw, code: &str) -> String {
    let answer = client.request("tools/call", execute(code)).await;
    assert_eq!(answer["result"]["resultType"], "task", "{answer}");
    answer["result"]["taskId"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn a_long_program_becomes_a_task() {
    let (gateway, upstream) = (impatient(), Upstream::new());
    let runtime = upstream.runtime().await;
    let mut client = Raw::newer(&gateway, runtime.clone(), &takes_tasks());
    let id = begin(&mut client, "return shop.gated({})").await;
    let task = until(&mut client, &id, "working").await;
    assert!(task["ttlMs"].as_u64().unwrap() > 0, "{task}");

    // Nobody else's.
    let mut other = Raw::newer_as(&gateway, Principal::new("eve", runtime), &takes_tasks());
    for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
        let params = json!({ "taskId": id, "inputResponses": {} });
        let of_other = other.request(method, params.clone()).await;
        let made_up = other.request(method, json!({ "taskId": "made-up", "inputResponses": {} })).await;
        assert_eq!(of_other["error"], made_up["error"]);
        assert_eq!(of_other["error"]["code"], -32602, "{of_other}");
    }

    upstream.open();
    let task = until(&mut client, &id, "completed").await;
    assert_eq!(task["result"]["structuredContent"]["result"], "through", "{task}");
    client.leave().await;
}

#[tokio::test]
async fn a_task_asks_and_is_answered() {
    let (gateway, upstream) = (impatient(), Upstream::new());
    let mut client = Raw::newer(&gateway, upstream.runtime().await, &takes_tasks());
    let code = "await shop.gated({}); return shop.ask({ for: 'form' })";
    let id = begin(&mut client, code).await;
    upstream.open();
    let task = until(&mut client, &id, "input_required").await;
    let (key, request) = task["inputRequests"].as_object().unwrap().iter().next().unwrap();
    assert_eq!(request["method"], "elicitation/create");
    let answer = json!({ "action": "accept", "content": { "colour": "red" } });
    client.request("tasks/update", json!({ "taskId": id, "inputResponses": { key: answer } })).await;
    let task = until(&mut client, &id, "completed").await;
    assert_eq!(task["result"]["structuredContent"]["result"], json!({ "colour": "red" }));
}

#[tokio::test]
async fn a_cancelled_task_stops_its_calls() {
    let (gateway, upstream) = (impatient(), Upstream::new());
    let mut client = Raw::newer(&gateway, upstream.runtime().await, &takes_tasks());
    let id = begin(&mut client, "await shop.slow({})").await;
    upstream.until("slow").await;
    client.request("tasks/cancel", json!({ "taskId": id })).await;
    upstream.until("slow cancelled").await;
    until(&mut client, &id, "cancelled").await;
}

/// What a client does not take it is not given.
#[tokio::test]
async fn tasks_are_for_clients_that_take_them() {
    let upstream = Upstream::new();
    let gateway = Gateway::default();
    let mut older = Raw::connect(&gateway, upstream.runtime().await);
    let greeting = older.initialize(takes_tasks()).await;
    assert!(greeting["result"]["capabilities"].get("extensions").is_none(), "{greeting}");
    let mut newer = Raw::newer(&gateway, upstream.runtime().await, &json!({}));
    let answer = newer.request("tasks/get", json!({ "taskId": "x" })).await;
    assert_eq!(answer["error"]["code"], -32021, "{answer}");
}
