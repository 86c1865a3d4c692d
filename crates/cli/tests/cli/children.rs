//! No process of a server outlives us, however we end.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use super::codemode;
use super::served::Served;

/// How long processes may still be there after ours has ended.
const PATIENCE: Duration = Duration::from_secs(2);

#[test]
fn servers_are_gone_after_a_run() {
    let Run { mut codemode, children, .. } = run(50);
    assert_eq!(codemode.wait().unwrap().code(), Some(0));
    assert_gone(&children);
}

#[test]
fn servers_are_gone_after_a_kill() {
    let Run { mut codemode, children, .. } = run(600_000);
    codemode.kill().unwrap();
    codemode.wait().unwrap();
    assert_gone(&children);
}

#[test]
fn an_interrupt_cancels_the_run() {
    let Run { mut codemode, children, mut stderr } = run(600_000);
    let sent = Command::new("kill").args(["-INT", &codemode.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(codemode.wait().unwrap().code(), Some(130));
    let mut written = String::new();
    stderr.read_to_string(&mut written).unwrap();
    let expected = "  demo.slow … outcome unknown, it may have been executed\nerror: the run was cancelled\n";
    assert!(written.starts_with(expected), "{written}");
    assert_gone(&children);
}

#[test]
fn servers_are_gone_after_a_client_left() {
    let (served, children) = serving();
    served.leave();
    assert_gone(&children);
}

#[test]
fn servers_are_gone_after_a_client_died_in_the_middle_of_a_call() {
    let (mut served, mut children) = serving();
    served.begin("tools/call", json!({ "name": "execute", "arguments": { "code": WAITS } }));
    // What a client that dies leaves behind: both ends closed, without a word.
    children.insert(stat(served.codemode.id()).unwrap().0);
    served.die();
    assert_gone(&children);
}

#[test]
fn servers_are_gone_after_the_gateway_was_killed() {
    let (mut served, children) = serving();
    served.codemode.kill().unwrap();
    assert_gone(&children);
}

/// A program that is not over when the client is.
const WAITS: &str = "await demo.slow({ ms: 600000 })";

/// A gateway for one client, whose servers run.
fn serving() -> (Served, HashSet<Process>) {
    let mut served = Served::new(&["--demo"]);
    let answer = served.execute(
        "await Promise.all([demo.calculate({ expression: '1' }), orders.list({ limit: 1 }), customers.batchGet({ ids: [] })]); return 'ready'",
    );
    assert_eq!(answer["result"], "ready", "{answer}");
    let children = descendants(served.codemode.id());
    assert!(children.len() >= 3, "three servers run: {children:?}");
    (served, children)
}

struct Run {
    codemode: Child,
    children: HashSet<Process>,
    stderr: BufReader<ChildStderr>,
}

/// Starts a program that waits for a tool; the servers run when this returns.
fn run(ms: u32) -> Run {
    let mut codemode = codemode(&["run", "--demo", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A server that the program does not name is not started.
    let program =
        format!("typeof orders; typeof customers; console.log('ready'); await demo.slow({{ ms: {ms} }})");
    codemode.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    let mut stderr = BufReader::new(codemode.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let children = descendants(codemode.id());
    assert!(children.len() >= 3, "three servers run: {children:?}");
    Run { codemode, children, stderr }
}

fn assert_gone(children: &HashSet<Process>) {
    let ended = Instant::now();
    loop {
        let left: Vec<_> =
            processes().into_iter().map(|(process, _)| process).filter(|p| children.contains(p)).collect();
        if left.is_empty() {
            return;
        }
        assert!(ended.elapsed() < PATIENCE, "still running: {left:?}");
        sleep(Duration::from_millis(10));
    }
}

/// A process, by its number and its start: numbers are used again.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Process {
    pid: u32,
    started: u64,
}

fn descendants(pid: u32) -> HashSet<Process> {
    let all = processes();
    let mut pids = HashSet::from([pid]);
    loop {
        let more: Vec<_> = all
            .iter()
            .filter(|(p, parent)| pids.contains(parent) && !pids.contains(&p.pid))
            .map(|(p, _)| p.pid)
            .collect();
        if more.is_empty() {
            break;
        }
        pids.extend(more);
    }
    all.into_iter().map(|(process, _)| process).filter(|p| p.pid != pid && pids.contains(&p.pid)).collect()
}

/// Every process that is not a zombie, with its parent's number.
fn processes() -> Vec<(Process, u32)> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?)).collect()
}

fn stat(pid: u32) -> Option<(Process, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name, in parentheses, can hold anything; the fields after it are plain.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let (state, parent, started) =
        (*fields.first()?, fields.get(1)?.parse().ok()?, fields.get(19)?.parse().ok()?);
    (state != "Z").then_some((Process { pid, started }, parent))
}
