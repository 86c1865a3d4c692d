//! What the connector for HTTP APIs promises, against servers on the loopback that answer well and badly.

#![cfg(feature = "openapi")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests and their servers")]

mod answers;
mod credentials;
mod document;
mod failures;
mod oauth;
mod raw;
mod server;

use std::time::Duration;

use codemode_connect::{Call, CallError, Connector, HttpLimits, OpenApi, Source};
use serde_json::{Value, json};

use server::Server;

const LONG: Duration = Duration::from_secs(20);

/// An API with an operation of each method on `/thing`, and a schema-less GET of anything at `/at/{place}`.
fn document(more: &Value) -> Value {
    let operation = |id: &str| json!({"operationId": id, "responses": {"200": {"description": "ok"}}});
    let place = json!({"name": "place", "in": "path", "required": true, "schema": {"type": "string"}});
    let body = json!({"content": {"application/json": {"schema": {}}}});
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1", "description": "About things"},
        "paths": {
            "/thing": {
                "get": operation("get_thing"),
                "put": operation("put_thing"),
                "post": operation("post_thing"),
                "delete": {"operationId": "delete_thing", "tags": ["danger"], "responses": {"204": {"description": "gone"}}},
            },
            "/at/{place}": {"get": operation("at"), "post": operation("post_at")},
        },
    });
    document["paths"]["/thing"]["post"]["requestBody"] = body;
    document["paths"]["/at/{place}"]["parameters"] = json!([place]);
    merge(&mut document, more);
    document
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more.clone(),
    }
}

fn api(server: &Server, more: &Value) -> OpenApi {
    OpenApi::new("things", Source::Bytes(document(more).to_string().into()))
        .base_url(server.url("/v1"))
        .limits(quick())
}

/// Retries at once.
fn quick() -> HttpLimits {
    HttpLimits { first_pause: Duration::from_micros(1), response_bytes: 1024 * 1024, ..HttpLimits::default() }
}

async fn call(api: &OpenApi, tool: &str, arguments: Value) -> Result<Value, CallError> {
    api.call(Call::new(tool, arguments, LONG)).await.map(|reply| reply.value)
}

/// Calls the operation that gets anything at a place.
async fn at(api: &OpenApi, place: &str) -> Result<Value, CallError> {
    call(api, "at", json!({ "place": place })).await
}
