//! Messages as lines, checked before anything else sees them.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use rmcp::model::{ClientNotification, JsonRpcMessage};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::lines::{Line, Lines};
use crate::Principal;
use crate::mcp::edge::{self, Refusal};
use crate::mcp::{InFlight, unread};

/// The longest line that is read: more than a program with all of its input, or the arguments of a tool, may have.
const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;

/// One client at the other end of two streams.
pub(super) struct Stdio<R, W> {
    lines: Lines<R>,
    writer: Arc<Mutex<Option<W>>>,
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
            Refusal { id: envelope.id, ..Refusal::invalid("not a message of the protocol") }
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

    fn refuse(&mut self, refusal: &Refusal) {
        tracing::warn!(code = refusal.code, reason = refusal.message, "refused a message of the client");
        let (writer, answer) = (Arc::clone(&self.writer), refusal.to_json());
        // That it cannot be written shows when the next message is.
        self.refusing = Some(Box::pin(async move {
            let _ = write(&writer, &answer, || ()).await;
        }));
    }
}

/// Writes one message. `begins` is told when its turn has come.
async fn write<W: AsyncWrite + Unpin>(
    writer: &Mutex<Option<W>>,
    message: &impl Serialize,
    begins: impl FnOnce(),
) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut writer = writer.lock().await;
    begins();
    let writer = writer.as_mut().ok_or(std::io::ErrorKind::NotConnected)?;
    writer.write_all(&line).await?;
    writer.flush().await
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
        let in_flight = self.in_flight.clone();
        async move {
            // A client that has its answer may use the id again at once; one that does not take its answers begins no more.
            let answered = || match &message {
                JsonRpcMessage::Response(response) => in_flight.end(&response.id),
                JsonRpcMessage::Error(error) => error.id.iter().for_each(|id| in_flight.end(id)),
                _ => {}
            };
            write(&writer, &message, answered).await
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if let Some(refusing) = &mut self.refusing {
                refusing.await;
                self.refusing = None;
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
                Err(refusal) => self.refuse(&refusal),
            }
        }
        self.gone.cancel();
        None
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.writer.lock().await.take();
        Ok(())
    }
}
