//! MCP over HTTP, in both eras, against a server that also misbehaves.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codemode_connect::{
    Call, CallError, Connector, Delivery, EndpointError, Era, HeaderError, Limits, Mcp, OAuth, Secret, State,
};
use serde_json::{Value, json};

use crate::server::{Reply, Seen, Server};

const LONG: Duration = Duration::from_secs(20);
const CANARY: &str = "canary-0123456789-canary";

fn connector(server: &Server) -> Mcp {
    let limits =
        Limits { response_bytes: 64 * 1024, first_pause: Duration::from_millis(20), ..Limits::default() };
    Mcp::http("up", &server.url("/mcp")).unwrap().limits(limits)
}

async fn call(server: &Mcp, tool: &str, arguments: Value) -> Result<Value, CallError> {
    server.call(Call::new(tool, arguments, LONG)).await.map(|reply| reply.value)
}

fn verdict(error: &CallError) -> (String, Delivery) {
    (error.to_string(), error.delivery())
}

fn method(seen: &Seen) -> String {
    let body = serde_json::from_slice::<Value>(&seen.body).unwrap_or_default();
    body["method"].as_str().unwrap_or(&seen.method).to_owned()
}

fn methods(server: &Server) -> Vec<String> {
    server.seen().iter().map(method).collect()
}

fn answer(seen: &Seen, result: Value) -> Value {
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    json!({"jsonrpc": "2.0", "id": body["id"], "result": result})
}

fn events(status: &str, text: &str) -> Reply {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n{text}");
    Reply::Last(head.into_bytes())
}

fn discovered(seen: &Seen) -> Reply {
    let result = json!({
        "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
        "serverInfo": {"name": "fake", "version": "0"}, "ttlMs": 3_600_000, "cacheScope": "public",
    });
    Reply::json("200 OK", &answer(seen, result))
}

/// A server of the newer era, which answers other requests by `other`.
async fn modern(other: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |seen| match method(seen).as_str() {
        "server/discover" => discovered(seen),
        _ => other(seen),
    })
    .await
}

/// A server of the older era, with a session.
async fn legacy(other: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |seen| match method(seen).as_str() {
        "server/discover" => Reply::new("400 Bad Request", &["Content-Type: text/plain"], "no session"),
        "initialize" => {
            let result = json!({
                "protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                "serverInfo": {"name": "fake", "version": "0"},
            });
            let headers = ["Content-Type: application/json", "Mcp-Session-Id: s-1"];
            Reply::new("200 OK", &headers, answer(seen, result).to_string())
        }
        "notifications/initialized" => Reply::new("202 Accepted", &[], ""),
        "GET" if seen.header("last-event-id").is_none() => Reply::new("405 Method Not Allowed", &[], ""),
        "DELETE" => Reply::new("200 OK", &[], ""),
        _ => other(seen),
    })
    .await
}

const ODD: &str = r#"{"content":"odd","structuredContent":{"b":12345678901234567890,"a":[1.0,-0.0]},"x":1}"#;

#[tokio::test]
async fn the_newer_era_has_no_session_and_repeats_parameters_in_headers() {
    let server = modern(|seen| match method(seen).as_str() {
        "tools/list" => {
            let tool = |name: &str, header: Value| {
                let schema = json!({"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": header}}});
                json!({"name": name, "inputSchema": schema})
            };
            let tools = json!([tool("good", json!("Region")), tool("bad", json!("a b")), {"name": "plain"}]);
            let result = json!({"resultType": "complete", "tools": tools, "ttlMs": 60_000, "cacheScope": "public"});
            Reply::json("200 OK", &answer(seen, result))
        }
        "tools/call" => Reply::json("200 OK", &answer(seen, json!({"structuredContent": {"n": u64::MAX}}))),
        other => panic!("{other}"),
    })
    .await;
    let up = connector(&server);
    for _ in 0..2 {
        let names: Vec<_> = up.list().await.unwrap().tools.into_iter().map(|tool| tool.name).collect();
        assert_eq!(names, ["good", "plain"]);
    }
    assert_eq!(call(&up, "good", json!({"region": "süd"})).await.unwrap(), json!({"n": u64::MAX}));
    call(&up, "good", json!({"region": "süd"})).await.unwrap();
    up.close().await;
    // Nothing is answered from a cache, whatever the server allows.
    let expected = ["server/discover", "tools/list", "tools/list", "tools/call", "tools/call"];
    assert_eq!(methods(&server), expected);
    let seen = server.seen();
    let called = &seen[3];
    for (name, value) in [
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "good"),
        ("mcp-param-region", "=?base64?c8O8ZA==?="),
        ("accept", "application/json, text/event-stream"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(called.header(name), Some(value), "{name}");
    }
    assert_eq!(called.header("mcp-session-id"), None);
}

