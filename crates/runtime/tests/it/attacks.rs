//! The shared collection of hostile programs: each ends as it should, in time, and harms nobody.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codemode::{Limits, Run, RunOptions, Runtime};
use serde::Deserialize;
use serde_json::json;

use crate::upstream;

/// CPU time that a program may use beyond its limit before it is stopped.
const LATE: Duration = Duration::from_millis(50);

/// Memory that the process may hold more after all attacks than before: what warm slots and allocators keep. One run
/// that was not given back is 64 MiB.
const KEPT_MIB: u64 = 48;

#[derive(Deserialize)]
struct Expected {
    limits: ExpectedLimits,
    accepted: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct ExpectedLimits {
    cpu_ms: u64,
    heap_mib: usize,
}

/// The attacks get a process of their own: its memory is then theirs, and that it ends well says that it lived.
#[test]
fn every_attack_ends_as_it_should() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["attacks::in_a_process_of_its_own", "--exact", "--ignored", "--nocapture"]);
    let output = child.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{stdout}{stderr}");
    assert!(output.status.success(), "{}:\n{stdout}{stderr}", output.status);
    assert!(stdout.contains("outcomes") || stderr.contains("SKIPPED"), "nothing was run:\n{stdout}{stderr}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by every_attack_ends_as_it_should"]
async fn in_a_process_of_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/attacks");
    let Ok(expected) = fs::read_to_string(folder.join("expected.json")) else {
        eprintln!("SKIPPED: the shared attack programs are not at {}", folder.display());
        return;
    };
    let expected: Expected = serde_json::from_str(&expected).unwrap();
    assert!(expected.accepted.len() >= 81, "only {} attacks are listed", expected.accepted.len());
    let mut limits = Limits::default();
    limits.isolate.cpu = Duration::from_millis(expected.limits.cpu_ms);
    limits.isolate.heap_bytes = expected.limits.heap_mib << 20;
    let runtime = upstream::plain().await;
    for _ in 0..8 {
        healthy(&runtime).await;
    }
    let before = resident_mib();

    let queue = Arc::new(Mutex::new(expected.accepted.into_iter()));
    let report = Arc::new(Mutex::new(Report::default()));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (queue, report) = (Arc::clone(&queue), Arc::clone(&report));
            let (runtime, folder, limits) = (runtime.clone(), folder.clone(), limits.clone());
            tokio::spawn(async move {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((name, accepted)) = next else { return };
                    let source = fs::read_to_string(folder.join(&name).with_extension("js")).unwrap();
                    let run = runtime.run(&source, RunOptions::default().limits(limits.clone())).await;
                    report.lock().unwrap().add(&name, &accepted, &run, &limits);
                    healthy(&runtime).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    for _ in 0..8 {
        healthy(&runtime).await;
    }
    let after = resident_mib();
    let report = report.lock().unwrap();
    println!(
        "outcomes {:?}; longest {:?}; largest heap {} bytes; resident {before} MiB before, {after} MiB after",
        report.outcomes, report.longest, report.peak
    );
    assert!(report.wrong.is_empty(), "{}", report.wrong.join("\n"));
    assert!(report.peak <= limits.isolate.heap_bytes as u64);
    assert!(after <= before + KEPT_MIB, "the process held {before} MiB before and {after} MiB after");
}

#[derive(Default)]
struct Report {
    outcomes: BTreeMap<String, u32>,
    wrong: Vec<String>,
    longest: Duration,
    peak: u64,
}

impl Report {
    fn add(&mut self, name: &str, accepted: &[String], run: &Run, limits: &Limits) {
        let outcome = run.error().map_or("ok", |error| error.kind.as_str());
        let cpu = Duration::from_micros(run.usage.cpu_us);
        self.longest = self.longest.max(cpu);
        self.peak = self.peak.max(run.usage.heap_peak_bytes);
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        if !accepted.iter().any(|accepted| accepted == outcome) {
            self.wrong.push(format!("{name}: {outcome}, not one of {accepted:?}: {:?}", run.error()));
        }
        if cpu > limits.isolate.cpu + LATE {
            self.wrong.push(format!("{name}: stopped after {cpu:?}"));
        }
    }
}

async fn healthy(runtime: &Runtime) {
    let run = runtime
        .run(
            "return [await host.add({ a: 1, b: 2 }), [3, 1, 2].sort(), JSON.stringify({ x: 1 })]",
            RunOptions::default(),
        )
        .await;
    assert_eq!(run.value(), Some(&json!([3, [1, 2, 3], "{\"x\":1}"])), "{:?}", run.error());
}

/// Memory of this process that is resident; 0 where the system does not say.
fn resident_mib() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    (statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096) >> 20
}
