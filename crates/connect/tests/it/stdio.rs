//! MCP over standard input and output.

use std::time::{Duration, Instant};

use codemode_connect::{Call, CallError, Connector, Delivery, Limits, Mcp};
use serde_json::{Value, json};

use crate::fake;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(150);

fn limits() -> Limits {
    Limits {
        response_bytes: 1024 * 1024,
        start_timeout: LONG,
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_secs(5),
        ..Limits::default()
    }
}

fn server(kind: &str) -> Mcp {
    Mcp::stdio("up", fake::command(kind)).limits(limits())
}

async fn call(server: &Mcp, tool: &str, arguments: Value) -> Result<Value, CallError> {
    server.call(Call::new(tool, arguments, LONG)).await.map(|reply| reply.value)
}

fn verdict(error: &CallError) -> (String, Delivery) {
    (error.to_string(), error.delivery())
}

#[tokio::test]
async fn calls_share_a_process() {
    let server = server("plain");
    let results = tokio::join!(
        call(&server, "echo", json!({"n": 1, "big": u64::MAX})),
        call(&server, "echo", json!({"n": 2})),
        call(&server, "pid", Value::Null),
        call(&server, "pid", json!({})),
    );
    assert_eq!(results.0.unwrap(), json!({"n": 1, "big": u64::MAX}));
    assert_eq!(results.1.unwrap(), json!({"n": 2}));
    assert_eq!(results.2.unwrap(), results.3.unwrap());
    assert_eq!(
        verdict(&call(&server, "fail", json!({})).await.unwrap_err()),
        ("nope".into(), Delivery::MaybeSent)
    );
    let refused = verdict(&call(&server, "refuse", json!({})).await.unwrap_err());
    assert_eq!(refused, ("up refused the request: bad id (-32602)".into(), Delivery::MaybeSent));
    let scalar = verdict(&call(&server, "echo", json!([1])).await.unwrap_err());
    assert_eq!(scalar, ("up.echo takes an object of arguments".into(), Delivery::NotSent));
    server.close().await;
    assert_eq!(
        verdict(&call(&server, "echo", json!({})).await.unwrap_err()),
        ("up was closed".into(), Delivery::NotSent)
    );
}

#[tokio::test]
async fn tools_are_listed_page_by_page() {
    let names =
        |tools: Vec<codemode_catalog::Tool>| tools.into_iter().map(|tool| tool.name).collect::<Vec<_>>();
    assert_eq!(names(server("paged").list().await.unwrap().tools), ["tool-0", "tool-1", "tool-2"]);
    let endless = server("endless").list().await.unwrap_err();
    assert_eq!(endless.to_string(), "up gave an answer that is no valid MCP: the list has too many pages");
    let server = server("plain");
    assert!(!server.tools_changed());
    call(&server, "change", json!({})).await.unwrap();
    assert!(server.tools_changed());
    server.list().await.unwrap();
    assert!(!server.tools_changed());
}

#[tokio::test]
async fn a_server_of_the_new_era_is_found_and_remembered() {
    let server = server("modern");
    assert_eq!(call(&server, "echo", json!({"a": 1})).await.unwrap(), json!({"a": 1}));
    // It tells of changes only who asks for it.
    let listening = loop {
        let listening = call(&server, "listening", json!({})).await.unwrap();
        if !listening.is_null() {
            break listening;
        }
    };
    assert_eq!(listening["notifications"], json!({"toolsListChanged": true}));
    call(&server, "change", json!({})).await.unwrap();
    assert!(server.tools_changed());
    let meta = call(&server, "meta", json!({})).await.unwrap();
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
}

#[tokio::test]
async fn answers_that_are_none() {
    let server = server("plain");
    for (tool, arguments, message) in [
        (
            "invalid-utf8",
            json!({}),
            "up gave an answer that is no valid MCP: it is not JSON, or nested too deeply",
        ),
        ("deep", json!({}), "up gave an answer that is no valid MCP: it is not JSON, or nested too deeply"),
        (
            "huge",
            json!({"bytes": 2_000_000}),
            "up answered with 2000073 bytes, more than the limit of 1048576; ask for less at once",
        ),
        ("input-required", json!({}), "up asked for further input in the middle of the call, and got none"),
    ] {
        let error = call(&server, tool, arguments).await.unwrap_err();
        assert_eq!(verdict(&error), (message.into(), Delivery::MaybeSent));
    }
    assert_eq!(call(&server, "rubbish", json!({"a": 1})).await.unwrap(), json!({"a": 1}));
    assert_eq!(call(&server, "flood", json!({"a": 2})).await.unwrap(), json!({"a": 2}));
    let heard = server.stderr();
    assert!(heard.len() <= 16 * 1024 && heard.contains("noise"), "{}", heard.len());
    assert_eq!(
        call(&server, "huge", json!({"bytes": 1_000_000})).await.unwrap().as_str().unwrap().len(),
        1_000_000
    );
}

#[tokio::test]
async fn silence_ends_at_the_time_limit() {
    let server = server("plain");
    call(&server, "echo", json!({})).await.unwrap();
    for tool in ["hang", "wrong-id", "hang-then-late"] {
        let error = server.call(Call::new(tool, json!({}), SHORT)).await.unwrap_err();
        assert_eq!(verdict(&error), ("up did not answer within 150 ms".into(), Delivery::MaybeSent));
    }
    assert_eq!(call(&server, "after-late", json!({})).await.unwrap(), json!({"late": false}));
    // A dropped call is cancelled like one that ran out of time.
    let dropped = tokio::time::timeout(SHORT, call(&server, "hang", json!({}))).await;
    assert!(dropped.is_err());
    let begun = Instant::now();
    while call(&server, "cancelled", json!({})).await.unwrap()["ids"].as_array().unwrap().len() < 4 {
        assert!(begun.elapsed() < LONG);
    }
}

