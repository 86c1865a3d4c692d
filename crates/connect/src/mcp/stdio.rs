//! Newline-delimited JSON-RPC over a server's pipes, as `rmcp` wants it.
//!
//! rmcp's own framing drops a line that is too long or no JSON, so that the call it answers waits for its time limit.
//! Here such a line ends the very call it answers.

use std::future::Future;
use std::sync::Arc;

use rmcp::RoleClient;
use rmcp::model::RequestId;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::Mutex;

use super::failure::{SendError, TOO_LARGE, UNREADABLE};
use super::group::Group;
use super::inbound::{Inbound, fault};
use super::limits::WRITE_STALL;
use super::lines::{Line, Lines};
use super::process::{Pipes, Process};
use super::ring::Ring;
use super::skim::Skim;
use crate::Delivery;

/// One server's pipes.
pub(super) struct Stdio {
    lines: Lines<ChildStdout>,
    stdin: Arc<Mutex<Option<ChildStdin>>>,
    group: Arc<Group>,
    ring: Arc<Ring>,
    inbound: Inbound,
}

impl Stdio {
    pub(super) fn new(process: &Process, pipes: Pipes, response_bytes: usize, inbound: Inbound) -> Self {
        Self {
            lines: Lines::new(pipes.stdout, response_bytes),
            stdin: Arc::new(Mutex::new(Some(pipes.stdin))),
            group: process.group(),
            ring: process.ring(),
            inbound,
        }
    }

    fn decode(&self, line: &[u8]) -> Option<RxJsonRpcMessage<RoleClient>> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        match serde_json::from_slice::<Value>(line) {
            Ok(Value::Object(message)) => self.inbound.message(message, None),
            Ok(_) => self.noise(line),
            Err(_) => match Skim::id_of(line) {
                Some(id) => Some(fault(RequestId::Number(id), UNREADABLE, None)),
                None => self.noise(line),
            },
        }
    }

    /// Keeps what is no message with the server's other output, where the operator finds it.
    fn noise(&self, line: &[u8]) -> Option<RxJsonRpcMessage<RoleClient>> {
        const KEPT_BYTES: usize = 512;
        self.ring.note("stdout", line, KEPT_BYTES);
        None
    }
}

impl Transport<RoleClient> for Stdio {
    type Error = SendError;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), SendError>> + Send + 'static {
        let note = self.inbound.sending(&item);
        let line = serde_json::to_vec(&item).map(|mut line| {
            line.push(b'\n');
            line
        });
        let (stdin, group) = (self.stdin.clone(), self.group.clone());
        async move {
            let _note = note;
            let line = line.map_err(|_| SendError::broken(Delivery::NotSent))?;
            send_line(&stdin, &group, &line).await
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
        return Err(SendError::broken(Delivery::NotSent));
    };
    let mut written = 0;
    let write = async {
        while let Some(rest) = line.get(written..).filter(|rest| !rest.is_empty()) {
            match pipe.write(rest).await? {
                0 => return Err(std::io::Error::from(std::io::ErrorKind::WriteZero)),
                count => written += count,
            }
        }
        pipe.flush().await
    };
    let outcome = tokio::time::timeout(WRITE_STALL, write).await;
    if matches!(outcome, Ok(Ok(()))) {
        return Ok(());
    }
    guard.take();
    group.kill();
    Err(SendError::broken(if written > 0 { Delivery::MaybeSent } else { Delivery::NotSent }))
}
