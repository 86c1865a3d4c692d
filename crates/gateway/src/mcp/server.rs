//! What is answered to each request.

use codemode::RunOptions;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;

use crate::Principal;

/// Answers the requests of one connection, or of one request where there are no connections.
#[derive(Clone)]
pub(crate) struct Server {
    /// Who is served where requests do not say so themselves.
    local: Option<Principal>,
}

impl Server {
    /// Whoever asks is this principal.
    pub(crate) fn local(principal: Principal) -> Self {
        Self { local: Some(principal) }
    }

    /// Who a request is from.
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
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::default();
        info.capabilities = ServerCapabilities::builder().enable_tools().build();
        info.server_info = Implementation::new("codemode", env!("CARGO_PKG_VERSION"));
        info.instructions = self.local.as_ref().map(|principal| principal.runtime().system_prompt());
        info
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.principal(&context)?.runtime().tools();
        let tools: Result<Vec<Tool>, _> =
            tools.iter().map(|tool| serde_json::to_value(tool).and_then(serde_json::from_value)).collect();
        let tools = tools.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let principal = self.principal(&context)?;
        let arguments = request.arguments.map_or(Value::Null, Value::Object);
        let options = RunOptions::default().cancel(context.ct.clone());
        let result = match principal.runtime().call_with(&request.name, arguments, options).await {
            Ok(answer) => {
                let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
                result.structured_content = Some(answer.structured);
                result.is_error = Some(answer.is_error);
                result
            }
            Err(misuse) => CallToolResult::error(vec![ContentBlock::text(misuse.to_string())]),
        };
        Ok(result.into())
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}
