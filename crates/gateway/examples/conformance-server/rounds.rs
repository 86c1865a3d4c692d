//! What a tool or a prompt asks the client for before it answers. In the older era the server sends requests; in the newer
//! one it answers that it needs something, and the client comes back with it.

use rmcp::ErrorData;
use rmcp::model::{
    ClientCapabilities, CustomRequest, InputRequests, InputRequiredResult, InputResponses, RequestStateCodec,
    ServerRequest,
};
use rmcp::service::{RequestContext, RoleServer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::offers::fill;
use crate::server::is_newer_era;

/// What the client brought back.
pub(crate) struct Brought {
    pub(crate) responses: Option<InputResponses>,
    pub(crate) state: Option<String>,
}

/// How far an exchange has come.
pub(crate) enum Outcome {
    /// Everything is known.
    Known(Map<String, Value>),
    /// The client has to bring more.
    Wanted(InputRequiredResult),
}

/// What is carried from round to round by the client.
#[derive(Default, Serialize, Deserialize)]
struct State {
    offer: String,
    round: usize,
    known: Map<String, Value>,
}

/// The rounds of one offer.
pub(crate) struct Rounds<'a> {
    pub(crate) offer: &'a str,
    pub(crate) rounds: &'a [Map<String, Value>],
    pub(crate) is_sealed: bool,
    pub(crate) codec: &'a RequestStateCodec,
}

impl Rounds<'_> {
    /// Goes on with what was brought. What is known at the start are the arguments.
    pub(crate) async fn go_on(
        &self,
        mut known: Map<String, Value>,
        brought: Brought,
        context: &RequestContext<RoleServer>,
    ) -> Result<Outcome, ErrorData> {
        let declared = context.client_capabilities().unwrap_or_default();
        let mut first = 0;
        if is_newer_era(context) {
            let state = self.state(brought.state.as_deref())?;
            first = state.round;
            known.extend(state.known);
        }
        let mut responses = brought.responses.unwrap_or_default();
        for (number, round) in self.rounds.iter().enumerate().skip(first) {
            let requests = askable(round, &declared, &known)?;
            if is_newer_era(context) {
                if !requests.keys().all(|key| responses.get(key).is_some_and(Value::is_object)) {
                    return self.wanted(number, known, requests).map(Outcome::Wanted);
                }
            } else {
                for (key, request) in &requests {
                    responses.insert(key.clone(), ask(request, context).await?);
                }
            }
            for key in requests.keys() {
                learn(&mut known, key, responses.remove(key).unwrap_or_default());
            }
        }
        Ok(Outcome::Known(known))
    }

    fn state(&self, sealed: Option<&str>) -> Result<State, ErrorData> {
        let Some(sealed) = sealed else { return Ok(State::default()) };
        let state = self.codec.open_json::<State>(sealed);
        let state = state.map_err(|error| ErrorData::invalid_params(error.to_string(), None))?;
        if state.offer != self.offer {
            return Err(ErrorData::invalid_params("the requestState is that of another request", None));
        }
        Ok(state)
    }

    fn wanted(
        &self,
        round: usize,
        known: Map<String, Value>,
        requests: Map<String, Value>,
    ) -> Result<InputRequiredResult, ErrorData> {
        let ours = |error: &dyn std::fmt::Display| ErrorData::internal_error(error.to_string(), None);
        let requests: InputRequests =
            serde_json::from_value(requests.into()).map_err(|error| ours(&error))?;
        let state = State { offer: self.offer.to_owned(), round, known };
        let state = self.is_sealed.then(|| self.codec.seal_json(&state)).transpose();
        Ok(InputRequiredResult::new(Some(requests), state.map_err(|error| ours(&error))?))
    }
}

/// The requests of a round that this client can be sent.
fn askable(
    round: &Map<String, Value>,
    declared: &ClientCapabilities,
    known: &Map<String, Value>,
) -> Result<Map<String, Value>, ErrorData> {
    let mut missing = Map::new();
    let mut requests = Map::new();
    for (key, request) in round {
        let (capability, is_declared) = match request.get("method").and_then(Value::as_str) {
            Some("elicitation/create") => ("elicitation", declared.elicitation.is_some()),
            Some("sampling/createMessage") => ("sampling", declared.sampling.is_some()),
            _ => ("roots", declared.roots.is_some()),
        };
        if is_declared {
            let mut request = request.clone();
            fill(&mut request, known);
            requests.insert(key.clone(), request);
        } else {
            missing.insert(capability.to_owned(), json!({}));
        }
    }
    if requests.is_empty() {
        let required = serde_json::from_value(missing.into()).unwrap_or_default();
        return Err(ErrorData::missing_required_client_capability(required));
    }
    Ok(requests)
}

/// Sends one request to a client of the older era.
async fn ask(request: &Value, context: &RequestContext<RoleServer>) -> Result<Value, ErrorData> {
    let method = request.get("method").and_then(Value::as_str).unwrap_or_default();
    let request = CustomRequest::new(method, request.get("params").cloned());
    let answer = context.peer.send_request(ServerRequest::CustomRequest(request)).await;
    let answer = answer.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    serde_json::to_value(answer).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

/// Adds the fields of what a person filled in, the text of what a model said and the roots to what is known.
fn learn(known: &mut Map<String, Value>, key: &str, response: Value) {
    if let Some(content) = response.get("content").and_then(Value::as_object) {
        known.extend(content.clone());
    }
    if let Some(roots) = response.get("roots") {
        known.insert("roots".to_owned(), roots.clone());
    }
    let responses = known.entry("responses").or_insert_with(|| json!({}));
    if let Some(responses) = responses.as_object_mut() {
        responses.insert(key.to_owned(), response);
    }
}
