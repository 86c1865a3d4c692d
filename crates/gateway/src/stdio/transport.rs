//! Messages as lines, checked before anything else sees them.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rmcp::model::{ClientNotification, JsonRpcMessage};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::lines::{Line, Lines};
use crate::Principal;
use crate::mcp::edge::{self, Kind, Refusal};
use crate::mcp::{InFlight, unread};

/// The longest line that is read: more than a program with all of its input, or the arguments of a tool, may have.
const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;

/// How long a client that has closed its end, or is left, may take for the answers that are still being written. Clients wait
/// two seconds and more for a server to end before they kill it.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// How long a client may leave an answer to a refused message unread, during which nothing more is read of it. One that writes
/// what is refused and reads nothing for so long does not come back to it.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(30);

/// One client at the other end of two streams.
pub(super) struct Stdio<R, W> {
    lines: Lines<R>,
    writer: Arc<Mutex<Option<W>>>,
    /// Cancelled when nothing more is written, not even what has been begun.
    closed: CancellationToken,
    in_flight: InFlight,
    /// An answer that is being written to a message that was refused. It is finished before anything more is read, so
    /// that a client that does not listen cannot make us collect answers.
    refusing: Option<BoxFuture<'static, ()>>,
    /// Whether a request has come. What comes before the first is no greeting, and nobody waits for it.
    greeted: bool,
    principal: Principal,
    gone: CancellationToken,
}

impl<R, W> Stdio<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    /// `gone` is cancelled when the client has closed its end.
    pub(super) fn new(input: R, output: W, principal: Principal, gone: CancellationToken) -> Self {
        Self {
            lines: Lines::new(input, MAX_LINE_BYTES),
            writer: Arc::new(Mutex::new(Some(output))),
            closed: CancellationToken::new(),
            in_flight: InFlight::default(),
            refusing: None,
            greeted: false,
            principal,
            gone,
        }
    }

    /// What the line that was just read says, if it may be believed.
    fn message(&self) -> Result<Option<RxJsonRpcMessage<RoleServer>>, Refusal> {
        let line = self.lines.line();
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let envelope = edge::check(line)?;
        let line = unread(line, &self.principal);
        let message: RxJsonRpcMessage<RoleServer> = serde_json::from_slice(&line).map_err(|error| {
            tracing::debug!(%error, "a message is of no known shape");
            let (id, answers) = match envelope.kind {
                Kind::Response => (Value::Null, Some(Box::new(envelope.id))),
                Kind::Request | Kind::Notification => (envelope.id, None),
            };
            Refusal { id, answers, ..Refusal::invalid("not a message of the protocol") }
        })?;
        match &message {
            JsonRpcMessage::Request(request) => self.in_flight.begin(&request.id)?,
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.in_flight.end(id);
                }
                return Ok(self.greeted.then_some(message));
            }
            _ => return Ok(self.greeted.then_some(message)),
        }
        Ok(Some(message))
    }

    /// Answers a message that was refused. An answer is not answered: the request of ours that it was for, if that is known,
    /// gets the error that is given back.
    fn refuse(&mut self, refusal: &Refusal) -> Option<RxJsonRpcMessage<RoleServer>> {
        tracing::warn!(code = refusal.code, reason = refusal.message, "refused a message of the client");
        if let Some(id) = &refusal.answers {
            let error = json!({ "code": refusal.code, "message": refusal.message });
            let error = json!({ "jsonrpc": "2.0", "id": id, "error": error });
            return serde_json::from_value(error).ok().filter(|_| self.greeted && !id.is_null());
        }
        let (writer, answer, closed) = (Arc::clone(&self.writer), refusal.to_json(), self.closed.clone());
        // That it cannot be written shows when the next message is.
        self.refusing = Some(Box::pin(async move {
            let _ = write(&writer, &answer, || (), &closed).await;
        }));
        None
    }
}

/// Writes one message, unless everything is `closed` before it has. `begins` is told when its turn has come.
async fn write<W: AsyncWrite + Unpin>(
    writer: &Mutex<Option<W>>,
    message: &impl Serialize,
    begins: impl FnOnce(),
    closed: &CancellationToken,
) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let writing = async {
        let mut writer = writer.lock().await;
        begins();
        let writer = writer.as_mut().ok_or(std::io::ErrorKind::NotConnected)?;
        writer.write_all(&line).await?;
        writer.flush().await
    };
    closed.run_until_cancelled(writing).await.unwrap_or_else(|| Err(std::io::ErrorKind::NotConnected.into()))
}

impl<R, W> Transport<RoleServer> for Stdio<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = std::io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let writer = Arc::clone(&self.writer);
        let (in_flight, closed) = (self.in_flight.clone(), self.closed.clone());
        async move {
            // A client that has its answer may use the id again at once; one that does not take its answers begins no more.
            let answered = || match &message {
                JsonRpcMessage::Response(response) => in_flight.end(&response.id),
                JsonRpcMessage::Error(error) => error.id.iter().for_each(|id| in_flight.end(id)),
                _ => {}
            };
            write(&writer, &message, answered, &closed).await
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if let Some(refusing) = &mut self.refusing {
                let taken = tokio::time::timeout(REFUSAL_PATIENCE, refusing).await;
                self.refusing = None;
                if taken.is_err() {
                    tracing::warn!("the client does not read what it is answered");
                    break;
                }
            }
            let message = match self.lines.read().await {
                Ok(Line::Whole) => self.message(),
                Ok(Line::TooLong) => {
                    Err(Refusal::invalid(format!("the message is longer than {MAX_LINE_BYTES} bytes")))
                }
                Ok(Line::End) => break,
                Err(error) => {
                    tracing::warn!(%error, "cannot read from the client");
                    break;
                }
            };
            match message {
                Ok(Some(message)) => {
                    self.greeted = true;
                    return Some(message);
                }
                Ok(None) => {}
                Err(refusal) => {
                    if let Some(error) = self.refuse(&refusal) {
                        return Some(error);
                    }
                }
            }
        }
        self.gone.cancel();
        None
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        let (refusing, writer) = (self.refusing.take(), &self.writer);
        let last_answers = async {
            if let Some(refusing) = refusing {
                refusing.await;
            }
            drop(writer.lock().await);
        };
        // A client that reads nothing more holds up whatever is being written to it.
        let _ = tokio::time::timeout(LAST_ANSWERS, last_answers).await;
        self.closed.cancel();
        self.writer.lock().await.take();
        Ok(())
    }
}
