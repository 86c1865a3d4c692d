//! Passing on: what of the upstreams is there as it is, and the requests for it.
//!
//! What a client says goes to the upstream as it is, and the answer back; only what is between neighbours is not: names where
//! several upstreams are told apart, `requestState`, what each era has results bear.

use std::time::Duration;

use codemode::Shape;
use codemode::connect::{CallError, Offer, Relay, RelayError};
use rmcp::model::{
    CallToolResult, ContentBlock, CustomResult, ErrorCode, ErrorData, RequestMetaObject, ServerCapabilities,
    ServerResult,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::client::{Client, Era};
use super::exchange::Exchange;
use super::states::{Kept, RequestDigest};
use super::told::Telling;
use super::{Server, Shared};
use crate::Principal;

/// The longest `requestState` of an upstream that is kept for it: so many of these are in memory.
const MAX_STATE_BYTES: usize = 64 * 1024;

/// How long a client of the newer era may keep a list that is passed on, in milliseconds. It is told when one changes, if it
/// listens.
const LIST_TTL_MS: u64 = 60_000;

/// How long a greeting waits for upstreams: most have started by then, and clients wait several times longer.
const CONNECTING: Duration = Duration::from_secs(5);

/// Where a request says how much is to be logged of it.
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// Whether a call of this name is passed on.
pub(super) fn is_passed_on(principal: &Principal, tool: &str) -> bool {
    let runtime = principal.runtime();
    runtime.shape() == Shape::Passthrough || runtime.passes_on(tool)
}

/// Whether a task is one of an upstream, which a client was told of.
pub(super) fn is_task_passed_on(shared: &Shared, client: &Client, id: &str) -> bool {
    shared.passed_tasks().get(client.principal.name(), id).is_some()
}

/// Refuses a method that there is only where everything is passed on.
pub(super) fn only_passed_on(client: &Client, method: &str) -> Result<(), ErrorData> {
    if client.principal.runtime().shape() == Shape::Passthrough {
        return Ok(());
    }
    Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("there is no method {method}"), None))
}

/// What a principal's upstreams can together, as far as it is passed on, over what is there by itself.
///
/// What they can is known when they are connected, and clients of the older era ask only once.
pub(super) async fn capabilities(principal: &Principal, own: ServerCapabilities) -> ServerCapabilities {
    let runtime = principal.runtime();
    if runtime.shape() != Shape::Passthrough {
        return own;
    }
    let _ = tokio::time::timeout(CONNECTING, runtime.all_listed()).await;
    let can = Value::Object(runtime.passed_on_capabilities());
    serde_json::from_value(can).unwrap_or(own)
}

/// All of what is passed on of one kind, as MCP lists it under `property`.
pub(super) async fn list(client: &Client, offer: Offer, property: &str) -> Map<String, Value> {
    let entries = match client.principal.runtime().shape() {
        Shape::Passthrough => client.principal.runtime().passed_on_offer(offer).await,
        _ => Vec::new(),
    };
    listed(client, property, entries)
}

fn listed(client: &Client, property: &str, entries: Vec<Value>) -> Map<String, Value> {
    let mut result = Map::from_iter([(property.to_owned(), Value::Array(entries))]);
    if client.era == Era::Stateless {
        result.insert("ttlMs".to_owned(), json!(LIST_TTL_MS));
        result.insert("cacheScope".to_owned(), json!("private"));
        result.insert("resultType".to_owned(), json!("complete"));
    }
    result
}

/// The tools that are passed on, and those of the surface beside them, as MCP lists them.
pub(super) fn tools(client: &Client) -> Map<String, Value> {
    let runtime = client.principal.runtime();
    let own = runtime.shared_tools();
    let own = own.iter().filter_map(|tool| serde_json::to_value(tool).ok());
    let all = own.chain(runtime.passed_on().iter().cloned()).collect();
    listed(client, "tools", all)
}

/// The parameters of a request as they came, as far as rmcp has read them.
pub(super) fn params(params: &impl Serialize, meta: &RequestMetaObject) -> Map<String, Value> {
    let Ok(Value::Object(mut params)) = serde_json::to_value(params) else { return Map::new() };
    with_meta(&mut params, meta);
    params
}

