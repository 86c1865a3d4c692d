//! Newline-delimited JSON-RPC over a server's pipes, as `rmcp` wants it.
//!
//! rmcp's own framing drops a line that is too long or no JSON, so that the call it answers waits for its time limit;
//! and it decodes results into types that one odd field makes it give up. Here such a line ends the very call it
//! answers, and a result is handed over as the JSON it is.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rmcp::RoleClient;
use rmcp::model::{
    ClientRequest, CustomResult, ErrorCode, ErrorData, JsonRpcMessage, JsonRpcVersion2_0, RequestId,
    ServerResult,
};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::{Map, Value};
use tokio::io::AsyncWriteExt;
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::Mutex;

use super::failure::{TOO_LARGE, UNREADABLE};
use super::group::Group;
use super::limits::{MAX_ERROR_CHARS, MAX_REPLIES, WRITE_STALL};
use super::lines::{Line, Lines};
use super::process::{Pipes, Process};
use super::ring::Ring;
use super::skim::Skim;

/// One server's pipes.
pub(super) struct Stdio {
    lines: Lines<ChildStdout>,
    stdin: Arc<Mutex<Option<ChildStdin>>>,
    group: Arc<Group>,
    ring: Arc<Ring>,
    /// Requests whose answers rmcp must see in its own types: the handshake's.
    typed: HashSet<RequestId>,
    replies: Arc<AtomicUsize>,
    tools_changed: Arc<AtomicBool>,
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub(super) struct SendError {
    /// Whether some of its bytes may have left.
    pub(super) begun: bool,
    source: std::io::Error,
}

impl Stdio {
    pub(super) fn new(
        process: &Process,
        pipes: Pipes,
        response_bytes: usize,
        tools_changed: Arc<AtomicBool>,
    ) -> Self {
        Self {
            lines: Lines::new(pipes.stdout, response_bytes),
            stdin: Arc::new(Mutex::new(Some(pipes.stdin))),
            group: process.group(),
            ring: process.ring(),
            typed: HashSet::new(),
            replies: Arc::default(),
            tools_changed,
        }
    }

    fn decode(&mut self, line: &[u8]) -> Option<RxJsonRpcMessage<RoleClient>> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        match serde_json::from_slice::<Value>(line) {
            Ok(Value::Object(message)) => self.message(message),
            Ok(_) => self.noise(line),
            Err(_) => match Skim::id_of(line) {
                Some(id) => Some(fault(RequestId::Number(id), UNREADABLE, None)),
                None => self.noise(line),
            },
        }
    }

    fn message(&mut self, mut message: Map<String, Value>) -> Option<RxJsonRpcMessage<RoleClient>> {
        let id = message.get("id").and_then(request_id);
        if let Some(method) = message.get("method").and_then(Value::as_str) {
            if id.is_some() {
                return self.request(message);
            }
            if method == "notifications/tools/list_changed" {
                self.tools_changed.store(true, Ordering::Release);
            }
            // The other notifications are progress and logs, which nobody here reads.
            return None;
        }
        let id = id?;
        if self.typed.remove(&id) {
            let typed = serde_json::from_value(Value::Object(message));
            return Some(typed.unwrap_or_else(|_| fault(id, UNREADABLE, None)));
        }
        if let Some(result) = message.remove("result") {
            let result = ServerResult::CustomResult(CustomResult::new(result));
            return Some(JsonRpcMessage::response(result, id));
        }
        let error = message.remove("error")?;
        let code = error.get("code").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
        let text = error.get("message").and_then(Value::as_str).unwrap_or("no reason given");
        Some(fault(id, ErrorCode(code.unwrap_or(ErrorCode::INTERNAL_ERROR.0)), Some(text)))
    }

