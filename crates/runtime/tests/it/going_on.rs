//! Runs that are answered before they have ended, and what can be done about runs from outside.

use std::sync::Arc;
use std::time::Duration;

use codemode::{Answer, Builder, CallOutcome, CancellationToken, Kind, Output, RunOptions, Runtime, View};
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};

use crate::upstream::{self, Sent};

/// Time that no test here needs, for what must not take for ever.
const LONG: Duration = Duration::from_secs(600);

/// A gate that programs wait at, `host.gate({})`, and how many came by.
struct Gate {
    open: Arc<Semaphore>,
    reached: Arc<Notify>,
    dropped: Arc<Notify>,
}

struct OnDrop(Arc<Notify>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

async fn gated() -> (Runtime, Gate) {
    let gate = Gate {
        open: Arc::new(Semaphore::new(0)),
        reached: Arc::new(Notify::new()),
        dropped: Arc::new(Notify::new()),
    };
    let (open, reached) = (Arc::clone(&gate.open), Arc::clone(&gate.reached));
    let dropped = Arc::clone(&gate.dropped);
    let with_gate = move |builder: Builder| {
        builder.tool("gate", "Waits", json!({ "type": "object" }), move |_: Value| {
            let (open, reached, guard) =
                (Arc::clone(&open), Arc::clone(&reached), OnDrop(Arc::clone(&dropped)));
            async move {
                let _guard = guard;
                reached.notify_one();
                open.acquire().await.map(|permit| permit.forget()).map_err(|error| error.to_string())?;
                Ok::<_, String>("open")
            }
        })
    };
    (upstream::runtime(&Sent::default(), with_gate).await, gate)
}

const PROGRAM: &str = "await host.echo({}); return await host.gate({})";

fn soon() -> RunOptions {
    RunOptions::default().wait(Duration::from_millis(1)).principal("ann").timeout(LONG)
}

fn patient() -> RunOptions {
    soon().wait(LONG)
}

async fn begin(runtime: &Runtime) -> String {
    let answer = runtime.call_with("execute", json!({ "code": PROGRAM }), soon()).await.unwrap();
    assert_eq!(answer.structured["status"], "running", "{}", answer.text);
    answer.structured["runId"].as_str().unwrap().to_owned()
}

async fn wait(runtime: &Runtime, run_id: &str, options: RunOptions) -> Answer {
    runtime.call_with("execute", json!({ "runId": run_id }), options).await.unwrap()
}

async fn refused(runtime: &Runtime, run_id: &str, options: RunOptions) -> String {
    runtime.call_with("execute", json!({ "runId": run_id }), options).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_program_that_takes_long_is_waited_for_again() {
    let (runtime, gate) = gated().await;
    let run_id = begin(&runtime).await;
    gate.reached.notified().await;
    for _ in 0..2 {
        let answer = wait(&runtime, &run_id, soon()).await;
        let output: Output = serde_json::from_value(answer.structured.clone()).unwrap();
        let Output::Running { run_id: of, calls, left_out: None } = output else { panic!("{}", answer.text) };
        assert_eq!(of, run_id);
        let calls: Vec<_> = calls.iter().map(|call| (call.tool.as_str(), call.outcome)).collect();
        assert_eq!(calls, [("host.echo", CallOutcome::Ok), ("host.gate", CallOutcome::MaybeExecuted)]);
        assert!(!answer.is_error);
        assert_eq!(answer.text, answer.structured.to_string());
    }
    let waiting = tokio::spawn({
        let (runtime, run_id) = (runtime.clone(), run_id.clone());
        async move { wait(&runtime, &run_id, patient()).await }
    });
    gate.open.add_permits(1);
    let answer = waiting.await.unwrap();
    assert_eq!(
        (&answer.structured["status"], &answer.structured["result"]),
        (&json!("completed"), &json!("open"))
    );
    assert_eq!(answer.structured["runId"], *run_id);
    for options in [soon(), patient()] {
        assert_eq!(wait(&runtime, &run_id, options).await, answer, "it is answered any number of times");
    }
    let quick = runtime.call_with("execute", json!({ "code": "return 1" }), patient()).await.unwrap();
    assert_eq!(quick.structured["result"], 1);
    let run_id = quick.structured["runId"].as_str().unwrap();
    assert!(refused(&runtime, run_id, soon()).await.contains("there is nothing to wait for"));
}

#[tokio::test]
async fn a_failure_is_answered_like_any_other() {
    let (runtime, gate) = gated().await;
    let code = "await host.gate({});\nthrow new Error('no')";
    let answer = runtime.call_with("execute", json!({ "code": code }), soon()).await.unwrap();
    let run_id = answer.structured["runId"].as_str().unwrap();
    gate.open.add_permits(1);
    let answer = wait(&runtime, run_id, patient()).await;
    assert!(answer.is_error);
    assert_eq!(
        (&answer.structured["status"], &answer.structured["error"]["line"]),
        (&json!("error"), &json!(2))
    );
}

#[tokio::test]
async fn who_asked_cancels_a_run_as_long_as_they_wait_for_it_and_no_longer() {
    let (runtime, gate) = gated().await;
    let cancel = CancellationToken::new();
    let (call, options) = (json!({ "code": PROGRAM }), patient().cancel(cancel.clone()));
    let first = async { runtime.call_with("execute", call.clone(), options).await.unwrap() };
    let cancelling = async {
        gate.reached.notified().await;
        cancel.cancel();
    };
    let (answer, ()) = tokio::join!(first, cancelling);
    assert_eq!(answer.structured["error"]["kind"], "cancelled");
    gate.dropped.notified().await;

    let cancel = CancellationToken::new();
    let answer = runtime.call_with("execute", call.clone(), soon().cancel(cancel.clone())).await.unwrap();
    let run_id = answer.structured["runId"].as_str().unwrap();
    cancel.cancel();
    let waiting = wait(&runtime, run_id, patient().cancel(cancel)).await;
    assert_eq!(waiting.structured["status"], "running", "waiting was cancelled, and nothing else");
    gate.open.add_permits(1);
    assert_eq!(wait(&runtime, run_id, patient()).await.structured["result"], "open");

    // A dropped future is a request that nobody waits for any more.
    let mut dropped = Box::pin(runtime.call_with("execute", call, patient()));
    tokio::select! {
        _ = &mut dropped => panic!("the gate is closed"),
        () = gate.reached.notified() => {}
    }
    drop(dropped);
    gate.dropped.notified().await;
    assert_eq!(runtime.active_runs(), 0);
}

/// User A reads and cancels what is user B's by its id.
#[tokio::test]
async fn g30_a_run_is_there_for_its_principal_alone() {
    let (runtime, gate) = gated().await;
    let run_id = begin(&runtime).await;
    let never = "0123456789abcdef0123456789abcdef";
    let unknown = refused(&runtime, never, soon()).await;
    let others = [soon().principal("bob"), soon().principal(""), {
        let mut nobody = soon();
        nobody.principal = None;
        nobody
    }];
    for other in others {
        let refused = refused(&runtime, &run_id, other.clone()).await;
        assert_eq!(refused.replace(&run_id, never), unknown);
        assert!(!runtime.cancel(&run_id, other.principal.as_deref()));
        // Nor is it by another view.
        let view = runtime.view(View::default().connectors(["github"]));
        assert!(view.call_with("execute", json!({ "runId": run_id }), other).await.is_err());
    }
    assert!(runtime.cancel(&run_id, Some("ann")));
    let answer = wait(&runtime, &run_id, patient()).await;
    assert_eq!(answer.structured["error"]["kind"], "cancelled");
    assert!(!runtime.cancel(&run_id, Some("ann")), "it has ended");
    gate.dropped.notified().await;
}

#[tokio::test]
async fn g30_a_kept_result_is_there_for_its_principal_alone() {
    let runtime = upstream::plain().await;
    let as_of = |name: &str| RunOptions::default().principal(name);
    let execute = async |code: &str, options| {
        runtime.call_with("execute", json!({ "code": code }), options).await.unwrap().structured
    };
    let cut = execute("return 'x'.repeat(100_000)", as_of("ann")).await;
    let read = format!("return (await {}).length", cut["truncated"]["whole"].as_str().unwrap());
    assert_eq!(execute(&read, as_of("ann")).await["result"], 100_000);
    let refused = execute(&read, as_of("bob")).await;
    let never = execute(&read.replace(cut["runId"].as_str().unwrap(), &"0".repeat(32)), as_of("ann")).await;
    let message = |of: &Value| of["error"]["message"].as_str().unwrap().to_owned();
    let run_id = cut["runId"].as_str().unwrap();
    assert_eq!(message(&refused).replace(run_id, &"0".repeat(32)), message(&never));
    assert_eq!(execute(&read, RunOptions::default()).await["status"], "error");
}

#[tokio::test]
async fn too_many_runs_are_waited_for_instead_of_going_on() {
    let (runtime, gate) = gated().await;
    for _ in 0..64 {
        begin(&runtime).await;
    }
    let late = async { runtime.call_with("execute", json!({ "code": PROGRAM }), soon()).await.unwrap() };
    let mut late = std::pin::pin!(late);
    let other = soon().principal("bob");
    tokio::select! {
        answer = &mut late => panic!("{}", answer.text),
        answer = runtime.call_with("execute", json!({ "code": PROGRAM }), other) => {
            assert_eq!(answer.unwrap().structured["status"], "running", "it is nothing to others");
        }
    }
    gate.open.add_permits(66);
    assert_eq!(late.await.structured["result"], "open");
}

#[tokio::test]
async fn draining_ends_what_runs_and_begins_nothing() {
    let (runtime, gate) = gated().await;
    let (early, late) = (begin(&runtime).await, begin(&runtime).await);
    let view = runtime.view(View::default());
    assert_eq!((runtime.active_runs(), view.active_runs()), (2, 2));
    gate.open.add_permits(1);
    while runtime.active_runs() > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(runtime.drain(Duration::from_millis(20)).await, 1);
    let outcomes = [wait(&runtime, &early, patient()).await, wait(&runtime, &late, patient()).await];
    let kinds: Vec<_> = outcomes.iter().map(|answer| &answer.structured["status"]).collect();
    assert!(kinds.contains(&&json!("completed")) && kinds.contains(&&json!("error")), "{kinds:?}");
    for runtime in [&runtime, &view] {
        let run = runtime.run("return 1", RunOptions::default()).await;
        assert_eq!(run.error().unwrap().kind, Kind::Cancelled);
    }
    assert!(runtime.search("echo", Default::default()).await.is_ok());
    assert_eq!(runtime.drain(LONG).await, 0, "nothing is left to wait for");
}
