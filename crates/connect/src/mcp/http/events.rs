//! Streams of events: bounded, and with results that rmcp passes on as they are.

use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt, unfold};
use rmcp::RoleClient;
use rmcp::model::{CustomResult, ErrorCode, JsonRpcMessage, RequestId, ServerRequest, ServerResult};
use rmcp::service::RxJsonRpcMessage;
use rmcp::transport::streamable_http_client::SseError;
use serde_json::Value;
use sse_stream::{Sse, SseStream};

use super::wire::Shared;
use crate::mcp::failure::{TOO_LARGE, UNREADABLE};
use crate::mcp::inbound::{Inbound, fault};
use crate::mcp::skim::Skim;

/// What a method begins with that rmcp is not to recognise.
const PACKED: &str = "packed:";

/// A stream of events as rmcp takes it.
pub(super) type Events = BoxStream<'static, Result<Sse, SseError>>;

/// The shortest pause that a server may ask for before its stream is opened again.
const MIN_RETRY_MS: u64 = 100;

/// The events of a body. `answers` is the request that the stream belongs to, which an event that cannot be taken ends;
/// where that is not known, what the event says that it answers.
///
/// rmcp decodes what an event holds by itself, into types that lose some of a result. So a result is replaced by its
/// JSON as one string, which fits none of those types, and [`unpacked`] once it is through; and a request gets a method that
/// rmcp does not know.
pub(super) fn events(body: reqwest::Response, shared: Arc<Shared>, answers: Option<RequestId>) -> Events {
    let limit = shared.response_bytes;
    let stream = raw(body, limit, answers.is_none());
    unfold((stream, true, shared, answers), move |(mut stream, mut open, shared, answers)| async move {
        if !open {
            return None;
        }
        let event = match stream.next().await? {
            Ok(mut event) => {
                let is_message = matches!(event.event.as_deref(), None | Some("" | "message"));
                event.retry = event.retry.map(|retry| retry.max(MIN_RETRY_MS));
                event.data = event
                    .data
                    .filter(|_| is_message)
                    .and_then(|data| packed(data.trim(), &shared.inbound, answers.as_ref()));
                if event.data.is_some() {
                    shared.pace.brought();
                }
                Ok(event)
            }
            Err(SseError::Body(error)) => match too_long(error.as_ref()) {
                Some(TooLong { answers: found }) => {
                    open = false;
                    let id = answers.clone().or(found.map(RequestId::Number));
                    let fault = id.map(|id| failed(id, TOO_LARGE, &limit.to_string()));
                    fault.map(|data| Sse::default().data(data)).ok_or(SseError::Body(error))
                }
                None => Err(SseError::Body(error)),
            },
            Err(error) => Err(error),
        };
        Some((event, (stream, open, shared, answers)))
    })
    .boxed()
}

/// The events of a body as they are, each up to `limit` bytes; a longer one ends the stream. Where `skims`, it is read to its
/// end for what it answers, and not kept.
pub(super) fn raw(body: reqwest::Response, limit: usize, skims: bool) -> Events {
    let chunks = unfold(Some((body, Size::new(limit))), move |state| async move {
        let (mut body, mut size) = state?;
        match body.chunk().await {
            Ok(Some(chunk)) if size.fits(&chunk) => Some((Ok(chunk), Some((body, size)))),
            Ok(Some(chunk)) => {
                let answers = if skims { skimmed(body, size, &chunk).await } else { None };
                Some((Err(std::io::Error::other(TooLong { answers })), None))
            }
            Ok(None) => None,
            Err(error) => Some((Err(std::io::Error::other(error.without_url())), None)),
        }
    });
    SseStream::from_bytes_stream(chunks.boxed()).boxed()
}

/// What an event answers that has become too long within `chunk`.
async fn skimmed(mut body: reqwest::Response, size: Size, chunk: &[u8]) -> Option<i64> {
    let mut skim = size.skim;
    skim.feed(chunk.get(size.at..).unwrap_or_default());
    while !skim.is_done() {
        skim.feed(&body.chunk().await.ok()??);
    }
    skim.id()
}

/// What a result was before it was packed.
pub(super) fn unpacked(message: RxJsonRpcMessage<RoleClient>) -> RxJsonRpcMessage<RoleClient> {
    match message {
        JsonRpcMessage::Response(mut response) => {
            if let ServerResult::CustomResult(CustomResult(Value::String(text))) = &response.result
                && let Ok(value) = serde_json::from_str(text)
            {
                response.result = ServerResult::CustomResult(CustomResult::new(value));
            }
            JsonRpcMessage::Response(response)
        }
        JsonRpcMessage::Request(mut request) => {
            if let ServerRequest::CustomRequest(request) = &mut request.request
                && let Some(method) = request.method.strip_prefix(PACKED)
            {
                request.method = method.to_owned();
            }
            JsonRpcMessage::Request(request)
        }
        other => other,
    }
}

