//! What rmcp's transport sends through: our guarded client.

use std::sync::Arc;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use reqwest::Method;
use rmcp::transport::streamable_http_client::StreamableHttpError;
use tokio::sync::watch;
use url::Url;

use super::pace::Pace;
use super::params::Params;
use super::remote::Remote;
use crate::http::{Client, Failure, Incoming, Request};
use crate::mcp::auth::{Session, Token};
use crate::mcp::failure::SendError;
use crate::mcp::inbound::Inbound;
use crate::mcp::options::Options;
use crate::{Delivery, Detail, Error};

pub(super) const JSON: &str = "application/json";
pub(super) const EVENT_STREAM: &str = "text/event-stream";

/// Sends messages to one server.
#[derive(Clone)]
pub(in crate::mcp) struct Wire {
    pub(super) shared: Arc<Shared>,
    url: Url,
}

pub(super) struct Shared {
    connector: String,
    remote: Remote,
    client: Client,
    pub(super) inbound: Inbound,
    pub(super) params: Params,
    session: Option<Session>,
    pub(super) response_bytes: usize,
    pub(super) pace: Pace,
    /// Whether the server was asked for a stream of its own messages, and has answered.
    pub(super) listening: watch::Sender<bool>,
}

pub(super) type Failed = StreamableHttpError<SendError>;

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
            pace: Pace::default(),
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
                    match challenge.filter(|challenge| challenge.contains("insufficient_scope")) {
                        Some(challenge) => {
                            let other = session.insufficient(token, &challenge).await;
                            token = Some(other.map_err(refused)?);
                        }
                        None => return Ok(incoming),
                    }
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

    pub(super) fn failed(&self, failure: Failure) -> Failed {
        let delivery = failure.delivery();
        let error = failure.into_error(&self.shared.connector);
        StreamableHttpError::Client(SendError { delivery, error: Some(error) })
    }

    pub(super) fn status(&self, incoming: &Incoming) -> Failed {
        let error = Some(self.status_error(incoming));
        StreamableHttpError::Client(SendError { delivery: Delivery::MaybeSent, error })
    }

    pub(super) fn status_error(&self, incoming: &Incoming) -> Error {
        Error::Status { connector: self.shared.connector.clone(), status: incoming.status().as_u16() }
    }
}

/// What a server wants repeated. Nothing was sent where it is no header.
pub(super) fn text_header(text: &str) -> Result<HeaderValue, Failed> {
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
