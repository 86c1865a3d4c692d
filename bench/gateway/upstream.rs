//! A tiny MCP server over stdio: `echo`, `slow` and `big`.

use std::io::{BufRead as _, Write as _};
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) fn serve() {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(request) = serde_json::from_str::<Value>(&line) else { continue };
        let Some(id) = request.get("id").cloned() else { continue };
        let params = &request["params"];
        let arguments = &params["arguments"];
        match (request["method"].as_str().unwrap_or_default(), params["name"].as_str().unwrap_or_default()) {
            ("initialize", _) => {
                let version = params["protocolVersion"].clone();
                answer(
                    &id,
                    &json!({
                        "protocolVersion": version,
                        "capabilities": { "tools": {} },
                        "serverInfo": { "name": "up", "version": "1" },
                    }),
                );
            }
            ("tools/list", _) => answer(&id, &json!({ "tools": tools() })),
            ("tools/call", "slow") => {
                let ms = arguments["ms"].as_u64().unwrap_or_default();
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(ms));
                    answer(&id, &text("slept"));
                });
            }
            ("tools/call", "big") => {
                let bytes = arguments["bytes"].as_u64().unwrap_or_default() as usize;
                answer(&id, &text(&"x".repeat(bytes)));
            }
            ("tools/call", _) => answer(&id, &text(&arguments["nonce"].to_string())),
            ("ping", _) => answer(&id, &json!({})),
            _ => write(&json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "no" } })),
        }
    }
}

fn tools() -> Value {
    let tool = |name: &str, property: &str| {
        json!({
            "name": name,
            "description": name,
            "inputSchema": { "type": "object", "properties": { property: {} } },
        })
    };
    json!([tool("echo", "nonce"), tool("slow", "ms"), tool("big", "bytes")])
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn answer(id: &Value, result: &Value) {
    write(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
}

fn write(message: &Value) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{message}");
    let _ = stdout.flush();
}
