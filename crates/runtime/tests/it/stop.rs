//! Runs that are stopped: by time, by a token, by dropping their future. Whatever was stopped, the next run is fine.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use codemode::{CallOutcome, CancellationToken, Kind, Limits, PoolSize, RunOptions, Runtime};
use serde_json::{Value, json};

use crate::upstream;

const LOOP: &str = "await host.echo({});\nwhile (true) {}";

/// Time that no test here needs, for what must not take for ever.
const LONG: Duration = Duration::from_secs(600);

async fn healthy(runtime: &Runtime) {
    let run = runtime.run("return host.add({ a: 1, b: 2 })", RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!(3)), "{:?}", run.error());
}

fn timeout(ms: u64) -> RunOptions {
    RunOptions::default().timeout(Duration::from_millis(ms))
}

/// Polls a computing run some times; each poll ends at a tick.
fn compute_a_while<T>(run: &mut Pin<&mut impl Future<Output = T>>) {
    for _ in 0..5 {
        assert!(run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
}

#[tokio::test]
async fn wall_time_ends_a_program_that_computes() {
    let runtime = upstream::plain().await;
    for program in [LOOP, "for (;;) await 0", "try { while (true) {} } finally { __return('escaped') }"] {
        let run = runtime.run(program, timeout(100)).await;
        let error = run.error().unwrap();
        assert_eq!((error.kind, error.limit, run.exit_code()), (Kind::Timeout, Some(100), 124), "{error:?}");
        assert!(error.observed >= Some(100));
        healthy(&runtime).await;
    }
}

#[tokio::test]
async fn wall_time_ends_a_program_that_waits() {
    let runtime = upstream::plain().await;
    let run = runtime.run("console.log('before');\nawait host.never({});", timeout(50)).await;
    let error = run.error().unwrap();
    assert_eq!((error.kind, error.limit), (Kind::Timeout, Some(50)), "{error:?}");
    assert_eq!(run.calls()[0].outcome, CallOutcome::MaybeExecuted);
    assert_eq!(run.stdout, "before\n");
    assert!(run.usage.heap_peak_bytes > 0);
    let run = runtime.run("await new Promise((r) => setTimeout(r, 1e9))", timeout(50)).await;
    assert_eq!(run.error().unwrap().kind, Kind::Timeout);
    healthy(&runtime).await;
}

#[tokio::test]
async fn cpu_time_ends_a_program_close_to_its_limit() {
    let runtime = upstream::plain().await;
    let mut limits = Limits::default();
    limits.set("cpu", "100ms").unwrap();
    let run = runtime.run(LOOP, RunOptions::default().limits(limits)).await;
    let error = run.error().unwrap();
    assert_eq!((error.kind, error.limit, run.exit_code()), (Kind::CpuLimit, Some(100), 4), "{error:?}");
    assert!((100_000..150_000).contains(&run.usage.cpu_us), "{:?}", run.usage);
}

#[tokio::test]
async fn neighbours_on_a_thread_do_not_use_up_a_programs_cpu_time() {
    let runtime = upstream::plain().await;
    let with_cpu = |cpu: &str| {
        let mut limits = Limits::default();
        limits.set("cpu", cpu).unwrap();
        RunOptions::default().limits(limits)
    };
    let busy = || runtime.run(LOOP, with_cpu("300ms"));
    // The thread has computed before the run starts, and computes for another while the run waits.
    assert_eq!(busy().await.error().unwrap().kind, Kind::CpuLimit);
    let program = "for (let n = 0; n < 10; n++) await new Promise((r) => setTimeout(r, 10)); return 'done'";
    let (neighbour, waiting) = tokio::join!(busy(), runtime.run(program, with_cpu("200ms")));
    assert_eq!(neighbour.error().unwrap().kind, Kind::CpuLimit);
    assert_eq!(waiting.value(), Some(&json!("done")), "{:?}", waiting.error());
}

#[tokio::test]
async fn cancelling_stops_a_program_that_computes() {
    let runtime = upstream::plain().await;
    let cancel = CancellationToken::new();
    let mut run = pin!(runtime.run("while (true) {}", RunOptions::default().cancel(cancel.clone())));
    compute_a_while(&mut run);
    cancel.cancel();
    let run = run.await;
    assert_eq!((run.error().unwrap().kind, run.exit_code()), (Kind::Cancelled, 130));
    healthy(&runtime).await;
}

#[tokio::test]
async fn cancelling_stops_a_program_that_waits_and_gives_up_its_calls() {
    let dropped = Arc::new(AtomicBool::new(false));
    let cancel = CancellationToken::new();
    let (cancelling, dropping) = (cancel.clone(), Arc::clone(&dropped));
    let runtime = Runtime::builder()
        .tool("stop", "Cancels the run it is called in", json!({ "type": "object" }), move |_: Value| {
            let guard = SetOnDrop(Arc::clone(&dropping));
            cancelling.cancel();
            async move {
                let _guard = guard;
                std::future::pending::<Result<Value, String>>().await
            }
        })
        .build()
        .await
        .unwrap();
    let run = runtime.run("await host.stop({})", RunOptions::default().cancel(cancel).timeout(LONG)).await;
    assert_eq!(run.error().unwrap().kind, Kind::Cancelled);
    assert_eq!(run.calls()[0].outcome, CallOutcome::MaybeExecuted);
    until(&dropped).await;
}

#[tokio::test]
async fn a_run_cancelled_beforehand_does_not_start() {
    let runtime = upstream::plain().await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let run = runtime.run("console.log('ran')", RunOptions::default().cancel(cancel)).await;
    assert_eq!((run.error().unwrap().kind, &*run.stdout), (Kind::Cancelled, ""));
}

#[tokio::test]
async fn dropping_a_computing_run_leaves_the_runtime_healthy() {
    let runtime = own_pool(1).await;
    for _ in 0..10 {
        let mut run = Box::pin(runtime.run("while (true) {}", RunOptions::default()));
        compute_a_while(&mut run.as_mut());
        drop(run);
        healthy(&runtime).await;
    }
}

#[tokio::test]
async fn dropping_a_waiting_run_drops_its_calls_and_frees_its_isolate() {
    let (called, dropped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (calling, dropping) = (Arc::clone(&called), Arc::clone(&dropped));
    let runtime = Runtime::builder()
        .pool(PoolSize { isolates: 1, ..PoolSize::default() })
        .tool("add", "Adds", json!({ "type": "object" }), |_: Value| async { Ok::<_, String>(3.0) })
        .tool("never", "Never answers", json!({ "type": "object" }), move |_: Value| {
            let guard = SetOnDrop(Arc::clone(&dropping));
            calling.store(true, Ordering::SeqCst);
            async move {
                let _guard = guard;
                std::future::pending::<Result<Value, String>>().await
            }
        })
        .build()
        .await
        .unwrap();
    let mut run = Box::pin(runtime.run("await host.never({})", RunOptions::default()));
    // The first polls may end at a tick.
    while !called.load(Ordering::SeqCst) {
        assert!(run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert!(!dropped.load(Ordering::SeqCst));
    drop(run);
    until(&dropped).await;
    healthy(&runtime).await;
}

#[tokio::test]
async fn a_run_waits_for_a_free_isolate_as_long_as_it_may_take() {
    let runtime = own_pool(1).await;
    let mut holder = Box::pin(runtime.run("await host.never({})", RunOptions::default()));
    assert!(holder.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let refused = runtime.run("return 1", timeout(30)).await;
    assert_eq!(refused.error().unwrap().kind, Kind::Timeout);
    let cancel = CancellationToken::new();
    let mut cancelled = Box::pin(runtime.run("return 1", RunOptions::default().cancel(cancel.clone())));
    assert!(cancelled.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    cancel.cancel();
    assert_eq!(cancelled.await.error().unwrap().kind, Kind::Cancelled);
    let mut waiting = Box::pin(runtime.run("return 1", RunOptions::default()));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(holder);
    assert_eq!(waiting.await.value(), Some(&json!(1)));
}

#[tokio::test]
async fn a_computing_run_lets_other_tasks_of_its_thread_run() {
    let runtime = upstream::plain().await;
    let endless = runtime.run("while (true) {}", RunOptions::default());
    // On this one thread the second run gets its turns, or this test never ends.
    tokio::select! {
        run = endless => panic!("it ended: {run:?}"),
        () = async { for _ in 0..5 { healthy(&runtime).await } } => {}
    }
}

async fn own_pool(isolates: u32) -> Runtime {
    let pool = PoolSize { isolates, ..PoolSize::default() };
    upstream::runtime(&upstream::Sent::default(), |builder| builder.pool(pool)).await
}

struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// An aborted task is dropped by the runtime, a moment later.
async fn until(flag: &AtomicBool) {
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        if flag.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