#[tokio::test]
async fn the_older_era_has_a_session_and_is_remembered() {
    let server = legacy(|seen| {
        let body = answer(seen, serde_json::from_str(ODD).unwrap());
        events("200 OK", &format!("event: message\ndata: {body}\n\n"))
    })
    .await;
    let up = connector(&server);
    let expected = "up gave an answer that is no valid MCP: the content of the result is not an array";
    assert_eq!(call(&up, "t", json!({})).await.unwrap_err().to_string(), expected);
    up.close().await;
    let methods = methods(&server);
    assert_eq!(methods[..3], ["server/discover", "initialize", "notifications/initialized"]);
    // What the server asks in the middle of a call may come on a stream of its own, which must be open by then.
    let first = |wanted: &str| methods.iter().position(|method| method == wanted).unwrap();
    assert!(first("GET") < first("tools/call"), "{methods:?}");
    assert_eq!(methods.last().unwrap(), "DELETE");
    for seen in server.seen().iter().skip(2) {
        assert_eq!(seen.header("mcp-session-id"), Some("s-1"), "{seen:?}");
        assert_eq!(seen.header("mcp-protocol-version"), Some("2025-11-25"), "{seen:?}");
    }
}

#[tokio::test]
async fn results_arrive_as_they_are() {
    for as_events in [false, true] {
        let server = modern(move |seen| {
            let body = answer(seen, serde_json::from_str(&ODD.replace("\"odd\"", "[]")).unwrap());
            match as_events {
                true => events("200 OK", &format!(": hello\n\nid: 1\ndata:\n\ndata: {body}\n\n")),
                false => Reply::json("200 OK", &body),
            }
        })
        .await;
        let found = call(&connector(&server), "t", json!({})).await.unwrap();
        assert_eq!(found.to_string(), r#"{"b":12345678901234567890,"a":[1.0,-0.0]}"#);
    }
}

#[tokio::test]
async fn a_forgotten_session_is_begun_anew_once() {
    let calls = AtomicUsize::new(0);
    let server = legacy(move |seen| match calls.fetch_add(1, Ordering::SeqCst) {
        1 | 3.. => Reply::new("404 Not Found", &[], ""),
        _ => Reply::json("200 OK", &answer(seen, json!({"structuredContent": 1}))),
    })
    .await;
    let up = connector(&server);
    assert_eq!(call(&up, "t", json!({})).await.unwrap(), json!(1));
    assert_eq!(call(&up, "t", json!({})).await.unwrap(), json!(1));
    let calls = |server: &Server| methods(server).iter().filter(|method| *method == "tools/call").count();
    let starts = |server: &Server| methods(server).iter().filter(|method| *method == "initialize").count();
    assert_eq!((calls(&server), starts(&server)), (3, 2));
    // The second greeting's answer is understood as the first one's was.
    for seen in
        server.seen().iter().filter(|seen| !matches!(&*method(seen), "server/discover" | "initialize"))
    {
        assert_eq!(seen.header("mcp-protocol-version"), Some("2025-11-25"), "{seen:?}");
    }
    // A server that forgets every session is not asked for ever.
    let error = call(&up, "t", json!({})).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert!(calls(&server) <= 7 && starts(&server) <= 4, "{:?}", methods(&server));
}

#[tokio::test]
async fn an_answer_is_fetched_where_the_stream_broke_off() {
    let server = legacy(|seen| match seen.method.as_str() {
        "POST" => events("200 OK", "id: e-1\nretry: 10\ndata:\n\n"),
        _ => {
            assert_eq!(seen.header("last-event-id"), Some("e-1"));
            let body = json!({"jsonrpc": "2.0", "id": 1, "result": {"structuredContent": "late"}});
            events("200 OK", &format!("id: e-2\ndata: {body}\n\n"))
        }
    })
    .await;
    assert_eq!(call(&connector(&server), "t", json!({})).await.unwrap(), json!("late"));
    assert_eq!(methods(&server).iter().filter(|method| *method == "tools/call").count(), 1);
}

#[tokio::test]
async fn an_answer_that_is_too_large_ends_its_call_on_whatever_stream() {
    let server = legacy(|seen| match seen.method.as_str() {
        "POST" => events("200 OK", "id: e-1\nretry: 0\ndata:\n\n"),
        _ => {
            let result = json!({"structuredContent": "x".repeat(70_000)});
            events(
                "200 OK",
                &format!("id: e-2\ndata: {{\"result\": {result}, \"jsonrpc\": \"2.0\", \"id\": 1}}\n\n"),
            )
        }
    })
    .await;
    let (error, _) = verdict(&call(&connector(&server), "t", json!({})).await.unwrap_err());
    assert_eq!(error, "up answered with 65536 bytes, more than the limit of 65536; ask for less at once");
}

#[tokio::test]
async fn answers_that_are_none() {
    let large =
        json!({"jsonrpc": "2.0", "id": 1, "result": {"structuredContent": "x".repeat(70_000)}}).to_string();
    let size = large.len();
    let too_large = |bytes: usize| {
        format!("up answered with {bytes} bytes, more than the limit of 65536; ask for less at once")
    };
    let no_json = "up gave an answer that is no valid MCP: it is not JSON, or nested too deeply";
    let json = &["Content-Type: application/json"];
    for (reply, expected) in [
        (Reply::new("200 OK", json, "{"), no_json.to_owned()),
        (Reply::new("200 OK", json, "[]"), no_json.to_owned()),
        (Reply::new("200 OK", &["Content-Type: text/html"], "<html>"), no_json.to_owned()),
        (Reply::new("204 No Content", &[], ""), no_json.to_owned()),
        (Reply::new("200 OK", json, &large), too_large(size)),
        (events("200 OK", &format!("data: {large}\n\n")), too_large(65_536)),
        (events("200 OK", "data: {\n\n"), no_json.to_owned()),
        (events("200 OK", ": nothing\n\n"), "up stopped before it answered".to_owned()),
        (Reply::Drop, "up stopped before it answered".to_owned()),
        (Reply::new("503 Service Unavailable", &[], "x"), "up answered with HTTP status 503".to_owned()),
        (Reply::new("429 Too Many Requests", json, "{}"), "up answered with HTTP status 429".to_owned()),
        (Reply::new("404 Not Found", &[], ""), "up answered with HTTP status 404".to_owned()),
        (
            Reply::new("302 Found", &["Location: http://169.254.169.254/"], ""),
            "up answered with HTTP status 302".to_owned(),
        ),
        (
            Reply::json(
                "400 Bad Request",
                &json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32020, "message": "no"}}),
            ),
            "up refused the request: no (-32020)".to_owned(),
        ),
    ] {
        let server = modern(move |_| reply.clone()).await;
        let error = call(&connector(&server), "t", json!({})).await.unwrap_err();
        assert_eq!(verdict(&error), (expected, Delivery::MaybeSent), "{:?}", error.operator_message());
        assert_eq!(methods(&server), ["server/discover", "tools/call"]);
    }
}

