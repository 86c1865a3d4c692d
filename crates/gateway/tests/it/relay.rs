//! What is passed on of the upstreams, as clients of both eras see it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codemode::connect::{
    BoxFuture, Call, CallError, Change, Changes, Connector, Error, Offer, Relay, RelayError, Reply,
};
use codemode::{Listing, Runtime, Shape, SurfaceOptions, Tool};
use codemode_gateway::{Gateway, Principal};
use serde_json::{Map, Value, json};
use tokio::sync::{broadcast, watch};

use crate::raw::Raw;
use crate::wire::{Ask, Site};

/// An MCP server of the newer era, as far as it gets.
#[derive(Clone)]
struct Behind {
    sent: Arc<Mutex<Vec<(String, Value)>>>,
    changes: broadcast::Sender<Change>,
    /// Whether it has started.
    started: watch::Sender<bool>,
}

impl Behind {
    fn new() -> Self {
        Self { sent: Arc::default(), changes: broadcast::Sender::new(8), started: watch::Sender::new(true) }
    }

    async fn runtime(&self, surface: SurfaceOptions) -> Runtime {
        Runtime::builder().connector(self.clone()).surface(surface).build().await.unwrap()
    }

    async fn passed_on(&self) -> Runtime {
        self.runtime(SurfaceOptions::default().shape(Shape::Passthrough)).await
    }

    /// One that has not started.
    fn starting() -> Self {
        Self { started: watch::Sender::new(false), ..Self::new() }
    }

    async fn starting_runtime(&self) -> Runtime {
        let surface = SurfaceOptions::default().shape(Shape::Passthrough);
        let builder = Runtime::builder().connector(self.clone()).surface(surface);
        builder.patience(Duration::ZERO).build().await.unwrap()
    }

    /// The parameters of what was sent last.
    fn last(&self) -> Value {
        self.sent.lock().unwrap().last().unwrap().1.clone()
    }
}

impl Connector for Behind {
    fn name(&self) -> &str {
        "behind"
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let odd = serde_json::from_value(json!({
            "name": "odd.name", "description": "Reads", "others": {"_meta": {"a": 1}, "icons": [{"src": "data:x"}]},
        }));
        let city =
            json!({"type": "object", "properties": {"city": {"type": "string", "x-mcp-header": "City"}}});
        let city = serde_json::from_value(json!({"name": "weather", "inputSchema": city}));
        let tools = vec![
            odd.unwrap(),
            Tool::new("rounds", ""),
            Tool::new("job", ""),
            Tool::new("strange", ""),
            city.unwrap(),
        ];
        let mut started = self.started.subscribe();
        Box::pin(async move {
            started.wait_for(|started| *started).await.unwrap();
            Ok(tools.into())
        })
    }