/// Puts a request's metadata, which rmcp keeps apart, back.
pub(super) fn with_meta(params: &mut Map<String, Value>, meta: &RequestMetaObject) {
    if let Ok(Value::Object(meta)) = serde_json::to_value(meta)
        && !meta.is_empty()
    {
        params.insert("_meta".to_owned(), meta.into());
    }
}

/// The result of a call in the form that rmcp has it. A part of its content that rmcp does not know becomes text: the JSON it
/// is.
pub(super) fn called(mut result: Map<String, Value>) -> Result<CallToolResult, ErrorData> {
    if let Some(Value::Array(parts)) = result.get_mut("content") {
        for part in parts {
            if serde_json::from_value::<ContentBlock>(part.clone()).is_err() {
                *part = json!({ "type": "text", "text": part.to_string() });
            }
        }
    }
    typed(result)
}

/// A result in the form that rmcp has it.
pub(super) fn typed<T: DeserializeOwned>(result: Map<String, Value>) -> Result<T, ErrorData> {
    serde_json::from_value(Value::Object(result)).map_err(|error| {
        ErrorData::internal_error(format!("the answer from behind this server cannot be read: {error}"), None)
    })
}

impl Server {
    /// Sends a request on and gives back its answer, through as many rounds as its client takes.
    pub(super) async fn pass_on(
        &self,
        client: &Client,
        method: &str,
        mut params: Map<String, Value>,
    ) -> Result<Map<String, Value>, ErrorData> {
        let digest = digest(method, &params);
        let resumed = match params.get("requestState") {
            Some(Value::String(state)) => Some(self.shared.states.take(client, digest, state)?),
            _ => None,
        };
        let exchange = match resumed {
            Some(Kept::Exchange(mut waiting)) => {
                let responses = params.shift_remove("inputResponses").unwrap_or_default();
                waiting.raised.answer(&serde_json::from_value(responses).unwrap_or_default());
                *waiting
            }
            Some(Kept::Upstream(state)) => {
                params.insert("requestState".to_owned(), state);
                begin(client, method, params)
            }
            None => {
                params.shift_remove("requestState");
                begin(client, method, params)
            }
        };
        let mut exchange = Some(exchange);
        let result = self.drive(client, digest, &mut exchange, None).await?;
        let is_ours = exchange.is_none();
        let Ok(Value::Object(mut result)) = serde_json::to_value(&result) else {
            return Err(ErrorData::internal_error("the answer is no object; this is our bug", None));
        };
        if !is_ours {
            self.keep_state(client, digest, &mut result)?;
        }
        self.keep_task(client, &result)?;
        of_era(client.era, method, &mut result)?;
        Ok(result)
    }

    /// Keeps whose an upstream's task is: it is there for no other.
    fn keep_task(&self, client: &Client, result: &Map<String, Value>) -> Result<(), ErrorData> {
        if result.get("resultType").is_none_or(|kind| kind != "task") {
            return Ok(());
        }
        let Some(id) = result.get("taskId").and_then(Value::as_str) else { return Ok(()) };
        let kept = self.shared.passed_tasks().add_as(client.principal.name(), id, ());
        kept.map_err(|_| ErrorData::internal_error("too many tasks have been begun already", None))
    }

    /// Answers a request that came unread.
    pub(super) async fn answer_unread(
        &self,
        client: &Client,
        method: &str,
        params: Map<String, Value>,
    ) -> Result<Value, ErrorData> {
        let result = match method {
            "tools/list" => tools(client),
            "prompts/list" => list(client, Offer::Prompts, "prompts").await,
            "resources/list" => list(client, Offer::Resources, "resources").await,
            "resources/templates/list" => list(client, Offer::Templates, "resourceTemplates").await,
            "tools/call" => {
                let _begun = self.begun(client)?;
                self.pass_on(client, method, params).await?
            }
            _ => {
                only_passed_on(client, method)?;
                self.pass_on(client, method, params).await?
            }
        };
        Ok(result.into())
    }

