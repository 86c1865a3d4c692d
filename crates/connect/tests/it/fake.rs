//! An MCP server that misbehaves on demand: this test binary again, started with `FAKE` set.
//!
//! libtest's own lines on standard output are the first rubbish a connector has to pass over.

mod full;

use std::io::{BufRead, Write, stdin, stdout};

use codemode_connect::Command;
use serde_json::{Value, json};

/// The command for a server of this kind: `plain`, `modern`, `silent`, `dead`, `rude`, `deaf`, `paged`, `endless`,
/// `immortal`, `full` or `full-modern`.
pub(crate) fn command(kind: &str) -> Command {
    Command::new(std::env::current_exe().unwrap())
        .args(["fake::serve", "--exact", "--nocapture"])
        .env("FAKE", kind)
}

#[test]
fn serve() {
    if let Ok(kind) = std::env::var("FAKE") {
        Server { kind, late: None, listening: None, cancelled: Vec::new() }.run();
        std::process::exit(0);
    }
}

struct Server {
    kind: String,
    late: Option<Value>,
    /// What somebody wants to be told.
    listening: Option<Value>,
    cancelled: Vec<Value>,
}

impl Server {
    fn run(&mut self) {
        if self.kind.starts_with("full") {
            return full::run(self.kind == "full-modern");
        }
        if self.kind == "dead" {
            eprintln!("cannot open /home/someone/.secret");
            std::process::exit(3);
        }
        while let Some(message) = read() {
            match message["method"].as_str() {
                Some("initialize") => self.initialize(&message),
                Some("notifications/initialized") if self.kind == "deaf" => sleep_forever(),
                Some("server/discover") => self.discover(&message),
                Some("tools/list") => self.list(&message),
                Some("tools/call") => self.call(&message),
                Some("subscriptions/listen") => self.listening = Some(message["params"].clone()),
                Some("notifications/cancelled") => {
                    self.cancelled.push(message["params"]["requestId"].clone())
                }
                _ => {}
            }
        }
        if self.kind == "immortal" {
            sleep_forever();
        }
    }

    fn initialize(&self, message: &Value) {
        match self.kind.as_str() {
            "silent" => {}
            "modern" => say(
                &json!({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "no"}}),
            ),
            "rude" => say(&json!({"jsonrpc": "2.0", "id": message["id"], "result": "hello"})),
            _ => answer(
                message,
                json!({
                    "protocolVersion": message["params"]["protocolVersion"],
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "fake", "version": "0"},
                }),
            ),
        }
    }

    fn discover(&self, message: &Value) {
        answer(
            message,
            json!({
                "resultType": "complete", "supportedVersions": ["2026-07-28"],
                "capabilities": {"tools": {"listChanged": true}},
                "serverInfo": {"name": "fake", "version": "0"}, "ttlMs": 0, "cacheScope": "private",
            }),
        );
    }

    fn list(&self, message: &Value) {
        let page: u64 = message["params"]["cursor"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
        let tool =
            json!({"name": format!("tool-{page}"), "inputSchema": {"type": "object"}, "outputSchema": true});
        let next = match self.kind.as_str() {
            "paged" if page < 2 => json!((page + 1).to_string()),
            "endless" => json!((page + 1).to_string()),
            _ => Value::Null,
        };
        answer(message, json!({"tools": [tool, {"nameless": true}], "nextCursor": next}));
    }

    fn call(&mut self, message: &Value) {
        let arguments = &message["params"]["arguments"];
        match message["params"]["name"].as_str().unwrap() {
            "echo" => answer(message, json!({"structuredContent": arguments})),
            "meta" => answer(message, json!({"structuredContent": message["params"]["_meta"]})),
            "fail" => {
                answer(message, json!({"isError": true, "content": [{"type": "text", "text": "nope"}]}))
            }
            "refuse" => say(
                &json!({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32602, "message": "bad id"}}),
            ),
            "die" => {
                eprintln!("panic at /home/someone/server.js");
                std::process::exit(7);
            }
            "last" => {
                answer(message, json!({"structuredContent": arguments}));
                std::process::exit(0);
            }
            "hang" => {}
            "hang-then-late" => self.late = Some(message.clone()),
            "after-late" => {
                if let Some(late) = self.late.take() {
                    answer(&late, json!({"structuredContent": {"late": true}}));
                }
                answer(message, json!({"structuredContent": {"late": false}}));
            }
            "wrong-id" => {
                let wrong = json!({"id": 1_000_000});
                answer(&wrong, json!({"structuredContent": {"wrong": true}}));
            }
            "rubbish" => {
                println!("INFO listening\n\n[1,2,3]\n\"text\"\n{{\"half\": ");
                stdout().write_all(b"\xff\xfe\x00 binary\n").unwrap();
                println!("{}", "x".repeat(3_000_000));
                answer(message, json!({"structuredContent": arguments}));
            }
            "invalid-utf8" => {
                print!("{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{{\"x\":\"", message["id"]);
                stdout().write_all(b"\xff\"}}\n").unwrap();
            }
            "deep" => {
                let deep = "[".repeat(5_000) + &"]".repeat(5_000);
                println!(
                    "{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{{\"structuredContent\":{deep}}}}}",
                    message["id"]
                );
            }
            "huge" => {
                let text = "x".repeat(usize::try_from(arguments["bytes"].as_u64().unwrap()).unwrap());
                let content = json!([{"type": "text", "text": text}]);
                // The id last, as some servers write it.
                say(&json!({"result": {"content": content}, "jsonrpc": "2.0", "id": message["id"]}));
            }
            "environment" => {
                let names: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
                answer(message, json!({"structuredContent": {"names": names}}));
            }
            "pid" => answer(message, json!({"structuredContent": {"pid": std::process::id()}})),
            "cancelled" => answer(message, json!({"structuredContent": {"ids": self.cancelled}})),
            "ask" => {
                say(&json!({"jsonrpc": "2.0", "id": "q1", "method": "elicitation/create",
                    "params": {"message": "password?", "requestedSchema": {"type": "object", "properties": {}}}}));
                let reply = read().unwrap();
                answer(message, json!({"structuredContent": reply}));
            }
            "input-required" => answer(message, json!({"resultType": "input_required", "inputRequests": {}})),
            "flood" => {
                for id in 0..20_000 {
                    println!("{{\"jsonrpc\":\"2.0\",\"id\":\"p{id}\",\"method\":\"ping\"}}");
                    println!("{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{}}}}");
                }
                eprintln!("{}", "noise ".repeat(100_000));
                answer(message, json!({"structuredContent": arguments}));
            }
            "listening" => answer(message, json!({"structuredContent": self.listening})),
            "change" => {
                say(&json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}));
                answer(message, json!({"content": []}));
            }
            other => unreachable!("{other}"),
        }
    }
}

fn sleep_forever() {
    loop {
        std::thread::park();
    }
}

fn read() -> Option<Value> {
    let mut line = String::new();
    (stdin().lock().read_line(&mut line).unwrap() > 0).then(|| serde_json::from_str(&line).unwrap())
}

fn answer(message: &Value, result: Value) {
    say(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}));
}

fn say(message: &Value) {
    let mut out = stdout().lock();
    writeln!(out, "{message}").unwrap();
    out.flush().unwrap();
}
