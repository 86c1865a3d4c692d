//! A client of `codemode serve` that sees every byte of its standard output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::codemode;

/// `codemode serve`, started by us.
pub(super) struct Served {
    pub(super) codemode: Child,
    input: Option<ChildStdin>,
    output: Option<BufReader<ChildStdout>>,
    sent: u64,
}

impl Served {
    /// Starts it and greets it. It uses no configuration, and says nothing that anybody reads.
    pub(super) fn new(arguments: &[&str]) -> Self {
        let mut codemode = codemode(&["serve", "--no-config"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = codemode.stdin.take();
        let output = codemode.stdout.take().map(BufReader::new);
        let mut served = Self { codemode, input, output, sent: 0 };
        let client = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let greeted = served.request("initialize", params);
        assert_eq!(greeted["result"]["serverInfo"]["name"], "codemode", "{greeted}");
        served.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        served
    }

    /// The structured result of a program, or what came instead.
    pub(super) fn execute(&mut self, code: &str) -> Value {
        let mut answer =
            self.request("tools/call", json!({ "name": "execute", "arguments": { "code": code } }));
        answer["result"]["structuredContent"].take()
    }

    /// The answer to a request. Whatever comes before must be a notification: nothing else has a place on standard output.
    pub(super) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        loop {
            let message = self.message().unwrap();
            if message["id"] == id {
                return message;
            }
            let method = message["method"].as_str().unwrap_or_default();
            assert!(method.starts_with("notifications/") && message.get("id").is_none(), "{message}");
        }
    }

    /// Sends a request and does not wait; gives its id.
    pub(super) fn begin(&mut self, method: &str, params: Value) -> u64 {
        self.sent += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.sent, "method": method, "params": params }));
        self.sent
    }

    /// The next message, or nothing at the end. What is no message fails the test.
    fn message(&mut self) -> Option<Value> {
        let mut line = String::new();
        if self.output.as_mut().unwrap().read_line(&mut line).unwrap() == 0 {
            return None;
        }
        assert!(line.ends_with('\n'), "half a line: {line}");
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        Some(message)
    }

    /// Leaves as a client should, and reads what is still written.
    pub(super) fn leave(mut self) {
        self.input = None;
        while let Some(message) = self.message() {
            assert!(message.get("id").is_none(), "an answer to nothing: {message}");
        }
        assert_eq!(self.codemode.wait().unwrap().code(), Some(0));
    }

    /// Is gone, as far as the server can see: it reads the end, and whatever it writes meets a closed pipe.
    pub(super) fn die(mut self) {
        self.input = None;
        drop(self.output.take());
        self.codemode.wait().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().unwrap();
        input.write_all(format!("{message}\n").as_bytes()).unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; otherwise it has ended by now.
        let _ = self.codemode.kill();
        let _ = self.codemode.wait();
    }
}
