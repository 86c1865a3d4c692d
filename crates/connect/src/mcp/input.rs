//! What a server asks for in the middle of something: a person's input, a model's words, folders.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{ClientCapabilities, ErrorCode, ErrorData};
use serde_json::{Map, Value, json};

use super::limits::{MAX_INPUT_BYTES, MAX_INPUT_CHARS};
use super::patience::Pauses;
use super::who::Who;
use crate::secret::Redactor;
use crate::{Accepts, Asked, Caller, Input, InputReply};

/// How what a server asks for reaches who can answer it. What nobody answers is refused.
#[derive(Clone, Default)]
pub(super) struct Inputs {
    pub(super) connector: String,
    pub(super) redactor: Arc<Redactor>,
    pub(super) pauses: Pauses,
    pub(super) timeout: Duration,
}

/// JSON-RPC's code for what a person refused, as the specification has it for sampling.
const REJECTED: ErrorCode = ErrorCode(-1);

/// What a server is told that can be answered.
pub(super) fn capabilities(accepts: Accepts) -> ClientCapabilities {
    let Accepts { form, url, sampling, roots } = accepts;
    let mut capabilities = Map::new();
    let modes: Map<String, Value> = [("form", form), ("url", url)]
        .into_iter()
        .filter(|(_, accepted)| *accepted)
        .map(|(mode, _)| (mode.to_owned(), json!({})))
        .collect();
    if !modes.is_empty() {
        capabilities.insert("elicitation".to_owned(), modes.into());
    }
    for (name, accepted) in [("sampling", sampling), ("roots", roots)] {
        if accepted {
            capabilities.insert(name.to_owned(), json!({}));
        }
    }
    serde_json::from_value(capabilities.into()).unwrap_or_default()
}

impl Inputs {
    /// The same as [`result`](Self::result), for a server that does not say in the middle of what it asks: while the answer
    /// is awaited, no request to it runs out of time.
    pub(super) async fn result_of_any(
        &self,
        who: &Who,
        method: &str,
        params: Value,
    ) -> Result<Value, ErrorData> {
        let _pause = who.caller.is_some().then(|| self.pauses.begin());
        self.result(who, method, params).await
    }

    /// The result of what the server asks of a caller by `method`, if they give one.
    pub(super) async fn result(&self, who: &Who, method: &str, params: Value) -> Result<Value, ErrorData> {
        let (asked, params, caller) = self.accepted(who, method, params)?;
        let is_form = matches!(asked, Asked::Form { .. });
        let is_elicitation = is_form || matches!(asked, Asked::Url { .. });
        let is_roots = asked == Asked::Roots;
        let input = Input { connector: self.connector.clone(), label: who.label.clone(), asked, params };
        let reply = tokio::time::timeout(self.timeout, caller.input(input)).await;
        let reply = reply.unwrap_or(InputReply::Cancel);
        let wrong = |what| ErrorData::new(ErrorCode::INTERNAL_ERROR, what, None);
        match reply {
            InputReply::Give(content) if is_form => match content {
                Value::Object(_) => Ok(json!({"action": "accept", "content": content})),
                _ => Err(wrong("the client's answer is not an object")),
            },
            InputReply::Give(_) if is_elicitation => Ok(json!({"action": "accept"})),
            InputReply::Give(roots @ Value::Array(_)) if is_roots => Ok(json!({ "roots": roots })),
            InputReply::Give(result @ Value::Object(_)) if !is_roots => Ok(result),
            InputReply::Give(_) => Err(wrong("the client's answer is of the wrong kind")),
            InputReply::Decline if is_elicitation => Ok(json!({"action": "decline"})),
            InputReply::Cancel if is_elicitation => Ok(json!({"action": "cancel"})),
            InputReply::Decline | InputReply::Cancel => {
                Err(ErrorData::new(REJECTED, "the user rejected the request", None))
            }
        }
    }

    /// What is asked, if it is something that the caller answers.
    fn accepted<'a>(
        &self,
        who: &'a Who,
        method: &str,
        params: Value,
    ) -> Result<(Asked, Value, &'a dyn Caller), ErrorData> {
        let refused = || ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "not supported by this client", None);
        let invalid = |what| ErrorData::new(ErrorCode::INVALID_PARAMS, what, None);
        let caller = who.caller.as_deref().ok_or_else(refused)?;
        let accepts = caller.accepts();
        let mode = params.get("mode").and_then(Value::as_str).unwrap_or("form");
        let accepted = match method {
            "elicitation/create" if mode == "form" => accepts.form,
            "elicitation/create" if mode == "url" => accepts.url,
            "elicitation/create" if accepts.form || accepts.url => {
                return Err(invalid("unknown mode of elicitation"));
            }
            "sampling/createMessage" => accepts.sampling,
            "roots/list" => accepts.roots,
            _ => false,
        };
        if !accepted {
            return Err(refused());
        }
        if params.to_string().len() > MAX_INPUT_BYTES {
            return Err(invalid("the request is too large"));
        }
        let params = self.redactor.value(params);
        Ok((asked(method, params.clone()).map_err(invalid)?, params, caller))
    }
}

fn asked(method: &str, params: Value) -> Result<Asked, &'static str> {
    if method == "roots/list" {
        return Ok(Asked::Roots);
    }
    let Value::Object(mut params) = params else { return Err("the parameters are not an object") };
    params.remove("_meta");
    if method == "sampling/createMessage" {
        return Ok(Asked::Sampling { params: params.into() });
    }
    let message = match params.get("message").and_then(Value::as_str) {
        Some(message) => message.chars().take(MAX_INPUT_CHARS).collect(),
        None => return Err("there is no message"),
    };
    match (params.remove("url"), params.remove("requestedSchema")) {
        (Some(Value::String(url)), None) => {
            // What a person's browser must not be led to: scripts, files, other programs.
            let is_page = url::Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if is_page { Ok(Asked::Url { message, url }) } else { Err("the URL is not one of a web page") }
        }
        (None, Some(schema @ Value::Object(_))) => Ok(Asked::Form { message, schema }),
        _ => Err("there has to be either a schema of what is asked for or a URL"),
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs").field("connector", &self.connector).finish_non_exhaustive()
    }
}