#[tokio::test]
async fn silence_ends_at_the_time_limit() {
    let server = modern(|_| Reply::Hang).await;
    let up = connector(&server);
    let call = Call::new("t", json!({}), Duration::from_millis(150));
    let error = up.call(call).await.unwrap_err();
    assert_eq!(verdict(&error), ("up did not answer within 150 ms".into(), Delivery::MaybeSent));
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let gone = {
        let server = Server::always(Reply::Drop).await;
        server.url("/mcp")
    };
    let up = Mcp::http("up", &gone).unwrap();
    let error = call(&up, "t", json!({})).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.to_string().starts_with("up is not available: it did not accept a connection"), "{error}");
}

#[tokio::test]
async fn a_server_that_wants_a_login() {
    let refused = Reply::new("401 Unauthorized", &["WWW-Authenticate: Bearer"], "");
    let server = Server::always(refused).await;
    let error = call(&connector(&server), "t", json!({})).await.unwrap_err();
    assert_eq!(
        verdict(&error),
        ("up is not logged in; its operator has to log in first".into(), Delivery::NotSent)
    );
    assert!(error.operator_message().ends_with("codemode login up"), "{}", error.operator_message());
}

#[tokio::test]
async fn a_question_that_is_not_understood_may_have_any_answer() {
    for nonsense in [json!({}), json!({"tools": []}), json!("hello")] {
        let server = Server::start(move |seen| match method(seen).as_str() {
            "server/discover" => Reply::json("200 OK", &answer(seen, nonsense.clone())),
            "initialize" => {
                let result = json!({
                    "protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                    "serverInfo": {"name": "fake", "version": "0"},
                });
                Reply::json("200 OK", &answer(seen, result))
            }
            "notifications/initialized" => Reply::new("202 Accepted", &[], ""),
            _ => Reply::json("200 OK", &answer(seen, json!({"structuredContent": 1}))),
        })
        .await;
        assert_eq!(call(&connector(&server), "t", json!({})).await.unwrap(), json!(1));
        // Whoever knows better spares the question.
        let known = connector(&server).era(Era::Initialize);
        assert_eq!(call(&known, "t", json!({})).await.unwrap(), json!(1));
        let asked = methods(&server).iter().filter(|method| *method == "server/discover").count();
        assert_eq!(asked, 1);
    }
}