    fn call(&self, _call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async { Ok(json!("called").into()) })
    }

    fn relay(&self, relay: Relay) -> BoxFuture<'_, Result<Value, RelayError>> {
        let Relay { method, params, raw_rounds, .. } = relay;
        let params = Value::Object(params);
        self.sent.lock().unwrap().push((method.clone(), params.clone()));
        let answer = match (method.as_str(), params["name"].as_str().unwrap_or_default()) {
            ("tools/call", "rounds") if params["requestState"] == "theirs" => Ok(
                json!({"content": [], "structuredContent": params["inputResponses"], "resultType": "complete"}),
            ),
            ("tools/call", "rounds") => {
                assert!(raw_rounds);
                let asked = json!({"method": "roots/list", "params": {}});
                Ok(
                    json!({"resultType": "input_required", "inputRequests": {"r": asked}, "requestState": "theirs"}),
                )
            }
            ("tools/call", "job") => Ok(json!({
                "resultType": "task", "taskId": "t-1", "status": "working", "createdAt": "2026-01-01T00:00:00Z",
                "lastUpdatedAt": "2026-01-01T00:00:00Z", "ttlMs": null,
            })),
            ("tasks/get", _) => Ok(json!({
                "resultType": "complete", "taskId": "t-1", "status": "completed", "createdAt": "2026-01-01T00:00:00Z",
                "lastUpdatedAt": "2026-01-01T00:00:00Z", "ttlMs": null, "result": {"content": []},
            })),
            ("tools/call", "strange") => {
                Ok(json!({"content": [{"type": "hologram", "data": 1}], "isError": true, "vendor": [1.5]}))
            }
            ("tools/call", _) => Ok(json!({
                "content": [{"type": "text", "text": "hi", "_meta": {"x": 1}}], "_meta": {"y": 2}, "resultType": "complete",
            })),
            ("resources/read", _) if params["uri"] == "b://none" => {
                let data = Some(json!({"uri": "b://none"}));
                Err(RelayError::Refused { code: -32602, message: "none".to_owned(), data })
            }
            ("resources/read", _) => Ok(json!({"contents": [{"uri": params["uri"], "text": "hi"}]})),
            ("resources/subscribe", _) if params["uri"] == "b://never" => {
                return Box::pin(std::future::pending());
            }
            _ => Ok(json!({})),
        };
        Box::pin(async { answer })
    }

    fn offer(&self, offer: Offer, _timeout: Duration) -> BoxFuture<'_, Result<Vec<Value>, CallError>> {
        let list = match offer {
            Offer::Resources => vec![json!({"uri": "b://1", "name": "one", "_meta": {"a": 1}})],
            _ => Vec::new(),
        };
        Box::pin(async { Ok(list) })
    }

    fn capabilities(&self) -> Map<String, Value> {
        if !*self.started.borrow() {
            return Map::new();
        }
        json!({"tools": {}, "resources": {}, "logging": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}})
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

fn able() -> Value {
    json!({"roots": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}})
}

#[tokio::test]
async fn an_older_client_sees_what_is_behind() {
    let behind = Behind::new();
    let mut client = Raw::connect(&Gateway::default(), behind.passed_on().await);
    let greeted = client.initialize(json!({})).await;
    let can = &greeted["result"]["capabilities"];
    assert_eq!(
        (can["resources"]["subscribe"] == true, can.get("prompts"), can.get("extensions")),
        (true, None, None)
    );
    let tools = client.request("tools/list", json!({})).await;
    let odd = &tools["result"]["tools"][0];
    assert_eq!(
        (&odd["name"], &odd["_meta"]["a"], &odd["icons"][0]["src"]),
        (&json!("odd.name"), &json!(1), &json!("data:x"))
    );
    let called =
        client.request("tools/call", json!({"name": "odd.name", "arguments": {}, "_meta": {"t": 1}})).await;
    let content = json!([{"type": "text", "text": "hi", "_meta": {"x": 1}}]);
    assert_eq!(called["result"], json!({"content": content, "_meta": {"y": 2}}));
    assert_eq!(behind.last()["_meta"], json!({"t": 1}));
    client.request("tools/call", json!({"name": "odd.name", "vendor": {"b": 1, "a": 2}})).await;
    assert_eq!(behind.last()["vendor"].to_string(), r#"{"b":1,"a":2}"#);
    assert_eq!(behind.last().get("inputResponses"), None);
    let strange = client.request("tools/call", json!({"name": "strange"})).await;
    let content = json!([{"type": "hologram", "data": 1}]);
    assert_eq!(strange["result"], json!({"content": content, "isError": true, "vendor": [1.5]}));
    let listed = client.request("resources/list", json!({})).await;
    assert_eq!(listed["result"]["resources"][0]["_meta"]["a"], 1);
    let none = client.request("resources/read", json!({"uri": "b://none"})).await;
    assert_eq!((&none["error"]["code"], &none["error"]["data"]["uri"]), (&json!(-32602), &json!("b://none")));
    let unknown = client.request("tools/call", json!({"name": "execute", "arguments": {"code": "1"}})).await;
    assert_eq!(unknown["error"]["code"], -32602);
    // A task is nothing that this client knows.
    let job = client.request("tools/call", json!({"name": "job"})).await;
    assert_eq!(job["error"]["code"], -32603);
    client.leave().await;
}

#[tokio::test]
async fn g06_headers_that_repeat_parameters_are_held_against_them() {
    let behind = Behind::new();
    let site = Site::start(&behind.passed_on().await, "").await;
    let call = || Ask::newer("tools/call", json!({"name": "weather", "arguments": {"city": "Rome"}}));
    for ask in [call(), call().header("mcp-param-city", "Oslo")] {
        let answer = site.ask(ask).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(-32020)), "{answer:?}");
    }
    assert!(behind.sent.lock().unwrap().is_empty());
    assert_eq!(site.ask(call().header("mcp-param-city", "Rome")).await.status, 200);
    site.stop().await;
}

