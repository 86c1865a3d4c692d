//! Drives isolates against a fake upstream and a fake clock.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use codemode_isolate::{
    CallId, Completion, End, Ended, Engine, Failure, HostCall, Isolate, Json, Kind, Limits, Meter, Names,
    PoolSize, Rejection, Request, Start, Step, Stream, Unmetered,
};

pub const NOW_MS: u64 = 1_700_000_000_000;

/// The one engine of the tests.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let engine = Engine::new(PoolSize::default()).unwrap();
        let ticked = engine.clone();
        // Ends with the process. How often it ticks decides nothing but how long some tests take.
        std::thread::spawn(move || {
            loop {
                ticked.tick();
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
        engine
    })
}

/// The value of a future that never waits for anything, only yields.
pub fn block<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

/// What the fake upstream offers. `odd` has tools named like members of every object.
pub fn names() -> Arc<Names> {
    let mut names = Names::new();
    let tools = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    names.insert("github", tools(&["create_issue", "echo", "fail", "raw"]));
    names.insert("odd", tools(&["then", "toJSON", "constructor", "a b", "größe", "__proto__"]));
    names.insert("empty", []);
    Arc::new(names)
}

pub fn isolate(limits: Limits) -> Isolate {
    metered(limits, Arc::new(Unmetered))
}

pub fn metered(limits: Limits, meter: Arc<dyn Meter>) -> Isolate {
    Isolate::new(engine(), names(), limits, meter).unwrap()
}

/// A body as the compiler would wrap it: the body starts on line 2.
pub fn wrap(body: &str) -> String {
    format!("(async function (input) {{ \"use strict\";\n{body}\n}})")
}

pub fn start<'a>(javascript: &'a str, input: &'a str) -> Start<'a> {
    Start { javascript, input, now_ms: NOW_MS, seed: [7; 32] }
}

pub fn ok(id: CallId, json: &str) -> Completion {
    Completion { id, outcome: Ok(json.into()) }
}

/// How many completions an isolate is given at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    One,
    All,
}

/// What came of a driven program.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub ended: Ended,
    pub stdout: String,
    pub stderr: String,
    pub requests: Vec<Request>,
    pub steps: usize,
}

impl Run {
    pub fn failure(&self) -> &Failure {
        match &self.ended.end {
            End::Failed(failure) => failure,
            other => panic!("expected a failure, not {other:?}"),
        }
    }

    pub fn value(&self) -> &str {
        match &self.ended.end {
            End::Value(value) => value,
            other => panic!("expected a value, not {other:?}"),
        }
    }

    /// Everything of it that a reader of a case needs.
    pub fn describe(&self) -> String {
        let mut out = String::new();
        for request in &self.requests {
            let _ = match request {
                Request::Tool { connector, tool, arguments } => {
                    writeln!(out, "call {connector} {tool:?} {arguments}{}", bytes(arguments))
                }
                Request::Named { name, arguments } => {
                    writeln!(out, "call {name:?} {arguments}{}", bytes(arguments))
                }
                Request::Builtin { name, arguments } => writeln!(out, "codemode {name:?} {arguments}"),
                Request::Timer { ms } => writeln!(out, "timer {ms}"),
            };
        }
        for (name, text) in [("out", &self.stdout), ("err", &self.stderr)] {
            for line in text.split_terminator('\n') {
                out.push_str(format!("{name}| {line}").trim_end());
                out.push('\n');
            }
        }
        match &self.ended.end {
            End::Value(json) => {
                let _: serde_json::Value = serde_json::from_str(json).expect("a result is JSON");
                let _ = writeln!(out, "= {json}");
            }
            End::Nothing => out.push_str("= nothing\n"),
            End::Failed(failure) => out.push_str(&describe_failure(failure)),
        }
        out
    }
}

/// Where bytes are.
fn bytes(json: &Json) -> String {
    if json.binary.is_empty() { String::new() } else { format!(" bytes at {:?}", json.binary) }
}

fn describe_failure(failure: &Failure) -> String {
    let mut out = format!("! {}: {}\n", failure.kind.as_str(), failure.message);
    if let Some(tool) = &failure.tool {
        let _ = writeln!(out, "  of {tool}");
    }
    if let (Some(observed), Some(limit)) = (failure.observed, failure.limit) {
        let _ = writeln!(out, "  {observed} of {limit}");
    }
    for frame in failure.stack.iter().take(3) {
        let _ = writeln!(out, "  at {}:{} {}", frame.line, frame.column, frame.function);
    }
    out
}

