//! What a caller gets of a run: the value as a type, the JSON, the exit code, the figures.

use std::collections::HashSet;

use codemode::{Kind, Limits, NoValue, Output, RunOptions};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::upstream;

#[derive(Debug, PartialEq, Deserialize)]
struct Issue {
    number: u32,
    title: String,
}

#[tokio::test]
async fn a_value_is_read_as_a_type() {
    let runtime = upstream::plain().await;
    let run = runtime.run("return github.create_issue({ title: 'x' })", RunOptions::default()).await;
    assert_eq!(run.value_as::<Issue>().unwrap(), Issue { number: 7, title: "x".into() });
    assert!(matches!(run.value_as::<Vec<u8>>(), Err(NoValue::Shape(_))));
    assert!(run.error().is_none());
    let run = runtime.run("throw new TypeError('no')", RunOptions::default()).await;
    let Err(NoValue::Failed(message)) = run.value_as::<Issue>() else { panic!("{run:?}") };
    assert_eq!(message, "TypeError: no");
    assert_eq!(run.value(), None);
}

#[tokio::test]
async fn what_is_printed_is_kept_apart_and_together() {
    let runtime = upstream::plain().await;
    let program = "console.log('a'); console.error('b'); await host.echo({}); console.log('c\\nd'); return 1";
    let run = runtime.run(program, RunOptions::default()).await;
    assert_eq!((&*run.stdout, &*run.stderr), ("a\nc\nd\n", "b\n"));
    let Output::Completed { logs, .. } = &run.output else { panic!("{run:?}") };
    assert_eq!(logs, &["a", "b", "c\nd"]);
}

#[tokio::test]
async fn the_json_is_read_back_to_the_same() {
    let runtime = upstream::plain().await;
    for program in [
        "return 1",
        "console.log(1); await host.echo({}); return [null]",
        "await host.fail({})",
        "let x = ;",
        "await github.nope()",
    ] {
        let run = runtime.run(program, RunOptions::default()).await;
        let json = serde_json::to_string(&run.output).unwrap();
        assert_eq!(serde_json::from_str::<Output>(&json).unwrap(), run.output, "{json}");
    }
    let minimal = serde_json::to_value(&runtime.run("return 1", RunOptions::default()).await.output).unwrap();
    let keys: Vec<_> = minimal.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["status", "runId", "result"], "empty lists are left out");
}

#[tokio::test]
async fn run_ids_are_128_bits_and_differ() {
    let runtime = upstream::plain().await;
    let mut seen = HashSet::new();
    for _ in 0..100 {
        let run = runtime.run("1", RunOptions::default()).await;
        assert!(run.run_id().len() == 32 && run.run_id().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(seen.insert(run.run_id().to_owned()));
    }
}

#[tokio::test]
async fn the_figures_are_those_of_the_run() {
    let runtime = upstream::plain().await;
    let program = "const a = new Uint8Array(8e6); for (let i = 0; i < 1e5; i++) a[i] = i; return host.add({ a: 1, b: 2 })";
    let usage = runtime.run(program, RunOptions::default()).await.usage;
    assert!(usage.heap_peak_bytes > 8_000_000 && usage.heap_peak_bytes < 10_000_000, "{usage:?}");
    assert!(usage.cpu_us > 0 && usage.compile_us > 0 && usage.isolate_start_us > 0, "{usage:?}");
    assert!(usage.wall_us >= usage.compile_us + usage.isolate_start_us, "{usage:?}");
    let rejected = runtime.run("let x = ;", RunOptions::default()).await.usage;
    assert!(rejected.compile_us > 0 && rejected.wall_us >= rejected.compile_us, "{rejected:?}");
    assert_eq!((rejected.cpu_us, rejected.heap_peak_bytes), (0, 0));
}

#[tokio::test]
async fn exit_codes_tell_kinds_of_failure_apart() {
    let runtime = upstream::plain().await;
    let mut limits = Limits::default();
    limits.set("heap", "16MiB").unwrap();
    limits.set("calls", "2").unwrap();
    let cases = [
        ("return 1", None, 0),
        ("throw 1", Some(Kind::GuestError), 1),
        ("await host.fail({})", Some(Kind::ToolError), 1),
        ("await host.add({})", Some(Kind::InvalidArguments), 1),
        ("return 1n", Some(Kind::ResultInvalid), 1),
        ("await new Promise(() => {})", Some(Kind::Deadlock), 1),
        ("let x = ;", Some(Kind::SourceRejected), 3),
        ("for (;;) {}", Some(Kind::CpuLimit), 4),
        ("const a = []; for (;;) a.push({})", Some(Kind::MemoryLimit), 4),
        ("(function f() { f() })()", Some(Kind::StackLimit), 4),
        ("console.log('x'.repeat(1e6))", Some(Kind::OutputLimit), 4),
        ("return 'x'.repeat(2e6)", Some(Kind::OutputLimit), 4),
        ("for (;;) await host.echo({})", Some(Kind::CallLimit), 4),
    ];
    for (program, kind, exit) in cases {
        limits.set("cpu", if kind == Some(Kind::CpuLimit) { "50ms" } else { "10s" }).unwrap();
        let run = runtime.run(program, RunOptions::default().limits(limits.clone())).await;
        assert_eq!(
            (run.error().map(|error| error.kind), run.exit_code()),
            (kind, exit),
            "{program}: {:?}",
            run.error()
        );
        let limited = exit == 4;
        let figures = run.error().is_some_and(|error| error.limit.is_some() && error.observed >= error.limit);
        assert_eq!(figures, limited, "{program}: {:?}", run.error());
    }
}

#[tokio::test]
async fn two_runs_of_a_program_have_other_randomness() {
    let runtime = upstream::plain().await;
    let mut seen = HashSet::new();
    for _ in 0..10 {
        let run = runtime.run("return [Math.random(), crypto.randomUUID()]", RunOptions::default()).await;
        for value in run.value().and_then(Value::as_array).unwrap() {
            assert!(seen.insert(value.to_string()));
        }
    }
}

#[tokio::test]
async fn the_clock_is_the_worlds() {
    let before = std::time::SystemTime::now();
    let runtime = upstream::plain().await;
    let run = runtime.run("return Date.now()", RunOptions::default()).await;
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_millis(run.value_as::<u64>().unwrap() + 1);
    assert!(before <= now && now <= std::time::SystemTime::now() + std::time::Duration::from_millis(2));
}

#[tokio::test]
async fn keys_and_numbers_cross_as_they_are() {
    let runtime = upstream::plain().await;
    let input = json!({ "z": 1, "a": [0.1, 1e300, -5, 9007199254740991_u64], "é": "\u{0}\u{2028}" });
    let run = runtime.run("return host.echo(input)", RunOptions::default().input(input.clone())).await;
    assert_eq!(run.value().unwrap().to_string(), input.to_string());
}
