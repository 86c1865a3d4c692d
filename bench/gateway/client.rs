//! Clients that do no more than they have to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Stdio as Pipe};

use serde_json::{Value, json};

use crate::server::Server;

/// Over stdio, in the older era of the protocol.
pub(crate) struct Stdio {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next_id: u64,
}

impl Stdio {
    /// Returns with the first answer.
    pub(crate) fn start(words: &[String]) -> Self {
        let mut command = Server::spawn(words);
        let mut child =
            command.stdin(Pipe::piped()).stdout(Pipe::piped()).stderr(Pipe::null()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut stdio = Self { child, input, output, next_id: 0 };
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "bench", "version": "1" },
        });
        stdio.send("initialize", &params);
        stdio.answer();
        stdio.write(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        stdio
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn run(&mut self, program: &str) -> Value {
        self.send("tools/call", &json!({ "name": "execute", "arguments": { "code": program } }));
        completed(&self.answer())
    }

    pub(crate) fn run_at_once(&mut self, program: &str, count: usize) -> Value {
        for _ in 0..count {
            self.send("tools/call", &json!({ "name": "execute", "arguments": { "code": program } }));
        }
        (0..count).map(|_| completed(&self.answer())).collect()
    }

    pub(crate) fn end(mut self) {
        drop(self.input);
        let _ = self.child.wait();
    }

    fn send(&mut self, method: &str, params: &Value) {
        self.next_id += 1;
        let id = self.next_id;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    }

    fn write(&mut self, message: &Value) {
        self.input.write_all(format!("{message}\n").as_bytes()).unwrap();
    }

    /// The next answer, whatever else comes before it.
    fn answer(&mut self) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server has ended");
            let message: Value = serde_json::from_str(&line).unwrap();
            if message.get("id").is_some() && message.get("method").is_none() {
                return message;
            }
        }
    }
}

/// Over HTTP, in the newer era of the protocol.
pub(crate) struct Http {
    stream: BufReader<TcpStream>,
    address: String,
}

impl Http {
    pub(crate) fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), address: address.to_owned() }
    }

    pub(crate) fn run(&mut self, program: &str) -> Value {
        self.stream.get_mut().write_all(&request(&self.address, program)).unwrap();
        let (status, body) = self.read();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        completed(&message(&body))
    }

    fn read(&mut self) -> (u16, Vec<u8>) {
        let mut head = String::new();
        while self.stream.read_line(&mut head).unwrap() > 2 {}
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if let Some(length) = header("content-length:") {
            let mut body = vec![0; length.parse().unwrap()];
            self.stream.read_exact(&mut body).unwrap();
            return (status, body);
        }
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            let length = usize::from_str_radix(line.trim(), 16).unwrap();
            let mut chunk = vec![0; length + 2];
            self.stream.read_exact(&mut chunk).unwrap();
            if length == 0 {
                return (status, body);
            }
            body.extend_from_slice(&chunk[..length]);
        }
    }
}

/// The bytes of one call of `execute`.
pub(crate) fn request(address: &str, program: &str) -> Vec<u8> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": "execute", "arguments": { "code": program }, "_meta": meta });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
    let length = body.len();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: application/json, \
         text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: \
         execute\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The answer in a body: JSON, or the last event of a stream.
pub(crate) fn message(body: &[u8]) -> Value {
    if body.first() == Some(&b'{') {
        return serde_json::from_slice(body).unwrap();
    }
    let text = std::str::from_utf8(body).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
    data.rev().find_map(|data| serde_json::from_str(data).ok()).unwrap_or_else(|| panic!("no answer: {text}"))
}

/// The result of a program that has ended with one.
pub(crate) fn completed(message: &Value) -> Value {
    let output = &message["result"]["structuredContent"];
    assert_eq!(output["status"], "completed", "{message}");
    output["result"].clone()
}
