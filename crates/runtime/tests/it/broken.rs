//! Connectors that cannot be reached, among others that can.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use codemode::connect::{BoxFuture, Call, CallError, Connector, Error, Reply};
use codemode::{ConnectorStatus, Kind, Listing, RunOptions, Runtime, SearchOptions, Tool};
use serde_json::{Value, json};

/// Lists its tools, fails to, hangs or panics, as it is told to.
#[derive(Clone)]
struct Moody {
    name: &'static str,
    mood: Arc<AtomicU8>,
}

const WELL: u8 = 0;
const FAILING: u8 = 1;
const HANGING: u8 = 2;
const PANICKING: u8 = 3;

impl Moody {
    fn new(name: &'static str, mood: u8) -> Self {
        Self { name, mood: Arc::new(AtomicU8::new(mood)) }
    }
}

impl Connector for Moody {
    fn name(&self) -> &str {
        self.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        Box::pin(async {
            while self.mood.load(Ordering::SeqCst) == HANGING {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            match self.mood.load(Ordering::SeqCst) {
                WELL => Ok(vec![Tool::new("ping", "Answers pong")].into()),
                FAILING => Err(Error::Closed { connector: self.name.into() }),
                _ => panic!("out of its mind"),
            }
        })
    }

    fn call(&self, _call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async move { Ok(json!("pong").into()) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

async fn value(runtime: &Runtime, program: &str) -> Value {
    let run = runtime.run(program, RunOptions::default()).await;
    run.value().cloned().unwrap_or_else(|| panic!("{:?}", run.error()))
}

#[tokio::test]
async fn the_others_work_and_the_program_is_told() {
    let runtime = Runtime::builder()
        .connector(Moody::new("well", WELL))
        .connector(Moody::new("failing", FAILING))
        .connector(Moody::new("panicking", PANICKING))
        .connector(Moody::new("hanging", HANGING))
        .patience(Duration::from_millis(100))
        .build()
        .await
        .unwrap();
    // Whatever else the machine is busy with.
    while runtime.connectors().iter().filter(|info| info.status == ConnectorStatus::Connecting).count() > 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let states: Vec<_> = runtime.connectors().into_iter().map(|info| (info.name, info.status)).collect();
    let expected = [
        ("well", ConnectorStatus::Ready),
        ("failing", ConnectorStatus::Unavailable),
        ("panicking", ConnectorStatus::Unavailable),
        ("hanging", ConnectorStatus::Connecting),
    ];
    assert_eq!(states, expected.map(|(name, status)| (name.to_owned(), status)));
    assert_eq!(value(&runtime, "return await well.ping()").await, "pong");

    let program = "return await Promise.all([failing, panicking].map(c => c.ping({}).catch(e => [e.message, e.outcome])))";
    let told = json!([
        ["failing was closed", "not_started"],
        ["panicking is not available: it failed while it listed its tools", "not_started"],
    ]);
    assert_eq!(value(&runtime, program).await, told);

    let run = runtime
        .run("return await hanging.ping()", RunOptions::default().timeout(Duration::from_millis(300)))
        .await;
    let error = run.error().unwrap();
    assert_eq!(error.kind, Kind::ToolError);
    assert_eq!(error.message, "hanging.ping: hanging is not available yet: it is being connected to");

    let found = runtime.search("ping", SearchOptions::default()).await.unwrap();
    assert_eq!(found.results.len(), 1);
    assert_eq!(found.unavailable.len(), 3, "{:?}", found.unavailable);
    let described = runtime.describe("failing").await.unwrap();
    assert_eq!(described.description, "failing was closed");
}

#[tokio::test]
async fn a_run_waits_for_connectors_that_its_program_names() {
    let late = Moody::new("late", HANGING);
    let runtime = Runtime::builder().connector(late.clone()).patience(Duration::ZERO).build().await.unwrap();
    assert_eq!(runtime.connectors()[0].status, ConnectorStatus::Connecting);
    let recover = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        late.mood.store(WELL, Ordering::SeqCst);
        pending::<()>().await;
    };
    tokio::select! {
        () = recover => {}
        pong = value(&runtime, "return await late.ping()") => assert_eq!(pong, "pong"),
    }
    assert_eq!(runtime.connectors()[0].status, ConnectorStatus::Ready);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_reached_is_tried_again() {
    let failing = Moody::new("failing", FAILING);
    let runtime = Runtime::builder().connector(failing.clone()).build().await.unwrap();
    assert_eq!(runtime.connectors()[0].status, ConnectorStatus::Unavailable);
    failing.mood.store(WELL, Ordering::SeqCst);
    runtime.refresh().await;
    assert_eq!(runtime.connectors()[0].status, ConnectorStatus::Unavailable, "it was asked a moment ago");
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(value(&runtime, "return await failing.ping()").await, "pong");
}
