//! Where a document comes from.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use url::Url;

use crate::http::{Budget, Client, Request};
use crate::{Detail, Error};

/// Where an OpenAPI document is. In JSON or YAML, whatever its name says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// An `http` or `https` URL, fetched without credentials. Its host may be at a private address.
    Url(String),
    /// The document itself.
    Bytes(Vec<u8>),
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// What reading a document may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) bytes: usize,
    pub(super) timeout: Duration,
}

impl Source {
    /// The document's URL, where it has one.
    pub(super) fn url(&self) -> Option<Result<Url, url::ParseError>> {
        match self {
            Self::Url(text) => Some(Url::parse(text)),
            _ => None,
        }
    }

    /// The document.
    pub(super) async fn read(
        &self,
        connector: &str,
        client: &Client,
        bounds: Bounds,
    ) -> Result<Vec<u8>, Error> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::File(path) => read_file(connector, path.clone(), bounds.bytes).await,
            Self::Url(text) => fetch(connector, text, client, bounds).await,
        }
    }
}

/// Why a document is not there, with what only the operator may read.
pub(super) fn unreadable(connector: &str, detail: impl std::fmt::Display) -> Error {
    Error::Unavailable {
        connector: connector.to_owned(),
        reason: "its OpenAPI document could not be read",
        retry_in: None,
        detail: Detail(detail.to_string()),
    }
}

async fn read_file(connector: &str, path: PathBuf, limit: usize) -> Result<Vec<u8>, Error> {
    let shown = path.display().to_string();
    let read = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        // One byte more than allowed tells that there is more; a device or pipe without end ends here too.
        let most = (limit as u64).saturating_add(1);
        let expected = file.metadata()?.len().saturating_add(1).min(most);
        let mut bytes = Vec::new();
        // Where there is not so much memory, reading will tell whether that much comes.
        let _ = bytes.try_reserve_exact(usize::try_from(expected).unwrap_or_default());
        file.take(most).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    });
    match read.await {
        Ok(Ok(bytes)) if bytes.len() <= limit => Ok(bytes),
        Ok(Ok(_)) => Err(unreadable(connector, format_args!("{shown} has more than {limit} bytes"))),
        Ok(Err(error)) => Err(unreadable(connector, format_args!("{shown}: {error}"))),
        Err(_) => Err(unreadable(connector, format_args!("reading {shown} was interrupted"))),
    }
}

async fn fetch(connector: &str, text: &str, client: &Client, bounds: Bounds) -> Result<Vec<u8>, Error> {
    let url = Url::parse(text).map_err(|error| unreadable(connector, format_args!("{text:?}: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unreadable(connector, format_args!("{text:?} is neither http nor https")));
    }
    let accept = HeaderValue::from_static("application/json, application/yaml, */*;q=0.5");
    let headers = HeaderMap::from_iter([(ACCEPT, accept)]);
    let request = Request { method: Method::GET, url, headers, body: None, keys: Vec::new() };
    let sent = client.send(request, Budget::new(bounds.timeout, bounds.bytes)).await;
    let response = sent.map_err(|failure| failure.into_error(connector))?;
    if response.status.is_success() {
        return Ok(response.body);
    }
    let elsewhere =
        response.elsewhere.map_or(String::new(), |host| format!(", which leads to {host}: give that URL"));
    Err(unreadable(connector, format_args!("its server answered {}{elsewhere}", response.status)))
}