#[tokio::test]
async fn a_greeting_waits_for_what_is_starting() {
    let behind = Behind::starting();
    let mut client = Raw::connect(&Gateway::default(), behind.starting_runtime().await);
    let (greeted, ()) = tokio::join!(client.initialize(json!({})), async {
        tokio::task::yield_now().await;
        behind.started.send_replace(true);
    });
    let can = &greeted["result"]["capabilities"];
    assert!(can["resources"].is_object() && can.get("prompts").is_none(), "{greeted}");
    client.leave().await;
}

/// The clock is the test's own.
#[tokio::test(start_paused = true)]
async fn what_never_starts_may_be_able_to_do_anything() {
    let behind = Behind::starting();
    let mut client = Raw::connect(&Gateway::default(), behind.starting_runtime().await);
    let greeted = client.initialize(json!({})).await;
    let can = &greeted["result"]["capabilities"];
    for name in ["tools", "resources", "prompts", "completions", "logging"] {
        assert!(can[name].is_object(), "{name}: {greeted}");
    }
    client.leave().await;
}

#[tokio::test]
async fn an_older_client_is_told_of_what_it_subscribed_to() {
    let behind = Behind::new();
    let mut client = Raw::older(&Gateway::default(), behind.passed_on().await, json!({})).await;
    let subscribed = client.request("resources/subscribe", json!({"uri": "b://1"})).await;
    assert_eq!(subscribed["result"], json!({}));
    for uri in ["b://2", "b://1"] {
        behind.changes.send(Change::Resource { uri: uri.to_owned() }).unwrap();
    }
    let told = client.other("notifications/resources/updated").await;
    assert_eq!(told["params"]["uri"], "b://1");
    behind.changes.send(Change::Resources).unwrap();
    client.other("notifications/resources/list_changed").await;
    client.leave().await;
}

/// The clock is the test's own.
#[tokio::test(start_paused = true)]
async fn a_client_that_listens_is_told_of_what_is_subscribed() {
    let behind = Behind::new();
    let mut client = Raw::newer(&Gateway::default(), behind.passed_on().await, &json!({}));
    let mut uris: Vec<_> = (0..400).map(|number| format!("b://{number}")).collect();
    uris[255] = "b://never".to_owned();
    let wanted = json!({"resourceSubscriptions": uris, "resourcesListChanged": true});
    client.begin("subscriptions/listen", json!({"notifications": wanted})).await;
    client.other("notifications/subscriptions/acknowledged").await;
    // One upstream does not answer.
    let sent =
        || behind.sent.lock().unwrap().iter().filter(|(method, _)| method == "resources/subscribe").count();
    while sent() < 256 {
        tokio::task::yield_now().await;
    }
    for uri in ["b://300", "b://7"] {
        behind.changes.send(Change::Resource { uri: uri.to_owned() }).unwrap();
    }
    let told = client.other("notifications/resources/updated").await;
    assert_eq!(told["params"]["uri"], "b://7");
    assert_eq!(sent(), 256);
    client.leave().await;
}

