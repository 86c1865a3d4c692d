//! What rmcp's transport sends through: our guarded client.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::Method;
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, JsonRpcMessage, RequestId, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
};
use serde_json::Value;
use tokio::sync::watch;
use url::Url;

use super::events::{Events, events};
use super::params::Params;
use super::remote::Remote;
use crate::http::{Client, Failure, Incoming, Request};
use crate::mcp::auth::{Session, Token};
use crate::mcp::connector::Options;
use crate::mcp::failure::{HTTP_STATUS, SendError, TOO_LARGE, UNREADABLE};
use crate::mcp::inbound::{Inbound, fault};
use crate::{Delivery, Detail, Error};

pub(super) const JSON: &str = "application/json";
pub(super) const EVENT_STREAM: &str = "text/event-stream";
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// How long the server may take to end a session. Closing takes two seconds at most, and a server forgets sessions that
/// nobody uses by itself.
const DELETE_TIMEOUT: Duration = Duration::from_secs(1);

/// Sends messages to one server.
#[derive(Clone)]
pub(in crate::mcp) struct Wire {
    shared: Arc<Shared>,
    url: Url,
}

struct Shared {
    connector: String,
    remote: Remote,
    client: Client,
    inbound: Inbound,
    params: Params,
    session: Option<Session>,
    response_bytes: usize,
    /// Whether the server was asked for a stream of its own messages, and has answered.
    listening: watch::Sender<bool>,
}

type Failed = StreamableHttpError<SendError>;

impl Wire {
    pub(in crate::mcp) fn new(
        options: &Options,
        remote: &Remote,
        client: Client,
        inbound: Inbound,
        params: Params,
        session: Option<Session>,
    ) -> Self {
        let shared = Shared {
            connector: options.name.clone(),
            remote: remote.clone(),
            client,
            inbound,
            params,
            session,
            response_bytes: options.limits.response_bytes,
            listening: watch::Sender::new(false),
        };
        Self { shared: Arc::new(shared), url: remote.url.clone() }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The same to another URL of the origin.
    pub(super) fn at(&self, url: Url) -> Self {
        Self { shared: self.shared.clone(), url }
    }

    pub(super) fn connector(&self) -> &str {
        &self.shared.connector
    }

    /// Changes to `true` when the server's own messages arrive, or are known not to.
    pub(in crate::mcp) fn listening(&self) -> watch::Receiver<bool> {
        self.shared.listening.subscribe()
    }

    /// Sends a request and takes the head of the answer. One that was refused for its token is sent again with another,
    /// once: it was not looked at.
    pub(super) async fn open(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<Incoming, Failed> {
        let Shared { remote, session, .. } = &*self.shared;
        let mut all = remote.headers.clone();
        all.extend(headers);
        let Some(session) = session else {
            let incoming = self.send(method, all, body).await?;
            return if incoming.status() == StatusCode::UNAUTHORIZED {
                Err(self.unwelcome())
            } else {
                Ok(incoming)
            };
        };
        let mut token = session.token().await.map_err(refused)?;
        for is_last in [false, true] {
            if let Some(Token(token)) = &token {
                all.insert(AUTHORIZATION, bearer(token)?);
            }
            let incoming = self.send(method.clone(), all.clone(), body.clone()).await?;
            let challenge = challenge(incoming.headers());
            match incoming.status() {
                StatusCode::UNAUTHORIZED if !is_last => {
                    let other = session.refused(token, challenge.as_deref()).await;
                    token = Some(other.map_err(refused)?);
                }
                StatusCode::UNAUTHORIZED => break,
                StatusCode::FORBIDDEN => {
                    return match challenge.filter(|challenge| challenge.contains("insufficient_scope")) {
                        Some(challenge) => Err(refused(session.insufficient(&challenge).await)),
                        None => Ok(incoming),
                    };
                }
                _ => {
                    session.accepted();
                    return Ok(incoming);
                }
            }
        }
        Err(refused(session.login_required()))
    }

    async fn send(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<Incoming, Failed> {
        let Shared { client, .. } = &*self.shared;
        let request = Request { method, url: self.url.clone(), headers, body, keys: Vec::new() };
        client.open(request).await.map_err(|failure| self.failed(failure))
    }

    /// Refused, and there is no login that could help.
    fn unwelcome(&self) -> Failed {
        let Shared { connector, remote, .. } = &*self.shared;
        let connector = connector.clone();
        refused(match remote.headers.contains_key(AUTHORIZATION) {
            true => Error::BadCredential {
                connector,
                scheme: AUTHORIZATION.to_string(),
                reason: "the server does not accept it",
                detail: Detail::default(),
            },
            false => Error::LoginRequired { connector },
        })
    }

    fn failed(&self, failure: Failure) -> Failed {
        let delivery = failure.delivery();
        let error = failure.into_error(&self.shared.connector);
        StreamableHttpError::Client(SendError { delivery, error: Some(error) })
    }

    fn status(&self, incoming: &Incoming) -> Failed {
        let error = Some(self.status_error(incoming));
        StreamableHttpError::Client(SendError { delivery: Delivery::MaybeSent, error })
    }

    pub(super) fn status_error(&self, incoming: &Incoming) -> Error {
        Error::Status { connector: self.shared.connector.clone(), status: incoming.status().as_u16() }
    }

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
        if message.contains_key("error") && message.get("id").is_none_or(Value::is_null) {
            message.insert("id".to_owned(), id.clone().into_json_value());
        }
        match self.shared.inbound.message(message) {
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
        if let Some(ClientRequest::CallToolRequest(call)) = request.map(|request| &request.request)
            && all.contains_key("mcp-method")
        {
            self.shared.params.add(&call.params.name, call.params.arguments.as_ref(), &mut all);
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
            let Shared { response_bytes, inbound, .. } = &*self.shared;
            let events = events(incoming.into_inner(), *response_bytes, inbound.clone(), Some(id));
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
        let incoming = self.open(Method::GET, all, None).await;
        self.shared.listening.send_replace(true);
        let incoming = incoming?;
        match incoming.status() {
            StatusCode::METHOD_NOT_ALLOWED => Err(StreamableHttpError::ServerDoesNotSupportSse),
            status if status.is_success() && incoming.media_type() == EVENT_STREAM => {
                let Shared { response_bytes, inbound, .. } = &*self.shared;
                Ok(events(incoming.into_inner(), *response_bytes, inbound.clone(), None))
            }
            _ => Err(self.status(&incoming)),
        }
    }
}

/// Whether an answer with this number is the one to the request. Some servers make a text of it.
fn answers(answer: &RequestId, request: &RequestId) -> bool {
    answer == request || answer.to_string() == request.to_string()
}

/// What a server wants repeated. Nothing was sent where it is no header.
fn text_header(text: &str) -> Result<HeaderValue, Failed> {
    HeaderValue::from_str(text).map_err(|_| StreamableHttpError::Client(SendError::broken(Delivery::NotSent)))
}

/// What the server says about who may come in.
fn challenge(headers: &HeaderMap) -> Option<String> {
    let all: Vec<&str> =
        headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn bearer(token: &str) -> Result<HeaderValue, Failed> {
    let mut value = text_header(&format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn refused(error: Error) -> Failed {
    StreamableHttpError::Client(SendError { delivery: Delivery::NotSent, error: Some(error) })
}
