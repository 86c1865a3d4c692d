//! Tool calls that overlap, are forgotten, fail or never end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codemode::connect::Host;
use codemode::{CallOutcome, Event, Kind, Limits, RunOptions, Runtime};
use serde_json::{Value, json};
use tokio::sync::{Barrier, Notify};

use crate::upstream::{self, Sent};

fn any() -> Value {
    json!({ "type": "object" })
}

fn nothing() -> Result<Value, String> {
    Ok(Value::Null)
}

#[tokio::test]
async fn calls_made_together_are_under_way_together() {
    let barrier = Arc::new(Barrier::new(10));
    let runtime = Runtime::builder()
        .tool("meet", "Answers when ten are here", any(), move |input: Value| {
            let barrier = Arc::clone(&barrier);
            async move {
                barrier.wait().await;
                Ok::<_, String>(input["n"].clone())
            }
        })
        .build()
        .await
        .unwrap();
    let program = "return Promise.all(Array.from({ length: 10 }, (_, n) => host.meet({ n })))";
    let run = runtime.run(program, RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])), "{:?}", run.error());
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_the_limit_allows() {
    for (limit, calls) in [(16, 48), (4, 12), (1, 5)] {
        let most = Arc::new(AtomicUsize::new(0));
        let now = Arc::new(AtomicUsize::new(0));
        let barrier = Arc::new(Barrier::new(limit));
        let (most_seen, running) = (Arc::clone(&most), Arc::clone(&now));
        let runtime = Runtime::builder()
            .tool("work", "Answers when as many as may be are here", any(), move |_: Value| {
                let (most, now, barrier) =
                    (Arc::clone(&most_seen), Arc::clone(&running), Arc::clone(&barrier));
                async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    barrier.wait().await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    nothing()
                }
            })
            .limits(Limits { concurrency: limit, ..Limits::default() })
            .build()
            .await
            .unwrap();
        let program = format!(
            "return (await Promise.all(Array.from({{ length: {calls} }}, (_, n) => host.work({{ n }})))).length"
        );
        let run = runtime.run(&program, RunOptions::default()).await;
        assert_eq!(run.value(), Some(&json!(calls)), "{:?}", run.error());
        assert_eq!(most.load(Ordering::SeqCst), limit);
        assert!(run.calls().iter().all(|call| call.outcome == CallOutcome::Ok));
    }
}

#[tokio::test]
async fn sixteen_are_under_way_by_default() {
    assert_eq!(Limits::default().concurrency, 16);
}

/// Answers `echo` at once, `later` when `echo` was called, and `never` never.
async fn with_slow_tools(limits: Limits) -> Runtime {
    let called = Arc::new(Notify::new());
    let calling = Arc::clone(&called);
    Runtime::builder()
        .limits(limits)
        .tool("echo", "Answers at once", any(), move |input: Value| {
            calling.notify_waiters();
            async move { Ok::<_, String>(input) }
        })
        .tool("later", "Answers some time after", any(), move |_: Value| async move {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            nothing()
        })
        .tool("never", "Never answers", any(), |_: Value| std::future::pending::<Result<Value, String>>())
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_sent_and_not_awaited_is_waited_for_and_recorded() {
    let runtime = with_slow_tools(Limits::default()).await;
    let ended = Arc::new(Mutex::new(HashMap::new()));
    let events = Arc::clone(&ended);
    let options = RunOptions::default().observer(move |event| {
        if let Event::CallEnded(call) = event {
            events.lock().unwrap().insert(call.seq, call.outcome);
        }
    });
    let run =
        runtime.run("host.later({}); host.later({}); await host.echo({}); return 'done'", options).await;
    assert_eq!(run.value(), Some(&json!("done")));
    assert_eq!(run.calls().iter().map(|call| call.outcome).collect::<Vec<_>>(), [CallOutcome::Ok; 3]);
    assert_eq!(*ended.lock().unwrap(), HashMap::from([1, 2, 3].map(|seq| (seq, CallOutcome::Ok))));
}

#[tokio::test]
async fn what_was_not_sent_by_the_end_is_not_sent_after_it() {
    let mut limits = Limits { concurrency: 1, ..Limits::default() };
    limits.set("call", "20ms").unwrap();
    let runtime = with_slow_tools(limits).await;
    let program =
        "host.never({}); host.echo({}); host.echo({}); await new Promise((r) => setTimeout(r, 0)); return 1";
    let run = runtime.run(program, RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!(1)));
    let outcomes: Vec<_> = run.calls().iter().map(|call| (call.seq, call.outcome)).collect();
    assert_eq!(
        outcomes,
        [(1, CallOutcome::MaybeExecuted), (2, CallOutcome::NotStarted), (3, CallOutcome::NotStarted)],
    );
    assert!(run.stderr.contains("without awaiting host.never, host.echo, host.echo"), "{}", run.stderr);
}

