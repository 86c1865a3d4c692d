//! What is answered to each request.

use std::sync::Arc;

use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, DiscoverResult, ErrorData, Implementation,
    InitializeRequestParams, InitializeResult, ListToolsResult, PaginatedRequestParams, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};

use super::client::Client;
use super::{Shared, surface};
use crate::{Gateway, Principal};

/// Answers the requests of one connection, or of one request where there are no connections.
#[derive(Clone)]
pub(crate) struct Server {
    shared: Arc<Shared>,
    /// Who is served where requests do not say so themselves.
    local: Option<Principal>,
}

impl Server {
    /// Whoever asks is this principal.
    pub(crate) fn local(gateway: &Gateway, principal: Principal) -> Self {
        Self { shared: Arc::clone(&gateway.shared), local: Some(principal) }
    }

    /// Every request comes with its [`Principal`], in the extensions of its [`http::request::Parts`]; without one it is
    /// refused.
    pub(crate) fn by_request(gateway: &Gateway) -> Self {
        Self { shared: Arc::clone(&gateway.shared), local: None }
    }

    fn client(&self, context: &RequestContext<RoleServer>) -> Result<Client, ErrorData> {
        Ok(Client::of(context, self.principal(context)?))
    }

    fn principal(&self, context: &RequestContext<RoleServer>) -> Result<Principal, ErrorData> {
        let of_request = || {
            let parts = context.extensions.get::<http::request::Parts>()?;
            parts.extensions.get::<Principal>().cloned()
        };
        let principal = of_request().or_else(|| self.local.clone());
        principal
            .ok_or_else(|| ErrorData::internal_error("the request is from nobody; this is our bug", None))
    }
}

impl ServerHandler for Server {
    /// Without what depends on who asks.
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::default();
        info.capabilities = ServerCapabilities::builder().enable_tools().build();
        info.server_info = Implementation::new("codemode", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let mut result = self.negotiate_initialize(&request)?;
        result.instructions = Some(self.principal(&context)?.runtime().system_prompt());
        Ok(result)
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let mut info = self.get_info();
        info.instructions = Some(self.principal(&context)?.runtime().system_prompt());
        Ok(DiscoverResult::from_server_info(self.supported_protocol_versions().into_owned(), info))
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        surface::list(&self.client(&context)?)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let client = self.client(&context)?;
        Ok(surface::call(&self.shared, &client, &request.name, request.arguments).await.into())
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}
