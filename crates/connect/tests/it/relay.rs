//! Requests that are sent on as they are.

use std::time::Duration;

use codemode_connect::{Accepts, Change, Connector, LogLevel, Mcp, Offer, Relay, RelayError};
use serde_json::{Map, Value, json};

use crate::fake;

const LONG: Duration = Duration::from_secs(20);

fn server(kind: &str) -> Mcp {
    let server = Mcp::stdio("up", fake::command(kind));
    server.forward(Accepts::ALL);
    server
}

fn relay(method: &str, params: Value) -> Relay {
    let Value::Object(params) = params else { panic!("no object") };
    Relay::new(method, params, LONG)
}

#[tokio::test]
async fn results_come_as_they_are() {
    for kind in ["full", "full-modern"] {
        let server = server(kind);
        let read = server.relay(relay("resources/read", json!({"uri": "a://1"}))).await.unwrap();
        let contents = json!([{"uri": "a://1", "blob": "aGk=", "_meta": {}}, {"uri": "a://1", "text": "hi"}]);
        assert_eq!(read, json!({ "contents": contents }));
        let called = server.relay(relay("tools/call", json!({"name": "echo", "arguments": {"a": 1}}))).await;
        assert_eq!(called.unwrap(), json!({"structuredContent": {"a": 1}}));
        assert!(server.capabilities().contains_key("resources"));
    }
}

#[tokio::test]
async fn refusals_come_as_they_are() {
    let refused = |error: RelayError| match error {
        RelayError::Refused { code, message, data } => (code, message, data),
        other => panic!("{other}"),
    };
    let server = server("full");
    let none = server.relay(relay("resources/read", json!({"uri": "a://none"}))).await.unwrap_err();
    assert_eq!(refused(none), (-32602, "no".to_owned(), None));
    let mut visit = relay("tools/call", json!({"name": "visit", "arguments": {"pages": 1}}));
    visit.raw_rounds = true;
    let (code, message, data) = refused(server.relay(visit).await.unwrap_err());
    assert_eq!((code, message.as_str()), (-32042, "log in first"));
    assert_eq!(data.unwrap()["elicitations"][0]["mode"], "url");
    for method in ["initialize", "ping", "x/y", "subscriptions/listen"] {
        assert_eq!(refused(server.relay(relay(method, json!({}))).await.unwrap_err()).0, -32601, "{method}");
    }
}

#[tokio::test]
async fn rounds_of_who_answers_by_themselves_come_as_they_are() {
    let server = server("full-modern");
    let asked =
        json!({"method": "elicitation/create", "params": {"message": "name?", "requestedSchema": {}}});
    let mut first = relay("tools/call", json!({"name": "ask", "arguments": asked}));
    first.raw_rounds = true;
    let result = server.relay(first).await.unwrap();
    assert_eq!(
        (&result["resultType"], &result["inputRequests"]["first"]),
        (&json!("input_required"), &asked)
    );
    let answers = json!({"first": {"action": "accept", "content": {}}, "second": {"action": "decline"}});
    let mut second = relay(
        "tools/call",
        json!({"name": "ask", "inputResponses": answers, "requestState": result["requestState"]}),
    );
    second.raw_rounds = true;
    let result = server.relay(second).await.unwrap();
    assert_eq!(
        result["structuredContent"],
        json!({"answers": answers, "state": result["structuredContent"]["state"]})
    );
    assert_eq!(result["structuredContent"]["state"], " ü=&\u{0}");
}

#[tokio::test]
async fn what_is_between_neighbours_stays_there() {
    let meta = json!({
        "progressToken": "theirs", "io.modelcontextprotocol/clientInfo": {"name": "theirs"},
        "io.modelcontextprotocol/protocolVersion": "1", "traceparent": "00-1",
        "io.modelcontextprotocol/logLevel": "debug",
    });
    for (kind, level) in [("full", Value::Null), ("full-modern", json!("debug"))] {
        let mut sent = relay("tools/call", json!({"name": "meta", "_meta": meta}));
        let capabilities = json!({"elicitation": {"url": {"x": 1}}});
        sent.capabilities = capabilities.as_object().cloned();
        let seen = server(kind).relay(sent).await.unwrap()["structuredContent"].take();
        assert_eq!(seen["traceparent"], "00-1");
        assert_ne!(seen["progressToken"], "theirs");
        assert_ne!(seen["io.modelcontextprotocol/clientInfo"]["name"], "theirs");
        assert_eq!(seen["io.modelcontextprotocol/logLevel"], level);
        if kind == "full-modern" {
            assert_eq!(seen["io.modelcontextprotocol/clientCapabilities"], capabilities);
        }
    }
}

#[tokio::test]
async fn what_was_not_asked_for_is_logged_only_where_requests_are_told_apart() {
    // The older one refuses to be told, which it must not be at all: then it logs otherwise for all.
    for (kind, level) in [("full", Value::Null), ("full-modern", json!("debug"))] {
        let server = server(kind);
        let mut sent = relay("tools/call", json!({"name": "meta", "_meta": {"a": 1}}));
        sent.log_level = Some(LogLevel::Debug);
        let seen = server.relay(sent).await.unwrap()["structuredContent"].take();
        assert_eq!((&seen["a"], &seen["io.modelcontextprotocol/logLevel"]), (&json!(1), &level));
        let levels = server.relay(relay("tools/call", json!({"name": "levels"}))).await.unwrap();
        assert_eq!(levels["structuredContent"]["levels"], json!([]));
    }
    let server = server("full");
    let meta = json!({"io.modelcontextprotocol/logLevel": "info"});
    let sent = relay("tools/call", json!({"name": "levels", "_meta": meta}));
    assert_eq!(server.relay(sent).await.unwrap()["structuredContent"]["levels"], json!(["info"]));
    server.relay(relay("logging/setLevel", json!({"level": "info"}))).await.unwrap_err();
}

#[tokio::test]
async fn offers_are_whole_and_as_they_are() {
    let server = server("full");
    let resources = server.offer(Offer::Resources, LONG).await.unwrap();
    assert_eq!(
        resources,
        [json!({"uri": "a://1", "name": "one"}), json!({"uri": "a://2", "name": "two", "_meta": {}})]
    );
    assert!(server.offer(Offer::Templates, LONG).await.unwrap().is_empty());
    assert_eq!(server.offer(Offer::Prompts, LONG).await.unwrap(), [json!({"name": "greet"})]);
    assert!(self::server("plain").offer(Offer::Prompts, LONG).await.unwrap().is_empty());
}

#[tokio::test]
async fn changes_are_told() {
    let server = server("full");
    let mut changes = server.changes().unwrap();
    server.relay(relay("tools/call", json!({"name": "change"}))).await.unwrap();
    let resource = Change::Resource { uri: "a://1".to_owned() };
    for expected in [Change::Tools, Change::Prompts, Change::Resources, resource] {
        assert_eq!(changes.recv().await.unwrap(), expected);
    }
    assert!(server.tools_changed());
    let params = Map::from_iter([("uri".to_owned(), json!("a://1"))]);
    server.relay(Relay::new("resources/subscribe", params, LONG)).await.unwrap_err();
}
