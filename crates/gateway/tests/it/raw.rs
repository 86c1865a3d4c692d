//! A client that writes and reads the very bytes.

use std::time::Duration;

use codemode::{CancellationToken, Runtime};
use codemode_gateway::{Gateway, Principal, serve_stdio};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;

/// So long is waited for what has to come. Nothing takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const NEWER: &str = "2026-07-28";
pub(crate) const OLDER: &str = "2025-11-25";

/// One client over stdio.
pub(crate) struct Raw {
    reader: BufReader<ReadHalf<DuplexStream>>,
    writer: Option<WriteHalf<DuplexStream>>,
    server: JoinHandle<std::io::Result<()>>,
    next_id: i64,
    /// What came while something else was waited for: notifications, and requests of the server.
    pub(crate) others: Vec<Value>,
    /// What every request of the newer era says of the client.
    meta: Option<Value>,
}

impl Raw {
    /// Nothing has been said yet.
    pub(crate) fn connect(gateway: &Gateway, runtime: Runtime) -> Self {
        Self::connect_as(gateway, Principal::local(runtime))
    }

    pub(crate) fn connect_as(gateway: &Gateway, principal: Principal) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(theirs);
        let gateway = gateway.clone();
        let server = tokio::spawn(async move {
            serve_stdio(&gateway, principal, input, output, CancellationToken::new()).await
        });
        let (reader, writer) = tokio::io::split(ours);
        let reader = BufReader::new(reader);
        Self { reader, writer: Some(writer), server, next_id: 0, others: Vec::new(), meta: None }
    }

    /// A client of the older era that has these capabilities.
    pub(crate) async fn older(gateway: &Gateway, runtime: Runtime, capabilities: Value) -> Self {
        let mut raw = Self::connect(gateway, runtime);
        raw.initialize(capabilities).await;
        raw
    }

    /// A client of the newer era that has these capabilities.
    pub(crate) fn newer(gateway: &Gateway, runtime: Runtime, capabilities: &Value) -> Self {
        Self::newer_as(gateway, Principal::local(runtime), capabilities)
    }

    pub(crate) fn newer_as(gateway: &Gateway, principal: Principal, capabilities: &Value) -> Self {
        Self { meta: Some(meta(capabilities)), ..Self::connect_as(gateway, principal) }
    }

    pub(crate) async fn initialize(&mut self, capabilities: Value) -> Value {
        let client = json!({ "name": "raw", "version": "1" });
        let params = json!({ "protocolVersion": OLDER, "capabilities": capabilities, "clientInfo": client });
        let answer = self.request("initialize", params).await;
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        answer
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.writer.as_mut().unwrap().write_all(bytes).await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_bytes(format!("{message}\n").as_bytes()).await;
    }

    /// The next message, whatever it is.
    pub(crate) async fn next(&mut self) -> Value {
        self.next_or_end().await.expect("the server has closed its end")
    }

    pub(crate) async fn next_or_end(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.reader.read_line(&mut line));
        let read = read.await.expect("nothing came").unwrap();
        (read > 0).then(|| serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a message: {line}")))
    }

    /// Sends a request and returns its id.
    pub(crate) async fn begin(&mut self, method: &str, mut params: Value) -> i64 {
        self.next_id += 1;
        if let (Some(meta), Some(params)) = (&self.meta, params.as_object_mut()) {
            let own = params.remove("_meta");
            let mut meta = meta.clone();
            for (key, value) in own.iter().flat_map(|own| own.as_object().unwrap()) {
                meta[key] = value.clone();
            }
            params.insert("_meta".to_owned(), meta);
        }
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        id
    }

    /// The answer to a request, whole.
    pub(crate) async fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.next().await;
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.others.push(message);
        }
    }

    /// The next message that is no answer: a notification, or a request of the server.
    pub(crate) async fn other(&mut self, method: &str) -> Value {
        if let Some(at) = self.others.iter().position(|message| message["method"] == method) {
            return self.others.remove(at);
        }
        loop {
            let message = self.next().await;
            if message["method"] == method {
                return message;
            }
            self.others.push(message);
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        self.answer(id).await
    }

    /// Calls a tool and returns the result.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let mut answer = self.request("tools/call", json!({ "name": tool, "arguments": arguments })).await;
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].take()
    }

    /// Closes the client's end, and returns when the server has left.
    pub(crate) async fn leave(mut self) {
        if let Some(mut writer) = self.writer.take() {
            writer.shutdown().await.unwrap();
        }
        while self.next_or_end().await.is_some() {}
        self.server.await.unwrap().unwrap();
    }
}

fn meta(capabilities: &Value) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": NEWER,
        "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    })
}
