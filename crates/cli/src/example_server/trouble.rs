//! What goes wrong with servers, on demand.

use std::time::Duration;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::group::object;
use super::reply::Reply;

/// The longest wait of `slow`: an hour. A day would be no other test.
const MAX_WAIT_MS: u64 = 3_600_000;

/// The largest answer of `big`: beyond every default limit.
const MAX_MEGABYTES: u64 = 64;

pub(super) fn tools() -> Vec<Tool> {
    let tool = |name: &'static str, description: &'static str, schema: Value| {
        Tool::new(name, description, object(schema))
    };
    let harmless =
        || ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
    let milliseconds = json!({ "type": "integer", "minimum": 0, "description": "How long to wait" });
    vec![
        tool(
            "slow",
            "Wait, then answer {waited_ms}",
            json!({ "type": "object", "properties": { "ms": milliseconds }, "required": ["ms"] }),
        )
        .with_annotations(harmless()),
        tool(
            "fail",
            "Fail, with the message given",
            json!({ "type": "object", "properties": { "message": { "type": "string" } } }),
        )
        .with_annotations(harmless()),
        tool(
            "big",
            "Answer with a text of some megabytes",
            json!({
                "type": "object",
                "properties": { "megabytes": { "type": "integer", "minimum": 0, "maximum": MAX_MEGABYTES, "default": 5 } }
            }),
        )
        .with_annotations(harmless()),
        tool("crash", "End the server in the middle of the call", json!({ "type": "object", "properties": {} })),
    ]
}

pub(super) async fn call(tool: &str, arguments: &JsonObject, cancelled: &CancellationToken) -> Option<Reply> {
    let integer = |key: &str| arguments.get(key).and_then(Value::as_u64);
    Some(match tool {
        "slow" => match integer("ms").filter(|ms| *ms <= MAX_WAIT_MS) {
            Some(ms) => {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(ms)) => {
                        Reply::Structured(json!({ "waited_ms": ms }))
                    }
                    () = cancelled.cancelled() => Reply::Failure("cancelled".to_owned()),
                }
            }
            None => Reply::Failure(format!("ms must be an integer from 0 to {MAX_WAIT_MS}")),
        },
        "fail" => {
            let message = arguments.get("message").and_then(Value::as_str).unwrap_or("it failed, as asked");
            Reply::Failure(message.to_owned())
        }
        "big" => {
            let megabytes = integer("megabytes").unwrap_or(5).min(MAX_MEGABYTES);
            Reply::Text("0123456789abcde\n".repeat(usize::try_from(megabytes << 16).unwrap_or_default()))
        }
        "crash" => std::process::abort(),
        _ => return None,
    })
}
