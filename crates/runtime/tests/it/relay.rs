//! What is passed on as it is, and under which names.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codemode::connect::{
    BoxFuture, Call, CallError, Change, Changes, Connector, Error, Offer, Relay, RelayError, Reply,
};
use codemode::{Listing, Policy, Runtime, Shape, SurfaceOptions, Tool};
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;

/// Notes what it is sent and answers with it.
#[derive(Clone)]
struct Upstream {
    name: &'static str,
    sent: Arc<Mutex<Vec<String>>>,
    changes: broadcast::Sender<Change>,
    /// Whether it answers requests that are sent on.
    is_dead: bool,
    /// Whether it answers requests for lists.
    is_hung: bool,
}

impl Upstream {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            sent: Arc::default(),
            changes: broadcast::Sender::new(8),
            is_dead: false,
            is_hung: false,
        }
    }

    fn sent(&self) -> Vec<String> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }
}

impl Connector for Upstream {
    fn name(&self) -> &str {
        self.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let mut rich: Tool = serde_json::from_value(json!({
            "name": "read.it", "title": "Read", "description": "Reads", "annotations": {"readOnlyHint": true},
            "inputSchema": {"type": "object", "x-odd": 1}, "outputSchema": {"type": "array"},
            "others": {"icons": [{"src": "x"}], "_meta": {"a": 1}, "annotations": {"title": "R"}},
        }))
        .unwrap();
        rich.tags.clear();
        let tools = vec![rich, Tool::new("execute", ""), Tool::new("forbidden", ""), Tool::new("asked", "")];
        Box::pin(async { Ok(tools.into()) })
    }

