//! From a message of the server to what `rmcp` is given of it, whatever the transport.
//!
//! rmcp decodes results into types that one odd field makes it give up. Here a result is handed over as the JSON it is,
//! and what cannot be read ends the very call that it answers.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::RoleClient;
use rmcp::model::{
    ClientRequest, CustomRequest, CustomResult, ErrorCode, ErrorData, JsonRpcError, JsonRpcMessage,
    JsonRpcVersion2_0, RequestId, ServerRequest, ServerResult,
};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use serde_json::{Map, Value};

use super::changed::Changed;
use super::failure::UNREADABLE;
use super::limits::MAX_REPLIES;
use super::ongoing::Ongoing;
use crate::secret::Redactor;

/// What is known of one conversation: which answers rmcp must see in its own types, and how many of the server's
/// requests are being answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Inbound {
    /// Requests whose answers are typed: the handshake's.
    typed: Arc<Mutex<HashSet<RequestId>>>,
    /// Requests of the server.
    replies: Replies,
    changed: Arc<Changed>,
    ongoing: Ongoing,
    redactor: Arc<Redactor>,
}

type Replies = Arc<Mutex<Pending>>;

/// What the server has asked and is not done with.
#[derive(Debug, Default)]
struct Pending {
    /// What is being answered.
    asked: HashSet<RequestId>,
    /// Answers that are on their way out, which the server cannot call back: those of one that does not read pile up.
    leaving: usize,
}

/// A message that is on its way out.
#[derive(Debug)]
pub(super) struct Outbound {
    reply: Option<Replies>,
}

impl Inbound {
    pub(super) fn new(changed: Arc<Changed>, redactor: Arc<Redactor>) -> Self {
        Self { changed, redactor, ..Self::default() }
    }

    /// The requests that wait for their answer.
    pub(super) fn ongoing(&self) -> Ongoing {
        self.ongoing.clone()
    }

    /// Takes note of a message that is about to be sent. The note ends with the sending.
    pub(super) fn sending(&self, message: &TxJsonRpcMessage<RoleClient>) -> Outbound {
        let mut reply = None;
        match message {
            JsonRpcMessage::Request(request) => {
                self.asking(&request.id, &request.request);
                self.ongoing.sending(&request.id, &request.request);
            }
            JsonRpcMessage::Response(response) => reply = Some(self.leaving(&response.id)),
            JsonRpcMessage::Error(JsonRpcError { id: Some(id), .. }) => reply = Some(self.leaving(id)),
            _ => {}
        }
        Outbound { reply }
    }

    /// Takes note of a request whose answer rmcp must see in its own types.
    pub(super) fn asking(&self, id: &RequestId, request: &ClientRequest) {
        if matches!(request, ClientRequest::InitializeRequest(_) | ClientRequest::DiscoverRequest(_)) {
            self.typed().insert(id.clone());
        }
    }

    /// What rmcp is given of `message`, if anything. `origin` is the request in whose answer it came, where that is known.
    pub(super) fn message(
        &self,
        mut message: Map<String, Value>,
        origin: Option<&RequestId>,
    ) -> Option<RxJsonRpcMessage<RoleClient>> {
        let id = message.get("id").and_then(request_id);
        if let Some(method) = message.get("method").and_then(Value::as_str) {
            if id.is_some() {
                return self.request(message);
            }
            match (method, message.get("params")) {
                ("notifications/progress", Some(Value::Object(params))) => self.ongoing.progress(params),
                ("notifications/message", Some(Value::Object(params))) => {
                    self.ongoing.log(params, origin, &self.redactor);
                }
                // rmcp ends what is being done for a request that its server has cancelled, and sends no answer.
                ("notifications/cancelled", Some(Value::Object(params))) => {
                    if let Some(id) = params.get("requestId").and_then(request_id) {
                        self.replies().asked.remove(&id);
                    }
                    return serde_json::from_value(message.into()).ok();
                }
                (method, params) => self.changed.note(method, params.and_then(Value::as_object)),
            }
            return None;
        }
        let id = id?;
        if self.typed().remove(&id) {
            let typed = serde_json::from_value(Value::Object(message));
            return Some(typed.unwrap_or_else(|_| fault(id, UNREADABLE, None)));
        }
        if let Some(result) = message.remove("result") {
            let result = ServerResult::CustomResult(CustomResult::new(result));
            return Some(JsonRpcMessage::response(result, id));
        }
        let error = message.remove("error")?;
        let code = error.get("code").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
        let text = error.get("message").and_then(Value::as_str).unwrap_or("no reason given");
        let mut fault = fault(id, ErrorCode(code.unwrap_or(ErrorCode::INTERNAL_ERROR.0)), Some(text));
        if let JsonRpcMessage::Error(JsonRpcError { error: fault, .. }) = &mut fault {
            fault.data = error.get("data").cloned();
        }
        Some(fault)
    }

