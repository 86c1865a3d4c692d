//! Documents that somebody who is not believed anything leads to.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use url::Url;

use super::client::{Budget, Client, Request};
use super::guard::{Guard, Private};
use super::limits::HttpLimits;

/// Gets JSON documents from public addresses and from those private ones that the operator allowed, by the client that
/// connectors send with: no redirect leaves an origin, and no name leads anywhere that was not judged.
#[derive(Debug, Clone)]
pub struct Documents {
    client: Client,
}

/// Why there is no document. For operators: it names hosts and addresses, and never the path or query of a URL.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct DocumentError(String);

impl Documents {
    /// For these private hosts, addresses and ranges besides what is public.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] where the certificates that this machine trusts cannot be read.
    pub fn new(allowed: impl IntoIterator<Item = Private>) -> Result<Self, DocumentError> {
        let client = Client::new(Arc::new(Guard::new(allowed)), &HttpLimits::default());
        Ok(Self { client: client.map_err(|failure| DocumentError(failure.to_string()))? })
    }

    /// The body of the answer to a GET of `url` within `timeout`, of `bytes` at most.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] where there is no answer, or another than 200.
    pub async fn get(&self, url: &Url, timeout: Duration, bytes: usize) -> Result<Vec<u8>, DocumentError> {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        let request =
            Request { method: Method::GET, url: url.clone(), headers, body: None, keys: Vec::new() };
        let host = url.host_str().unwrap_or_default();
        let answer = self.client.send(request, Budget::new(timeout, bytes)).await;
        let answer = answer.map_err(|failure| DocumentError(format!("{host}: {failure}")))?;
        match answer.status.as_u16() {
            200 => Ok(answer.body),
            status => Err(DocumentError(format!("{host} answered with status {status}"))),
        }
    }
}
