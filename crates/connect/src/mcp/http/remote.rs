//! Where a server is that is reached by HTTP, and with what.

use std::fmt;

use http::{HeaderMap, HeaderValue};
use url::Url;

use super::header::{self, HeaderError};
use crate::Secret;
use crate::http::{Guard, Private};
use crate::secret::Redactor;

/// What is no URL of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It cannot be read.
    #[error("it is no URL: {0}")]
    Url(#[from] url::ParseError),
    /// It is none of HTTP.
    #[error("a server's URL starts with https:// or http://, not {0}:")]
    Scheme(String),
    /// It holds a name or password, which would show up wherever the URL does.
    #[error("a server's URL holds no name and password: give them as a header")]
    Credentials,
}

/// A server's URL, and what is sent with every request.
#[derive(Clone)]
pub(in crate::mcp) struct Remote {
    pub(in crate::mcp) url: Url,
    pub(super) headers: HeaderMap,
    allowed: Vec<Private>,
    /// Whether the transport is HTTP+SSE whatever else the server takes.
    pub(in crate::mcp) only_sse: bool,
}

impl Remote {
    pub(in crate::mcp) fn new(url: &str) -> Result<Self, EndpointError> {
        let mut url = Url::parse(url.trim())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EndpointError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        url.set_fragment(None);
        Ok(Self { url, headers: HeaderMap::new(), allowed: Vec::new(), only_sse: false })
    }

    /// Sends a header with every request, in place of one of its name; `redactor` hides its value from now on.
    pub(in crate::mcp) fn header(
        &mut self,
        name: &str,
        prefix: &str,
        secret: &Secret,
        redactor: &Redactor,
    ) -> Result<(), HeaderError> {
        let name = header::name(name)?;
        let value: HeaderValue = header::value(&name, prefix, secret)?;
        redactor.add(secret.expose());
        self.headers.insert(name, value);
        Ok(())
    }

    pub(in crate::mcp) fn allow(&mut self, private: Private) {
        self.allowed.push(private);
    }

    /// Reaches public addresses, what the operator allowed, and wherever the host of the URL leads.
    pub(in crate::mcp) fn guard(&self) -> Guard {
        let guard = Guard::new(self.allowed.iter().cloned());
        guard.name(&self.url);
        guard
    }
}

/// Without the URL's path and query, which hold keys at some servers, and without values of headers.
impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("origin", &self.url.origin().ascii_serialization())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("allowed", &self.allowed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        assert_eq!(Remote::new("https://mcp.example/a?b#c").unwrap().url.as_str(), "https://mcp.example/a?b");
        assert_eq!(Remote::new("file:///etc").unwrap_err(), EndpointError::Scheme("file".to_owned()));
        assert_eq!(Remote::new("https://me:pw@mcp.example").unwrap_err(), EndpointError::Credentials);
        assert!(matches!(Remote::new("mcp.example/mcp").unwrap_err(), EndpointError::Url(_)));
    }
}
