//! rmcp's transport over our client.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::transport::common::client_side_sse::ExponentialBackoff;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClientTransport, StreamableHttpClientTransportConfig, StreamableHttpError,
};
use tokio::sync::watch;

use super::events::unpacked;
use super::wire::Wire;
use crate::Delivery;
use crate::mcp::failure::SendError;
use crate::mcp::inbound::Inbound;

/// The longest pause between attempts to open a stream again that the server closed. It is tried for as long as
/// somebody waits for an answer from it, and the one for the server's own messages as long as the connection lives.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The first such pause, where the server names none.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// One conversation over HTTP.
pub(in crate::mcp) struct Http {
    inner: StreamableHttpClientTransport<Wire>,
    inbound: Inbound,
    /// Dropped with the conversation's end.
    _ended: watch::Sender<()>,
}

impl Http {
    /// A conversation, and what tells its end: the session deleted, as far as the server does it in time.
    pub(in crate::mcp) fn new(
        wire: Wire,
        inbound: Inbound,
        event_bytes: usize,
    ) -> (Self, watch::Receiver<()>) {
        let mut pauses = ExponentialBackoff::default();
        pauses.base_duration = FIRST_PAUSE;
        pauses.max_delay = Some(LONGEST_PAUSE);
        let mut config = StreamableHttpClientTransportConfig::with_uri(wire.url().as_str());
        config.retry_config = Arc::new(pauses);
        config.max_sse_event_size = event_bytes;
        config.allow_stateless = true;
        config.reinit_on_expired_session = true;
        let inner = StreamableHttpClientTransport::with_client(wire, config);
        let (ended, end) = watch::channel(());
        (Self { inner, inbound, _ended: ended }, end)
    }
}

impl Transport<RoleClient> for Http {
    type Error = SendError;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), SendError>> + Send + 'static {
        let note = self.inbound.sending(&item);
        let sent = self.inner.send(item);
        async move {
            let _note = note;
            sent.await.map_err(send_error)
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        self.inner.receive().await.map(unpacked)
    }

    async fn close(&mut self) -> Result<(), SendError> {
        self.inner.close().await.map_err(send_error)
    }
}

pub(super) fn send_error(error: StreamableHttpError<SendError>) -> SendError {
    match error {
        StreamableHttpError::Client(error) => error,
        // The server does not know the session: it did nothing.
        StreamableHttpError::SessionExpired | StreamableHttpError::ReinitializationFailed(_) => {
            SendError::broken(Delivery::NotSent)
        }
        _ => SendError::broken(Delivery::MaybeSent),
    }
}