    fn request(&self, message: Map<String, Value>) -> Option<RxJsonRpcMessage<RoleClient>> {
        let counted = self.replies.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count < MAX_REPLIES).then_some(count + 1)
        });
        let request = counted.ok().and_then(|_| serde_json::from_value(Value::Object(message)).ok());
        if request.is_none() && counted.is_ok() {
            self.replies.fetch_sub(1, Ordering::AcqRel);
        }
        request
    }

    /// Keeps what is no message with the server's other output, where the operator finds it.
    fn noise(&self, line: &[u8]) -> Option<RxJsonRpcMessage<RoleClient>> {
        const KEPT_BYTES: usize = 512;
        self.ring.push(b"[stdout] ");
        self.ring.push(line.get(..KEPT_BYTES).unwrap_or(line));
        self.ring.push(b"\n");
        None
    }
}

impl Transport<RoleClient> for Stdio {
    type Error = SendError;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), SendError>> + Send + 'static {
        let mut reply = None;
        match &item {
            JsonRpcMessage::Request(request)
                if matches!(
                    request.request,
                    ClientRequest::InitializeRequest(_) | ClientRequest::DiscoverRequest(_)
                ) =>
            {
                self.typed.insert(request.id.clone());
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => reply = Some(self.replies.clone()),
            _ => {}
        }
        let line = serde_json::to_vec(&item).map(|mut line| {
            line.push(b'\n');
            line
        });
        let (stdin, group) = (self.stdin.clone(), self.group.clone());
        async move {
            let line = line.map_err(|error| SendError { begun: false, source: error.into() })?;
            let sent = send_line(&stdin, &group, &line).await;
            if let Some(replies) = reply {
                let _ =
                    replies.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| count.checked_sub(1));
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        loop {
            let message = match self.lines.next().await.ok()?? {
                Line::Whole(line) => self.decode(&line),
                Line::TooLong { bytes, id: Some(id) } => {
                    Some(fault(RequestId::Number(id), TOO_LARGE, Some(&bytes.to_string())))
                }
                Line::TooLong { bytes, id: None } => {
                    self.noise(format!("a line of {bytes} bytes").as_bytes())
                }
            };
            if message.is_some() {
                return message;
            }
        }
    }

    async fn close(&mut self) -> Result<(), SendError> {
        self.stdin.lock().await.take();
        Ok(())
    }
}

/// Writes a whole line. After a write that stalled or broke in the middle nothing more can be said to the server, so its
/// process is ended.
async fn send_line(stdin: &Mutex<Option<ChildStdin>>, group: &Group, line: &[u8]) -> Result<(), SendError> {
    let mut guard = stdin.lock().await;
    let Some(pipe) = guard.as_mut() else {
        return Err(SendError { begun: false, source: std::io::ErrorKind::NotConnected.into() });
    };
    let mut written = 0;
    let write = async {
        while let Some(rest) = line.get(written..).filter(|rest| !rest.is_empty()) {
            match pipe.write(rest).await? {
                0 => return Err(std::io::ErrorKind::WriteZero.into()),
                count => written += count,
            }
        }
        pipe.flush().await
    };
    let outcome = tokio::time::timeout(WRITE_STALL, write).await;
    let source = match outcome {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => std::io::ErrorKind::TimedOut.into(),
    };
    guard.take();
    group.kill();
    Err(SendError { begun: written > 0, source })
}

fn fault(id: RequestId, code: ErrorCode, message: Option<&str>) -> RxJsonRpcMessage<RoleClient> {
    let message: String = message.unwrap_or_default().chars().take(MAX_ERROR_CHARS).collect();
    JsonRpcMessage::Error(rmcp::model::JsonRpcError {
        jsonrpc: JsonRpcVersion2_0,
        id: Some(id),
        error: ErrorData::new(code, message, None),
    })
}

fn request_id(value: &Value) -> Option<RequestId> {
    match value {
        Value::Number(number) => number.as_i64().map(RequestId::Number),
        Value::String(text) => Some(RequestId::String(text.as_str().into())),
        _ => None,
    }
}