/// What rmcp is to read in place of an event's data, if anything.
fn packed(data: &str, inbound: &Inbound, answers: Option<&RequestId>) -> Option<String> {
    if data.is_empty() {
        return None;
    }
    let Ok(Value::Object(message)) = serde_json::from_str(data) else {
        return answers.cloned().map(|id| failed(id, UNREADABLE, ""));
    };
    let mut message = inbound.message(message, answers)?;
    match &mut message {
        JsonRpcMessage::Response(response) => {
            if let ServerResult::CustomResult(CustomResult(value)) = &mut response.result {
                *value = Value::String(value.to_string());
            }
        }
        JsonRpcMessage::Request(request) => {
            if let ServerRequest::CustomRequest(request) = &mut request.request {
                request.method.insert_str(0, PACKED);
            }
        }
        _ => {}
    }
    serde_json::to_string(&message).ok()
}

fn failed(id: RequestId, code: ErrorCode, message: &str) -> String {
    serde_json::to_string(&fault(id, code, Some(message))).unwrap_or_default()
}

/// An event is larger than allowed.
#[derive(Debug, thiserror::Error)]
#[error("an event is too long")]
struct TooLong {
    /// The request that it answers, if that is known.
    answers: Option<i64>,
}

fn too_long<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a TooLong> {
    let mut next = Some(error);
    while let Some(error) = next {
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
        let found = error.downcast_ref().or_else(|| wrapped.and_then(|inner| inner.downcast_ref()));
        if found.is_some() {
            return found;
        }
        next = error.source();
    }
    None
}

/// Counts the bytes of one event, comments included: the parser holds no more than that.
#[derive(Debug)]
struct Size {
    limit: usize,
    bytes: usize,
    line_is_empty: bool,
    /// The byte before, which may be of the chunk before.
    last: u8,
    /// What the event answers, as far as it has come.
    skim: Skim,
    /// How much of the last chunk that is.
    at: usize,
}

impl Size {
    fn new(limit: usize) -> Self {
        Self { limit, bytes: 0, line_is_empty: true, last: 0, skim: Skim::default(), at: 0 }
    }

    fn fits(&mut self, chunk: &[u8]) -> bool {
        chunk.iter().enumerate().all(|(at, byte)| {
            self.at = at + 1;
            // The second half of a line's end is no empty line.
            if std::mem::replace(&mut self.last, *byte) == b'\r' && *byte == b'\n' {
                return true;
            }
            self.bytes += 1;
            match byte {
                // An empty line ends an event, whichever way lines end.
                b'\n' | b'\r' if self.line_is_empty => (self.bytes, self.skim) = (0, Skim::default()),
                b'\n' | b'\r' => self.line_is_empty = true,
                _ => self.line_is_empty = false,
            }
            self.skim.feed(&[*byte]);
            self.bytes <= self.limit
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_as_long_as_what_is_between_empty_lines() {
        let fits = |limit, text: &str| Size::new(limit).fits(text.as_bytes());
        assert!(fits(10, "data: 123\n\ndata: 456\n\n"));
        assert!(fits(11, "data: 123\r\n\r\ndata: 456\r\n\r\n"));
        assert!(!fits(10, "data: 1234567\n\n"));
        for end in ["\n", "\r", "\r\n"] {
            let event = format!("data: 1{end}data: 2{end}{end}");
            assert!(fits(17, &event) && !fits(10, &event), "{end:?}");
            // However it is cut.
            let mut size = Size::new(10);
            assert!(!event.as_bytes().chunks(1).all(|chunk| size.fits(chunk)), "{end:?}");
        }
    }

    #[test]
    fn results_arrive_as_they_were() {
        let inbound = Inbound::default();
        let result = r#"{"content":"odd","isError":1,"nextCursor":5,"big":12345678901234567890,"b":1,"a":2}"#;
        let data = format!(r#"{{"jsonrpc":"2.0","id":7,"result":{result}}}"#);
        let packed = packed(&data, &inbound, None).unwrap();
        let message: RxJsonRpcMessage<RoleClient> = serde_json::from_str(&packed).unwrap();
        let JsonRpcMessage::Response(response) = unpacked(message) else { panic!("no response") };
        let ServerResult::CustomResult(CustomResult(value)) = response.result else { panic!("typed") };
        assert_eq!(value.to_string(), result);
    }

    #[test]
    fn requests_arrive_as_they_were() {
        let inbound = Inbound::default();
        let data = r#"{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"odd":[1.50,{"b":1,"a":2}]}}"#;
        let packed = packed(data, &inbound, None).unwrap();
        let message: RxJsonRpcMessage<RoleClient> = serde_json::from_str(&packed).unwrap();
        let JsonRpcMessage::Request(request) = unpacked(message) else { panic!("no request") };
        let ServerRequest::CustomRequest(request) = request.request else { panic!("typed") };
        assert_eq!(request.method, "elicitation/create");
        assert_eq!(request.params.unwrap().to_string(), r#"{"odd":[1.5,{"b":1,"a":2}]}"#);
    }

    #[test]
    fn what_cannot_be_read_ends_its_request() {
        let inbound = Inbound::default();
        let id = RequestId::Number(7);
        for data in ["{", "[]", "5", "<html>"] {
            let packed = packed(data, &inbound, Some(&id)).unwrap();
            let message: RxJsonRpcMessage<RoleClient> = serde_json::from_str(&packed).unwrap();
            let JsonRpcMessage::Error(error) = message else { panic!("no error") };
            assert_eq!((error.id, error.error.code), (Some(id.clone()), UNREADABLE));
        }
        assert_eq!(packed("{", &inbound, None), None);
        assert_eq!(packed("", &inbound, Some(&id)), None);
    }
}
