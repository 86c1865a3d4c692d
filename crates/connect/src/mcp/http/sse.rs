//! HTTP+SSE, the transport of MCP 2024-11-05: a stream of events from the server, whose first one names where messages to
//! it are posted.

use std::future::Future;
use std::time::Duration;

use futures_util::stream::StreamExt;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use reqwest::Method;
use rmcp::RoleClient;
use rmcp::model::RequestId;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::sync::watch;
use url::Url;

use super::events::{Events, raw};
use super::transport::send_error;
use super::wire::{EVENT_STREAM, JSON, Wire};
use crate::mcp::failure::{SendError, UNREADABLE};
use crate::mcp::inbound::{Inbound, fault};
use crate::mcp::skim::Skim;
use crate::{Delivery, Error};

/// How long a server may take to say that it has a message. Its answer comes by the stream, so that nothing is lost with
/// what it says to the message itself.
const POST_TIMEOUT: Duration = Duration::from_secs(60);

/// What a server may say to a message besides the status: `Accepted`.
const POST_BYTES: usize = 64 * 1024;

/// Events before the one that names the endpoint.
const MAX_EARLY_EVENTS: usize = 16;

/// One conversation.
pub(in crate::mcp) struct Sse {
    /// To the endpoint.
    wire: Wire,
    events: Events,
    inbound: Inbound,
    /// Dropped with the conversation's end.
    _ended: watch::Sender<()>,
}

impl Sse {
    /// Opens the stream and waits for the endpoint: the caller has a time limit. With it comes what tells the
    /// conversation's end.
    pub(in crate::mcp) async fn open(
        wire: Wire,
        inbound: Inbound,
        event_bytes: usize,
    ) -> Result<(Self, watch::Receiver<()>), Error> {
        let protocol = |what| Error::Protocol { connector: wire.connector().to_owned(), what };
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(EVENT_STREAM))]);
        let incoming = wire.open(Method::GET, headers, None).await.map_err(|error| {
            send_error(error).error.unwrap_or_else(|| protocol("it sends no stream of events"))
        })?;
        if !incoming.status().is_success() {
            return Err(wire.status_error(&incoming));
        }
        if incoming.media_type() != EVENT_STREAM {
            return Err(protocol("it sends no stream of events"));
        }
        let mut events = raw(incoming.into_inner(), event_bytes, false);
        let mut named = None;
        for _ in 0..MAX_EARLY_EVENTS {
            let Some(Ok(event)) = events.next().await else { break };
            if event.event.as_deref() == Some("endpoint") {
                named = event.data;
                break;
            }
        }
        let named = named.ok_or_else(|| protocol("its stream of events names no endpoint"))?;
        let endpoint =
            endpoint(wire.url(), &named).ok_or_else(|| protocol("its endpoint is of another origin"))?;
        let (ended, end) = watch::channel(());
        Ok((Self { wire: wire.at(endpoint), events, inbound, _ended: ended }, end))
    }

    fn message(&self, data: &str) -> Option<RxJsonRpcMessage<RoleClient>> {
        match serde_json::from_str(data) {
            Ok(Value::Object(message)) => self.inbound.message(message, None),
            _ => {
                let id = Skim::id_of(data.as_bytes())?;
                Some(fault(RequestId::Number(id), UNREADABLE, None))
            }
        }
    }
}

impl Transport<RoleClient> for Sse {
    type Error = SendError;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), SendError>> + Send + 'static {
        let note = self.inbound.sending(&item);
        let wire = self.wire.clone();
        async move {
            let _note = note;
            let body = serde_json::to_vec(&item).map_err(|_| SendError::broken(Delivery::NotSent))?;
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(JSON))]);
            let posted = async {
                let incoming = wire.open(Method::POST, headers, Some(body)).await.map_err(send_error)?;
                if !incoming.status().is_success() {
                    let error = Some(wire.status_error(&incoming));
                    return Err(SendError { delivery: Delivery::MaybeSent, error });
                }
                // Read to its end, the connection can be used again.
                let _ = incoming.read(POST_BYTES).await;
                Ok(())
            };
            tokio::time::timeout(POST_TIMEOUT, posted).await.unwrap_or(Ok(()))
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        loop {
            let event = self.events.next().await?.ok()?;
            if !matches!(event.event.as_deref(), None | Some("" | "message")) {
                continue;
            }
            if let Some(message) = event.data.as_deref().and_then(|data| self.message(data.trim())) {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), SendError> {
        self.events = futures_util::stream::empty().boxed();
        Ok(())
    }
}

/// Where messages are posted: only within the origin of the stream, or a server could have our credentials sent anywhere.
fn endpoint(stream: &Url, named: &str) -> Option<Url> {
    let endpoint = stream.join(named.trim()).ok()?;
    let bare = endpoint.username().is_empty() && endpoint.password().is_none();
    (bare && endpoint.origin() == stream.origin()).then_some(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_posted_within_the_origin_of_the_stream() {
        let stream = Url::parse("https://mcp.example:8443/a/sse?key=1").unwrap();
        for (named, url) in [
            ("/messages?id=7", Some("https://mcp.example:8443/messages?id=7")),
            ("messages ", Some("https://mcp.example:8443/a/messages")),
            ("https://mcp.example:8443/m", Some("https://mcp.example:8443/m")),
            ("https://mcp.example/m", None),
            ("http://mcp.example:8443/m", None),
            ("//evil.example/m", None),
            ("https://me:pw@mcp.example:8443/m", None),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(endpoint(&stream, named).as_ref().map(Url::as_str), url, "{named}");
        }
    }
}