#[tokio::test]
async fn rounds_go_through_with_states_of_our_own() {
    let (behind, gateway) = (Behind::new(), Gateway::default());
    let runtime = behind.passed_on().await;
    let (ann, bob) = (Principal::new("ann", runtime.clone()), Principal::new("bob", runtime));
    let mut client = Raw::newer_as(&gateway, ann, &able());
    let mut other = Raw::newer_as(&gateway, bob, &able());
    let call = json!({"name": "rounds", "arguments": {"a": 1}});
    let asked = client.request("tools/call", call.clone()).await["result"].take();
    assert_eq!(
        (&asked["resultType"], &asked["inputRequests"]["r"]["method"]),
        (&json!("input_required"), &json!("roots/list"))
    );
    let state = asked["requestState"].as_str().unwrap().to_owned();
    assert!(!state.contains("theirs"));
    let again = |state: &str, arguments: Value| {
        json!({
            "name": "rounds", "arguments": arguments, "requestState": state, "inputResponses": {"r": {"roots": []}},
        })
    };
    // Of another principal, for another request, changed, and the upstream's own: none is taken.
    let foreign = other.request("tools/call", again(&state, json!({"a": 1}))).await;
    assert_eq!(foreign["error"]["code"], -32602);
    for (state, arguments) in
        [(state.as_str(), json!({"a": 2})), (&state[1..], json!({"a": 1})), ("theirs", json!({"a": 1}))]
    {
        let refused = client.request("tools/call", again(state, arguments)).await;
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
    }
    let done = client.request("tools/call", again(&state, json!({"a": 1}))).await;
    assert_eq!(done["result"]["structuredContent"], json!({"r": {"roots": []}}));
    let twice = client.request("tools/call", again(&state, json!({"a": 1}))).await;
    assert_eq!(twice["error"]["code"], -32602);
    client.leave().await;
    other.leave().await;
}

#[tokio::test]
async fn a_task_is_there_for_who_began_it() {
    let (behind, gateway) = (Behind::new(), Gateway::default());
    let runtime = behind.passed_on().await;
    let (ann, bob) = (Principal::new("ann", runtime.clone()), Principal::new("bob", runtime));
    let mut client = Raw::newer_as(&gateway, ann, &able());
    let mut other = Raw::newer_as(&gateway, bob, &able());
    let begun = client.request("tools/call", json!({"name": "job"})).await;
    assert_eq!((&begun["result"]["resultType"], &begun["result"]["taskId"]), (&json!("task"), &json!("t-1")));
    assert!(other.request("tasks/get", json!({"taskId": "t-1"})).await.get("error").is_some());
    let done = client.request("tasks/get", json!({"taskId": "t-1"})).await;
    assert_eq!(
        (&done["result"]["status"], &done["result"]["result"]["content"]),
        (&json!("completed"), &json!([]))
    );
    client.leave().await;
    other.leave().await;
}

#[tokio::test]
async fn results_are_of_the_newer_era_where_the_upstream_is_not() {
    let behind = Behind::new();
    let mut client = Raw::newer(&Gateway::default(), behind.passed_on().await, &json!({}));
    let found = client.request("server/discover", json!({})).await["result"].take();
    assert!(found["capabilities"]["extensions"].get("io.modelcontextprotocol/tasks").is_some(), "{found}");
    let read = client.request("resources/read", json!({"uri": "b://1"})).await["result"].take();
    assert_eq!(
        (&read["resultType"], &read["ttlMs"], &read["cacheScope"]),
        (&json!("complete"), &json!(0), &json!("private"))
    );
    let gone = client.request("resources/subscribe", json!({"uri": "b://1"})).await;
    assert_eq!(gone["error"]["code"], -32601);
    client.leave().await;
}

#[tokio::test]
async fn a_hybrid_has_both() {
    let behind = Behind::new();
    let surface = SurfaceOptions::default().shape(Shape::Hybrid).expose(["behind.odd*"]);
    let mut client = Raw::older(&Gateway::default(), behind.runtime(surface).await, json!({})).await;
    let tools = client.request("tools/list", json!({})).await;
    let names: Vec<_> =
        tools["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["execute", "odd.name"]);
    let direct = client.request("tools/call", json!({"name": "odd.name"})).await;
    assert_eq!(direct["result"]["content"][0]["text"], "hi");
    let code = "return behind.odd_name({})";
    let program = client.request("tools/call", json!({"name": "execute", "arguments": {"code": code}})).await;
    assert_eq!(program["result"]["structuredContent"]["result"], "called", "{program}");
    let read = client.request("resources/read", json!({"uri": "b://1"})).await;
    assert_eq!(read["error"]["code"], -32601);
    client.leave().await;
}
