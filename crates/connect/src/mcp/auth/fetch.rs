//! How rmcp's OAuth reaches the network: by our guarded client, and no other way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use rmcp::transport::auth::{AuthError, OAuthHttpClient, OAuthHttpClientFuture, OAuthHttpRequest};
use url::Url;

use crate::http::{Budget, Client, Failure, Request, Response};

/// Bytes of an answer. Metadata documents have a few kibibytes, tokens at most 16.
const RESPONSE_BYTES: usize = 256 * 1024;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Sends requests of one connector's logins.
///
/// The guard decides about addresses: metadata that names a host at a private address leads nowhere, unless it is the host
/// of the server itself or the operator allowed it. A server that is reached by `https` cannot lead to plain `http`.
#[derive(Clone)]
pub(super) struct Fetch {
    client: Client,
    is_encrypted: bool,
    /// Why the last request brought no answer: of some, rmcp says no more than that they failed.
    failed: Arc<Mutex<Option<String>>>,
}

impl Fetch {
    /// For the logins of the server at this URL.
    pub(super) fn new(client: Client, server: &Url) -> Self {
        Self { client, is_encrypted: server.scheme() == "https", failed: Arc::default() }
    }

    /// What rmcp reports, with why the last request failed.
    pub(super) fn explain(&self, error: &AuthError) -> String {
        let said = error.to_string();
        match self.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(failed) if !said.contains(&failed) => format!("{said}: {failed}"),
            _ => said,
        }
    }

    async fn send(&self, request: Request) -> Result<Response, Failure> {
        let answer = self.client.send(request, Budget::new(TIMEOUT, RESPONSE_BYTES)).await;
        let failed = answer.as_ref().err().map(ToString::to_string);
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
        answer
    }
}

impl OAuthHttpClient for Fetch {
    fn execute(&self, request: OAuthHttpRequest) -> OAuthHttpClientFuture<'_> {
        Box::pin(async move {
            let (parts, body) = request.request.into_parts();
            let url = Url::parse(&parts.uri.to_string())?;
            if url.scheme() != "https" && (self.is_encrypted || url.scheme() != "http") {
                return Err("it leads from https to plain http".into());
            }
            let is_empty = body.is_empty() && parts.method == Method::GET;
            let request = Request {
                method: parts.method,
                url,
                headers: parts.headers,
                body: (!is_empty).then_some(body),
                keys: Vec::new(),
            };
            // Redirects that carry a credential are never followed, and others only within an origin, whatever was asked.
            let answer = self.send(request).await?;
            let mut response = http::Response::new(answer.body);
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(response)
        })
    }
}
