//! The beginning of a conversation, in either era of MCP.

use rmcp::RoleClient;
use rmcp::model::{
    ClientConfig, ClientResult, CustomRequest, CustomResult, ErrorCode, ErrorData, Implementation,
    ProtocolVersion, ServerNotification, ServerRequest,
};
use rmcp::service::{
    ClientCacheConfig, ClientInitializeError, ClientLifecycleMode, InboundStreamOrigin, NotificationContext,
    RequestContext, RunningService, Service, serve_client_with_lifecycle,
};
use rmcp::transport::Transport;

use super::failure::SendError;
use super::input::{Inputs, capabilities};
use super::listen::Subscribed;
use super::ongoing::{Concerned, Ongoing};
use super::who::Who;
use crate::Accepts;

/// The eras of MCP, which differ in how a conversation begins and in most of what follows.
///
/// Where none is given, a process is greeted as of [`Initialize`](Self::Initialize) first, then of
/// [`Discover`](Self::Discover); a server that is reached by HTTP as of [`Discover`](Self::Discover), then
/// [`Initialize`](Self::Initialize), then [`Sse`](Self::Sse). What it took once comes first from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Era {
    /// Revisions up to 2025-11-25: `initialize`, sessions, and servers that send requests of their own.
    Initialize,
    /// From revision 2026-07-28: `server/discover`, and every request by itself.
    Discover,
    /// Revision 2024-11-05 by HTTP: `initialize` over HTTP+SSE. Of a server that runs as a process the same as
    /// [`Initialize`](Self::Initialize).
    Sse,
}

/// Greets the server. No time limit here: the caller has one.
pub(super) async fn greet(
    transport: impl Transport<RoleClient, Error = SendError> + 'static,
    era: Era,
    client: Client,
) -> Result<RunningService<RoleClient, Client>, ClientInitializeError> {
    let lifecycle = match era {
        Era::Initialize | Era::Sse => ClientLifecycleMode::Initialize,
        Era::Discover => {
            ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
        }
    };
    let service = serve_client_with_lifecycle(client, transport, lifecycle).await?;
    service.peer().set_response_cache_config(ClientCacheConfig::disabled()).await;
    Ok(service)
}

/// Our side of the conversation: it answers pings, and what a server asks of a person or a model only as far as there is
/// somebody who answers it. Nothing is answered in their place.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) inputs: Inputs,
    pub(super) ongoing: Ongoing,
    /// What the server is told that can be answered.
    pub(super) accepts: Accepts,
    /// Who is asked what is asked in the middle of nothing.
    pub(super) idle: Who,
    /// The resources that are subscribed to.
    pub(super) subscribed: Subscribed,
}

impl Client {
    /// Who is asked what a request asks for: the caller in whose middle it is asked, or who alone can be meant.
    fn concerned(&self, context: &RequestContext<RoleClient>) -> Result<Who, ErrorData> {
        let refused = |what| ErrorData::new(ErrorCode::INVALID_REQUEST, what, None);
        if let Some(InboundStreamOrigin::OutboundRequest(id)) = context.extensions.get() {
            return self.ongoing.of(id).ok_or_else(|| refused("the request that this belongs to has ended"));
        }
        match self.ongoing.of_any() {
            Concerned::One(who) => Ok(who),
            Concerned::Nobody => Ok(self.idle.clone()),
            Concerned::Several => Err(refused(
                "requests of several clients are under way, and this does not say which of them it belongs to",
            )),
        }
    }
}

impl Service<RoleClient> for Client {
    async fn handle_request(
        &self,
        request: ServerRequest,
        context: RequestContext<RoleClient>,
    ) -> Result<ClientResult, ErrorData> {
        match request {
            ServerRequest::PingRequest(_) => Ok(ClientResult::empty(())),
            ServerRequest::CustomRequest(request) if request.method == "ping" => Ok(ClientResult::empty(())),
            ServerRequest::CustomRequest(CustomRequest { method, params, .. }) => {
                // Ends with the connection as well, and with the server's own cancellation.
                let who = self.concerned(&context)?;
                let result = tokio::select! {
                    () = context.ct.cancelled() => return Err(ErrorData::internal_error("cancelled", None)),
                    result = self.inputs.result_of_any(&who, &method, params.unwrap_or_default()) => result?,
                };
                Ok(ClientResult::CustomResult(CustomResult::new(result)))
            }
            _ => Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "not supported by this client", None)),
        }
    }

    async fn handle_notification(
        &self,
        _notification: ServerNotification,
        _context: NotificationContext<RoleClient>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    fn get_info(&self) -> ClientConfig {
        let client = Implementation::new("codemode", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(capabilities(self.accepts), client)
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }
}
