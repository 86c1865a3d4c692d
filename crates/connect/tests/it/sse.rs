//! HTTP+SSE, against a small server of that kind.

use std::sync::Arc;
use std::time::Duration;

use codemode_connect::{
    Accepts, Call, CallError, Connector, Delivery, InputReply, Limits, Mcp, Query, Question, Secret, State,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

const LONG: Duration = Duration::from_secs(20);
const TOKEN: &str = "canary-0123456789-canary";

/// Sends its messages by the last stream that was opened.
#[derive(Clone)]
struct Server {
    first_event: &'static str,
    stream: Arc<Mutex<Option<TcpStream>>>,
    /// What was requested, and what was said, in order.
    seen: Arc<std::sync::Mutex<Vec<String>>>,
}

struct Running {
    url: String,
    server: Server,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn start(first_event: &'static str) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sse", listener.local_addr().unwrap());
    let server = Server { first_event, stream: Arc::default(), seen: Arc::default() };
    let serving = server.clone();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serving.clone().serve(stream));
        }
    });
    Running { url, server, task }
}

impl Server {
    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let (mut line, mut length, mut authorised) = (String::new(), 0, false);
        stream.read_line(&mut line).await.unwrap();
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).await.unwrap();
            let header = header.trim().to_ascii_lowercase();
            match header.split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(("authorization", value)) => authorised = value.ends_with(TOKEN),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let mut stream = stream.into_inner();
        let target = line.trim_end_matches(" HTTP/1.1\r\n").to_owned();
        let message: Value = serde_json::from_slice(&body).unwrap_or_default();
        let said = message["method"].as_str().unwrap_or("").to_owned();
        let mark = if authorised { " with token" } else { "" };
        self.seen.lock().unwrap().push(format!("{} {said}", target.trim()).trim_end().to_owned() + mark);
        if target == "GET /sse" {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
            stream.write_all(format!("{head}: hello\n\n{}", self.first_event).as_bytes()).await.unwrap();
            *self.stream.lock().await = Some(stream);
            return;
        }
        let known = target == "POST /messages?id=7";
        let status = if known { "202 Accepted" } else { "405 Method Not Allowed" };
        let reply = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        stream.write_all(reply.as_bytes()).await.unwrap();
        if known {
            self.answer(&message).await;
        }
    }

    async fn answer(&self, message: &Value) {
        let result = match message["method"].as_str() {
            Some("initialize") => json!({
                "protocolVersion": "2024-11-05", "capabilities": {"tools": {}, "resources": {}},
                "serverInfo": {"name": "old", "version": "0"},
            }),
            Some("tools/list") => json!({"tools": [{"name": "echo"}]}),
            Some("resources/read") => json!({"contents": [{"uri": "a://b", "blob": "aGk="}]}),
            Some("tools/call") => match message["params"]["name"].as_str().unwrap() {
                "echo" => {
                    json!({"content": [{"type": "text", "text": message["params"]["arguments"].to_string()}]})
                }
                "large" => json!({"content": [{"type": "text", "text": "x".repeat(100_000)}]}),
                "ask" => {
                    let params = json!({"message": "name?", "requestedSchema": {"type": "object"}});
                    self.say(json!({"id": message["id"], "method": "elicitation/create", "params": params}))
                        .await;
                    return;
                }
                "rubbish" => {
                    let text =
                        format!("event: message\ndata: {{\"id\": {}, \"result\": ?}}\n\n", message["id"]);
                    return self.write(&text).await;
                }
                "hang-up" => return drop(self.stream.lock().await.take()),
                "hang" => return,
                other => panic!("{other}"),
            },
            // The answer to what was asked in a call's middle answers that call, which has the same number.
            None => json!({"structuredContent": message["result"]}),
            _ => return,
        };
        self.say(json!({"id": message["id"], "result": result})).await;
    }

    async fn say(&self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        self.write(&format!("event: message\r\ndata: {message}\r\n\r\n")).await;
    }

    async fn write(&self, text: &str) {
        if let Some(stream) = &mut *self.stream.lock().await {
            let _ = stream.write_all(text.as_bytes()).await;
        }
    }
}

const ENDPOINT: &str = "event: endpoint\ndata: /messages?id=7\n\n";

