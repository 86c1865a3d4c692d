//! `codemode serve` as whoever operates it meets it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::codemode;

/// So long is waited for what has to come. Nothing takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server, and what it logs.
struct Served {
    child: Child,
    lines: Receiver<String>,
}

impl Served {
    fn start(arguments: &[&str], configuration: Option<&Path>) -> Self {
        let mut command = codemode(&["serve", "--log", "json"]);
        command.args(arguments);
        if let Some(file) = configuration {
            command.env("CODEMODE_CONFIG", file);
        }
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = streams.spawn().unwrap();
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            stderr.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        Self { child, lines }
    }

    /// The next line of the log that says this.
    fn logged(&self, says: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("nothing says {says:?}"));
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            if line["message"].as_str().unwrap().contains(says) {
                return line;
            }
        }
    }

    /// Where it serves.
    fn address(&self) -> String {
        let line = self.logged("serving MCP at http://");
        let url = line["message"].as_str().unwrap().split("http://").nth(1).unwrap().to_owned();
        url.split('/').next().unwrap().to_owned()
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body of an answer to a request that is the connection's only one.
fn ask(address: &str, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

fn get(address: &str, path: &str) -> (u16, String) {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"))
}

fn execute(address: &str, program: &str) -> (u16, String) {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": "execute", "arguments": { "code": program }, "_meta": meta });
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params }).to_string();
    let headers = [
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        "MCP-Protocol-Version: 2026-07-28",
        "Mcp-Method: tools/call",
        "Mcp-Name: execute",
        "Connection: close",
    ];
    let (headers, length) = (headers.join("\r\n"), body.len());
    ask(
        address,
        &format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\n{headers}\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
}

/// A configuration with our own example server under each of these names.
fn configure(file: &Path, names: &[&str]) {
    let command = json!(env!("CARGO_BIN_EXE_codemode"));
    let connector = |name: &&str| {
        format!(
            "[connectors.{name}]\ncommand = {command}\nargs = [\"example-server\", \"weather\", \"trouble\"]\n"
        )
    };
    std::fs::write(file, names.iter().map(connector).collect::<String>()).unwrap();
}

/// Until the answer is this.
fn eventually(mut is_so: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "it never came so far");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_operator_sees_how_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codemode.toml");
    configure(&file, &["demo"]);
    let served = Served::start(&["--http", "127.0.0.1:0", "--metrics"], Some(&file));
    let address = served.address();
    assert_eq!(get(&address, "/healthz").0, 200);
    eventually(|| get(&address, "/readyz").0 == 200);
    let (status, body) = execute(&address, "await demo.nothing_of_the_kind('sk_live_1'); return 1");
    assert!(status == 200 && body.contains("guest_error"), "{body}");
    let (_, body) = execute(&address, "return (await demo.calculate({ expression: '6*7' })).result");
    assert!(body.contains("completed"), "{body}");

    let call = served.logged("call ended");
    assert_eq!((&call["connector"], &call["tool"]), (&json!("unknown"), &json!("unknown")), "{call}");
    let run = served.logged("run ended");
    assert_eq!(
        (&run["outcome"], &run["spans"][0]["principal"]),
        (&json!("guest_error"), &json!("local")),
        "{run}"
    );
    assert_eq!(run["spans"][0]["request"], "7", "{run}");
    assert_eq!(run["spans"][0]["run"].as_str().unwrap().len(), 32, "{run}");
    let call = served.logged("call ended");
    assert_eq!((&call["tool"], &call["outcome"]), (&json!("demo.calculate"), &json!("ok")), "{call}");
    let of = &call["spans"][0];
    assert_eq!((&of["principal"], &of["request"]), (&json!("local"), &json!("7")), "{call}");
    assert_eq!(of["run"].as_str().unwrap().len(), 32, "{call}");
    let run = served.logged("run ended");
    assert!(!format!("{call}{run}").contains("6*7"), "{call} {run}");

    let (_, metrics) = get(&address, "/metrics");
    for line in [
        r#"codemode_runs_total{outcome="completed"} 1"#,
        r#"codemode_calls_total{connector="demo",outcome="ok"} 1"#,
        r#"codemode_connector_up{connector="demo"} 1"#,
        r#"codemode_http_requests_total{status="503"}"#,
    ] {
        let is_there = metrics.contains(line) || line.contains("503");
        assert!(is_there, "{line} is not in\n{metrics}");
    }
    assert!(!metrics.contains("sk_live"), "{metrics}");
}

#[test]
fn metrics_are_told_only_where_that_is_wished() {
    let served = Served::start(&["--http", "127.0.0.1:0"], None);
    let address = served.address();
    assert_eq!(get(&address, "/metrics").0, 404);
}

