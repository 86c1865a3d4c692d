//! What the tools of the surface take and give.
//!
//! Clients hand these to services that each take another part of JSON Schema. All take this part: one type each, objects
//! with `properties`, no references, no alternatives, no formats.

use serde_json::{Value, json};

use super::answer_docs::MAX_PASSAGES;
use crate::MAX_RESULTS;

/// Arguments of `search`.
pub(super) fn search_input() -> Value {
    json!({
        "type": "object",
        "properties": {
            "query": { "type": "string" },
            "detail": { "type": "string", "enum": ["name", "signature", "full"] },
            "limit": { "type": "integer", "minimum": 1, "maximum": MAX_RESULTS },
            "connector": { "type": "string" },
        },
        "required": ["query"],
        "additionalProperties": false,
    })
}

/// What `search` answers.
pub(super) fn search_output() -> Value {
    json!({
        "type": "object",
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "path": { "type": "string" },
                        "signature": { "type": "string" },
                    },
                },
            },
            "total": { "type": "integer" },
        },
        "required": ["results", "total"],
    })
}

/// Arguments of `docs`.
pub(super) fn docs_input() -> Value {
    json!({
        "type": "object",
        "properties": {
            "query": { "type": "string" },
            "limit": { "type": "integer", "minimum": 1, "maximum": MAX_PASSAGES },
        },
        "required": ["query"],
        "additionalProperties": false,
    })
}

/// What `docs` answers.
pub(super) fn docs_output() -> Value {
    // What stands in a result names itself; each name here is paid for in every conversation.
    json!({
        "type": "object",
        "properties": { "results": { "type": "array", "items": { "type": "object", "properties": {} } } },
        "required": ["results"],
    })
}

/// Arguments of `execute`. `input` may be any JSON; clients want a type.
pub(super) fn execute_input(max_timeout_ms: u64) -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "type": "string", "description": "The program" },
            "runId": run_id(),
            "input": { "type": "object", "properties": {}, "description": "The program's `input`" },
            "timeoutMs": { "type": "integer", "minimum": 1, "maximum": max_timeout_ms },
        },
        "additionalProperties": false,
    })
}

/// Arguments of `codemode`, where it is the only tool.
pub(super) fn single_input() -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "type": "string", "description": "The program" },
            "runId": run_id(),
        },
        "additionalProperties": false,
    })
}

/// That it is one of `code` and this is not said in the schema: alternatives are among what clients choke on.
fn run_id() -> Value {
    json!({ "type": "string", "description": "Instead of code: waits for a run that is \"running\"" })
}

/// What arguments of `execute` and `codemode` are held against: whatever the shape, both take the same.
pub(super) fn execute_accepted(max_timeout_ms: u64) -> Value {
    let mut schema = execute_input(max_timeout_ms);
    if let Some(input) = schema.pointer_mut("/properties/input") {
        *input = json!({});
    }
    schema
}

/// [`Output`](crate::Output) without alternatives, and of it what a model may want to know beforehand.
pub(super) fn execute_output() -> Value {
    let text = || json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": {
            "status": { "type": "string", "enum": ["completed", "running", "paused", "error"] },
            "runId": text(),
            "result": { "description": "What the program returned" },
            "error": { "type": "object", "properties": { "message": text() } },
            "logs": { "type": "array", "items": text() },
            "calls": { "type": "array", "items": { "type": "object", "properties": {} } },
            "truncated": { "type": "object", "properties": { "whole": text() } },
        },
        "required": ["status", "runId"],
    })
}
