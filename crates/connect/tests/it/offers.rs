//! What a server has besides tools, and what it asks for and tells in the middle of a call.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codemode_connect::{
    Accepts, Asked, Call, CallError, Connector, Delivery, Input, InputReply, Limits, Mcp, Progress, Query,
    Question, Secret, State,
};
use serde_json::{Map, Value, json};

use crate::fake;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(150);

const ALL: Accepts = Accepts { form: true, url: true, sampling: true, roots: true };

fn server(kind: &str) -> Mcp {
    Mcp::stdio("up", fake::command(kind))
}

async fn call(server: &Mcp, tool: &str, arguments: Value) -> Result<Value, CallError> {
    server.call(Call::new(tool, arguments, LONG)).await.map(|reply| reply.value)
}

async fn ask(server: &Mcp, query: Query) -> Result<(Value, Vec<String>), String> {
    let reply = server.ask(Question::new(query, LONG)).await;
    reply.map(|reply| (reply.value, reply.binary)).map_err(|error| error.to_string())
}

fn form() -> Value {
    json!({"method": "elicitation/create", "params": {"message": "name?", "requestedSchema": {"type": "object"}}})
}

/// A server whose hook notes what is asked and gives `reply`.
fn asking(kind: &str, accepts: Accepts, reply: InputReply) -> (Mcp, Arc<Mutex<Vec<Input>>>) {
    let seen: Arc<Mutex<Vec<Input>>> = Arc::default();
    let noted = seen.clone();
    let server = server(kind).on_input(accepts, move |input| {
        noted.lock().unwrap().push(input);
        let reply = reply.clone();
        async move { reply }
    });
    (server, seen)
}

#[tokio::test]
async fn a_listing_says_what_the_server_says_of_itself() {
    for kind in ["full", "full-modern"] {
        let listing = server(kind).list().await.unwrap();
        assert_eq!(listing.about.as_deref(), Some("Mind the things."));
        assert_eq!(listing.tools.len(), 1);
        assert_eq!(listing.notes, ["a tool without a name was left out"]);
    }
}

#[tokio::test]
async fn resources_and_prompts() {
    for kind in ["full", "full-modern"] {
        let server = server(kind);
        let mut resources = json!([{"uri": "a://1", "name": "one"}, {"uri": "a://2", "name": "two"}]);
        if kind == "full-modern" {
            resources.as_array_mut().unwrap().push(json!({"uriTemplate": "a://{n}", "name": "any"}));
        }
        assert_eq!(ask(&server, Query::Resources).await, Ok((resources, vec![])));
        let contents = json!([{"uri": "a://1", "blob": "aGk="}, {"uri": "a://1", "text": "hi"}]);
        let read = ask(&server, Query::Resource { uri: "a://1".into() }).await;
        assert_eq!(read, Ok((contents, vec!["/0/blob".into()])));
        let none = ask(&server, Query::Resource { uri: "a://none".into() }).await;
        assert_eq!(none, Err("up refused the request: no (-32602)".into()));
        assert_eq!(ask(&server, Query::Prompts).await, Ok((json!([{"name": "greet"}]), vec![])));
        let arguments = Map::from_iter([("n".to_owned(), json!(5)), ("s".to_owned(), json!("x"))]);
        let prompt = json!({"description": "A greeting", "messages": [
            {"role": "user", "content": {"type": "text", "text": r#"{"n":"5","s":"x"}"#}},
            {"role": "user", "content": {"type": "image", "data": "aGk=", "mimeType": "image/png"}},
        ]});
        let got = ask(&server, Query::Prompt { name: "greet".into(), arguments }).await;
        assert_eq!(got, Ok((prompt, vec!["/messages/1/content/data".into()])));
    }
}

#[tokio::test]
async fn a_server_without_resources_is_not_asked() {
    let server = server("plain");
    for (query, message) in [
        (Query::Resources, "up has no resources"),
        (Query::Prompt { name: "x".into(), arguments: Map::new() }, "up has no prompts"),
    ] {
        let error = server.ask(Question::new(query, LONG)).await.unwrap_err();
        assert_eq!((error.to_string().as_str(), error.delivery()), (message, Delivery::NotSent));
    }
}

#[tokio::test]
async fn a_server_is_told_of_what_the_hook_answers_and_nothing_else() {
    for kind in ["full", "full-modern"] {
        let told = |accepts| async move {
            let (server, _) = asking(kind, accepts, InputReply::Cancel);
            call(&server, "client", json!({})).await.unwrap()
        };
        assert_eq!(call(&server(kind), "client", json!({})).await.unwrap(), json!({}));
        assert_eq!(
            told(ALL).await,
            json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}})
        );
        let only_url = Accepts { url: true, ..Accepts::default() };
        assert_eq!(told(only_url).await, json!({"elicitation": {"url": {}}}));
    }
}