#[cfg(unix)]
#[test]
fn a_changed_configuration_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codemode.toml");
    configure(&file, &["a", "b"]);
    let served = Served::start(&["--http", "127.0.0.1:0", "--metrics"], Some(&file));
    let address = served.address();
    let names = |names: &str| {
        let program = format!("return [{names}].length + (await a.calculate({{ expression: '1' }})).result");
        execute(&address, &program).1
    };
    assert!(names("typeof b.calculate").contains(r#""result":2"#));

    configure(&file, &["a", "c"]);
    served.signal("-HUP");
    let said = served.logged("the configuration was taken over");
    assert!(
        said["message"].as_str().unwrap().contains("1 connectors kept, 1 new or changed, 1 gone"),
        "{said}"
    );
    assert!(names("await c.calculate({ expression: '1' })").contains(r#""result":2"#));
    assert!(names("await b.calculate({ expression: '1' })").contains("ReferenceError: b is not defined"));

    // Without a signal it takes two looks.
    std::fs::write(&file, "[connectors.d]\ncomand = \"x\"\n").unwrap();
    let said = served.logged("the configuration was not taken over");
    assert!(said["message"].as_str().unwrap().contains("did you mean \"command\"?"), "{said}");
    assert!(names("await c.calculate({ expression: '1' })").contains(r#""result":2"#));
    let (_, metrics) = get(&address, "/metrics");
    assert!(metrics.contains(r#"codemode_reloads_total{outcome="ok"} 1"#), "{metrics}");
    assert!(metrics.contains(r#"codemode_reloads_total{outcome="error"} 1"#), "{metrics}");
}

#[cfg(unix)]
#[test]
fn what_runs_may_end_when_it_is_told_to_end() {
    let mut served = Served::start(&["--http", "127.0.0.1:0", "--demo"], None);
    let address = served.address();
    let answer = {
        let address = address.clone();
        std::thread::spawn(move || execute(&address, "await demo.slow({ ms: 600 }); return 'ended'"))
    };
    // What has listed its tools has a call under way a moment later.
    eventually(|| get(&address, "/readyz").0 == 200);
    std::thread::sleep(Duration::from_millis(200));
    served.signal("-TERM");
    served.logged("told to end");
    let (status, body) = answer.join().unwrap();
    assert!(status == 200 && body.contains(r#""result":"ended""#), "{body}");
    assert_eq!(served.exit_code(), Some(0));
    assert!(TcpStream::connect(&address).is_err());
}

#[cfg(unix)]
#[test]
fn what_does_not_end_in_time_is_cancelled() {
    let mut served = Served::start(&["--http", "127.0.0.1:0", "--demo", "--grace", "100ms"], None);
    let address = served.address();
    eventually(|| get(&address, "/readyz").0 == 200);
    let answer = std::thread::spawn(move || execute(&address, "await demo.slow({ ms: 60_000 })"));
    std::thread::sleep(Duration::from_millis(200));
    served.signal("-TERM");
    served.logged("were cancelled");
    assert_eq!(served.exit_code(), Some(0));
    drop(answer.join());
}

#[cfg(unix)]
#[test]
fn a_client_that_started_it_gets_its_answer_too() {
    let mut served =
        Served::start(&["--", env!("CARGO_BIN_EXE_codemode"), "example-server", "trouble"], None);
    let mut input = served.child.stdin.take().unwrap();
    let mut output = BufReader::new(served.child.stdout.take().unwrap()).lines();
    let mut say = |message: Value| input.write_all(format!("{message}\n").as_bytes()).unwrap();
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
    say(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }));
    say(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    let program = "await codemode_server.slow({ ms: 600 }); return 'ended'";
    let params = json!({ "name": "execute", "arguments": { "code": program } });
    say(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params }));
    assert!(output.next().unwrap().unwrap().contains("\"id\":1"));
    std::thread::sleep(Duration::from_millis(300));
    served.signal("-TERM");
    let answer = output.find(|line| line.as_ref().unwrap().contains("\"id\":2")).unwrap().unwrap();
    assert!(answer.contains("ended"), "{answer}");
    assert_eq!(served.exit_code(), Some(0));
}

/// What is written of the command is what it has.
#[test]
fn every_option_is_described() {
    let page = include_str!("../../../../docs/operating.md");
    let help = codemode(&["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let options = help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
    let mut count = 0;
    for option in options.map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())) {
        let option = option.split(['=', '.']).next().unwrap();
        assert!(option == "--help" || page.contains(option), "{option} is not in docs/operating.md");
        count += 1;
    }
    assert!(count > 10, "{help}");
}
