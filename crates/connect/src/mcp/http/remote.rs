//! Where a server is that is reached by HTTP, and with what.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use url::Url;

use super::header::{self, HeaderError};
use crate::http::{Guard, Private};
use crate::secret::Redactor;
use crate::{Detail, Error, Secret};

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
    /// Headers whose values are still to be found.
    given: Vec<(HeaderName, &'static str, Secret)>,
    /// What hides the values.
    redactor: Redactor,
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
        let (headers, given, allowed) = (HeaderMap::new(), Vec::new(), Vec::new());
        Ok(Self { url, headers, given, redactor: Redactor::default(), allowed, only_sse: false })
    }

    /// Sends a header with every request, in place of one of its name; `redactor` hides its value. A reference is followed
    /// when the first connection is made.
    pub(in crate::mcp) fn header(
        &mut self,
        name: &str,
        prefix: &'static str,
        secret: &Secret,
        redactor: &Redactor,
    ) -> Result<(), HeaderError> {
        let name = header::name(name)?;
        self.redactor = redactor.clone();
        self.headers.remove(&name);
        self.given.retain(|(known, ..)| *known != name);
        match redactor.known(secret) {
            Some(known) => {
                let value = header::value(&name, prefix, &known)?;
                self.headers.insert(name, value);
            }
            None => self.given.push((name, prefix, secret.clone())),
        }
        Ok(())
    }

    /// The same with a value that need not be hidden.
    pub(in crate::mcp) fn plain_header(&mut self, name: &str, value: &str) -> Result<(), HeaderError> {
        let name = header::name(name)?;
        let refused = || HeaderError::Value(name.to_string());
        let value = value.bytes().all(|byte| (b' '..=b'~').contains(&byte)).then(|| value.parse());
        let value = value.and_then(Result::ok).ok_or_else(refused)?;
        self.given.retain(|(known, ..)| *known != name);
        self.headers.insert(name, value);
        Ok(())
    }

    /// The same with the values of all headers.
    pub(in crate::mcp) async fn ready(&self, connector: &str) -> Result<Self, Error> {
        let mut ready = self.clone();
        for (name, prefix, secret) in ready.given.drain(..) {
            let no_secret = |why: String| Error::NoSecret {
                connector: connector.to_owned(),
                detail: Detail(format!("the header {name}: {why}")),
            };
            let revealed =
                self.redactor.reveal(&secret).await.map_err(|error| no_secret(error.to_string()))?;
            let value =
                header::value(&name, prefix, &revealed).map_err(|error| no_secret(error.to_string()))?;
            ready.headers.insert(name, value);
        }
        Ok(ready)
    }

    /// Whether the operator gave a credential in the place where that of a login would be.
    pub(in crate::mcp) fn is_authorized(&self) -> bool {
        self.headers.contains_key(AUTHORIZATION)
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
            .field(
                "headers",
                &self.headers.keys().chain(self.given.iter().map(|(name, ..)| name)).collect::<Vec<_>>(),
            )
            .field("allowed", &self.allowed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_headers() {
        let mut remote = Remote::new("https://mcp.example").unwrap();
        remote.plain_header("X-Team", "blue").unwrap();
        assert_eq!(remote.headers["x-team"], "blue");
        assert!(remote.plain_header("Host", "other").is_err());
        assert!(remote.plain_header("X-Team", "blue\r\nHost: other").is_err());
    }

    #[test]
    fn urls() {
        assert_eq!(Remote::new("https://mcp.example/a?b#c").unwrap().url.as_str(), "https://mcp.example/a?b");
        assert_eq!(Remote::new("file:///etc").unwrap_err(), EndpointError::Scheme("file".to_owned()));
        assert_eq!(Remote::new("https://me:pw@mcp.example").unwrap_err(), EndpointError::Credentials);
        assert!(matches!(Remote::new("mcp.example/mcp").unwrap_err(), EndpointError::Url(_)));
    }
}
