//! An upstream that remembers what reached it.

use std::sync::{Arc, Mutex};

use codemode::connect::{
    Asked, BoxFuture, Call, CallError, Caller, Error, Input, InputReply, Log, LogLevel, Progress, Reply,
};
use codemode::{Connector, Listing, Runtime, Tool};
use serde_json::{Value, json};
use tokio::sync::watch;

/// What happened to its calls, in order: `echo`, `slow`, `slow cancelled`.
#[derive(Clone)]
pub(crate) struct Upstream {
    name: &'static str,
    happened: Arc<Mutex<Vec<String>>>,
    changed: watch::Sender<()>,
    open: watch::Sender<bool>,
    /// What `echo` is called now, and whether that has been listed.
    echo: Arc<Mutex<(String, bool)>>,
}

impl Upstream {
    pub(crate) fn new() -> Self {
        let (changed, open) = (watch::Sender::new(()), watch::Sender::new(false));
        Self {
            name: "shop",
            happened: Arc::default(),
            changed,
            open,
            echo: Arc::new(Mutex::new(("echo".to_owned(), true))),
        }
    }

    /// The same under another name.
    pub(crate) fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// A runtime with nothing else.
    pub(crate) async fn runtime(&self) -> Runtime {
        Runtime::builder().connector(self.clone()).build().await.unwrap()
    }

    pub(crate) fn happened(&self) -> Vec<String> {
        self.happened.lock().unwrap().clone()
    }

    /// Waits until this has happened.
    pub(crate) async fn until(&self, what: &str) {
        let mut changes = self.changed.subscribe();
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), async {
            while !self.happened().iter().any(|happened| happened == what) {
                changes.changed().await.unwrap();
            }
        });
        waited.await.unwrap_or_else(|_| panic!("{what:?} did not happen: {:?}", self.happened()));
    }

    pub(crate) fn forget(&self) {
        self.happened.lock().unwrap().clear();
    }

    /// Lists the tools anew, with another name for `echo`.
    pub(crate) fn rename(&self, to: &str) {
        *self.echo.lock().unwrap() = (to.to_owned(), false);
    }

    /// Lets `gated` end.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }

    fn happens(&self, what: impl Into<String>) {
        self.happened.lock().unwrap().push(what.into());
        self.changed.send_replace(());
    }
}

/// Tells that a call was given up.
struct Begun<'a> {
    upstream: &'a Upstream,
    tool: String,
    ended: bool,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.upstream.happens(format!("{} cancelled", self.tool));
        }
    }
}

impl Connector for Upstream {
    fn name(&self) -> &'static str {
        self.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let mut echo = self.echo.lock().unwrap();
        echo.1 = true;
        let tools = vec![
            Tool::new(&echo.0, "Gives back its arguments"),
            Tool::new("slow", "Never ends by itself"),
            Tool::new("gated", "Ends when the test says so"),
            Tool::new("ask", "Asks whoever calls it"),
            Tool::new("steps", "Says how far it is, and logs"),
        ];
        Box::pin(async { Ok(tools.into()) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async move {
            self.happens(&call.tool);
            let mut begun = Begun { upstream: self, tool: call.tool.clone(), ended: false };
            let answer: Value = match call.tool.as_str() {
                "slow" => std::future::pending().await,
                "gated" => {
                    let mut open = self.open.subscribe();
                    open.wait_for(|open| *open).await.unwrap();
                    json!("through")
                }
                "ask" => asked(&call).await?,
                "steps" => steps(&call),
                _ => json!({ "echo": call.arguments }),
            };
            begun.ended = true;
            Ok(answer.into())
        })
    }

    fn tools_changed(&self) -> bool {
        !self.echo.lock().unwrap().1
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// Asks for what the argument `for` says.
async fn asked(call: &Call) -> Result<Value, CallError> {
    let caller = call.caller.clone().expect("a call of a client has a caller");
    let accepts = caller.accepts();
    let what = call.arguments["for"].as_str().unwrap_or("form");
    let message = "Which colour?".to_owned();
    let (accepted, asked, params) = match what {
        "url" => {
            let url = "https://example.com/login".to_owned();
            let params = json!({ "mode": "url", "message": message, "url": url, "elicitationId": "e1" });
            (accepts.url, Asked::Url { message, url }, params)
        }
        "sampling" => {
            let content = json!({ "type": "text", "text": "Say a colour" });
            let params = json!({ "messages": [{ "role": "user", "content": content }], "maxTokens": 5 });
            (accepts.sampling, Asked::Sampling { params: params.clone() }, params)
        }
        "roots" => (accepts.roots, Asked::Roots, json!({})),
        _ => {
            let schema = json!({ "type": "object", "properties": { "colour": { "type": "string" } } });
            let params =
                json!({ "mode": "form", "message": message, "requestedSchema": schema, "_meta": { "x": 1 } });
            (accepts.form, Asked::Form { message, schema }, params)
        }
    };
    if !accepted {
        return Err(CallError::tool("nobody can be asked"));
    }
    let mut input = Input::new("shop", asked, params);
    input.label.clone_from(&call.label);
    match caller.input(input).await {
        InputReply::Give(given) => Ok(given),
        InputReply::Decline => Err(CallError::tool("they said no")),
        InputReply::Cancel => Err(CallError::tool("they said nothing")),
    }
}

fn steps(call: &Call) -> Value {
    let caller: Arc<dyn Caller> = call.caller.clone().unwrap();
    let mut progress = Progress::new("shop", 1.0);
    progress.label.clone_from(&call.label);
    (progress.total, progress.message) = (Some(3.0), Some("copying".to_owned()));
    caller.progress(progress);
    caller.log(Log::new("shop", LogLevel::Info, json!("details")));
    caller.log(Log::new("shop", LogLevel::Error, json!("trouble")));
    Value::Null
}
