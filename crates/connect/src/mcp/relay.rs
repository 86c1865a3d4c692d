//! Requests that are sent on as somebody made them.

use std::sync::Arc;

use rmcp::model::{ClientRequest, CustomRequest, ErrorCode};
use serde_json::{Map, Value, json};

use super::Mcp;
use super::connection::Connection;
use super::failure::Failure;
use super::handshake::Era;
use super::limits::MAX_SUBSCRIPTIONS;
use super::pages::{self, Listed, MAX_ENTRIES};
use super::patience::Limit;
use super::who::Who;
use crate::depth::{MAX_DEPTH, exceeds};
use crate::{CallError, Error, LogLevel, Offer, Relay, RelayError};

/// What may be sent on. The others are between neighbours: a greeting, a ping, a stream of notifications.
const METHODS: &[&str] = &[
    "completion/complete",
    "logging/setLevel",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/update",
    "tools/call",
];

/// What of a request's `_meta` is between neighbours, and set anew for the next one.
const BETWEEN_NEIGHBOURS: [&str; 4] = [
    "progressToken",
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/clientCapabilities",
];

/// What of it an older server is told otherwise.
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// The result as it came.
pub(super) async fn relayed(mcp: &Mcp, relay: Relay) -> Result<Value, RelayError> {
    let Relay { method, mut params, timeout, caller, label, raw_rounds, capabilities, log_level } = relay;
    if !METHODS.contains(&method.as_str()) {
        return Err(refused(ErrorCode::METHOD_NOT_FOUND, &method));
    }
    let (limit, _slot) = mcp.slot(timeout).await.map_err(CallError::from)?;
    let mut who = Who::new(&mcp.options, caller, label);
    who.capabilities = capabilities.map(Arc::new);
    let connection = mcp.connected(limit).await.map_err(CallError::from)?;
    let level = between_neighbours(&mut params);
    match (connection.era(), method.as_str()) {
        // There each request says how much of it is to be logged.
        (Era::Discover, "logging/setLevel") => return Ok(json!({})),
        (Era::Discover, "resources/subscribe" | "resources/unsubscribe") => {
            return subscribed(mcp, &method, &params).map(|()| json!({}));
        }
        (Era::Discover, _) => {
            let unsaid = || serde_json::to_value(log_level?).ok();
            if let Some(level) = level.or_else(unsaid) {
                let meta = params.entry("_meta").or_insert_with(|| json!({}));
                meta.as_object_mut().map(|meta| meta.insert(LOG_LEVEL.to_owned(), level));
            }
        }
        (_, "logging/setLevel") => {
            set_level(mcp, &connection, params.get("level"), limit).await?;
            return Ok(json!({}));
        }
        // Whether it logs as much is nothing that the request depends on.
        (_, _) => drop(set_level(mcp, &connection, level.as_ref(), limit).await),
    }
    if method == "resources/subscribe" {
        room(mcp, params.get("uri").and_then(Value::as_str))?;
    }
    let uri = params.get("uri").cloned();
    let request = CustomRequest::new(method.clone(), Some(Value::Object(params)));
    let request = ClientRequest::CustomRequest(request);
    let sent = if raw_rounds {
        mcp.request(request, limit, &who).await
    } else {
        mcp.until_final(request, limit, &who).await
    };
    let result = sent.map_err(|failure| failed(mcp, failure))?;
    if let ("resources/subscribe" | "resources/unsubscribe", Some(uri)) = (method.as_str(), uri) {
        subscribed(mcp, &method, &Map::from_iter([("uri".to_owned(), uri)]))?;
    }
    checked(mcp, result)
}

/// All of what a server offers of one kind; nothing where it says that it has none.
pub(super) async fn offered(
    mcp: &Mcp,
    offer: Offer,
    timeout: std::time::Duration,
) -> Result<Vec<Value>, CallError> {
    let (limit, _slot) = mcp.slot(timeout).await?;
    let connection = mcp.connected(limit).await?;
    let info = connection.info();
    let capabilities = info.as_ref().map(|info| &info.capabilities);
    let (listed, has) = match offer {
        Offer::Resources => (Listed::Resources, capabilities.is_some_and(|can| can.resources.is_some())),
        Offer::Templates => (Listed::Templates, capabilities.is_some_and(|can| can.resources.is_some())),
        Offer::Prompts => (Listed::Prompts, capabilities.is_some_and(|can| can.prompts.is_some())),
    };
    if !has {
        return Ok(Vec::new());
    }
    let nobody = Who::default();
    let send = |request| mcp.request(request, limit, &nobody);
    let entries = match pages::all(&mcp.options.name, listed, MAX_ENTRIES, send).await {
        Ok(entries) => entries,
        // A server that has resources says by this that it has no templates.
        Err(Failure { error: Error::Refused { code, .. }, .. }) if code == ErrorCode::METHOD_NOT_FOUND.0 => {
            Vec::new()
        }
        Err(failure) => return Err(mcp.options.redactor.call_error(failure.into())),
    };
    let key = if offer == Offer::Prompts {
        "name"
    } else if offer == Offer::Templates {
        "uriTemplate"
    } else {
        "uri"
    };
    let usable = |entry: &Value| entry.get(key).is_some_and(Value::is_string) && !exceeds(entry, MAX_DEPTH);
    let entries = entries.into_iter().filter(usable);
    Ok(entries.map(|entry| mcp.options.redactor.value(entry)).collect())
}

