//! `Runtime::run` as an embedder calls it, with a host function as the tool, on a multi-threaded tokio runtime.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::sync::LazyLock;

use codemode::{Run, RunOptions, Runtime};
use serde_json::{Value, json};

static TOKIO: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap());
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let echo = |input: Value| async move { Ok::<_, String>(input) };
    let later = |input: Value| async move {
        tokio::task::yield_now().await;
        Ok::<_, String>(input)
    };
    let schema = json!({ "type": "object" });
    let builder = Runtime::builder().tool("echo", "", schema.clone(), echo).tool("later", "", schema, later);
    TOKIO.block_on(builder.build()).unwrap()
});

fn main() {
    LazyLock::force(&RUNTIME);
    divan::main();
}

fn run(source: &str) -> Run {
    let run = TOKIO.block_on(async { RUNTIME.run(source, RunOptions::default()).await });
    assert_eq!(run.exit_code(), 0, "{:?}", run.output);
    run
}

#[divan::bench(sample_count = 2000, sample_size = 1)]
fn trivial_run(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run("return 1"));
}

#[divan::bench(sample_count = 2000, sample_size = 1)]
fn one_call(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run("return await host.echo({ a: 1 })"));
}

#[divan::bench(sample_count = 1000, sample_size = 1)]
fn one_call_that_waits(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run("return await host.later({ a: 1 })"));
}

#[divan::bench(sample_count = 500, sample_size = 1)]
fn sequential_calls_100(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run("for (let i = 0; i < 100; i++) await host.echo({ i })"));
}

#[divan::bench(sample_count = 500, sample_size = 1)]
fn parallel_calls_100(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run("await Promise.all(Array.from({ length: 100 }, (_, i) => host.echo({ i })))"));
}
