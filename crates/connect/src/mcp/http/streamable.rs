//! What rmcp's transport sends and takes, over our client.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::Method;
use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, CustomRequest, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::events::{Events, events};
use super::wire::{EVENT_STREAM, Failed, JSON, Wire, text_header};
use crate::http::{Failure, Incoming};
use crate::mcp::failure::{HTTP_STATUS, SendError, TOO_LARGE, UNREADABLE};
use crate::mcp::inbound::fault;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// How long the server may take to end a session. Closing takes two seconds at most, and a server forgets sessions that
/// nobody uses by itself.
const DELETE_TIMEOUT: Duration = Duration::from_secs(1);

impl Wire {
    /// What the answer to the request `id` is, where it is a body of JSON or an error of HTTP.
    async fn answer(&self, id: RequestId, incoming: Incoming) -> Result<ServerJsonRpcMessage, Failed> {
        let (status, media_type) = (incoming.status(), incoming.media_type());
        let by_status = |id| fault(id, HTTP_STATUS, Some(status.as_str()));
        if media_type != JSON {
            return Ok(if status.is_success() { fault(id, UNREADABLE, None) } else { by_status(id) });
        }
        let body = match incoming.read(self.shared.response_bytes).await {
            Ok(body) => body,
            Err(Failure::TooLarge { observed, .. }) => {
                return Ok(fault(id, TOO_LARGE, Some(&observed.to_string())));
            }
            Err(failure) => return Err(self.failed(failure)),
        };
        let Ok(Value::Object(mut message)) = serde_json::from_slice(&body) else {
            return Ok(if status.is_success() { fault(id, UNREADABLE, None) } else { by_status(id) });
        };
        // A server that could not read the request, or did not want to, answers without knowing its number.
        if message.contains_key("error") {
            message.insert("id".to_owned(), id.clone().into_json_value());
        }
        match self.shared.inbound.message(message, Some(&id)) {
            Some(JsonRpcMessage::Response(answer)) if answers(&answer.id, &id) => {
                Ok(JsonRpcMessage::Response(answer))
            }
            Some(JsonRpcMessage::Error(mut error)) => {
                error.id = Some(id);
                Ok(JsonRpcMessage::Error(error))
            }
            _ if status.is_success() => Ok(fault(id, UNREADABLE, None)),
            _ => Ok(by_status(id)),
        }
    }
}

impl StreamableHttpClient for Wire {
    type Error = SendError;

    async fn post_message(
        &self,
        _url: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        _token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, Failed> {
        let mut all = HeaderMap::from_iter(headers);
        all.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        all.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        if let Some(session) = &session {
            all.insert(SESSION, text_header(session)?);
        }
        let request = match &message {
            ClientJsonRpcMessage::Request(request) => Some(request),
            _ => None,
        };
        // Only the era that knows the other headers knows these.
        if let Some((tool, arguments)) = request.and_then(|request| called(&request.request))
            && all.contains_key("mcp-method")
        {
            self.shared.params.add(tool, arguments, &mut all);
        }
        // Here and not only where messages come from: rmcp greets anew by itself when a session is forgotten.
        if let Some(request) = request {
            self.shared.inbound.asking(&request.id, &request.request);
        }
        let id = request.map(|request| request.id.clone());
        let body = serde_json::to_vec(&message)?;
        let incoming = self.open(Method::POST, all, Some(body)).await?;
        let status = incoming.status();
        if status == StatusCode::NOT_FOUND && session.is_some() {
            return Err(StreamableHttpError::SessionExpired);
        }
        if session.is_none() && !incoming.headers().contains_key(SESSION) {
            // Without a session there is no stream to wait for.
            self.shared.listening.send_replace(true);
        }
        let session = incoming.headers().get(SESSION).and_then(|id| id.to_str().ok()).map(str::to_owned);
        let Some(id) = id else {
            // To what is no request nobody reads an answer.
            return if status.is_success() {
                Ok(StreamableHttpPostResponse::Accepted)
            } else {
                Err(self.status(&incoming))
            };
        };
        if status.is_success() && incoming.media_type() == EVENT_STREAM {
            let events = events(incoming.into_inner(), self.shared.clone(), Some(id));
            return Ok(StreamableHttpPostResponse::Sse(events, session));
        }
        let answer = self.answer(id, incoming).await?;
        Ok(StreamableHttpPostResponse::Json(answer, session))
    }

    async fn delete_session(
        &self,
        _url: Arc<str>,
        session: Arc<str>,
        _token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), Failed> {
        let mut all = HeaderMap::from_iter(headers);
        all.insert(SESSION, text_header(&session)?);
        // Whatever the answer: it is not to be used again.
        let _ = tokio::time::timeout(DELETE_TIMEOUT, self.open(Method::DELETE, all, None)).await;
        Ok(())
    }

    async fn get_stream(
        &self,
        _url: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        _token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<Events, Failed> {
        let mut all = HeaderMap::from_iter(headers);
        all.insert(ACCEPT, HeaderValue::from_static(EVENT_STREAM));
        if let Some(session) = &session {
            all.insert(SESSION, text_header(session)?);
        }
        if let Some(last_event) = &last_event {
            all.insert(LAST_EVENT, text_header(last_event)?);
        }
        tokio::time::sleep(self.shared.pace.next(Instant::now())).await;
        let incoming = self.open(Method::GET, all, None).await;
        self.shared.listening.send_replace(true);
        let incoming = incoming?;
        match incoming.status() {
            StatusCode::METHOD_NOT_ALLOWED => Err(StreamableHttpError::ServerDoesNotSupportSse),
            status if status.is_success() && incoming.media_type() == EVENT_STREAM => {
                Ok(events(incoming.into_inner(), self.shared.clone(), None))
            }
            _ => Err(self.status(&incoming)),
        }
    }
}

/// The tool that a request calls, and with what.
fn called(request: &ClientRequest) -> Option<(&str, Option<&Map<String, Value>>)> {
    match request {
        ClientRequest::CallToolRequest(call) => Some((&call.params.name, call.params.arguments.as_ref())),
        ClientRequest::CustomRequest(CustomRequest { method, params: Some(params), .. })
            if method == "tools/call" =>
        {
            Some((params.get("name")?.as_str()?, params.get("arguments").and_then(Value::as_object)))
        }
        _ => None,
    }
}

/// Whether an answer with this number is the one to the request. Some servers make a text of it.
fn answers(answer: &RequestId, request: &RequestId) -> bool {
    answer == request || answer.to_string() == request.to_string()
}
