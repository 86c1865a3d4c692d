//! Streams of events: what comes over them in the middle of a request, and what it means when they close.

use std::time::Duration;

use codemode_gateway::HttpOptions;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::upstream::Upstream;
use crate::wire::{Ask, PATIENCE, Site, Wire, execute, initialize, serve};

/// The next message on a stream of events.
async fn event(wire: &mut Wire) -> Value {
    let mut text = String::new();
    loop {
        let chunk = wire.chunk().await.expect("the connection ended").expect("the stream ended");
        text.push_str(&String::from_utf8(chunk).unwrap());
        // What a stream begins with says only how to resume it.
        for data in text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim) {
            if let Ok(message) = serde_json::from_str(data) {
                return message;
            }
        }
    }
}

/// A session of the older era.
struct Session<'a> {
    site: &'a Site,
    id: String,
}

impl<'a> Session<'a> {
    async fn begin(site: &'a Site, capabilities: Value) -> Self {
        let client = json!({ "name": "wire", "version": "1" });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": client });
        let greeted = site
            .ask(Ask::post(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params })))
            .await;
        let session = Self { site, id: greeted.header("mcp-session-id").to_owned() };
        session.say(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        session
    }

    fn message(&self, message: &Value) -> Ask {
        Ask::post(message).header("mcp-session-id", &self.id)
    }

    /// Says what has no answer.
    async fn say(&self, message: Value) {
        assert_eq!(self.site.ask(self.message(&message)).await.status, 202);
    }

    /// Begins a program on a connection of its own.
    async fn execute(&self, id: i64, code: &str) -> Wire {
        let params = json!({ "name": "execute", "arguments": { "code": code } });
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        let mut wire = self.site.connect().await;
        wire.begin(self.message(&call)).await;
        wire
    }
}

#[tokio::test]
async fn g12_a_client_of_the_newer_era_that_hangs_up_stops_its_program() {
    let upstream = Upstream::new();
    let site = Site::start(&upstream.runtime().await, "").await;
    let mut wire = site.connect().await;
    wire.begin(execute("await shop.slow({})")).await;
    upstream.until("slow").await;
    drop(wire);
    upstream.until("slow cancelled").await;

    // After the stream has begun as well.
    upstream.forget();
    let mut ask = execute("await shop.echo({}); await shop.slow({})");
    let mut body: Value = serde_json::from_slice(&ask.body).unwrap();
    body["params"]["_meta"]["progressToken"] = "t".into();
    ask.body = body.to_string().into_bytes();
    let mut wire = site.connect().await;
    wire.begin(ask).await;
    assert_eq!(wire.head().await.unwrap().status, 200);
    assert_eq!(event(&mut wire).await["method"], "notifications/progress");
    upstream.until("slow").await;
    drop(wire);
    upstream.until("slow cancelled").await;
    site.stop().await;
}

/// A session of the older era can be resumed: hanging up is not giving up, and saying so is.
#[tokio::test]
async fn g12_a_client_of_the_older_era_may_hang_up() {
    let upstream = Upstream::new();
    let site = Site::start(&upstream.runtime().await, "").await;
    let session = Session::begin(&site, json!({})).await;
    let wire = session.execute(1, "await shop.gated({}); return shop.echo({})").await;
    upstream.until("gated").await;
    drop(wire);
    upstream.open();
    upstream.until("echo").await;
    assert_eq!(upstream.happened(), ["gated", "echo"]);

    let _wire = session.execute(2, "await shop.slow({})").await;
    upstream.until("slow").await;
    session
        .say(json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 2 } }))
        .await;
    upstream.until("slow cancelled").await;
    site.stop().await;
}

/// Asks until it is answered with this status: places are given back a moment after an answer was read.
async fn until(site: &Site, ask: Ask, status: u16) {
    let asked = async { while site.ask(ask.clone()).await.status != status {} };
    tokio::time::timeout(PATIENCE, asked).await.expect("it is answered otherwise");
}

