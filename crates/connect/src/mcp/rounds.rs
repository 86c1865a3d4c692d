//! Requests that a server answers with questions (MCP 2026-07-28), or refuses until somebody has visited a page (2025-11-25):
//! answered by the caller, and sent again with the answers.

use rmcp::model::{ClientRequest, CustomRequest, InputResponses};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::failure::Failure;
use super::input::Inputs;
use super::limits::{MAX_INPUTS, MAX_ROUNDS};
use super::patience::{LONGEST, Limit};
use super::who::Who;
use crate::Error;

/// Sends `request` by `send` until its answer is final. It is sent again only where the server says that it is not done and
/// the caller has answered everything that it asks; the server's `requestState` goes with it exactly as it came.
///
/// The time that answers take is not counted, and is bounded in all by [`Limits::input_timeout`](super::Limits).
pub(super) async fn until_final<F>(
    inputs: &Inputs,
    who: &Who,
    mut request: ClientRequest,
    mut limit: Limit,
    send: impl Fn(ClientRequest, Limit) -> F,
) -> Result<Value, Failure>
where
    F: Future<Output = Result<Value, Failure>>,
{
    let protocol = |what| Failure::maybe_sent(Error::Protocol { connector: inputs.connector.clone(), what });
    let mut most_asking = Instant::now() + inputs.timeout.min(LONGEST);
    for _ in 0..MAX_ROUNDS {
        let began = Instant::now();
        let sent = send(request.clone(), limit).await;
        // Whatever that took, it was not ours.
        most_asking += began.elapsed();
        let mut result = match sent {
            Ok(result) => result,
            Err(mut failure) => {
                let Some(wanted) = failure.wanted() else { return Err(failure) };
                let began = Instant::now();
                let visiting = visited(inputs, who, wanted);
                if !tokio::time::timeout_at(most_asking, visiting).await.unwrap_or_default() {
                    return Err(failure);
                }
                limit = limit.without(began.elapsed());
                continue;
            }
        };
        if result.get("resultType").and_then(Value::as_str) != Some("input_required") {
            return Ok(result);
        }
        let unanswered = || Failure::maybe_sent(Error::InputRequired { connector: inputs.connector.clone() });
        let asked = match result.get_mut("inputRequests").map(Value::take) {
            Some(Value::Object(asked)) if asked.len() <= MAX_INPUTS => asked,
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(_)) => return Err(protocol("it asks for too much at once")),
            Some(_) => return Err(protocol("what it asks for is not an object")),
        };
        let state = match result.get_mut("requestState").map(Value::take) {
            Some(Value::String(state)) => Some(state),
            None | Some(Value::Null) => None,
            Some(_) => return Err(protocol("the state of the request is not a string")),
        };
        if asked.is_empty() && state.is_none() {
            return Err(unanswered());
        }
        let began = Instant::now();
        let answering = answers(inputs, who, asked);
        let answers = tokio::time::timeout_at(most_asking, answering).await.ok().flatten();
        limit = limit.without(began.elapsed());
        let answers = answers.ok_or_else(unanswered)?;
        if !go_on(&mut request, answers, state) {
            return Err(unanswered());
        }
    }
    Err(protocol("it asks for further input again and again"))
}

/// Whether a person has agreed to visit all the pages that a server (MCP 2025-11-25) wants visited first.
async fn visited(inputs: &Inputs, who: &Who, mut wanted: Value) -> bool {
    let Some(Value::Array(pages)) = wanted.get_mut("elicitations").map(Value::take) else { return false };
    if pages.is_empty() || pages.len() > MAX_INPUTS {
        return false;
    }
    // Nobody is asked for a part of what cannot be done as a whole.
    if !pages.iter().all(|page| page.get("mode").is_some_and(|mode| mode == "url")) {
        return false;
    }
    for page in pages {
        let answer = inputs.result(who, "elicitation/create", page).await;
        if !answer.is_ok_and(|answer| answer.get("action").is_some_and(|done| done == "accept")) {
            return false;
        }
    }
    true
}

/// One after the other: a person is asked one thing at a time. `None` where something is not answered.
async fn answers(inputs: &Inputs, who: &Who, asked: Map<String, Value>) -> Option<InputResponses> {
    let mut answers = InputResponses::new();
    for (key, mut request) in asked {
        let params = request.get_mut("params").map(Value::take).unwrap_or_default();
        let method = request.get("method").and_then(Value::as_str)?;
        let answer = inputs.result(who, method, params).await.ok()?;
        answers.insert(key, answer);
    }
    Some(answers)
}

/// Makes `request` the one that goes on; false where it is of a kind that asks for nothing.
fn go_on(request: &mut ClientRequest, answers: InputResponses, state: Option<String>) -> bool {
    let answers = (!answers.is_empty()).then_some(answers);
    if let ClientRequest::CustomRequest(CustomRequest {
        method, params: Some(Value::Object(params)), ..
    }) = request
    {
        for (key, value) in [
            ("inputResponses", answers.and_then(|answers| serde_json::to_value(answers).ok())),
            ("requestState", state.map(Value::String)),
        ] {
            match value {
                Some(value) => drop(params.insert(key.to_owned(), value)),
                None => drop(params.shift_remove(key)),
            }
        }
        return matches!(method.as_str(), "tools/call" | "prompts/get" | "resources/read");
    }
    let (responses, request_state) = match request {
        ClientRequest::CallToolRequest(request) => {
            (&mut request.params.input_responses, &mut request.params.request_state)
        }
        ClientRequest::GetPromptRequest(request) => {
            (&mut request.params.input_responses, &mut request.params.request_state)
        }
        ClientRequest::ReadResourceRequest(request) => {
            (&mut request.params.input_responses, &mut request.params.request_state)
        }
        _ => return false,
    };
    (*responses, *request_state) = (answers, state);
    true
}