async fn call(server: &Mcp, tool: &str, arguments: Value) -> Result<Value, CallError> {
    server.call(Call::new(tool, arguments, LONG)).await.map(|reply| reply.value)
}

fn limits() -> Limits {
    Limits { response_bytes: 64 * 1024, first_pause: Duration::from_millis(20), ..Limits::default() }
}

#[tokio::test]
async fn messages_go_to_the_endpoint_and_come_by_the_stream() {
    let running = start(ENDPOINT).await;
    let token = Secret::new(TOKEN).unwrap();
    let up = Mcp::sse("up", &running.url).unwrap().bearer(token).unwrap().limits(limits());
    assert_eq!(call(&up, "echo", json!({"a": 1})).await.unwrap(), json!({"a": 1}));
    assert_eq!(up.list().await.unwrap().tools[0].name, "echo");
    let read = up.ask(Question::new(Query::Resource { uri: "a://b".into() }, LONG)).await.unwrap();
    assert_eq!(read.binary, ["/0/blob"]);
    let seen = running.server.seen.lock().unwrap().clone();
    let posted = |method: &str| format!("POST /messages?id=7 {method} with token");
    let expected = ["initialize", "notifications/initialized", "tools/call", "tools/list", "resources/read"];
    assert_eq!(seen[0], "GET /sse with token");
    assert_eq!(seen[1..], expected.map(posted));
    assert_eq!(up.state(), State::Ready);
}

#[tokio::test]
async fn it_is_found_where_streamable_http_is_refused() {
    let running = start(ENDPOINT).await;
    let up = Mcp::http("up", &running.url).unwrap().limits(limits());
    assert_eq!(call(&up, "echo", json!({})).await.unwrap(), json!({}));
    let count = |what: &str| running.server.seen.lock().unwrap().iter().filter(|seen| *seen == what).count();
    assert_eq!((count("POST /sse server/discover"), count("POST /sse initialize")), (1, 1));
    // The stream ends in the middle of a call; the next one opens another without asking again how.
    let error = call(&up, "hang-up", json!({})).await.unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.delivery()),
        ("up stopped before it answered", Delivery::MaybeSent)
    );
    assert_eq!(call(&up, "echo", json!({"b": 2})).await.unwrap(), json!({"b": 2}));
    assert_eq!((count("POST /sse server/discover"), count("GET /sse")), (1, 2));
}

#[tokio::test]
async fn what_it_asks_is_answered_and_what_it_says_is_bounded() {
    let running = start(ENDPOINT).await;
    let accepts = Accepts { form: true, ..Accepts::default() };
    let up = Mcp::sse("up", &running.url)
        .unwrap()
        .limits(limits())
        .on_input(accepts, |_| async { InputReply::Give(json!({"name": "x"})) });
    let accepted = json!({"action": "accept", "content": {"name": "x"}});
    assert_eq!(call(&up, "ask", json!({})).await.unwrap(), accepted);
    let error = call(&up, "rubbish", json!({})).await.unwrap_err();
    assert!(error.to_string().ends_with("it is not JSON, or nested too deeply"), "{error}");
    let error = call(&up, "large", json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "up stopped before it answered");
    assert_eq!(call(&up, "echo", json!({"b": 2})).await.unwrap(), json!({"b": 2}));
    let error = up.call(Call::new("hang", json!({}), Duration::from_millis(150))).await.unwrap_err();
    assert_eq!(error.to_string(), "up did not answer within 150 ms");
    let cancelled = |seen: &String| seen.ends_with("notifications/cancelled");
    while !running.server.seen.lock().unwrap().iter().any(cancelled) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_stream_that_leads_elsewhere_or_nowhere_is_refused() {
    for (first_event, detail) in [
        ("event: endpoint\ndata: http://127.0.0.1:1/messages\n\n", "its endpoint is of another origin"),
        ("event: endpoint\n\n", "its stream of events names no endpoint"),
    ] {
        let running = start(first_event).await;
        let up = Mcp::sse("up", &running.url).unwrap().limits(limits());
        let error = call(&up, "echo", json!({})).await.unwrap_err();
        assert!(
            error.to_string().starts_with("up is not available: its handshake is no valid MCP"),
            "{error}"
        );
        assert!(error.operator_message().contains(detail), "{}", error.operator_message());
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
}
