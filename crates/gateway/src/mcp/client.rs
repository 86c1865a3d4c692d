//! Who asks: what a client is, as far as one request says.

#![expect(deprecated, reason = "clients know logging for some time yet")]

use codemode::connect::{Accepts, InputReply, Log, LogLevel};
use rmcp::model::{
    ClientCapabilities, CustomRequest, LoggingLevel, LoggingMessageNotification,
    LoggingMessageNotificationParam, ProgressNotification, ProgressNotificationParam, ProgressToken,
    ProtocolVersion, RequestId, ServerNotification, ServerRequest,
};
use rmcp::service::{Peer, PeerRequestOptions, RequestContext, RoleServer, ServiceError};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::asking::{Ask, accepts};
use super::told::Told;
use crate::Principal;
use crate::ops::Parent;

/// The two eras of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// Up to 2025-11-25: a handshake, and requests of the server to the client.
    Sessions,
    /// From 2026-07-28: every request stands for itself; what the client has to give is asked for in a result.
    Stateless,
}

/// The client of one request.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) principal: Principal,
    pub(crate) era: Era,
    pub(crate) capabilities: ClientCapabilities,
    /// Reaches the client for as long as the request is under way.
    pub(crate) peer: Peer<RoleServer>,
    pub(crate) request_id: RequestId,
    /// Where the client wants to be told of progress.
    pub(crate) progress_token: Option<ProgressToken>,
    /// What the client wants to be told of logs, if it said so.
    pub(crate) log_level: Option<LogLevel>,
    /// The client's own span, where it says which that is.
    pub(crate) parent: Parent,
    /// Cancelled when the client gives the request up, and when it has been answered.
    given_up: CancellationToken,
    /// Cancelled when the client's connection has ended.
    pub(crate) gone: CancellationToken,
}

/// What a request says of the span that it is made in: in its `_meta`, or else in its HTTP headers.
fn parent(context: &RequestContext<RoleServer>) -> Parent {
    let parts = context.extensions.get::<http::request::Parts>();
    let said = |key: &str| {
        let header = || parts?.headers.get(key)?.to_str().ok();
        let said = context.meta.get(key).and_then(serde_json::Value::as_str).or_else(header)?;
        (said.len() <= Parent::MAX_BYTES).then(|| said.to_owned())
    };
    Parent { traceparent: said("traceparent"), tracestate: said("tracestate") }
}

impl Client {
    /// The client of a request. What a request of the older era does not say, its connection does: `log_level`.
    pub(super) fn of(
        context: &RequestContext<RoleServer>,
        principal: Principal,
        log_level: Option<LogLevel>,
        gone: CancellationToken,
    ) -> Self {
        let era = match context.protocol_version() {
            Some(version) if !ProtocolVersion::has_initialize(&version) => Era::Stateless,
            _ => Era::Sessions,
        };
        Self {
            principal,
            era,
            capabilities: context.client_capabilities().unwrap_or_default(),
            peer: context.peer.clone(),
            request_id: context.id.clone(),
            progress_token: context.meta.get_progress_token(),
            log_level: match era {
                Era::Sessions => log_level,
                Era::Stateless => context.meta.log_level().map(level),
            },
            parent: parent(context),
            given_up: context.ct.clone(),
            gone,
        }
    }

    /// What a client is told of logs that has not said what it wants: one of the older era gets of a server behind us what it
    /// would get of the server itself.
    pub(super) fn logs_unasked(&self) -> Option<LogLevel> {
        (self.era == Era::Sessions).then_some(LogLevel::Debug)
    }

    /// Whether the client takes a long result as a task.
    pub(crate) fn takes_tasks(&self) -> bool {
        self.era == Era::Stateless && self.capabilities.supports_tasks()
    }

    /// Whether the client can be asked for anything.
    pub(super) fn answers(&self) -> bool {
        accepts(&self.capabilities) != Accepts::default()
    }

    /// Waits until the client gives the request up, or has gone.
    pub(super) async fn left(&self) {
        tokio::select! {
            () = self.given_up.cancelled() => {}
            () = self.gone.cancelled() => {}
        }
    }

    /// Asks a client of the older era until there is an answer or it is `enough`; then the question is given back. This has to
    /// be polled by the task that answers the request: only of that is it known to which request the question belongs.
    pub(super) async fn ask(&self, mut ask: Ask, enough: &CancellationToken) -> Option<Ask> {
        let (method, params) = ask.request();
        let request = ServerRequest::CustomRequest(CustomRequest::new(method, Some(params)));
        let sent = match method {
            "" => None,
            _ => self.peer.send_request_with_option(request, PeerRequestOptions::no_options()).await.ok(),
        };
        let Some(mut handle) = sent else {
            ask.reply(InputReply::Cancel);
            return None;
        };
        let answer = tokio::select! {
            biased;
            answer = &mut handle.rx => Some(answer),
            () = ask.closed() => None,
            () = enough.cancelled() => None,
        };
        match answer {
            Some(Ok(Ok(result))) => ask.answer(&serde_json::to_value(result).unwrap_or_default()),
            // Clients say by an error that their user refused.
            Some(Ok(Err(ServiceError::McpError(_)))) => ask.reply(InputReply::Decline),
            Some(_) => ask.reply(InputReply::Cancel),
            None => {
                let _ = handle.cancel(Some("the answer is not waited for any more".to_owned())).await;
                return (!ask.is_closed()).then_some(ask);
            }
        }
        None
    }

    /// Tells the client. One that cannot be told is one that has gone.
    pub(super) async fn tell(&self, told: Told) {
        let notification = match told {
            Told::Progress { progress, total, message } => {
                let Some(token) = self.progress_token.clone() else { return };
                let mut params = ProgressNotificationParam::new(token, progress);
                (params.total, params.message) = (total, message);
                ServerNotification::ProgressNotification(ProgressNotification::new(params))
            }
            Told::Log(log) => logged(log),
        };
        let _ = self.peer.send_notification(notification).await;
    }
}

fn logged(log: Log) -> ServerNotification {
    let level: LoggingLevel = same(log.level).unwrap_or(LoggingLevel::Info);
    let mut params = LoggingMessageNotificationParam::new(level, log.data);
    params.logger = log.logger;
    ServerNotification::LoggingMessageNotification(LoggingMessageNotification::new(params))
}

/// The level that a client names.
pub(super) fn level(level: LoggingLevel) -> LogLevel {
    same(level).unwrap_or(LogLevel::Info)
}

/// The same level in other words: both are written alike.
fn same<T: serde::de::DeserializeOwned>(level: impl serde::Serialize) -> Option<T> {
    let level: Value = serde_json::to_value(level).ok()?;
    serde_json::from_value(level).ok()
}
