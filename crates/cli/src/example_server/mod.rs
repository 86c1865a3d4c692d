//! A small MCP server inside the binary, and a small HTTP API: something to connect to in examples, tests and benchmarks,
//! with nothing to install and no network. Their data is computed, so every run sees the same.

mod arithmetic;
mod customers;
mod group;
pub(crate) mod library;
mod orders;
mod reply;
mod trouble;
mod weather;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, Implementation, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::stdio_pipes;
use rmcp::{RoleServer, ServerHandler, ServiceExt};

pub(crate) use group::Group;

/// Serves the tools of `groups`, all where none is named, over standard input and output until the input ends.
pub(crate) async fn run(groups: &[Group]) -> anyhow::Result<()> {
    let groups = if groups.is_empty() { Group::ALL.to_vec() } else { groups.to_vec() };
    Example { groups }.serve(stdio_pipes()).await?.waiting().await?;
    Ok(())
}

struct Example {
    groups: Vec<Group>,
}

impl ServerHandler for Example {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("codemode-example", env!("CARGO_PKG_VERSION")))
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let any_output = takes_any_output(&context);
        let mut tools: Vec<_> = self.groups.iter().flat_map(|group| group.tools()).collect();
        for tool in &mut tools {
            let is_object =
                |schema: &rmcp::model::JsonObject| schema.get("type").is_some_and(|kind| kind == "object");
            tool.output_schema = tool.output_schema.take().filter(|schema| any_output || is_object(schema));
        }
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        for group in &self.groups {
            if let Some(reply) = group.call(&request.name, &arguments, &context.ct).await {
                return Ok(reply.into_result(takes_any_output(&context)).into());
            }
        }
        Err(ErrorData::invalid_params(format!("there is no tool {:?}", request.name), None))
    }
}

/// Whether structured results and their schemas may be something else than objects: from revision 2026-07-28 on.
fn takes_any_output(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| !ProtocolVersion::has_initialize(&version))
}