#[tokio::test]
async fn a_credential_that_is_refused() {
    let server = Server::always(Reply::new("401 Unauthorized", &[], "")).await;
    let folder = tempfile::tempdir().unwrap();
    let up =
        connector(&server).oauth(OAuth::new(folder.path())).bearer(Secret::new(CANARY).unwrap()).unwrap();
    let error = call(&up, "t", json!({})).await.unwrap_err();
    let expected = "up has no usable credential for \"authorization\": the server does not accept it";
    assert_eq!(verdict(&error), (expected.into(), Delivery::NotSent));
}

#[tokio::test]
async fn credentials_are_sent_and_never_come_back() {
    let server = modern(|seen| {
        let echo = json!({"structuredContent": [seen.header("authorization"), seen.header("x-key")]});
        Reply::json("200 OK", &answer(seen, echo))
    })
    .await;
    let secret = || Secret::new(CANARY).unwrap();
    let up = connector(&server).bearer(secret()).unwrap().header("X-Key", secret()).unwrap();
    assert_eq!(call(&up, "t", json!({})).await.unwrap(), json!(["Bearer [redacted]", "[redacted]"]));
    assert_eq!(server.seen()[0].header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
    assert!(!format!("{up:?}").contains("canary"));
    let refused = connector(&server).header("Mcp-Session-Id", secret()).unwrap_err();
    assert_eq!(refused, HeaderError::Reserved("mcp-session-id".into()));
    assert_eq!(Mcp::http("up", "https://a:b@x.example").unwrap_err(), EndpointError::Credentials);
}

#[tokio::test]
async fn a_reference_is_followed_when_the_server_is_first_reached() {
    let server = modern(|seen| {
        let echo = json!({"structuredContent": [seen.header("authorization")]});
        Reply::json("200 OK", &answer(seen, echo))
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let secret = Secret::template(&format!("Bearer ${{file:{}}}", file.display())).unwrap();
    let up = connector(&server).header("Authorization", secret).unwrap();
    let error = call(&up, "t", json!({})).await.unwrap_err();
    let (said, delivery) = verdict(&error);
    assert!(said.starts_with("up cannot be used: a secret that it needs could not be had"), "{said}");
    assert_eq!(delivery, Delivery::NotSent);
    assert!(error.operator_message().contains("the header authorization: the file "), "{error:?}");
    assert!(server.seen().is_empty());
    std::fs::write(&file, format!("{CANARY}\n")).unwrap();
    assert_eq!(call(&up, "t", json!({})).await.unwrap(), json!(["[redacted]"]));
    assert_eq!(server.seen()[0].header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
    let broken = connector(&server).header("X-Key", Secret::new("schlüsselschlüssel").unwrap());
    assert!(matches!(broken, Err(HeaderError::Value(_))));
}

#[tokio::test]
async fn a_server_that_has_gone_is_left_alone_for_longer_and_longer() {
    let server = modern(|seen| {
        let body = answer(seen, json!({"structuredContent": {}})).to_string();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
        Reply::Last(format!("{head}{body}").into_bytes())
    })
    .await;
    let limits = Limits { first_pause: LONG, ..Limits::default() };
    let up = Mcp::http("up", &server.url("/mcp")).unwrap().limits(limits);
    call(&up, "t", json!({})).await.unwrap();
    assert_eq!(up.state(), State::Ready);
    let address = server.address;
    drop(server);
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let error = call(&up, "t", json!({})).await.unwrap_err();
    let gone = "up is not available: it did not accept a connection";
    assert_eq!(verdict(&error), (gone.into(), Delivery::NotSent));
    assert!(matches!(up.state(), State::Unavailable { retry_in: None, .. }), "{:?}", up.state());
    // It is not even tried to connect again, so that other work goes on.
    let error = call(&up, "t", json!({})).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("{gone}; next attempt in ")), "{error}");
    assert!(matches!(up.state(), State::Unavailable { retry_in: Some(_), .. }), "{:?}", up.state());
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_cancelled_in_the_words_of_its_era() {
    let hang = |seen: &Seen| match method(seen).as_str() {
        "tools/call" => Reply::Watch,
        "notifications/cancelled" => Reply::new("202 Accepted", &[], ""),
        other => panic!("{other}"),
    };
    for (server, word) in [(modern(hang).await, "GONE"), (legacy(hang).await, "notifications/cancelled")] {
        let up = connector(&server);
        let error = up.call(Call::new("t", json!({}), Duration::from_millis(150))).await.unwrap_err();
        assert_eq!(verdict(&error), ("up did not answer within 150 ms".into(), Delivery::MaybeSent));
        let begun = std::time::Instant::now();
        while !methods(&server).iter().any(|seen| seen == word) {
            assert!(begun.elapsed() < LONG, "{:?}", methods(&server));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