    /// A request of the server, with its parameters as they are.
    fn request(&self, mut message: Map<String, Value>) -> Option<RxJsonRpcMessage<RoleClient>> {
        let id = request_id(message.get("id")?)?;
        let Some(Value::String(method)) = message.remove("method") else { return None };
        {
            let mut replies = self.replies();
            if replies.asked.len() + replies.leaving >= MAX_REPLIES || !replies.asked.insert(id.clone()) {
                return None;
            }
        }
        let request = ServerRequest::CustomRequest(CustomRequest::new(method, message.remove("params")));
        Some(JsonRpcMessage::request(request, id))
    }

    /// The answer to the server's request `id` is about to be sent.
    fn leaving(&self, id: &RequestId) -> Replies {
        let mut replies = self.replies();
        replies.asked.remove(id);
        replies.leaving += 1;
        self.replies.clone()
    }

    fn replies(&self) -> MutexGuard<'_, Pending> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn typed(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.typed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Outbound {
    fn drop(&mut self) {
        if let Some(replies) = &self.reply {
            let mut replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
            replies.leaving = replies.leaving.saturating_sub(1);
        }
    }
}

/// An error answer to the request `id`. Its text is cut to a readable length where it is reported: only after secrets have
/// been taken out of it.
pub(super) fn fault(id: RequestId, code: ErrorCode, message: Option<&str>) -> RxJsonRpcMessage<RoleClient> {
    let message = message.unwrap_or_default().to_owned();
    JsonRpcMessage::Error(JsonRpcError {
        jsonrpc: JsonRpcVersion2_0,
        id: Some(id),
        error: ErrorData::new(code, message, None),
    })
}

fn request_id(value: &Value) -> Option<RequestId> {
    match value {
        Value::Number(number) => number.as_i64().map(RequestId::Number),
        Value::String(text) => Some(RequestId::String(text.as_str().into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn say(inbound: &Inbound, message: Value) -> Option<RxJsonRpcMessage<RoleClient>> {
        let Value::Object(message) = message else { panic!("no object") };
        inbound.message(message, None)
    }

    fn ask(inbound: &Inbound, id: usize) -> bool {
        say(inbound, json!({"jsonrpc": "2.0", "id": id, "method": "ping"})).is_some()
    }

    #[test]
    fn requests_are_bounded_until_they_are_answered_or_cancelled() {
        let inbound = Inbound::default();
        assert!((0..MAX_REPLIES).all(|id| ask(&inbound, id)));
        assert!(!ask(&inbound, MAX_REPLIES));
        let answer = JsonRpcMessage::response(rmcp::model::ClientResult::empty(()), RequestId::Number(3));
        drop(inbound.sending(&answer));
        assert!(ask(&inbound, 3) && !ask(&inbound, 4));
        let cancelled =
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}});
        for _ in 0..2 * MAX_REPLIES {
            assert!(say(&inbound, cancelled.clone()).is_some());
            assert!(ask(&inbound, 5));
        }
    }

    #[test]
    fn answers_that_nobody_reads_count_whatever_is_cancelled() {
        let inbound = Inbound::default();
        let mut leaving = Vec::new();
        for id in 0..MAX_REPLIES {
            assert!(ask(&inbound, id));
            let number = RequestId::Number(id.try_into().unwrap());
            let answer = JsonRpcMessage::response(rmcp::model::ClientResult::empty(()), number);
            leaving.push(inbound.sending(&answer));
            let params = json!({"requestId": id});
            say(&inbound, json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}));
        }
        assert!(!ask(&inbound, MAX_REPLIES));
        leaving.pop();
        assert!(ask(&inbound, MAX_REPLIES) && !ask(&inbound, MAX_REPLIES + 1));
    }
}
