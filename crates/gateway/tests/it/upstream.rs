//! An upstream that remembers what reached it.

use std::sync::{Arc, Mutex};

use codemode::connect::{BoxFuture, Call, CallError, Error, Reply};
use codemode::{Connector, Listing, Runtime, Tool};
use serde_json::{Value, json};
use tokio::sync::watch;

/// What happened to its calls, in order: `echo`, `slow`, `slow cancelled`.
#[derive(Clone)]
pub(crate) struct Upstream {
    happened: Arc<Mutex<Vec<String>>>,
    changed: watch::Sender<()>,
}

impl Upstream {
    pub(crate) fn new() -> Self {
        Self { happened: Arc::default(), changed: watch::Sender::new(()) }
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
        "shop"
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let tools =
            vec![Tool::new("echo", "Gives back its arguments"), Tool::new("slow", "Never ends by itself")];
        Box::pin(async { Ok(tools.into()) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async move {
            self.happens(&call.tool);
            let mut begun = Begun { upstream: self, tool: call.tool.clone(), ended: false };
            let answer: Value = match call.tool.as_str() {
                "slow" => std::future::pending().await,
                _ => json!({ "echo": call.arguments }),
            };
            begun.ended = true;
            Ok(answer.into())
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
