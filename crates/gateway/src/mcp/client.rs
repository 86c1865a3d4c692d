//! Who asks: what a client is, as far as one request says.

use rmcp::model::{ClientCapabilities, ProgressToken, ProtocolVersion, RequestId};
use rmcp::service::{Peer, RequestContext, RoleServer};
use tokio_util::sync::CancellationToken;

use crate::Principal;

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
    /// Cancelled when the client gives the request up, and when it has been answered.
    pub(crate) given_up: CancellationToken,
}

impl Client {
    pub(super) fn of(context: &RequestContext<RoleServer>, principal: Principal) -> Self {
        let version = context.protocol_version();
        let era = match version {
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
            given_up: context.ct.clone(),
        }
    }
}
