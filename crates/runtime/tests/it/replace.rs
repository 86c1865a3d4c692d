//! Another set of connectors while runs go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codemode::connect::{BoxFuture, Call, CallError, Error, Reply};
use codemode::{Connector, Policy, Rule, RunOptions, Runtime, Tool, Verdict, View};
use codemode_catalog::Listing;
use serde_json::json;
use tokio::sync::Notify;

/// One tool, `get`, which says which connector this is; `wait` waits until it is let go.
struct Upstream {
    name: &'static str,
    says: &'static str,
    entered: Notify,
    go: Notify,
    closed: AtomicBool,
    closing: Notify,
}

impl Upstream {
    fn new(name: &'static str, says: &'static str) -> Arc<Self> {
        let (entered, go, closing) = Default::default();
        Arc::new(Self { name, says, entered, go, closed: AtomicBool::new(false), closing })
    }
}

/// What is given to the runtime: it is dropped with the runtime's last use of it.
struct Given(Arc<Upstream>);

impl Connector for Given {
    fn name(&self) -> &str {
        self.0.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        Box::pin(async { Ok(vec![Tool::new("get", ""), Tool::new("wait", "")].into()) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async move {
            if call.tool == "wait" {
                self.0.entered.notify_one();
                self.0.go.notified().await;
            }
            Ok(json!(self.0.says).into())
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.0.closed.store(true, Ordering::Release);
            self.0.closing.notify_one();
        })
    }
}

fn given(upstream: &Arc<Upstream>) -> Arc<dyn Connector> {
    Arc::new(Given(Arc::clone(upstream)))
}

async fn value(runtime: &Runtime, program: &str) -> serde_json::Value {
    let run = runtime.run(program, RunOptions::default()).await;
    run.value().cloned().unwrap_or_else(|| json!(run.error().unwrap().message))
}

#[tokio::test]
async fn runs_keep_what_they_began_with() {
    let (kept, old, new) = (Upstream::new("a", "kept"), Upstream::new("b", "old"), Upstream::new("b", "new"));
    let a = given(&kept);
    let runtime = Runtime::builder().connectors([Arc::clone(&a), given(&old)]).build().await.unwrap();
    let view = runtime.view(View::default().connectors(["b"]));
    assert_eq!(value(&view, "return b.get({})").await, json!("old"));

    let going = tokio::spawn({
        let runtime = runtime.clone();
        async move { value(&runtime, "return (await b.wait({})) + await b.get({})").await }
    });
    old.entered.notified().await;
    runtime.replace(vec![given(&new), a], Policy::new()).await.unwrap();
    assert_eq!(value(&runtime, "return (await a.get({})) + await b.get({})").await, json!("keptnew"));
    assert_eq!(value(&view, "return b.get({})").await, json!("new"), "views change with it");
    let names: Vec<_> = runtime.connectors().into_iter().map(|connector| connector.name).collect();
    assert_eq!(names, ["b", "a"], "in the order that was given");
    assert!(!old.closed.load(Ordering::Acquire), "a run still uses it");

    old.go.notify_one();
    assert_eq!(going.await.unwrap(), json!("oldold"));
    old.closing.notified().await;
    assert!(!kept.closed.load(Ordering::Acquire) && !new.closed.load(Ordering::Acquire));
}

#[tokio::test]
async fn the_policy_is_replaced_too() {
    let upstream = Upstream::new("a", "x");
    let a = given(&upstream);
    let runtime = Runtime::builder().connectors([Arc::clone(&a)]).build().await.unwrap();
    let view = runtime.view(View::default().rules([Rule::new(Verdict::Allow, "*")]));
    assert_eq!(value(&view, "return a.get({})").await, json!("x"));
    runtime.replace(vec![Arc::clone(&a)], Policy::new().deny("a.get")).await.unwrap();
    for runtime in [&runtime, &view] {
        let run = runtime.run("return a.get({})", RunOptions::default()).await;
        assert_eq!(run.exit_code(), 5, "{run:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let upstream = Upstream::new("a", "x");
    let runtime = Runtime::builder().connectors([given(&upstream)]).build().await.unwrap();
    let twice = vec![given(&upstream), given(&upstream)];
    assert!(runtime.replace(twice, Policy::new()).await.is_err());
    assert_eq!(value(&runtime, "return a.get({})").await, json!("x"));
    assert!(!upstream.closed.load(Ordering::Acquire));
}
