//! HTTP as bytes: a server on a loopback port, and connections to it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use codemode::config::{Config, Serve};
use codemode::{CancellationToken, Runtime};
use codemode_gateway::{Gateway, HttpOptions, HttpServer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::raw::{NEWER, OLDER};

/// So long is waited for what has to come. Nothing takes nearly as long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server that runs.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) server: HttpServer,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// `[serve]` as a configuration says it.
pub(crate) fn serve(text: &str) -> Serve {
    let text = format!("[serve]\nbind = '127.0.0.1:0'\n{text}");
    Config::parse(&text, Path::new("codemode.toml")).unwrap().serve().unwrap()
}

impl Site {
    pub(crate) async fn start(runtime: &Runtime, text: &str) -> Self {
        Self::with(runtime, HttpOptions::new(serve(text))).await
    }

    pub(crate) async fn with(runtime: &Runtime, options: HttpOptions) -> Self {
        let (gateway, stop) = (Gateway::default(), CancellationToken::new());
        let server = HttpServer::new(&gateway, runtime, options).unwrap();
        let listeners = server.bind().await.unwrap();
        let address = listeners[0].local_addr().unwrap();
        let (serving, until) = (server.clone(), stop.clone());
        let task = tokio::spawn(async move { serving.serve(listeners, until).await });
        Self { address, server, stop, task }
    }

    pub(crate) async fn connect(&self) -> Wire {
        let stream = TcpStream::connect(self.address).await.unwrap();
        Wire { stream, host: self.address.to_string(), read: Vec::new() }
    }

    /// One request on a connection of its own.
    pub(crate) async fn ask(&self, ask: Ask) -> Heard {
        self.connect().await.ask(ask).await
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("the server does not end").unwrap();
    }
}

/// A connection.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    host: String,
    read: Vec<u8>,
}

/// A request. Headers with the names of default ones take their place; those without a value leave them out.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, Option<String>)>,
    pub(crate) body: Vec<u8>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Ask {
    pub(crate) fn new(method: &'static str, target: &str) -> Self {
        Self { method, target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// A message to MCP.
    pub(crate) fn post(message: &Value) -> Self {
        Self { body: message.to_string().into_bytes(), ..Self::new("POST", "/mcp") }
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
    }

    /// A request of the newer era, with the headers that go with it.
    pub(crate) fn newer(method: &str, params: Value) -> Self {
        let name = params["name"].as_str().map(str::to_owned);
        let ask = Self::post(&newer(method, params))
            .header("mcp-protocol-version", NEWER)
            .header("mcp-method", method);
        match name {
            Some(name) => ask.header("mcp-name", &name),
            None => ask,
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), Some(value.to_owned())));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), None));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn bytes(&self, host: &str) -> Vec<u8> {
        let length = self.body.len().to_string();
        let mut lines = vec![format!("{} {} HTTP/1.1", self.method, self.target)];
        for (name, value) in [("host", host), ("content-length", &length)] {
            if !self.headers.iter().any(|(known, _)| known == name) {
                lines.push(format!("{name}: {value}"));
            }
        }
        lines.extend(
            self.headers.iter().filter_map(|(name, value)| Some(format!("{name}: {}", value.as_ref()?))),
        );
        let mut bytes = format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes();
        bytes.extend(&self.body);
        bytes
    }
}

/// A request of the newer era.
pub(crate) fn newer(method: &str, mut params: Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": NEWER,
        "io.modelcontextprotocol/clientInfo": { "name": "wire", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params["_meta"] = meta;
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

/// What begins a session of the older era.
pub(crate) fn initialize() -> Value {
    let client = json!({ "name": "wire", "version": "1" });
    let params = json!({ "protocolVersion": OLDER, "capabilities": {}, "clientInfo": client });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params })
}

/// A program to run.
pub(crate) fn execute(code: &str) -> Ask {
    Ask::newer("tools/call", json!({ "name": "execute", "arguments": { "code": code } }))
}

impl Wire {
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub(crate) async fn ask(&mut self, ask: Ask) -> Heard {
        // Who is refused early may hang up before everything was sent.
        let _ = self.stream.write_all(&ask.bytes(&self.host)).await;
        self.hear().await.unwrap_or_else(|| panic!("no answer to {} {}", ask.method, ask.target))
    }

    /// Sends a request without waiting for anything.
    pub(crate) async fn begin(&mut self, ask: Ask) {
        let bytes = ask.bytes(&self.host);
        self.send(&bytes).await;
    }

    /// The next answer, whole; `None` where the connection ends before it.
    pub(crate) async fn hear(&mut self) -> Option<Heard> {
        let mut heard = self.head().await?;
        let length = heard.headers.get("content-length").map(|length| length.parse::<usize>().unwrap());
        let body = match length {
            Some(length) => self.take(length).await?,
            None if heard.headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") => {
                let mut body = Vec::new();
                while let Some(chunk) = self.chunk().await? {
                    body.extend(chunk);
                }
                body
            }
            None => Vec::new(),
        };
        heard.body = String::from_utf8(body).unwrap();
        Some(heard)
    }

    /// The head of the next answer.
    pub(crate) async fn head(&mut self) -> Option<Heard> {
        let head = self.until(b"\r\n\r\n").await?;
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Heard { status, headers: lines.filter_map(header).collect(), body: String::new() })
    }

    /// The next chunk of a body; `Some(None)` at its end.
    pub(crate) async fn chunk(&mut self) -> Option<Option<Vec<u8>>> {
        let size = String::from_utf8(self.until(b"\r\n").await?).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = self.take(size + 2).await?;
        chunk.truncate(size);
        Some((size > 0).then_some(chunk))
    }

    /// Whether the server has hung up, once it has.
    pub(crate) async fn ends(&mut self) -> bool {
        while self.more().await {}
        true
    }

    async fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|window| window == end) {
                return Some(self.read.drain(..at + end.len()).collect());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    async fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.read.len() < length {
            if !self.more().await {
                return None;
            }
        }
        Some(self.read.drain(..length).collect())
    }

    async fn more(&mut self) -> bool {
        let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.read)).await;
        matches!(read.expect("nothing came, and the connection did not end"), Ok(read) if read > 0)
    }
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as JSON, or the last message of a stream of events.
    pub(crate) fn json(&self) -> Value {
        let mut data = self.body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        let text = data.rfind(|data| !data.is_empty()).unwrap_or(&self.body);
        serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }
}