/// Takes out of `_meta` what is between neighbours. Gives how much is to be logged, if that is said.
fn between_neighbours(params: &mut Map<String, Value>) -> Option<Value> {
    let Some(Value::Object(meta)) = params.get_mut("_meta") else {
        params.shift_remove("_meta");
        return None;
    };
    for key in BETWEEN_NEIGHBOURS {
        meta.shift_remove(key);
    }
    let level = meta.shift_remove(LOG_LEVEL);
    if meta.is_empty() {
        params.shift_remove("_meta");
    }
    level
}

/// Has an older server log this much, if it logs less until now: all its clients share what it is told.
async fn set_level(
    mcp: &Mcp,
    connection: &Connection,
    level: Option<&Value>,
    limit: Limit,
) -> Result<(), RelayError> {
    let Some(level) = level else { return Ok(()) };
    let Ok(wanted) = serde_json::from_value::<LogLevel>(level.clone()) else {
        return Err(refused(ErrorCode::INVALID_PARAMS, "level"));
    };
    let logs = connection.info().is_some_and(|info| info.capabilities.logging.is_some());
    if !logs || connection.log_level().is_some_and(|known| known <= wanted) {
        return Ok(());
    }
    let params = json!({ "level": wanted });
    let request = ClientRequest::CustomRequest(CustomRequest::new("logging/setLevel", Some(params)));
    connection.request(request, limit, &Who::default()).await.map_err(|failure| failed(mcp, failure))?;
    connection.logs(wanted);
    Ok(())
}

/// Takes note of what is subscribed to.
fn subscribed(mcp: &Mcp, method: &str, params: &Map<String, Value>) -> Result<(), RelayError> {
    let Some(Value::String(uri)) = params.get("uri") else {
        return Err(refused(ErrorCode::INVALID_PARAMS, "uri"));
    };
    if method == "resources/subscribe" {
        room(mcp, Some(uri))?;
    }
    mcp.shared.memory.subscribed.send_if_modified(|uris| {
        if method == "resources/unsubscribe" {
            return uris.remove(uri);
        }
        (uris.len() < MAX_SUBSCRIPTIONS) && uris.insert(uri.clone())
    });
    Ok(())
}

/// Whether a resource can be subscribed to besides those that are.
fn room(mcp: &Mcp, uri: Option<&str>) -> Result<(), RelayError> {
    let Some(uri) = uri else { return Err(refused(ErrorCode::INVALID_PARAMS, "uri")) };
    let uris = mcp.shared.memory.subscribed.borrow();
    if uris.len() < MAX_SUBSCRIPTIONS || uris.contains(uri) {
        return Ok(());
    }
    let message = format!("{MAX_SUBSCRIPTIONS} resources are subscribed to already");
    Err(RelayError::Refused { code: ErrorCode::INVALID_REQUEST.0, message, data: None })
}

fn checked(mcp: &Mcp, result: Value) -> Result<Value, RelayError> {
    let what = match &result {
        Value::Object(_) if exceeds(&result, MAX_DEPTH) => "it is nested too deeply",
        Value::Object(_) => return Ok(mcp.options.redactor.value(result)),
        _ => "the result is not an object",
    };
    let error = Error::Protocol { connector: mcp.options.name.clone(), what };
    Err(CallError::maybe_sent(error).into())
}

fn failed(mcp: &Mcp, failure: Failure) -> RelayError {
    let redactor = &mcp.options.redactor;
    match failure {
        Failure { error: Error::Refused { code, message, .. }, data, .. } => {
            let data = data.map(|data| *data).filter(|data| !exceeds(data, MAX_DEPTH));
            RelayError::Refused { code, message, data: data.map(|data| redactor.value(data)) }
        }
        other => redactor.call_error(other.into()).into(),
    }
}

fn refused(code: ErrorCode, what: &str) -> RelayError {
    let message = match code {
        ErrorCode::METHOD_NOT_FOUND => format!("{what} is not sent on"),
        _ => format!("{what} is missing, or not what it has to be"),
    };
    RelayError::Refused { code: code.0, message, data: None }
}