    /// Puts what names the upstream's state here in its place.
    fn keep_state(
        &self,
        client: &Client,
        digest: RequestDigest,
        result: &mut Map<String, Value>,
    ) -> Result<(), ErrorData> {
        if result.get("resultType").is_none_or(|kind| kind != "input_required") {
            return Ok(());
        }
        let Some(state) = result.get_mut("requestState") else { return Ok(()) };
        if state.as_str().is_none_or(|state| state.len() > MAX_STATE_BYTES) {
            let message = format!("requestState is no string of up to {MAX_STATE_BYTES} bytes");
            return Err(ErrorData::internal_error(message, None));
        }
        let kept = self.shared.states.keep(client, digest, Kept::Upstream(state.take()));
        let name = kept.map_err(|_| {
            ErrorData::internal_error("too many requests wait for their clients already", None)
        })?;
        *state = Value::String(name);
        Ok(())
    }
}

/// What a request is, without what changes when it comes again.
fn digest(method: &str, params: &Map<String, Value>) -> RequestDigest {
    let name = ["name", "uri"].into_iter().find_map(|key| params.get(key)?.as_str()).unwrap_or_default();
    RequestDigest::of(method, name, params.get("arguments").unwrap_or(&Value::Null))
}

fn begin(client: &Client, method: &str, mut params: Map<String, Value>) -> Exchange {
    if let (Era::Sessions, Some(level)) = (client.era, client.log_level) {
        // It said so once, and an upstream of the newer era is told with each request.
        let meta = params.entry("_meta").or_insert_with(|| json!({}));
        if let (Some(meta), Ok(level)) = (meta.as_object_mut(), serde_json::to_value(level)) {
            meta.insert(LOG_LEVEL.to_owned(), level);
        }
    }
    let mut relay = Relay::new(method, params, Duration::MAX);
    relay.log_level = client.logs_unasked();
    if client.era == Era::Stateless {
        relay.raw_rounds = true;
        relay.capabilities = match serde_json::to_value(&client.capabilities) {
            Ok(Value::Object(capabilities)) => Some(capabilities),
            _ => None,
        };
    }
    let runtime = client.principal.runtime().clone();
    Exchange::begin(client, Telling::Relay, |caller, _tellings, stop| {
        relay.caller = Some(caller);
        Box::pin(async move {
            let is_call = relay.method == "tools/call";
            let answer = tokio::select! {
                answer = runtime.pass_on_request(relay) => answer,
                () = stop.cancelled() => return Err(ErrorData::internal_error("the request was given up", None)),
            };
            match answer {
                Ok(result) => Ok(result),
                // A model makes something of it.
                Err(RelayError::Failed(error)) if is_call => Ok(failed(&error)),
                Err(error) => Err(refusal(error)),
            }
            .map(|result| ServerResult::CustomResult(CustomResult::new(result)))
        })
    })
}

/// A result that says that a call failed.
fn failed(error: &CallError) -> Value {
    json!({ "content": [{ "type": "text", "text": error.to_string() }], "isError": true })
}

/// What a client reads of a request that failed.
pub(super) fn refusal(error: RelayError) -> ErrorData {
    match error {
        RelayError::Refused { code, message, data } => ErrorData::new(ErrorCode(code), message, data),
        other => ErrorData::internal_error(other.to_string(), None),
    }
}

/// Makes a result one of the client's era, whatever its upstream's is.
fn of_era(era: Era, method: &str, result: &mut Map<String, Value>) -> Result<(), ErrorData> {
    let kind = result.get("resultType").and_then(Value::as_str).unwrap_or("complete");
    if era == Era::Sessions {
        if kind != "complete" {
            let message = "the answer from behind this server is of a kind that this client does not know";
            return Err(ErrorData::internal_error(message, None));
        }
        for key in ["resultType", "ttlMs", "cacheScope"] {
            result.shift_remove(key);
        }
        return Ok(());
    }
    let is_complete = kind == "complete";
    result.entry("resultType").or_insert_with(|| json!("complete"));
    if is_complete && method == "resources/read" {
        result.entry("ttlMs").or_insert_with(|| json!(0));
        result.entry("cacheScope").or_insert_with(|| json!("private"));
    }
    Ok(())
}