#[tokio::test]
async fn a_call_made_in_the_last_step_is_not_sent() {
    let sent = Sent::default();
    let runtime = upstream::runtime(&sent, |builder| builder).await;
    let run = runtime.run("github.create_issue({ title: 'x' }); return 1", RunOptions::default()).await;
    assert_eq!(run.calls()[0].outcome, CallOutcome::NotStarted);
    assert!(sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_call_over_its_time_fails_in_the_program() {
    let mut limits = Limits::default();
    limits.set("call", "20ms").unwrap();
    let runtime = with_slow_tools(limits).await;
    let program = "return host.never({}).catch((error) => [error.name, error.message, error.outcome])";
    let run = runtime.run(program, RunOptions::default()).await;
    let expected = json!(["ToolError", "host did not answer within 20 ms", "maybe_executed"]);
    assert_eq!(run.value(), Some(&expected), "{:?}", run.error());
    assert_eq!(run.calls()[0].outcome, CallOutcome::MaybeExecuted);
}

#[tokio::test]
async fn a_panic_in_a_tool_is_that_calls_error_and_says_nothing_of_the_host() {
    let runtime = upstream::plain().await;
    for _ in 0..3 {
        let run = runtime.run("await host.panic({})", RunOptions::default()).await;
        let error = run.error().unwrap();
        assert_eq!(error.kind, Kind::ToolError);
        let shown = serde_json::to_string(&run.output).unwrap();
        assert!(!shown.contains("secret") && !shown.contains(".rs"), "{shown}");
        let caught =
            runtime.run("try { await host.panic({}) } catch (e) { return e.tool }", RunOptions::default());
        assert_eq!(caught.await.value(), Some(&json!("host.panic")));
    }
}

#[tokio::test]
async fn results_may_be_as_large_as_the_limit_and_no_larger() {
    let runtime = upstream::plain().await;
    let large = "return (await host.big({ bytes: 16 * 1024 * 1024 - 2 })).length";
    assert_eq!(runtime.run(large, RunOptions::default()).await.value(), Some(&json!(16 * 1024 * 1024 - 2)));
    let larger =
        "return host.big({ bytes: 16 * 1024 * 1024 - 1 }).catch((error) => [error.name, error.outcome])";
    let run = runtime.run(larger, RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!(["ToolError", "executed"])));
}

#[tokio::test]
async fn a_thousand_calls_and_not_one_more() {
    let sent = Sent::default();
    let runtime = upstream::runtime(&sent, |builder| builder).await;
    let run = runtime.run("for (let n = 0; ; n++) await host.echo({ n })", RunOptions::default()).await;
    let error = run.error().unwrap();
    assert_eq!((error.kind, error.observed, error.limit), (Kind::CallLimit, Some(1_001), Some(1_000)));
    assert_eq!((run.calls().len(), sent.lock().unwrap().len()), (1_000, 1_000));
}

#[tokio::test]
async fn a_closed_runtime_runs_nothing_more() {
    let sent = Sent::default();
    let runtime = upstream::runtime(&sent, |builder| builder).await;
    runtime.close().await;
    let run = runtime.run("return host.echo({})", RunOptions::default()).await;
    let error = run.error().unwrap();
    assert_eq!(
        (error.kind, &*error.message),
        (Kind::Cancelled, "this server is shutting down; nothing was run")
    );
    assert!(sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn events_tell_of_calls_and_output_in_order() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let options = RunOptions::default().observer(move |event| {
        let text = match event {
            Event::Printed { stream, text } => format!("{stream:?} {}", text.trim_end()),
            Event::CallStarted { seq, tool } => format!("start {seq} {tool}"),
            Event::CallEnded(call) => format!("end {} {:?}", call.seq, call.outcome),
            Event::RunStarted { run_id } => format!("run of {} digits", run_id.len()),
            Event::RunEnded(run) => format!("run ended {:?}", run.value()),
            _ => "other".into(),
        };
        seen.lock().unwrap().push(text);
    });
    let runtime = upstream::plain().await;
    let program = "console.log('a'); await host.echo({}); console.error('b'); await host.fail({}).catch(() => {}); await github.nope({}).catch(() => {})";
    runtime.run(program, options).await;
    assert_eq!(
        *events.lock().unwrap(),
        [
            "run of 32 digits",
            "Stdout a",
            "start 1 host.echo",
            "end 1 Ok",
            "Stderr b",
            "start 2 host.fail",
            "end 2 Error",
            "end 3 NotStarted",
            "run ended Some(String(\"a\"))"
        ],
    );
}

#[tokio::test]
async fn two_runs_do_not_see_each_other() {
    let runtime = upstream::plain().await;
    let program = "globalThis.mine ??= input.n; await host.echo({}); return [mine, Object.keys(globalThis).includes('mine')]";
    let runs = (0..20).map(|n| {
        let runtime = runtime.clone();
        tokio::spawn(
            async move { runtime.run(program, RunOptions::default().input(json!({ "n": n }))).await },
        )
    });
    for (n, run) in runs.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(run.await.unwrap().value(), Some(&json!([n, true])));
    }
}

#[tokio::test]
async fn names_a_connector_cannot_have_are_refused() {
    for name in ["input", "console", "tools", "a-b", ""] {
        assert!(Runtime::builder().connector(Host::new(name)).build().await.is_err(), "{name:?}");
    }
    let twice = Runtime::builder().connector(Host::new("a")).connector(Host::new("a"));
    assert!(twice.build().await.is_err());
}

#[tokio::test]
async fn limits_that_cannot_be_enforced_are_refused_before_anything_runs() {
    let mut limits = Limits::default();
    limits.isolate.heap_bytes = 1;
    let error = Runtime::builder().limits(limits).build().await.unwrap_err();
    assert!(error.to_string().contains("heap is 1B, but must be"), "{error}");
}

#[tokio::test]
async fn a_call_may_take_real_time() {
    let runtime = Runtime::builder()
        .tool("slow", "Takes a moment", any(), |_: Value| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            nothing()
        })
        .build()
        .await
        .unwrap();
    let run = runtime.run("await host.slow({})", RunOptions::default()).await;
    assert!(run.calls()[0].ms >= 5, "{:?}", run.calls());
}
