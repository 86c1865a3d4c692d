//! A server whose tools change while the runtime runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use codemode::connect::{BoxFuture, Call, CallError, Connector, Error, Reply};
use codemode::{Listing, RunOptions, Runtime, SearchOptions, Tool};
use serde_json::json;

/// Offers the tool of its current version.
#[derive(Clone, Default)]
struct Changing(Arc<State>);

#[derive(Default)]
struct State {
    version: AtomicUsize,
    changed: AtomicBool,
    unavailable: AtomicBool,
}

impl Changing {
    fn change(&self) {
        self.0.version.fetch_add(1, Ordering::SeqCst);
        self.0.changed.store(true, Ordering::SeqCst);
    }
}

impl Connector for Changing {
    fn name(&self) -> &str {
        "changing"
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        Box::pin(async {
            self.0.changed.store(false, Ordering::SeqCst);
            if self.0.unavailable.load(Ordering::SeqCst) {
                return Err(Error::Closed { connector: "changing".into() });
            }
            let version = self.0.version.load(Ordering::SeqCst);
            Ok(vec![Tool::new(format!("gadget_{version}"), "Turns a gadget on")].into())
        })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async move { Ok(json!(call.tool).into()) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn tools_changed(&self) -> bool {
        self.0.changed.load(Ordering::SeqCst)
    }
}

async fn found(runtime: &Runtime, query: &str) -> Vec<String> {
    let found = runtime.search(query, SearchOptions::default()).await.unwrap();
    found.results.into_iter().map(|result| result.path).collect()
}

#[tokio::test]
async fn a_changed_list_is_what_the_next_program_finds() {
    let server = Changing::default();
    let any = json!({ "type": "object" });
    let builder =
        Runtime::builder()
            .connector(server.clone())
            .tool("gadgets", "Counts gadgets", any, |_| async { Ok::<_, String>(2) });
    let runtime = builder.build().await.unwrap();
    assert_eq!(found(&runtime, "turn gadget on").await, ["changing.gadget_0", "host.gadgets"]);

    server.change();
    let program = "return [Object.keys(changing), await changing.gadget_1(), await host.gadgets()]";
    let run = runtime.run(program, RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!([["gadget_1"], "gadget_1", 2])), "{:?}", run.error());
    assert_eq!(found(&runtime, "turn gadget on").await, ["changing.gadget_1", "host.gadgets"]);
    assert!(runtime.describe("changing.gadget_0").await.is_err());
    assert!(runtime.describe("changing.gadget_1").await.unwrap().types.contains("function gadget_1("));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_had_is_asked_for_again() {
    let server = Changing::default();
    let runtime = Runtime::builder().connector(server.clone()).build().await.unwrap();
    server.0.unavailable.store(true, Ordering::SeqCst);
    server.change();
    assert_eq!(found(&runtime, "gadget").await, ["changing.gadget_0"]);
    server.0.unavailable.store(false, Ordering::SeqCst);
    assert_eq!(found(&runtime, "gadget").await, ["changing.gadget_0"], "it is left alone for a while");
    tokio::time::advance(std::time::Duration::from_secs(10)).await;
    assert_eq!(found(&runtime, "gadget").await, ["changing.gadget_1"]);
}

#[tokio::test]
async fn a_changed_list_is_what_the_model_is_given_next() {
    let server = Changing::default();
    let runtime = Runtime::builder().connector(server.clone()).build().await.unwrap();
    let before = runtime.tools();
    assert!(before[0].description.contains("gadget_0"), "{before:?}");
    server.change();
    assert_eq!(runtime.tools(), before, "nothing was read anew yet");
    runtime.refresh().await;
    let after = runtime.tools();
    assert!(
        after[0].description.contains("gadget_1") && !after[0].description.contains("gadget_0"),
        "{after:?}"
    );
}
