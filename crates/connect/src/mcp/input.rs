//! What a server asks for in the middle of something: a person's input, a model's words, folders.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{ClientCapabilities, ErrorCode, ErrorData};
use serde_json::{Map, Value, json};

use super::limits::{MAX_INPUT_BYTES, MAX_INPUT_CHARS};
use super::patience::Pauses;
use crate::BoxFuture;
use crate::secret::Redactor;

/// Something an MCP server asks for in the middle of a request. All of it is untrusted text.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Input {
    /// The connector.
    pub connector: String,
    /// The [`label`](crate::Call::label) of the call in whose middle it is asked, where the server says which: a server of
    /// the older era (to 2025-11-25) does not.
    pub label: Option<String>,
    /// What it asks for.
    pub asked: Asked,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Asked {
    /// A form for a person to fill in. A good answer is the object of its fields.
    Form {
        /// What it is about.
        message: String,
        /// The fields: a JSON Schema of an object with plain properties.
        schema: Value,
    },
    /// A web page for a person to visit, such as one to log in to a third party's service. A good answer, whatever its
    /// value, says that the person agreed to visit it; what comes of it the server learns by itself. Where a server refused
    /// a call until then, the call is made again right after the answer, so that it should come when the person is done.
    Url {
        /// What it is about.
        message: String,
        /// The page: `http` or `https`. It must be shown to the person before it is opened.
        url: String,
    },
    /// What a model says to messages: the parameters of `sampling/createMessage`. A good answer is its result: `{role,
    /// content, model, stopReason?}`.
    Sampling {
        /// The parameters.
        params: Value,
    },
    /// The folders that the server may work in. A good answer is `[{uri, name?}]` of `file://` URIs.
    Roots,
}

/// The answer to an [`Input`].
#[derive(Debug, Clone, PartialEq)]
pub enum InputReply {
    /// What was asked for.
    Give(Value),
    /// The person says no.
    Decline,
    /// The person says nothing, or nobody is there to ask.
    Cancel,
}

/// What a hook can answer; servers are told of nothing else, and get nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepts {
    /// [`Asked::Form`].
    pub form: bool,
    /// [`Asked::Url`].
    pub url: bool,
    /// [`Asked::Sampling`].
    pub sampling: bool,
    /// [`Asked::Roots`].
    pub roots: bool,
}

/// What answers.
pub(super) type Hook = Arc<dyn Fn(Input) -> BoxFuture<'static, InputReply> + Send + Sync>;

/// How a connector answers what its server asks for. Without a hook everything is refused.
#[derive(Clone, Default)]
pub(super) struct Inputs {
    pub(super) connector: String,
    pub(super) accepts: Accepts,
    pub(super) hook: Option<Hook>,
    pub(super) redactor: Arc<Redactor>,
    pub(super) pauses: Pauses,
    pub(super) timeout: Duration,
}

/// JSON-RPC's code for what a person refused, as the specification has it for sampling.
const REJECTED: ErrorCode = ErrorCode(-1);

impl Inputs {
    /// What the server is told that we can.
    pub(super) fn capabilities(&self) -> ClientCapabilities {
        let Accepts { form, url, sampling, roots } = self.accepts;
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

    /// The same as [`result`](Self::result), for a server that does not say in the middle of what it asks: while the answer
    /// is awaited, no request to it runs out of time.
    pub(super) async fn result_of_any(&self, method: &str, params: Value) -> Result<Value, ErrorData> {
        let _pause = self.hook.is_some().then(|| self.pauses.begin());
        self.result(method, params, None).await
    }

    /// The result of what the server asks by `method`, if anybody gives one.
    pub(super) async fn result(
        &self,
        method: &str,
        params: Value,
        label: Option<String>,
    ) -> Result<Value, ErrorData> {
        let (asked, hook) = self.accepted(method, params)?;
        let is_form = matches!(asked, Asked::Form { .. });
        let is_elicitation = is_form || matches!(asked, Asked::Url { .. });
        let is_roots = asked == Asked::Roots;
        let input = Input { connector: self.connector.clone(), label, asked };
        let reply = tokio::time::timeout(self.timeout, hook(input)).await.unwrap_or(InputReply::Cancel);
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

    /// What is asked, if it is something that the hook answers.
    fn accepted(&self, method: &str, params: Value) -> Result<(Asked, &Hook), ErrorData> {
        let refused = || ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "not supported by this client", None);
        let invalid = |what| ErrorData::new(ErrorCode::INVALID_PARAMS, what, None);
        let hook = self.hook.as_ref().ok_or_else(refused)?;
        let mode = params.get("mode").and_then(Value::as_str).unwrap_or("form");
        let accepted = match method {
            "elicitation/create" if mode == "form" => self.accepts.form,
            "elicitation/create" if mode == "url" => self.accepts.url,
            "elicitation/create" if self.accepts.form || self.accepts.url => {
                return Err(invalid("unknown mode of elicitation"));
            }
            "sampling/createMessage" => self.accepts.sampling,
            "roots/list" => self.accepts.roots,
            _ => false,
        };
        if !accepted {
            return Err(refused());
        }
        if params.to_string().len() > MAX_INPUT_BYTES {
            return Err(invalid("the request is too large"));
        }
        Ok((asked(method, self.redactor.value(params)).map_err(invalid)?, hook))
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
        f.debug_struct("Inputs").field("accepts", &self.accepts).finish_non_exhaustive()
    }
}
