//! Many runs at once, on either kind of tokio runtime.

use std::sync::Arc;

use codemode::{RunOptions, Runtime};
use serde_json::{Value, json};
use tokio::sync::Barrier;

const PROGRAM: &str = "const first = await host.echo({ n: input.n });
    const meeting = await host.meet({});
    let sum = 0;
    for (let i = 0; i < 1000; i++) sum += i * first.n;
    return { n: first.n, sum, meeting };";

/// A runtime whose `meet` answers when `runs` of its callers are there: so many runs wait at the same time.
async fn runtime(runs: usize) -> Runtime {
    let barrier = Arc::new(Barrier::new(runs));
    let any = json!({ "type": "object" });
    Runtime::builder()
        .tool("echo", "Gives back its arguments", any.clone(), |input: Value| async {
            Ok::<_, String>(input)
        })
        .tool("meet", "Waits for all others", any, move |_: Value| {
            let barrier = Arc::clone(&barrier);
            async move {
                barrier.wait().await;
                Ok::<_, String>("met")
            }
        })
        .build()
        .await
        .unwrap()
}

async fn all_at_once(runs: u64) {
    let runtime = runtime(usize::try_from(runs).unwrap()).await;
    let running: Vec<_> = (0..runs)
        .map(|n| {
            let runtime = runtime.clone();
            tokio::spawn(
                async move { runtime.run(PROGRAM, RunOptions::default().input(json!({ "n": n }))).await },
            )
        })
        .collect();
    for (n, run) in (0..runs).zip(running) {
        let run = run.await.unwrap();
        assert_eq!(
            run.value(),
            Some(&json!({ "n": n, "sum": n * 499_500, "meeting": "met" })),
            "{:?}",
            run.error()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_hundred_runs_at_once_on_several_threads() {
    all_at_once(500).await;
}

#[tokio::test(flavor = "current_thread")]
async fn five_hundred_runs_at_once_on_one_thread() {
    all_at_once(500).await;
}

#[test]
fn runtimes_of_tokio_may_come_and_go() {
    for _ in 0..3 {
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio.block_on(all_at_once(3));
    }
}