#[tokio::test]
async fn g11_a_request_of_a_session_is_counted_for_as_long_as_it_goes_on() {
    let upstream = Upstream::new();
    let runtime = upstream.runtime().await;
    let site = Site::start(&runtime, "").await;
    let session = Session::begin(&site, json!({})).await;
    // From here on, so that nothing of what was answered before counts.
    site.server.reload(&runtime, &serve("[serve.limits]\nrequests = 1")).unwrap();
    let mut wire = session.execute(1, "return shop.gated({})").await;
    upstream.until("gated").await;
    wire.stream.shutdown().await.unwrap();
    assert!(wire.ends().await);
    assert_eq!(site.ask(execute("return 1")).await.status, 429);
    upstream.open();
    until(&site, execute("return 1"), 200).await;
    site.stop().await;
}

#[tokio::test]
async fn g09_no_session_ends_in_the_middle_of_a_call() {
    let upstream = Upstream::new();
    let site = Site::start(&upstream.runtime().await, "[serve.limits]\nsessions = 2").await;
    let calling = Session::begin(&site, json!({})).await;
    let mut call = calling.execute(1, "return shop.gated({})").await;
    upstream.until("gated").await;
    let listening = Session::begin(&site, json!({})).await;
    let mut stream = site.connect().await;
    let get = Ask::new("GET", "/mcp").header("accept", "text/event-stream");
    stream.begin(get.header("mcp-session-id", &listening.id)).await;
    assert_eq!(stream.head().await.unwrap().status, 200);
    let refused = site.ask(Ask::post(&initialize())).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "5"), "{refused:?}");
    assert_eq!(refused.json()["error"], "sessions");
    // The stream's session is there for another one as soon as it is idle, and the one with the call stays.
    drop(stream);
    until(&site, Ask::post(&initialize()), 200).await;
    let message = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    assert_eq!(site.ask(listening.message(&message)).await.status, 404);
    upstream.open();
    assert_eq!(call.head().await.unwrap().status, 200);
    assert_eq!(event(&mut call).await["result"]["structuredContent"]["result"], "through");
    site.stop().await;
}

#[tokio::test]
async fn who_listens_holds_up_nothing() {
    let upstream = Upstream::new();
    let runtime = upstream.runtime().await;
    // Nothing that is waited for may take as long.
    let limits = "[serve.limits]\nrequests = 1\nstreams = 1";
    let site = Site::with(&runtime, HttpOptions::new(serve(limits)).grace(Duration::from_secs(600))).await;
    let listen =
        || Ask::newer("subscriptions/listen", json!({ "notifications": { "toolsListChanged": true } }));
    let open = async || {
        let mut wire = site.connect().await;
        wire.begin(listen()).await;
        assert_eq!(wire.head().await.unwrap().status, 200);
        event(&mut wire).await;
        wire
    };
    let mut wire = open().await;
    // It takes a place of a stream, and none of a request.
    let refused = site.ask(listen()).await;
    assert_eq!((refused.status, &refused.json()["error"]), (429, &json!("streams")));
    assert_eq!(site.ask(execute("return 1")).await.status, 200);
    // What it listens to ends with the configuration that allowed it.
    site.server.reload(&runtime, &serve(limits)).unwrap();
    while wire.chunk().await.expect("the connection ended").is_some() {}
    let mut wire = open().await;
    site.stop().await;
    while wire.chunk().await.expect("the connection ended").is_some() {}
}

#[tokio::test]
async fn an_older_client_is_asked_on_the_stream_of_its_request() {
    let upstream = Upstream::new();
    let site = Site::start(&upstream.runtime().await, "").await;
    let session = Session::begin(&site, json!({ "elicitation": {} })).await;
    let stranger = Session::begin(&site, json!({ "elicitation": {} })).await;
    let mut wire = session.execute(7, "return shop.ask({})").await;
    assert_eq!(wire.head().await.unwrap().header("content-type"), "text/event-stream");
    let asked = event(&mut wire).await;
    assert_eq!(asked["method"], "elicitation/create", "{asked}");
    let answer = |colour: &str| {
        let result = json!({ "action": "accept", "content": { "colour": colour } });
        json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result })
    };
    // An answer from another session is none.
    stranger.say(answer("green")).await;
    session.say(answer("red")).await;
    let result = event(&mut wire).await;
    assert_eq!(result["id"], 7);
    assert_eq!(result["result"]["structuredContent"]["result"], json!({ "colour": "red" }), "{result}");
    site.stop().await;
}
