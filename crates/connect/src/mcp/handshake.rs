//! The beginning of a conversation, in either era of MCP.

use rmcp::RoleClient;
use rmcp::model::{
    ClientConfig, ClientResult, CustomRequest, CustomResult, ErrorCode, ErrorData, Implementation,
    ProtocolVersion, ServerNotification, ServerRequest,
};
use rmcp::service::{
    ClientCacheConfig, ClientInitializeError, ClientLifecycleMode, NotificationContext, RequestContext,
    RunningService, Service, serve_client_with_lifecycle,
};
use rmcp::transport::Transport;

use super::failure::SendError;
use super::input::Inputs;

/// How a server wants to be greeted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Era {
    /// `initialize`, up to revision 2025-11-25. Tried first: nearly every server knows it, and a server of the older era
    /// may not answer anything else, or even end itself over it.
    #[default]
    Initialize,
    /// `server/discover`, from revision 2026-07-28. Tried when a server refuses `initialize`, and remembered.
    Discover,
    /// `initialize` by HTTP+SSE, the transport of revision 2024-11-05. Tried last of what there is by HTTP.
    Sse,
}

/// Greets the server. No time limit here: the caller has one.
pub(super) async fn greet(
    transport: impl Transport<RoleClient, Error = SendError> + 'static,
    era: Era,
    inputs: Inputs,
) -> Result<RunningService<RoleClient, Client>, ClientInitializeError> {
    let lifecycle = match era {
        Era::Initialize | Era::Sse => ClientLifecycleMode::Initialize,
        Era::Discover => {
            ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
        }
    };
    let service = serve_client_with_lifecycle(Client(inputs), transport, lifecycle).await?;
    service.peer().set_response_cache_config(ClientCacheConfig::disabled()).await;
    Ok(service)
}

/// Our side of the conversation: it answers pings, and what a server asks of a person or a model only as far as there is a
/// hook for it. Nothing is answered in their place.
#[derive(Debug)]
pub(super) struct Client(Inputs);

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
                let result = tokio::select! {
                    () = context.ct.cancelled() => return Err(ErrorData::internal_error("cancelled", None)),
                    result = self.0.result_of_any(&method, params.unwrap_or_default()) => result?,
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
        ClientConfig::new(self.0.capabilities(), client)
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }
}
