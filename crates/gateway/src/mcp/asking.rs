//! What comes up for the client in the middle of a request, and its answers.

use codemode::connect::{Accepts, Asked, Input, InputReply};
use rmcp::model::{ClientCapabilities, InputRequest};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// A question to a client, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Ask {
    input: Input,
    reply: oneshot::Sender<InputReply>,
    /// Whether the client's user has to be told who asks: a program's tools are of many upstreams.
    named: bool,
}

impl Ask {
    /// The question, and what its answer comes from.
    pub(super) fn new(input: Input, named: bool) -> (Self, oneshot::Receiver<InputReply>) {
        let (reply, answer) = oneshot::channel();
        (Self { input, reply, named }, answer)
    }

    /// The method and parameters of the request to the client. Without a method it is nothing that can be asked.
    pub(super) fn request(&self) -> (&'static str, Value) {
        let mut params = self.input.params.as_object().cloned().unwrap_or_default();
        // Tokens and traces in it are the upstream's.
        params.shift_remove("_meta");
        let method = match &self.input.asked {
            Asked::Form { message, .. } | Asked::Url { message, .. } => {
                if self.named {
                    let message = format!("{}: {message}", self.input.connector);
                    params.insert("message".to_owned(), message.into());
                }
                "elicitation/create"
            }
            Asked::Sampling { .. } => "sampling/createMessage",
            Asked::Roots => "roots/list",
            _ => "",
        };
        (method, params.into())
    }

    /// The same, as it stands in a result of the newer era. `None` where it cannot.
    pub(super) fn input_request(&self) -> Option<InputRequest> {
        let (method, params) = self.request();
        serde_json::from_value(json!({ "method": method, "params": params })).ok()
    }

    /// Whether the client's `result` answers it.
    pub(super) fn is_answered_by(&self, result: &Value) -> bool {
        self.read(result).is_some()
    }

    /// Hands the client's result on.
    pub(super) fn answer(self, result: &Value) {
        let reply = self.read(result).unwrap_or(InputReply::Cancel);
        self.reply(reply);
    }

    /// Ends it without an answer.
    pub(super) fn reply(self, reply: InputReply) {
        // Whoever asked may have stopped waiting.
        let _ = self.reply.send(reply);
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_closed(&self) -> bool {
        self.reply.is_closed()
    }

    /// Waits until nobody waits for the answer any more.
    pub(super) async fn closed(&mut self) {
        self.reply.closed().await;
    }

    fn read(&self, result: &Value) -> Option<InputReply> {
        let result = result.as_object()?;
        match &self.input.asked {
            Asked::Form { .. } | Asked::Url { .. } => match result.get("action")?.as_str()? {
                "accept" => match (result.get("content"), &self.input.asked) {
                    (Some(content @ Value::Object(_)), _) => Some(InputReply::Give(content.clone())),
                    (None, Asked::Url { .. }) => Some(InputReply::Give(json!({}))),
                    _ => None,
                },
                "decline" => Some(InputReply::Decline),
                "cancel" => Some(InputReply::Cancel),
                _ => None,
            },
            Asked::Sampling { .. } => {
                let whole = result.contains_key("role") && result.contains_key("content");
                whole.then(|| InputReply::Give(Value::Object(result.clone())))
            }
            _ => match result.get("roots")? {
                roots @ Value::Array(_) => Some(InputReply::Give(roots.clone())),
                _ => None,
            },
        }
    }
}

/// What a client says that it can answer.
pub(super) fn accepts(capabilities: &ClientCapabilities) -> Accepts {
    let elicitation = capabilities.elicitation.as_ref();
    Accepts {
        // A client from before there were two modes has the first.
        form: elicitation.is_some_and(|modes| modes.form.is_some() || modes.url.is_none()),
        url: elicitation.is_some_and(|modes| modes.url.is_some()),
        sampling: capabilities.sampling.is_some(),
        roots: capabilities.roots.is_some(),
    }
}