    fn call(&self, _call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async { Ok(json!(null).into()) })
    }

    fn relay(&self, relay: Relay) -> BoxFuture<'_, Result<Value, RelayError>> {
        let Relay { method, params, capabilities, .. } = relay;
        if let Some(capabilities) = capabilities {
            self.sent.lock().unwrap().push(Value::Object(capabilities).to_string());
        }
        self.sent.lock().unwrap().push(format!("{method} {}", Value::Object(params.clone())));
        let refused = RelayError::Refused { code: -32000, message: "dead".to_owned(), data: None };
        let answer = json!({ "by": self.name, "_meta": { "x": 1 } });
        let hangs = self.is_hung && method == "resources/subscribe";
        Box::pin(async move {
            if hangs {
                std::future::pending::<()>().await;
            }
            if self.is_dead { Err(refused) } else { Ok(answer) }
        })
    }

    fn offer(&self, offer: Offer, timeout: Duration) -> BoxFuture<'_, Result<Vec<Value>, CallError>> {
        let own = format!("{}://own", self.name);
        let list = match offer {
            Offer::Resources => {
                vec![json!({"uri": own, "name": "own"}), json!({"uri": "x://same", "by": self.name})]
            }
            Offer::Templates => {
                vec![json!({"uriTemplate": format!("{}://t/{{id}}", self.name), "name": "t"})]
            }
            _ => vec![json!({"name": "greet", "_meta": {}})],
        };
        Box::pin(async move {
            if self.is_hung {
                self.sent.lock().unwrap().push(format!("{offer:?}"));
                tokio::time::sleep(timeout).await;
                return Err(CallError::tool("it hangs"));
            }
            Ok(list)
        })
    }

    fn capabilities(&self) -> Map<String, Value> {
        json!({"tools": {}, "resources": {}, "logging": {}, "extensions": {"io.x/y": {}}})
            .as_object()
            .cloned()
            .unwrap()
    }

    fn changes(&self) -> Option<Changes> {
        Some(self.changes.subscribe())
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

async fn runtime(upstreams: &[Upstream], surface: SurfaceOptions) -> Runtime {
    let policy =
        Policy::new().deny("*.forbidden").ask("*.asked").deny("*.resources.read").allow("one.resources.read");
    let mut builder = Runtime::builder().policy(policy).surface(surface);
    for upstream in upstreams {
        builder = builder.connector(upstream.clone());
    }
    builder.build().await.unwrap()
}

fn passthrough() -> SurfaceOptions {
    SurfaceOptions::default().shape(Shape::Passthrough)
}

fn names(tools: &[Value]) -> Vec<&str> {
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

async fn send(runtime: &Runtime, method: &str, params: Value) -> Result<Value, (i32, String)> {
    let Value::Object(params) = params else { panic!("no object") };
    let relay = Relay::new(method, params, Duration::from_secs(5));
    runtime.pass_on_request(relay).await.map_err(|error| match error {
        RelayError::Refused { code, message, .. } => (code, message),
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn of_one_connector_everything_is_as_it_is() {
    let one = Upstream::new("one");
    let runtime = runtime(std::slice::from_ref(&one), passthrough()).await;
    assert!(runtime.tools().is_empty());
    let tools = runtime.passed_on();
    assert_eq!(names(&tools), ["read.it", "execute", "asked"]);
    assert_eq!(
        tools[0],
        json!({
            "name": "read.it", "title": "Read", "description": "Reads",
            "inputSchema": {"type": "object", "x-odd": 1}, "outputSchema": {"type": "array"},
            "annotations": {"readOnlyHint": true, "title": "R"}, "icons": [{"src": "x"}], "_meta": {"a": 1},
        })
    );
    assert!(Arc::ptr_eq(&tools, &runtime.passed_on()));
    let called =
        send(&runtime, "tools/call", json!({"name": "read.it", "arguments": {"a": 1}, "_meta": {"m": 1}}))
            .await;
    assert_eq!(called, Ok(json!({"by": "one", "_meta": {"x": 1}})));
    assert_eq!(one.sent(), [r#"tools/call {"name":"read.it","arguments":{"a":1},"_meta":{"m":1}}"#]);
    assert_eq!(runtime.passed_on_offer(Offer::Prompts).await, [json!({"name": "greet", "_meta": {}})]);
    let can = Value::Object(runtime.passed_on_capabilities());
    assert_eq!((&can["extensions"]["io.x/y"], can.get("prompts")), (&json!({}), None));
    send(&runtime, "tasks/get", json!({"taskId": "7"})).await.unwrap();
    assert_eq!(one.sent(), [r#"tasks/get {"taskId":"7"}"#]);
}

#[tokio::test]
async fn what_may_not_be_called_is_not_sent() {
    let one = Upstream::new("one");
    let runtime = runtime(std::slice::from_ref(&one), passthrough()).await;
    let asked = send(&runtime, "tools/call", json!({"name": "asked"})).await.unwrap();
    assert_eq!(asked["isError"], true);
    assert!(asked["content"][0]["text"].as_str().unwrap().starts_with("a person has to approve"), "{asked}");
    for (method, params, code) in [
        ("tools/call", json!({"name": "forbidden"}), -32602),
        ("tools/call", json!({"name": "none"}), -32602),
        ("tools/call", json!({}), -32602),
        ("initialize", json!({}), -32601),
        ("tools/list", json!({}), -32601),
    ] {
        assert_eq!(send(&runtime, method, params).await.unwrap_err().0, code, "{method}");
    }
    assert!(one.sent().is_empty());
}

#[tokio::test]
async fn of_several_connectors_names_tell_apart() {
    let (one, two) = (Upstream::new("one"), Upstream::new("two"));
    let runtime = runtime(&[one.clone(), two.clone()], passthrough()).await;
    assert_eq!(
        names(&runtime.passed_on()),
        ["one__read_it", "one__execute", "one__asked", "two__read_it", "two__execute", "two__asked"]
    );
    send(&runtime, "tools/call", json!({"name": "two__read_it"})).await.unwrap();
    assert_eq!(two.sent(), [r#"tools/call {"name":"read.it"}"#]);
    assert_eq!(names(&runtime.passed_on_offer(Offer::Prompts).await), ["one__greet", "two__greet"]);
    send(&runtime, "prompts/get", json!({"name": "two__greet", "arguments": {}})).await.unwrap();
    assert_eq!(two.sent(), [r#"prompts/get {"name":"greet","arguments":{}}"#]);
    let about =
        json!({"ref": {"type": "ref/prompt", "name": "one__greet"}, "argument": {"name": "a", "value": "b"}});
    send(&runtime, "completion/complete", about).await.unwrap();
    assert!(one.sent()[0].contains(r#""name":"greet"}"#));
    let resources = runtime.passed_on_offer(Offer::Resources).await;
    let uris: Vec<_> = resources.iter().map(|resource| resource["uri"].as_str().unwrap()).collect();
    assert_eq!(uris, ["one://own", "x://same", "two://own"]);
    for uri in ["one://own", "x://same", "one://t/5"] {
        send(&runtime, "resources/read", json!({ "uri": uri })).await.unwrap();
        assert_eq!(one.sent().len(), 1, "{uri}");
    }
    assert_eq!(send(&runtime, "resources/read", json!({"uri": "two://own"})).await.unwrap_err().0, -32000);
    assert_eq!(send(&runtime, "resources/read", json!({"uri": "no://where"})).await.unwrap_err().0, -32602);
    assert!(two.sent().is_empty());
    assert!(!runtime.passed_on_capabilities().contains_key("extensions"));
}

#[tokio::test]
async fn a_hybrid_has_programs_and_chosen_tools() {
    let one = Upstream::new("one");
    let surface =
        SurfaceOptions::default().shape(Shape::Hybrid).expose(["one.read_*", "one.execute", "one.forbidden"]);
    let runtime = runtime(std::slice::from_ref(&one), surface).await;
    assert_eq!(runtime.tools()[0].name, "execute");
    assert_eq!(names(&runtime.passed_on()), ["read.it", "one__execute"]);
    send(&runtime, "tools/call", json!({"name": "one__execute"})).await.unwrap();
    assert_eq!(one.sent(), [r#"tools/call {"name":"execute"}"#]);
    assert!(runtime.passed_on_offer(Offer::Resources).await.is_empty());
    assert!(runtime.passed_on_capabilities().is_empty());
    assert_eq!(send(&runtime, "resources/read", json!({"uri": "one://own"})).await.unwrap_err().0, -32601);
    let plain = self::runtime(std::slice::from_ref(&one), SurfaceOptions::default()).await;
    assert!(plain.passed_on().is_empty());
    assert_eq!(send(&plain, "tools/call", json!({"name": "execute"})).await.unwrap_err().0, -32602);
}

#[tokio::test]
async fn calls_become_tasks_only_where_these_can_be_asked_about() {
    let (one, two) = (Upstream::new("one"), Upstream::new("two"));
    let hybrid = SurfaceOptions::default().shape(Shape::Hybrid).expose(["one.read_*"]);
    let all = r#"{"extensions":{"io.modelcontextprotocol/tasks":{},"io.x/y":{}}}"#;
    let others = r#"{"extensions":{"io.x/y":{}}}"#;
    let alone = vec![one.clone()];
    for (upstreams, surface, name, expected) in [
        (&alone, passthrough(), "read.it", all),
        (&alone, hybrid, "read.it", others),
        (&vec![one.clone(), two], passthrough(), "one__read_it", others),
    ] {
        let runtime = runtime(upstreams, surface).await;
        let params = Map::from_iter([("name".to_owned(), json!(name))]);
        let mut relay = Relay::new("tools/call", params, Duration::from_secs(5));
        relay.capabilities = serde_json::from_str(all).unwrap();
        runtime.pass_on_request(relay).await.unwrap();
        assert_eq!(one.sent()[0], expected);
    }
}

#[tokio::test]
async fn all_are_told_how_much_to_log_though_one_refuses() {
    let dead = Upstream { is_dead: true, ..Upstream::new("dead") };
    let two = Upstream::new("two");
    let runtime = runtime(&[dead.clone(), two.clone()], passthrough()).await;
    assert_eq!(send(&runtime, "logging/setLevel", json!({"level": "info"})).await, Ok(json!({})));
    for upstream in [dead, two] {
        assert_eq!(upstream.sent(), [r#"logging/setLevel {"level":"info"}"#]);
    }
}

/// The clock is the test's own.
#[tokio::test(start_paused = true)]
async fn one_that_hangs_holds_up_no_others() {
    let one = Upstream::new("one");
    let hung = Upstream { is_hung: true, ..Upstream::new("hung") };
    let policy = Policy::new();
    let read = json!({"uri": "one://own"});
    let build = |upstreams: [Upstream; 2]| {
        let [first, second] = upstreams;
        Runtime::builder().policy(policy.clone()).connector(first).connector(second).surface(passthrough())
    };
    let before = build([one.clone(), hung.clone()]).build().await.unwrap();
    let began = tokio::time::Instant::now();
    send(&before, "resources/read", read.clone()).await.unwrap();
    send(&before, "prompts/get", json!({"name": "one__greet"})).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    hung.sent();
    // One that comes first is waited for once, and the request has time left.
    let after = build([hung.clone(), one.clone()]).build().await.unwrap();
    for _ in 0..2 {
        send(&after, "resources/read", read.clone()).await.unwrap();
    }
    assert_eq!(hung.sent(), ["Resources"]);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_no_mcp_server_is_called_all_the_same() {
    let any = json!({"type": "object"});
    let runtime =
        Runtime::builder()
            .tool("sum", "Adds", any.clone(), |input: Value| async move {
                Ok::<_, String>(json!({ "given": input }))
            })
            .tool("fail", "Fails", any, |_: Value| async { Err::<Value, _>("it broke".to_owned()) })
            .surface(passthrough())
            .build()
            .await
            .unwrap();
    let result = send(&runtime, "tools/call", json!({"name": "sum", "arguments": {"a": 1}})).await.unwrap();
    assert_eq!(result["structuredContent"], json!({"given": {"a": 1}}));
    assert_eq!(result["content"][0]["text"], r#"{"given":{"a":1}}"#);
    let failed = send(&runtime, "tools/call", json!({"name": "fail"})).await.unwrap();
    assert_eq!(failed, json!({"content": [{"type": "text", "text": "it broke"}], "isError": true}));
}

#[tokio::test]
async fn subscriptions_are_the_upstreams_as_long_as_anybody_has_them() {
    let one = Upstream::new("one");
    let runtime = runtime(std::slice::from_ref(&one), passthrough()).await;
    let mut changed = runtime.changed();
    let first = runtime.subscribe("one://own").await.unwrap();
    let second = runtime.subscribe("one://own").await.unwrap();
    assert_eq!(one.sent(), [r#"resources/subscribe {"uri":"one://own"}"#; 2]);
    one.changes.send(Change::Resource { uri: "one://own".to_owned() }).unwrap();
    let told = changed.recv().await.unwrap();
    assert_eq!((&*told.connector, told.change), ("one", Change::Resource { uri: "one://own".to_owned() }));
    drop(first);
    tokio::task::yield_now().await;
    assert!(one.sent().is_empty());
    drop(second);
    tokio::task::yield_now().await;
    assert_eq!(one.sent(), [r#"resources/unsubscribe {"uri":"one://own"}"#]);
}

#[tokio::test]
async fn subscriptions_that_did_not_come_about_are_undone() {
    let dead = Upstream { is_dead: true, ..Upstream::new("one") };
    let runtime = runtime(std::slice::from_ref(&dead), passthrough()).await;
    runtime.subscribe("one://own").await.unwrap_err();
    tokio::task::yield_now().await;
    assert_eq!(dead.sent(), [r#"resources/subscribe {"uri":"one://own"}"#]);
    // One that was given up may have come about.
    let hung = Upstream { is_hung: true, ..Upstream::new("one") };
    let runtime = self::runtime(std::slice::from_ref(&hung), passthrough()).await;
    let given_up = tokio::time::timeout(Duration::from_millis(1), runtime.subscribe("one://own")).await;
    assert!(given_up.is_err());
    tokio::task::yield_now().await;
    let sent = ["subscribe", "unsubscribe"].map(|what| format!(r#"resources/{what} {{"uri":"one://own"}}"#));
    assert_eq!(hung.sent(), sent);
}
