//! Resources and prompts.

use rmcp::model::{
    ClientRequest, ErrorCode, GetPromptRequest, GetPromptRequestParams, ReadResourceRequest,
    ReadResourceRequestParams,
};
use serde_json::{Map, Value};

use super::decode::complete;
use super::failure::Failure;
use super::pages::{self, Listed, MAX_ENTRIES};
use super::who::Who;
use super::{Mcp, content};
use crate::depth::{MAX_DEPTH, exceeds};
use crate::{CallError, Connector, Error, Query, Question, Reply};

/// The answer to `query`. A server that has nothing of the kind is not asked.
pub(super) async fn answer(mcp: &Mcp, question: Question) -> Result<Reply, CallError> {
    let Question { query, timeout, label, caller } = question;
    let (limit, _slot) = mcp.slot(timeout).await?;
    let who = Who::new(&mcp.options, caller, label);
    let info = mcp.connected(limit).await?.info();
    let connector = mcp.name();
    let has = info.as_ref().is_some_and(|info| match query {
        Query::Resources | Query::Resource { .. } => info.capabilities.resources.is_some(),
        Query::Prompts | Query::Prompt { .. } => info.capabilities.prompts.is_some(),
    });
    if !has {
        let error = Error::Unsupported { connector: connector.to_owned(), what: query.kind() };
        return Err(CallError::not_sent(error));
    }
    let send = |request| mcp.request(request, limit, &who);
    let listed = |what| pages::all(connector, what, MAX_ENTRIES, send);
    let reply = match query {
        Query::Resources => {
            let mut found: Vec<Value> = entries(listed(Listed::Resources).await?, "uri").collect();
            match listed(Listed::Templates).await {
                Ok(templates) => found.extend(entries(templates, "uriTemplate")),
                Err(failure) if is_unknown(&failure) => {}
                Err(failure) => return Err(failure.into()),
            }
            shallow(connector, Value::from(found).into())
        }
        Query::Prompts => {
            shallow(connector, entries(listed(Listed::Prompts).await?, "name").collect::<Value>().into())
        }
        Query::Resource { uri } => resource(connector, mcp.until_final(read(uri), limit, &who).await?),
        Query::Prompt { name, arguments } => {
            prompt(connector, mcp.until_final(get(name, arguments), limit, &who).await?)
        }
    };
    Ok(reply?)
}

/// The request for the contents of a resource.
fn read(uri: String) -> ClientRequest {
    ClientRequest::ReadResourceRequest(ReadResourceRequest::new(ReadResourceRequestParams::new(uri)))
}

/// The request for a prompt. MCP knows only texts as arguments; what else is given is written as JSON.
fn get(name: String, arguments: Map<String, Value>) -> ClientRequest {
    let mut params = GetPromptRequestParams::new(name);
    let texts: Map<String, Value> = arguments
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| match value {
            Value::String(_) => (name, value),
            other => (name, Value::String(other.to_string())),
        })
        .collect();
    params.arguments = (!texts.is_empty()).then_some(texts);
    ClientRequest::GetPromptRequest(GetPromptRequest::new(params))
}

/// Those entries of a list that have the text by which they are asked for.
fn entries(listed: Vec<Value>, key: &str) -> impl Iterator<Item = Value> {
    listed.into_iter().filter_map(move |entry| match entry {
        Value::Object(mut entry) if entry.get(key).is_some_and(Value::is_string) => {
            entry.remove("_meta");
            Some(entry.into())
        }
        _ => None,
    })
}

/// Whether a server that has resources says by this that it has no templates.
fn is_unknown(failure: &Failure) -> bool {
    matches!(failure.error, Error::Refused { code, .. } if code == ErrorCode::METHOD_NOT_FOUND.0)
}

/// The contents of a resource, from the result of `resources/read`.
fn resource(connector: &str, result: Value) -> Result<Reply, Failure> {
    let Some(Value::Array(contents)) = complete(connector, result)?.remove("contents") else {
        return Err(protocol(connector, "the resource has no contents"));
    };
    let mut binary = Vec::new();
    let contents: Value = contents
        .into_iter()
        .enumerate()
        .map(|(index, one)| content::contents(one, &format!("/{index}"), &mut binary))
        .collect();
    shallow(connector, Reply::with_binary(contents, binary))
}

/// A prompt, from the result of `prompts/get`.
fn prompt(connector: &str, result: Value) -> Result<Reply, Failure> {
    let mut result = complete(connector, result)?;
    let Some(Value::Array(mut messages)) = result.remove("messages") else {
        return Err(protocol(connector, "the prompt has no messages"));
    };
    let mut binary = Vec::new();
    for (index, message) in messages.iter_mut().enumerate() {
        if let Some(part) = message.get_mut("content") {
            *part = content::part(part.take(), &format!("/messages/{index}/content"), &mut binary);
        }
    }
    let mut prompt = Map::new();
    prompt.extend(result.remove("description").map(|text| ("description".to_owned(), text)));
    prompt.insert("messages".to_owned(), messages.into());
    shallow(connector, Reply::with_binary(prompt.into(), binary))
}

fn shallow(connector: &str, reply: Reply) -> Result<Reply, Failure> {
    if exceeds(&reply.value, MAX_DEPTH) {
        return Err(protocol(connector, "it is nested too deeply"));
    }
    Ok(reply)
}

fn protocol(connector: &str, what: &'static str) -> Failure {
    Failure::maybe_sent(Error::Protocol { connector: connector.to_owned(), what })
}
