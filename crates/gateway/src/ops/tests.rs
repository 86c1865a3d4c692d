use codemode::{RunOptions, Runtime};
use serde_json::{Value, json};

use super::{Ops, Parent, Refusal};

async fn runtime() -> Runtime {
    let object = || json!({ "type": "object" });
    Runtime::builder()
        .tool("echo", "Echoes", object(), |input: Value| async { Ok::<_, String>(input) })
        .tool("fail", "Fails", object(), |_: Value| async { Err::<Value, _>("no") })
        .build()
        .await
        .unwrap()
}

async fn run(ops: &Ops, runtime: &Runtime, program: &str) {
    let watch = ops.run("somebody", "7", &Parent::default());
    runtime.run(program, RunOptions::default().observer(move |event| watch.event(event))).await;
}

fn has(text: &str, line: &str) {
    assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
}

#[tokio::test]
async fn runs_and_calls_are_counted_by_what_the_operator_knows() {
    let (ops, runtime) = (Ops::default(), runtime().await);
    ops.watch(&runtime);
    run(&ops, &runtime, "await host.echo({}); try { await host.fail({}) } catch {}; return 1").await;
    run(&ops, &runtime, "await host['sk_live_of_a_program']({})").await;
    run(&ops, &runtime, "const = 1").await;
    // One that nobody waits for is not under way for ever.
    let forgotten = run(&ops, &runtime, "await new Promise(done => setTimeout(done, 60_000))");
    let patience = std::time::Duration::from_millis(20);
    assert!(tokio::time::timeout(patience, forgotten).await.is_err());

    let text = ops.inner.metrics.text(Some(&runtime));
    for line in [
        r#"codemode_runs_total{outcome="completed"} 1"#,
        r#"codemode_runs_total{outcome="guest_error"} 1"#,
        r#"codemode_runs_total{outcome="source_rejected"} 1"#,
        r#"codemode_runs_total{outcome="abandoned"} 1"#,
        "codemode_runs_in_flight 0",
        "codemode_calls_in_flight 0",
        "codemode_run_seconds_count 4",
        r#"codemode_calls_total{connector="host",outcome="ok"} 1"#,
        r#"codemode_calls_total{connector="host",outcome="error"} 1"#,
        r#"codemode_calls_total{connector="unknown",outcome="not_started"} 1"#,
        r#"codemode_connectors{state="ready"} 1"#,
        r#"codemode_connector_up{connector="host"} 1"#,
    ] {
        has(&text, line);
    }
    assert!(!text.contains("sk_live"), "{text}");
}

#[test]
fn what_happens_on_the_network_is_counted() {
    let ops = Ops::default();
    ops.answered(200);
    ops.answered(429);
    ops.refused(Refusal::Rate);
    ops.transferred(5, 7);
    ops.reloaded(false);
    let text = ops.inner.metrics.text(None);
    for line in [
        r#"codemode_http_requests_total{status="429"} 1"#,
        r#"codemode_refused_total{reason="rate"} 1"#,
        "codemode_http_received_bytes_total 5",
        "codemode_http_sent_bytes_total 7",
        r#"codemode_reloads_total{outcome="error"} 1"#,
    ] {
        has(&text, line);
    }
    assert!(text.ends_with("# EOF\n"), "{text}");
}

/// What is written of the metrics is what there is.
#[tokio::test]
async fn every_metric_is_described() {
    let page = include_str!("../../../../docs/operating.md");
    // What has labels is there once it has counted something.
    let (ops, runtime) = (Ops::default(), runtime().await);
    ops.watch(&runtime);
    run(&ops, &runtime, "await host.echo({})").await;
    ops.answered(200);
    ops.refused(Refusal::Rate);
    ops.reloaded(true);
    let text = ops.inner.metrics.text(Some(&runtime));
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let (mut described, mut count) = (0, 0);
    for name in names {
        assert!(page.contains(name), "{name} is not in docs/operating.md");
        count += 1;
    }
    // And nothing else is.
    for row in page.lines().filter(|line| line.starts_with("| `codemode_")) {
        let names = row.split('|').nth(1).unwrap().split('`').filter(|name| name.starts_with("codemode_"));
        for name in names {
            let name = name.split('{').next().unwrap().trim_end_matches("_total");
            assert!(text.contains(&format!("# TYPE {name} ")), "there is no {name}");
            described += 1;
        }
    }
    assert_eq!(described, count);
}
