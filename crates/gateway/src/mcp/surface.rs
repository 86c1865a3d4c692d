//! The runtime's own tools over MCP.

use std::sync::Arc;

use codemode::{Answer, Misuse, ModelTool, RunOptions};
use rmcp::model::{CacheScope, CallToolResult, ContentBlock, ErrorData, ListToolsResult, ServerResult, Tool};
use serde_json::Value;

use super::Shared;
use super::client::{Client, Era};
use super::exchange::Exchange;
use super::told::Telling;
use crate::Principal;

/// How long a client of the newer era may keep the list of tools without asking again, in milliseconds. It is told when the
/// list changes, if it listens.
const LIST_TTL_MS: u64 = 60_000;

/// The tools as they go over the wire, made once for what they are made of.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    own: Arc<[ModelTool]>,
    /// What of the upstreams' tools is passed on.
    passed_on: Arc<[Value]>,
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
    let (own, passed_on) = (principal.runtime().shared_tools(), principal.runtime().passed_on());
    let is_same =
        |listed: &Listed| Arc::ptr_eq(&listed.own, &own) && Arc::ptr_eq(&listed.passed_on, &passed_on);
    if let Some(listed) = principal.listed(is_same) {
        return Ok(listed.tools);
    }
    let tools: Result<Vec<Tool>, _> =
        own.iter().map(|tool| serde_json::to_value(tool).and_then(serde_json::from_value)).collect();
    let mut tools = tools.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    // One that cannot be listed costs nobody the others.
    tools.extend(passed_on.iter().filter_map(|tool| serde_json::from_value(tool.clone()).ok()));
    let tools: Arc<[Tool]> = tools.into();
    principal.keep(Listed { own, passed_on, tools: Arc::clone(&tools) });
    Ok(tools)
}

/// One of them.
pub(super) fn tool(principal: &Principal, name: &str) -> Option<Tool> {
    tools(principal).ok()?.iter().find(|tool| tool.name == name).cloned()
}

/// Whether the tools are others than those that were listed before.
pub(super) fn changed(principal: &Principal, before: &mut Option<Arc<[Tool]>>) -> bool {
    let Ok(now) = tools(principal) else { return false };
    let changed = before.as_ref().is_some_and(|before| !Arc::ptr_eq(before, &now) && **before != *now);
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
