//! What a call through the gateway costs: the built command over stdio and over HTTP, in front of a tiny MCP server.
//!
//! Build the command first: `cargo build --release -p codemode-cli`, then `cargo bench -p codemode-bench --bench gateway`.
//! `CODEMODE=path` measures another build. Times are those of a client in another process, its own JSON included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

mod client;
mod load;
mod measure;
mod server;
mod upstream;

use std::time::Instant;

use client::{Http, Stdio};
use measure::{Times, report};
use serde_json::json;
use server::Server;

/// What is measured: the program, how often, and the aim for the median in milliseconds.
const PROGRAMS: [(&str, &str, usize, f64); 5] = [
    ("empty program", "return 1", 400, 0.25),
    ("one tool", "return await up.echo({ nonce: 1 })", 400, 0.6),
    (
        "20 calls, one after the other",
        "let n; for (n = 0; n < 20; n++) await up.echo({ nonce: n }); return n",
        150,
        4.0,
    ),
    (
        "10 × 100 ms in parallel",
        "return (await Promise.all(Array.from({ length: 10 }, () => up.slow({ ms: 100 })))).length",
        20,
        102.0,
    ),
    ("a tool's result of 5 MB", "return (await up.big({ bytes: 5_000_000 })).length", 10, f64::INFINITY),
];

/// Programs at once, each of which waits for 200 ms.
const AT_ONCE: usize = 8;
const WAITING: &str = "return await up.slow({ ms: 200 })";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == "upstream") {
        return upstream::serve();
    }
    println!("{:34} {:>10} {:>10} {:>10} {:>10}", "milliseconds", "p50", "p95", "p99", "aim");
    first_answer();
    over_stdio();
    over_http();
    load::run();
}

/// From the start of the process to its first answer.
fn first_answer() {
    let mut times = Times::default();
    for _ in 0..20 {
        let started = Instant::now();
        let stdio = Stdio::start(&Server::command(&[]));
        times.add(started.elapsed());
        stdio.end();
    }
    report("first answer after start", &times, 30.0);
}

fn over_stdio() {
    println!("\nover stdio");
    let mut stdio = Stdio::start(&Server::command(&[]));
    warm_up(|program| stdio.run(program));
    let before = measure::resident(stdio.pid());
    for (name, program, count, aim) in PROGRAMS {
        let mut times = Times::default();
        for _ in 0..count {
            times.time(|| stdio.run(program));
        }
        report(name, &times, aim);
    }
    let mut times = Times::default();
    for _ in 0..10 {
        times.time(|| stdio.run_at_once(WAITING, AT_ONCE));
    }
    report("8 programs at once × 200 ms", &times, 205.0);
    resident(before, measure::resident(stdio.pid()));
    stdio.end();
}

fn over_http() {
    println!("\nover HTTP");
    let server = Server::http("");
    let mut http = Http::connect(&server.address);
    warm_up(|program| http.run(program));
    let before = measure::resident(server.pid());
    for (name, program, count, aim) in PROGRAMS {
        let mut times = Times::default();
        for _ in 0..count {
            times.time(|| http.run(program));
        }
        report(name, &times, aim);
    }
    let mut clients: Vec<Http> = (0..AT_ONCE).map(|_| Http::connect(&server.address)).collect();
    let mut times = Times::default();
    for _ in 0..10 {
        times.time(|| {
            std::thread::scope(|scope| {
                for client in &mut clients {
                    scope.spawn(|| client.run(WAITING));
                }
            });
            json!(null)
        });
    }
    report("8 programs at once × 200 ms", &times, 205.0);
    resident(before, measure::resident(server.pid()));
}

/// Until the upstream is there, and what is made at the first use is.
fn warm_up(mut run: impl FnMut(&str) -> serde_json::Value) {
    for _ in 0..20 {
        run("return await up.echo({ nonce: 0 })");
    }
}

fn resident(before: u64, after: u64) {
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!(
        "{:34} {:>10.1} {:>10.1} {:>10} {:>10}",
        "resident MiB, before and after",
        mib(before),
        mib(after),
        "",
        25
    );
}
