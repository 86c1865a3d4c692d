//! The well-behaved kinds: a server of the older era that has everything, and one of the newer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{answer, read, say};

pub(super) fn run(modern: bool) {
    let mut server = Full { modern, client: Value::Null, visits: 0, levels: Vec::new() };
    while let Some(message) = read() {
        server.message(&message);
    }
}

struct Full {
    modern: bool,
    /// What the client says that it can.
    client: Value,
    visits: u64,
    /// How much it was told to log, which it refuses.
    levels: Vec<Value>,
}

impl Full {
    fn message(&mut self, message: &Value) {
        let params = &message["params"];
        if self.modern {
            self.client = params["_meta"]["io.modelcontextprotocol/clientCapabilities"].clone();
        }
        let capabilities = json!({"tools": {}, "resources": {}, "prompts": {}, "logging": {}});
        match message["method"].as_str().unwrap() {
            "initialize" if self.modern => refuse(message, -32601),
            "initialize" => {
                self.client = params["capabilities"].clone();
                answer(
                    message,
                    json!({
                        "protocolVersion": params["protocolVersion"], "capabilities": capabilities,
                        "serverInfo": {"name": "full", "version": "0"}, "instructions": "Mind the things.",
                    }),
                );
            }
            "server/discover" => answer(
                message,
                json!({
                    "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": capabilities,
                    "serverInfo": {"name": "full", "version": "0"}, "instructions": "Mind the things.",
                    "ttlMs": 0, "cacheScope": "private",
                }),
            ),
            "tools/list" => {
                let echo =
                    json!({"name": "echo", "description": std::env::var("CANARY").unwrap_or_default()});
                answer(message, json!({"tools": [echo, {"description": "?"}]}));
            }
            "resources/list" => answer(
                message,
                match params["cursor"].as_str() {
                    None => json!({
                        "resources": [{"uri": "a://1", "name": "one"}, {"name": "nowhere"}],
                        "nextCursor": "next",
                    }),
                    _ => json!({"resources": [{"uri": "a://2", "name": "two", "_meta": {}}]}),
                },
            ),
            "resources/templates/list" if self.modern => {
                answer(message, json!({"resourceTemplates": [{"uriTemplate": "a://{n}", "name": "any"}]}))
            }
            "resources/read" => self.read(message),
            "prompts/list" => answer(message, json!({"prompts": [{"name": "greet"}, 5]})),
            "prompts/get" => answer(
                message,
                json!({
                    "description": "A greeting", "_meta": {},
                    "messages": [
                        {"role": "user", "content": {"type": "text", "text": params["arguments"].to_string()}},
                        {"role": "user", "content": {"type": "image", "data": "aGk=", "mimeType": "image/png"}},
                    ],
                }),
            ),
            "logging/setLevel" => {
                self.levels.push(params["level"].clone());
                refuse(message, -32601);
            }
            "tools/call" => self.call(message),
            _ if message.get("id").is_some() => refuse(message, -32601),
            _ => {}
        }
    }

    fn read(&self, message: &Value) {
        let params = &message["params"];
        match params["uri"].as_str().unwrap() {
            "a://roots" => self.ask(message, &json!({"method": "roots/list"})),
            "a://none" => refuse(message, -32602),
            uri => answer(
                message,
                json!({"contents": [{"uri": uri, "blob": "aGk=", "_meta": {}}, {"uri": uri, "text": "hi"}]}),
            ),
        }
    }

    fn call(&mut self, message: &Value) {
        let arguments = &message["params"]["arguments"];
        match message["params"]["name"].as_str().unwrap() {
            "echo" => answer(message, json!({"structuredContent": arguments})),
            "client" => answer(message, json!({"structuredContent": self.client})),
            "ask" => self.ask(message, arguments),
            "ask-on" => answer(message, json!({"resultType": "input_required", "requestState": "on and on"})),
            "hang" => {}
            "levels" => answer(message, json!({"structuredContent": {"levels": self.levels}})),
            "leak" => leak(message),
            "visit" if self.visits < arguments["pages"].as_u64().unwrap() => {
                self.visits += 1;
                let page = json!({"mode": "url", "message": "log in", "url": "https://x.example/", "elicitationId": "1"});
                say(&json!({"jsonrpc": "2.0", "id": message["id"],
                    "error": {"code": -32042, "message": "log in first", "data": {"elicitations": [page]}}}));
            }
            "visit" => answer(message, json!({"structuredContent": {"visits": self.visits}})),
            "progress" => {
                let token = &message["params"]["_meta"]["progressToken"];
                for progress in 1..=3 {
                    say(&json!({"jsonrpc": "2.0", "method": "notifications/progress", "params":
                        {"progressToken": token, "progress": progress, "total": 3, "message": "working"}}));
                }
                answer(message, json!({"structuredContent": {}}));
            }
            "meta" => answer(message, json!({"structuredContent": message["params"]["_meta"]})),
            "change" => {
                for what in [
                    "tools/list_changed",
                    "prompts/list_changed",
                    "resources/list_changed",
                    "resources/updated",
                ] {
                    let method = format!("notifications/{what}");
                    say(&json!({"jsonrpc": "2.0", "method": method, "params": {"uri": "a://1"}}));
                }
                answer(message, json!({"structuredContent": {}}));
            }
            "log" => {
                let params = json!({"level": "warning", "logger": "disk", "data": {"full": 0.5}});
                say(&json!({"jsonrpc": "2.0", "method": "notifications/message", "params": params}));
                answer(message, json!({"structuredContent": {}}));
            }
            other => unreachable!("{other}"),
        }
    }

    /// Answers with the client's answer to a request, and what else the client sent with it.
    fn ask(&self, message: &Value, request: &Value) {
        let params = &message["params"];
        let found = if !self.modern {
            say(
                &json!({"jsonrpc": "2.0", "id": "q", "method": request["method"], "params": request["params"]}),
            );
            read().unwrap()
        } else if params["requestState"].is_null() {
            let asked = json!({"first": request, "second": request});
            return answer(
                message,
                json!({"resultType": "input_required", "inputRequests": asked, "requestState": " ü=&\u{0}"}),
            );
        } else {
            json!({"answers": params["inputResponses"], "state": params["requestState"]})
        };
        let text = found.to_string();
        answer(message, json!({"contents": [{"uri": "a://x", "text": text}], "structuredContent": found}));
    }
}

fn refuse(message: &Value, code: i32) {
    say(&json!({"jsonrpc": "2.0", "id": message["id"], "error": {"code": code, "message": "no"}}));
}

/// Tells its secret in every way that there is.
fn leak(message: &Value) {
    let canary = std::env::var("CANARY").unwrap();
    let last = std::env::args().next_back().unwrap();
    match message["params"]["arguments"]["how"].as_str().unwrap() {
        "result" => {
            let text =
                json!({"env": canary, "arg": last, canary.clone(): [format!("x{canary}y")]}).to_string();
            answer(message, json!({"content": [{"type": "text", "text": text}]}));
        }
        "bytes" => {
            let data = STANDARD.encode(format!("..{canary}.."));
            answer(message, json!({"content": [{"type": "image", "data": data, "mimeType": "image/png"}]}));
        }
        "error" => answer(message, json!({"isError": true, "content": [{"type": "text", "text": canary}]})),
        "refusal" => {
            say(&json!({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32602, "message": canary}}))
        }
        "last words" => {
            let (one, other) = canary.split_at(9);
            println!("not JSON: {canary}");
            eprintln!("starting with {one}\n{other}, and {last}");
            std::process::exit(1);
        }
        other => unreachable!("{other}"),
    }
}