#[tokio::test]
async fn what_an_older_server_asks_is_answered_by_the_hook() {
    let give = InputReply::Give;
    let result = |result: Value| json!({"jsonrpc": "2.0", "id": "q", "result": result});
    let sampling = json!({"method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 5}});
    let page = |url: &str| json!({"method": "elicitation/create", "params": {"mode": "url", "message": "go", "url": url, "elicitationId": "1"}});
    let roots = json!([{"uri": "file:///tmp"}]);
    let words = json!({"role": "assistant", "content": {"type": "text", "text": "x"}, "model": "m"});
    for (request, reply, answer, asked) in [
        (
            form(),
            give(json!({"name": "x"})),
            result(json!({"action": "accept", "content": {"name": "x"}})),
            Asked::Form { message: "name?".into(), schema: json!({"type": "object"}) },
        ),
        (
            form(),
            InputReply::Decline,
            result(json!({"action": "decline"})),
            Asked::Form { message: "name?".into(), schema: json!({"type": "object"}) },
        ),
        (
            page("https://x.example/?a=b"),
            give(Value::Null),
            result(json!({"action": "accept"})),
            Asked::Url { message: "go".into(), url: "https://x.example/?a=b".into() },
        ),
        (
            sampling.clone(),
            give(words.clone()),
            result(words),
            Asked::Sampling { params: json!({"messages": [], "maxTokens": 5}) },
        ),
        (
            json!({"method": "roots/list"}),
            give(roots.clone()),
            result(json!({ "roots": roots })),
            Asked::Roots,
        ),
    ] {
        let (server, seen) = asking("full", ALL, reply);
        assert_eq!(call(&server, "ask", request).await.unwrap(), answer);
        let seen = seen.lock().unwrap();
        assert_eq!((seen[0].connector.as_str(), &seen[0].label, &seen[0].asked), ("up", &None, &asked));
    }
    for (request, accepts, code) in [
        (form(), Accepts { sampling: true, ..Accepts::default() }, -32601),
        (sampling, Accepts { form: true, ..Accepts::default() }, -32601),
        (page("javascript:alert(1)"), ALL, -32602),
        (json!({"method": "elicitation/create", "params": {"mode": "dance"}}), ALL, -32602),
        (json!({"method": "x/y"}), ALL, -32601),
    ] {
        let (server, seen) = asking("full", accepts, give(json!({})));
        assert_eq!(call(&server, "ask", request).await.unwrap()["error"]["code"], code);
        assert!(seen.lock().unwrap().is_empty());
    }
    // A person's no to what has no word for it.
    let (server, _) = asking("full", ALL, InputReply::Decline);
    let refused = call(&server, "ask", json!({"method": "roots/list"})).await.unwrap();
    assert_eq!(refused["error"]["code"], -1);
}

#[tokio::test]
async fn what_a_newer_server_asks_is_sent_with_the_request_again() {
    let (server, seen) = asking("full-modern", ALL, InputReply::Give(json!({"name": "x"})));
    let mut labelled = Call::new("ask", form(), LONG);
    labelled.label = Some("run 7".into());
    let answer = json!({"action": "accept", "content": {"name": "x"}});
    assert_eq!(
        server.call(labelled).await.unwrap().value,
        json!({"answers": {"first": answer, "second": answer}, "state": " ü=&\u{0}"})
    );
    let labels: Vec<_> = seen.lock().unwrap().iter().map(|input| input.label.clone()).collect();
    assert_eq!(labels, [Some("run 7".to_owned()), Some("run 7".to_owned())]);

    let roots = json!([{"uri": "file:///tmp"}]);
    let (server, _) = asking("full-modern", ALL, InputReply::Give(roots.clone()));
    let (contents, _) = ask(&server, Query::Resource { uri: "a://roots".into() }).await.unwrap();
    let found: Value = serde_json::from_str(contents[0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(found["answers"]["first"], json!({ "roots": roots }));
}

#[tokio::test]
async fn a_call_that_needs_a_page_visited_is_made_again_after_that() {
    let page = Asked::Url { message: "log in".into(), url: "https://x.example/".into() };
    let (server, seen) = asking("full", ALL, InputReply::Give(Value::Null));
    assert_eq!(call(&server, "visit", json!({"pages": 2})).await.unwrap(), json!({"visits": 2}));
    let asked: Vec<Asked> = seen.lock().unwrap().iter().map(|input| input.asked.clone()).collect();
    assert_eq!(asked, [page.clone(), page]);
    for server in [self::server("full"), asking("full", ALL, InputReply::Decline).0] {
        let error = call(&server, "visit", json!({"pages": 1})).await.unwrap_err();
        assert_eq!(error.to_string(), "up refused the request: log in first (-32042)");
        assert_eq!(call(&server, "visit", json!({"pages": 0})).await.unwrap(), json!({"visits": 1}));
    }
}

#[tokio::test]
async fn a_newer_server_that_is_not_answered_is_not_asked_again() {
    let unsupported = "up asked for further input in the middle of the call, and got none";
    for server in [
        server("full-modern"),
        asking("full-modern", Accepts { roots: true, ..Accepts::default() }, InputReply::Cancel).0,
    ] {
        let error = call(&server, "ask", form()).await.unwrap_err();
        assert_eq!((error.to_string().as_str(), error.delivery()), (unsupported, Delivery::MaybeSent));
    }
    let (server, _) = asking("full-modern", ALL, InputReply::Decline);
    let error = ask(&server, Query::Resource { uri: "a://roots".into() }).await.unwrap_err();
    assert_eq!(error, unsupported);
    let error = call(&server, "ask-on", json!({})).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "up gave an answer that is no valid MCP: it asks for further input again and again"
    );
}

#[tokio::test]
async fn the_time_that_a_person_takes_is_not_the_calls() {
    let limits = |input_timeout| Limits { input_timeout, ..Limits::default() };
    for kind in ["full", "full-modern"] {
        let slow = |_| async {
            tokio::time::sleep(Duration::from_millis(1200)).await;
            InputReply::Give(json!({}))
        };
        let server = server(kind).limits(limits(LONG)).on_input(ALL, slow);
        call(&server, "echo", json!({})).await.unwrap();
        let asked = server.call(Call::new("ask", form(), Duration::from_secs(1))).await;
        assert!(asked.is_ok(), "{kind}: {asked:?}");
    }
    // Nobody is waited for for ever: an older server hears that nobody answered.
    let nobody = |_| std::future::pending::<InputReply>();
    let server = server("full").limits(limits(SHORT)).on_input(ALL, nobody);
    assert_eq!(call(&server, "ask", form()).await.unwrap()["result"]["action"], "cancel");
}

#[tokio::test]
async fn progress_is_told_with_the_label_of_its_call() {
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let noted = seen.clone();
    let server = server("full").on_progress(move |progress| noted.lock().unwrap().push(progress));
    let mut labelled = Call::new("progress", json!({}), LONG);
    labelled.label = Some("call 3".into());
    server.call(labelled).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!((seen[0].connector.as_str(), seen[0].label.as_deref()), ("up", Some("call 3")));
    assert_eq!((seen[0].progress, seen[0].total), (1.0, Some(3.0)));
    assert_eq!(seen[0].message.as_deref(), Some("working"));
}

#[tokio::test]
async fn calls_wait_for_a_place_and_no_longer_than_they_may() {
    let patient = self::server("full").limits(Limits { call_timeout: Some(LONG), ..Limits::default() });
    patient.call(Call::new("echo", json!({}), Duration::ZERO)).await.unwrap();

    let limits = Limits { concurrency: 1, ..Limits::default() };
    let server = server("full").limits(limits);
    call(&server, "echo", json!({})).await.unwrap();
    let first = server.call(Call::new("hang", json!({}), Duration::from_secs(1)));
    let second = server.call(Call::new("echo", json!({}), SHORT));
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap_err().delivery(), Delivery::MaybeSent);
    assert_eq!(second.unwrap_err().delivery(), Delivery::NotSent);
    assert_eq!(call(&server, "echo", json!({"a": 1})).await.unwrap(), json!({"a": 1}));

    let server = self::server("full").limits(Limits { call_timeout: Some(SHORT), ..Limits::default() });
    server.list().await.unwrap();
    let error = call(&server, "hang", json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "up did not answer within 150 ms");
}

#[tokio::test]
async fn the_state_is_known_without_asking() {
    let server = server("full");
    assert_eq!(server.state(), State::Idle);
    call(&server, "echo", json!({})).await.unwrap();
    assert_eq!(server.state(), State::Ready);
    server.close().await;
    assert_eq!(server.state(), State::Closed);

    let dead = self::server("dead").limits(Limits { first_pause: LONG, ..Limits::default() });
    call(&dead, "echo", json!({})).await.unwrap_err();
    let State::Unavailable { reason, retry_in: Some(pause) } = dead.state() else {
        panic!("{:?}", dead.state())
    };
    assert_eq!(reason, "its program ended before it was ready");
    assert!(pause <= LONG);
}

#[tokio::test]
async fn g69_secrets_of_a_process_come_back_from_nowhere() {
    let secret = |text: &str| Secret::new(text).unwrap();
    let (env, arg) = ("canary-of-env-0123456789", "canary-of-arg-9876543210");
    let command =
        fake::command("full").secret_env("CANARY", secret(env)).arg("--skip").secret_arg(secret(arg));
    assert!(!format!("{command:?}").contains("canary-of"), "{command:?}");
    let told: Arc<Mutex<Vec<Input>>> = Arc::default();
    let noted = told.clone();
    let server = Mcp::stdio("up", command).on_input(ALL, move |input| {
        noted.lock().unwrap().push(input);
        async { InputReply::Cancel }
    });
    let listing = server.list().await.unwrap();
    assert_eq!(listing.tools[0].description, "[redacted]");
    let leak = async |how: &str| server.call(Call::new("leak", json!({"how": how}), LONG)).await;
    let result = leak("result").await.unwrap().value;
    assert_eq!(result, json!({"env": "[redacted]", "arg": "[redacted]", "[redacted]": ["x[redacted]y"]}));
    // What is no base64 any more is no bytes.
    let bytes = leak("bytes").await.unwrap();
    assert!(bytes.binary.is_empty() && bytes.value.to_string().contains("[redacted]"), "{bytes:?}");
    assert_eq!(leak("error").await.unwrap_err().to_string(), "[redacted]");
    assert_eq!(leak("refusal").await.unwrap_err().to_string(), "up refused the request: [redacted] (-32602)");
    call(&server, "ask", json!({"method": "elicitation/create", "params": {"message": env, "requestedSchema": {"title": arg}}}))
        .await
        .unwrap();
    let asked = Asked::Form { message: "[redacted]".into(), schema: json!({"title": "[redacted]"}) };
    assert_eq!(told.lock().unwrap()[0].asked, asked);
    let last_words = leak("last words").await.unwrap_err().operator_message();
    assert!(last_words.contains("starting with [redacted], and [redacted]"), "{last_words}");
    assert!(last_words.contains("[stdout] not JSON: [redacted]"), "{last_words}");

    let missing =
        fake::command("full").secret_env("X", Secret::reference("${env:CODEMODE_NO_SUCH}").unwrap());
    let error = call(&Mcp::stdio("up", missing), "echo", json!({})).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.operator_message().contains("the variable X: "), "{}", error.operator_message());
}
