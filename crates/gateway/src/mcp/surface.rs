//! The runtime's own tools over MCP.

use std::sync::Arc;

use codemode::{Answer, Misuse, ModelTool, RunOptions};
use rmcp::model::{CacheScope, CallToolResult, ContentBlock, ErrorData, ListToolsResult, ServerResult, Tool};
use serde::Deserialize as _;
use serde_json::Value;

use super::Shared;
use super::client::{Client, Era};
use super::exchange::Exchange;
use super::told::Telling;
use crate::Principal;

/// How long a client of the newer era may keep the list of tools without asking again, in milliseconds. It is told when the
/// list changes, if it listens.
const LIST_TTL_MS: u64 = 60_000;

/// The runtime's own tools as they go over the wire, made once for what they are made of. Those of upstreams that are passed
/// on are not kept so: there may be megabytes of them, which the runtime has already.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    own: Arc<[ModelTool]>,
    tools: Arc<[Tool]>,
}

/// What a client has listed: the runtime's own tools, and what of the upstreams' is passed on.
pub(super) type Before = (Arc<[ModelTool]>, Arc<[Value]>);

/// The tools that a principal's model is given.
pub(super) fn list(client: &Client) -> Result<ListToolsResult, ErrorData> {
    let mut tools = own(&client.principal)?.to_vec();
    // One that cannot be listed costs nobody the others.
    tools.extend(
        client.principal.runtime().passed_on().iter().filter_map(|tool| Tool::deserialize(tool).ok()),
    );
    let mut result = ListToolsResult::with_all_items(tools);
    if client.era == Era::Stateless {
        result.ttl_ms = Some(LIST_TTL_MS);
        result.cache_scope = Some(CacheScope::Private);
    }
    Ok(result)
}

fn own(principal: &Principal) -> Result<Arc<[Tool]>, ErrorData> {
    let own = principal.runtime().shared_tools();
    if let Some(listed) = principal.listed(|listed| Arc::ptr_eq(&listed.own, &own)) {
        return Ok(listed.tools);
    }
    let tools: Result<Vec<Tool>, _> =
        own.iter().map(|tool| serde_json::to_value(tool).and_then(serde_json::from_value)).collect();
    let tools: Arc<[Tool]> =
        tools.map_err(|error| ErrorData::internal_error(error.to_string(), None))?.into();
    principal.keep(Listed { own, tools: Arc::clone(&tools) });
    Ok(tools)
}

/// One of them.
pub(super) fn tool(principal: &Principal, name: &str) -> Option<Tool> {
    if let Some(own) = own(principal).ok()?.iter().find(|tool| tool.name == name) {
        return Some(own.clone());
    }
    let passed_on = principal.runtime().passed_on();
    let tool = passed_on.iter().find(|tool| tool.get("name").is_some_and(|named| named == name))?;
    Tool::deserialize(tool).ok()
}

/// Whether the tools are others than those that were listed before.
pub(super) fn changed(principal: &Principal, before: &mut Option<Before>) -> bool {
    let now = (principal.runtime().shared_tools(), principal.runtime().passed_on());
    let changed = before.as_ref().is_some_and(|(own, passed_on)| {
        !(Arc::ptr_eq(own, &now.0) || *own == now.0)
            || !(Arc::ptr_eq(passed_on, &now.1) || *passed_on == now.1)
    });
    *before = Some(now);
    changed
}

/// Begins a call of one of them. That a program failed, or that there is no such tool, is an answer for the model.
pub(super) fn begin(shared: &Shared, client: &Client, name: String, arguments: Value) -> Exchange {
    let run_id = arguments.get("runId").and_then(Value::as_str).map(Box::<str>::from);
    let left = run_id.as_ref().and_then(|run_id| shared.raised().take(client.principal.name(), run_id));
    let principal = client.principal.clone();
    let watch = Arc::new(shared.ops.run(principal.name(), &client.request_id.to_string(), &client.parent));
    // Otherwise it becomes a task.
    let wait = (!client.takes_tasks()).then_some(shared.options.wait);
    let mut exchange = Exchange::begin(client, Telling::Program, |caller, tellings, stop| {
        let caller = watch.calling(caller);
        let mut options =
            RunOptions::default().principal(principal.name()).cancel(stop).caller(caller).observer(
                move |event| {
                    watch.event(event);
                    tellings.event(event);
                },
            );
        options.wait = wait;
        Box::pin(async move {
            let answer = principal.runtime().call_with(&name, arguments, options).await;
            Ok(ServerResult::CallToolResult(result(answer)))
        })
    });
    // What the run raises goes where it went when it was begun.
    exchange.is_first = run_id.is_none() || left.is_some();
    if let Some(left) = left {
        exchange.raised = left;
        exchange.run_id = run_id;
    }
    exchange
}

/// Keeps what a run raises that goes on after its answer, if it comes up in this exchange.
pub(super) fn keep(shared: &Shared, client: &Client, exchange: Exchange, result: &CallToolResult) {
    if !exchange.is_first {
        return;
    }
    let goes_on = match &result.structured_content {
        // A call that was wrong says nothing of the run that it named.
        None => exchange.run_id.as_deref(),
        Some(output) if output.get("status").and_then(Value::as_str) == Some("running") => {
            output.get("runId").and_then(Value::as_str)
        }
        Some(_) => None,
    };
    if let Some(run_id) = goes_on {
        let mut raised = shared.raised();
        // What is there already is what the run was begun with. Where there is no room, whatever it asks is not answered.
        if raised.get(client.principal.name(), run_id).is_none() {
            let _ = raised.add_as(client.principal.name(), run_id, exchange.raised);
        }
    }
}

fn result(answer: Result<Answer, Misuse>) -> CallToolResult {
    match answer {
        Ok(answer) => {
            let text = ContentBlock::text(answer.text);
            let shown = answer.content.into_iter().filter_map(|block| serde_json::from_value(block).ok());
            let mut result = CallToolResult::success(std::iter::once(text).chain(shown).collect());
            result.structured_content = Some(answer.structured);
            result.is_error = Some(answer.is_error);
            result
        }
        Err(misuse) => CallToolResult::error(vec![ContentBlock::text(misuse.to_string())]),
    }
}
