//! No process of a server survives its connector.

use std::process::Stdio;
use std::time::{Duration, Instant};

use codemode_connect::{Call, Command, Connector, Mcp};
use serde_json::{Value, json};

use crate::fake;

/// A server that ignores SIGTERM and the end of its input and has a child that does the same. `$0` is the file for the
/// child's process id.
const STUBBORN: &str = r#"trap '' TERM; sleep 1000 & echo $! > "$0"; exec "$@""#;

/// A stubborn server's connector, and the ids of its processes.
async fn stubborn(name: &str) -> (Mcp, Vec<u64>) {
    let file = format!("{}/{name}.pid", env!("CARGO_TARGET_TMPDIR"));
    let exe = std::env::current_exe().unwrap();
    let command = Command::new("/bin/sh").arg("-c").arg(STUBBORN).arg(&file).arg(exe);
    let command = command.args(["fake::serve", "--exact", "--nocapture"]).env("FAKE", "immortal");
    let server = Mcp::stdio("up", command);
    let pid = server.call(Call::new("pid", Value::Null, Duration::from_secs(20))).await.unwrap().value;
    let child = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
    let pids = vec![pid["pid"].as_u64().unwrap(), child];
    assert!(pids.iter().all(|&pid| runs(pid)));
    (server, pids)
}

/// Whether the process runs; one that nobody has reaped yet does not.
fn runs(pid: u64) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
    })
}

async fn all_end(pids: &[u64]) {
    let begun = Instant::now();
    while pids.iter().any(|&pid| runs(pid)) {
        assert!(begun.elapsed() < Duration::from_secs(2), "{pids:?} still run");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn closing_ends_them() {
    let (server, pids) = stubborn("close").await;
    let begun = Instant::now();
    server.close().await;
    assert!(begun.elapsed() < Duration::from_secs(2));
    all_end(&pids).await;
}

#[tokio::test]
async fn a_polite_server_is_not_killed_but_let_go() {
    let server = Mcp::stdio("up", fake::command("plain"));
    server.call(Call::new("echo", json!({}), Duration::from_secs(20))).await.unwrap();
    let begun = Instant::now();
    server.close().await;
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn dropping_ends_them() {
    let (server, pids) = stubborn("drop").await;
    drop(server);
    all_end(&pids).await;
}

#[tokio::test]
async fn the_end_of_the_runtime_ends_them() {
    let (server, pids) = tokio::task::spawn_blocking(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(stubborn("runtime"))
    })
    .await
    .unwrap();
    all_end(&pids).await;
    drop(server);
}

#[tokio::test]
async fn our_sudden_death_ends_them() {
    let mut gateway = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["processes::gateway", "--exact", "--nocapture"])
        .env("GATEWAY", "1")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(gateway.stdout.take().unwrap()));
    let pids = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some(pids) = line.strip_prefix("PIDS ") {
            break serde_json::from_str::<Vec<u64>>(pids).unwrap();
        }
    };
    gateway.kill().await.unwrap();
    all_end(&pids).await;
}

/// The process that is killed in [`our_sudden_death_ends_them`].
#[tokio::test]
async fn gateway() {
    if std::env::var_os("GATEWAY").is_some() {
        let (_server, pids) = stubborn("gateway").await;
        println!("PIDS {}", json!(pids));
        std::future::pending::<()>().await;
    }
}
