//! `program` and `isolate` on one thread: no tokio, no connectors. Completions are answered on the spot.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use codemode_isolate::{Completion, Engine, Isolate, Limits, Names, PoolSize, Start, Step, Unmetered};
use codemode_program as program;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(PoolSize::default()).unwrap());
static NAMES: LazyLock<Arc<Names>> = LazyLock::new(|| {
    let mut names = Names::new();
    names.insert("demo", ["echo".to_owned()]);
    Arc::new(names)
});

fn main() {
    LazyLock::force(&ENGINE);
    divan::main();
}

fn block<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

fn isolate() -> Isolate {
    Isolate::new(&ENGINE, Arc::clone(&NAMES), Limits::default(), Arc::new(Unmetered)).unwrap()
}

/// Runs JavaScript to its end, answering every call with `{"ok":true}`.
fn run(javascript: &str) -> Step {
    let mut isolate = isolate();
    let start = Start { javascript, input: "", now_ms: 1_700_000_000_000, seed: [7; 32] };
    let mut step = block(isolate.start(start)).unwrap();
    while step.ended.is_none() {
        let answers = step
            .calls
            .iter()
            .map(|call| Completion { id: call.id, outcome: Ok(r#"{"ok":true}"#.into()) })
            .collect();
        step = block(isolate.resume(answers, 1_700_000_000_001)).unwrap();
    }
    step
}

fn compile(source: &str) -> program::Program {
    program::compile(source, &program::Limits::default()).unwrap()
}

#[divan::bench(sample_count = 2000, sample_size = 1)]
fn instantiate(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(isolate);
}

#[divan::bench(sample_count = 2000, sample_size = 1)]
fn trivial_run(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run("(async function(){ return 1 })"));
}

#[divan::bench(sample_count = 2000, sample_size = 1)]
fn one_call(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run("(async function(){ return await demo.echo({ a: 1 }) })"));
}

#[divan::bench(sample_count = 500, sample_size = 1)]
fn sequential_calls_100(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run("(async function(){ for (let i = 0; i < 100; i++) await demo.echo({ i }) })"));
}

#[divan::bench(sample_count = 500, sample_size = 1)]
fn parallel_calls_100(bencher: divan::Bencher<'_, '_>) {
    let source = "(async function(){ const p = []; for (let i = 0; i < 100; i++) p.push(demo.echo({ i })); await Promise.all(p) })";
    bencher.bench_local(|| run(source));
}

#[divan::bench(sample_count = 2000, sample_size = 1)]
fn compile_trivial(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| compile("return 1"));
}

#[divan::bench(sample_count = 2000, sample_size = 1)]
fn compile_weather(bencher: divan::Bencher<'_, '_>) {
    let source =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/weather.ts")).unwrap();
    bencher.bench_local(|| compile(&source));
}

#[divan::bench(sample_count = 2000, sample_size = 1)]
fn compile_and_run_trivial(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run(compile("return 1").javascript()));
}
