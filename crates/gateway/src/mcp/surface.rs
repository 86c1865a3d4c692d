//! The runtime's own tools over MCP.

use std::sync::Arc;

use codemode::{Answer, Catalog, Misuse, RunOptions};
use rmcp::model::{CacheScope, CallToolResult, ContentBlock, ErrorData, JsonObject, ListToolsResult, Tool};
use serde_json::Value;

use super::Shared;
use super::client::{Client, Era};
use crate::Principal;

/// How long a client of the newer era may keep the list of tools without asking again, in milliseconds. It is told when the
/// list changes, if it listens.
const LIST_TTL_MS: u64 = 60_000;

/// The tools as they go over the wire, made once a catalog.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    catalog: Arc<Catalog>,
    tools: Arc<[Tool]>,
}

/// The tools that a principal's model is given.
pub(super) fn list(client: &Client) -> Result<ListToolsResult, ErrorData> {
    let tools = tools(&client.principal)?;
    let mut result = ListToolsResult::with_all_items(tools.to_vec());
    if client.era == Era::Stateless {
        result.ttl_ms = Some(LIST_TTL_MS);
        result.cache_scope = Some(CacheScope::Private);
    }
    Ok(result)
}

fn tools(principal: &Principal) -> Result<Arc<[Tool]>, ErrorData> {
    let catalog = principal.runtime().catalog();
    if let Some(listed) = principal.listed(|listed| Arc::ptr_eq(&listed.catalog, &catalog)) {
        return Ok(listed.tools);
    }
    let tools = principal.runtime().tools();
    let tools: Result<Vec<Tool>, _> =
        tools.iter().map(|tool| serde_json::to_value(tool).and_then(serde_json::from_value)).collect();
    let tools: Arc<[Tool]> =
        tools.map_err(|error| ErrorData::internal_error(error.to_string(), None))?.into();
    principal.keep(Listed { catalog, tools: Arc::clone(&tools) });
    Ok(tools)
}

/// Calls one of them. That a program failed, or that there is no such tool, is an answer for the model.
pub(super) async fn call(
    shared: &Shared,
    client: &Client,
    name: &str,
    arguments: Option<JsonObject>,
) -> CallToolResult {
    let arguments = arguments.map_or(Value::Null, Value::Object);
    let watch = shared.ops.run(client.principal.name(), &client.request_id.to_string());
    let options = RunOptions::default().cancel(client.given_up.clone());
    let options = options.observer(move |event| watch.event(event));
    result(client.principal.runtime().call_with(name, arguments, options).await)
}

fn result(answer: Result<Answer, Misuse>) -> CallToolResult {
    match answer {
        Ok(answer) => {
            let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
            result.structured_content = Some(answer.structured);
            result.is_error = Some(answer.is_error);
            result
        }
        Err(misuse) => CallToolResult::error(vec![ContentBlock::text(misuse.to_string())]),
    }
}