/// Runs a body to its end against the fake upstream, with no limit but the defaults.
pub fn run(body: &str) -> Run {
    run_in(isolate(Limits::default()), &wrap(body), Batch::All)
}

pub fn run_limited(body: &str, limits: Limits) -> Run {
    run_in(isolate(limits), &wrap(body), Batch::All)
}

/// Tool calls are answered at once and in order; only when there are none does time pass, to the next timer.
pub fn run_in(mut isolate: Isolate, javascript: &str, batch: Batch) -> Run {
    let mut upstream = Upstream { now_ms: NOW_MS, ..Upstream::default() };
    let input = r#"{"a":1,"__proto__":{"b":2}}"#;
    let mut step = block(isolate.start(start(javascript, input))).unwrap();
    loop {
        if let Some(ended) = upstream.take(step) {
            let Upstream { stdout, stderr, requests, steps, .. } = upstream;
            return Run { ended, stdout, stderr, requests, steps };
        }
        let completions = upstream.completions(batch);
        assert!(!completions.is_empty(), "the isolate waits and nothing is under way");
        step = block(isolate.resume(completions, upstream.now_ms)).unwrap();
    }
}

#[derive(Default)]
struct Upstream {
    now_ms: u64,
    set: u64,
    calls: VecDeque<HostCall>,
    timers: Vec<(u64, u64, CallId)>,
    stdout: String,
    stderr: String,
    requests: Vec<Request>,
    steps: usize,
}

impl Upstream {
    fn take(&mut self, step: Step) -> Option<Ended> {
        self.steps += 1;
        for print in step.printed {
            match print.stream {
                Stream::Stdout => self.stdout.push_str(&print.text),
                Stream::Stderr => self.stderr.push_str(&print.text),
            }
        }
        self.timers.retain(|(.., id)| !step.cancelled.contains(id));
        for call in step.calls {
            self.requests.push(call.request.clone());
            if let Request::Timer { ms } = call.request {
                self.set += 1;
                self.timers.push((self.now_ms + u64::from(ms), self.set, call.id));
            } else {
                self.calls.push_back(call);
            }
        }
        step.ended
    }

    fn completions(&mut self, batch: Batch) -> Vec<Completion> {
        let most = if batch == Batch::One { 1 } else { usize::MAX };
        if !self.calls.is_empty() {
            let count = self.calls.len().min(most);
            return self
                .calls
                .drain(..count)
                .map(|call| Completion {
                    id: call.id,
                    outcome: answer(call.request).map_err(|rejection| *rejection),
                })
                .collect();
        }
        self.timers.sort_unstable_by_key(|(due, set, _)| (*due, *set));
        let Some((due, ..)) = self.timers.first().copied() else { return Vec::new() };
        self.now_ms = self.now_ms.max(due);
        let count = self.timers.iter().filter(|(at, ..)| *at <= due).count().min(most);
        self.timers.drain(..count).map(|(.., id)| ok(id, "null")).collect()
    }
}

/// What the fake upstream answers.
fn answer(request: Request) -> Result<Json, Box<Rejection>> {
    let (tool, arguments) = match request {
        Request::Tool { tool, arguments, .. } | Request::Named { name: tool, arguments } => (tool, arguments),
        Request::Builtin { name, arguments } => (name, arguments.into()),
        Request::Timer { .. } => unreachable!("timers are not answered here"),
    };
    match tool.as_str() {
        "echo" => Ok(arguments),
        // The text given is the completion, whatever it is.
        "raw" => {
            let arguments: serde_json::Value = serde_json::from_str(&arguments.text).unwrap();
            let binary = arguments["binary"].as_array().into_iter().flatten();
            Ok(Json {
                text: arguments["text"].as_str().unwrap().to_owned(),
                binary: binary.map(|pointer| pointer.as_str().unwrap().to_owned()).collect(),
            })
        }
        "fail" => Err(Box::new(Rejection {
            tool: Some("github.fail".into()),
            outcome: Some("executed".into()),
            status: Some(418),
            body: Some(serde_json::json!({ "teapot": true })),
            retry_after: Some(1.5),
            ..Rejection::new("ToolError", "boom", Kind::ToolError)
        })),
        _ => Ok(r#"{"ok":true}"#.into()),
    }
}