#[tokio::test]
async fn a_server_that_dies_is_started_again() {
    let server = server("plain");
    let first = call(&server, "pid", json!({})).await.unwrap();
    let error = call(&server, "die", json!({})).await.unwrap_err();
    assert_eq!(verdict(&error), ("up stopped before it answered".into(), Delivery::MaybeSent));
    let operator = error.operator_message();
    assert!(
        operator.contains("exit status: 7") && operator.contains("/home/someone/server.js"),
        "{operator}"
    );
    assert_ne!(call(&server, "pid", json!({})).await.unwrap(), first);
    // The answer of a server that ends right after it still counts.
    assert_eq!(call(&server, "last", json!({"x": 1})).await.unwrap(), json!({"x": 1}));
    // The next call may still have gone to the one that was ending, and then says so; the one after it has not.
    if let Err(error) = call(&server, "echo", json!({"y": 1})).await {
        assert_eq!(verdict(&error), ("up stopped before it answered".into(), Delivery::MaybeSent));
    }
    assert_eq!(call(&server, "echo", json!({"z": 1})).await.unwrap(), json!({"z": 1}));
}

#[tokio::test]
async fn a_server_that_never_starts_is_left_alone_for_longer_and_longer() {
    let limits = Limits { first_pause: Duration::from_secs(2), ..limits() };
    let dead = Mcp::stdio("up", fake::command("dead")).limits(limits.clone());
    let error = call(&dead, "echo", json!({})).await.unwrap_err();
    let message = "up is not available: its program ended before it was ready; next attempt in 2.0 s";
    assert_eq!(verdict(&error), (message.into(), Delivery::NotSent));
    assert!(error.operator_message().contains(".secret"), "{}", error.operator_message());
    assert!(!error.operator_message().contains("next attempt"), "{}", error.operator_message());
    let begun = Instant::now();
    assert!(call(&dead, "echo", json!({})).await.unwrap_err().to_string().contains("next attempt in"));
    assert!(begun.elapsed() < Duration::from_secs(1));

    let missing = Mcp::stdio("up", codemode_connect::Command::new("/no/such/program"));
    let error = call(&missing, "echo", json!({})).await.unwrap_err();
    assert!(
        !error.to_string().contains("/no/such") && error.operator_message().contains("/no/such"),
        "{error}"
    );
}

#[tokio::test]
async fn a_start_has_a_time_limit() {
    let limits = Limits { start_timeout: SHORT, ..limits() };
    let silent = Mcp::stdio("up", fake::command("silent")).limits(limits);
    let error = call(&silent, "echo", json!({})).await.unwrap_err();
    assert!(error.to_string().starts_with("up is not available: it did not get ready in time"), "{error}");
    let rude = call(&server("rude"), "echo", json!({})).await.unwrap_err();
    assert!(rude.to_string().starts_with("up is not available: its handshake is no valid MCP"), "{rude}");

    let slow = server("silent");
    let error = slow.call(Call::new("echo", json!({}), SHORT)).await.unwrap_err();
    assert_eq!(verdict(&error), ("up did not answer within 150 ms".into(), Delivery::NotSent));
    slow.close().await;
}

#[tokio::test]
async fn a_server_that_does_not_read_blocks_nobody() {
    let deaf = server("deaf");
    let large = json!({"text": "x".repeat(1_000_000)});
    for _ in 0..2 {
        let error = deaf.call(Call::new("echo", large.clone(), SHORT)).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    }
    let begun = Instant::now();
    deaf.close().await;
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_broken_server_delays_no_other() {
    let (silent, plain) = (server("silent"), server("plain"));
    let waiting = silent.call(Call::new("echo", json!({}), SHORT));
    let (waited, answered) = tokio::join!(waiting, call(&plain, "echo", json!({"a": 1})));
    assert!(waited.is_err());
    assert_eq!(answered.unwrap(), json!({"a": 1}));
}

#[tokio::test]
async fn what_a_server_asks_is_refused() {
    let server = server("plain");
    let reply = call(&server, "ask", json!({})).await.unwrap();
    assert_eq!(reply["error"]["code"], -32601, "{reply}");
    assert_eq!(reply["id"], "q1");
}

#[tokio::test]
async fn the_environment_is_minimal() {
    let command =
        fake::command("plain").env("GIVEN", "1").inherit("CARGO_PKG_NAME").inherit("NO_SUCH_VARIABLE");
    let server = Mcp::stdio("up", command).limits(limits());
    let found = call(&server, "environment", json!({})).await.unwrap();
    let allowed = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "FAKE", "GIVEN", "CARGO_PKG_NAME"];
    for name in found["names"].as_array().unwrap() {
        assert!(allowed.contains(&name.as_str().unwrap()), "{name}");
    }
    assert!(found["names"].as_array().unwrap().contains(&json!("GIVEN")));
    assert!(!format!("{:?}", fake::command("canary")).contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn last_words_are_told_however_busy_the_machine_is() {
    let starting: Vec<_> = (0..60)
        .map(|_| {
            tokio::spawn(async {
                let dead = Mcp::stdio("up", fake::command("dead")).limits(limits());
                call(&dead, "echo", json!({})).await.unwrap_err().operator_message()
            })
        })
        .collect();
    for started in starting {
        let message = started.await.unwrap();
        assert!(message.contains(".secret"), "{message}");
    }
}
