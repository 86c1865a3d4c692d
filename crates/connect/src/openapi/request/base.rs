//! Where an API is: decided once, when its connector is made, and never by the arguments of a call.

use std::borrow::Cow;
use std::collections::BTreeMap;

use url::Url;

use super::super::api::{Operation, Server};
use super::limits::MAX_URL_BYTES;
use super::refusal::{Refusal, Result, cut};

/// What an operator decides about an API's place.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Choices {
    /// The URL to use instead of the document's.
    pub(in super::super) base_url: Option<String>,
    /// Values of variables in the document's server URLs.
    pub(in super::super) variables: BTreeMap<String, String>,
}

/// The pinned base URL of an API: every request goes to its origin, and raw ones stay below its path.
#[derive(Debug, Clone)]
pub(in super::super) struct Base {
    /// Without query, fragment, user and trailing slash.
    url: Url,
    /// What an operation's own relative server is relative to.
    relative_to: Option<Url>,
    variables: BTreeMap<String, String>,
}

/// Why a server URL cannot be used; for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum BaseError {
    /// No URL, or one that is relative to a document whose own URL is not known or is a file's.
    #[error(
        "the server URL {0:?} is relative and the document was not read from an http or https URL: give a base URL"
    )]
    Relative(String),
    /// It does not parse.
    #[error("the server URL {0:?} is not valid: {1}")]
    Invalid(String, url::ParseError),
    /// Another scheme than http and https.
    #[error("the server URL {0:?} is neither http nor https")]
    Scheme(String),
    /// A part that no base URL may have.
    #[error("the server URL {url:?} has {what}: give it without")]
    Surplus {
        /// The URL.
        url: String,
        /// The part.
        what: &'static str,
    },
    /// A variable without a value.
    #[error(
        "the server URL {url:?} needs a value for the variable {variable:?}: the document has no default"
    )]
    NoValue {
        /// The URL.
        url: String,
        /// The variable.
        variable: String,
    },
    /// A variable with a value that the document does not list.
    #[error("the server variable {variable:?} cannot be {value:?}; it is one of {}", .values.join(", "))]
    NotListed {
        /// The variable.
        variable: String,
        /// The operator's value.
        value: String,
        /// What the document lists.
        values: Vec<String>,
    },
}

impl Base {
    /// The place of an API: the operator's `base_url`, else the document's first `server` with the operator's values for
    /// its variables, resolved against the `document`'s own URL; without a server it is the root of the document's host.
    pub(in super::super) fn new(
        server: Option<&Server>,
        document: Option<&Url>,
        choices: &Choices,
    ) -> std::result::Result<Self, BaseError> {
        let url = match (&choices.base_url, server) {
            (Some(base_url), _) => usable(base_url, None)?,
            (None, Some(server)) => usable(&filled(server, &choices.variables)?, document)?,
            (None, None) => usable("/", document)?,
        };
        // An operator who moved the API moved its operations with it, also those with a relative server of their own.
        let relative_to = if choices.base_url.is_some() { Some(url.clone()) } else { document.cloned() };
        Ok(Self { url, relative_to, variables: choices.variables.clone() })
    }

    /// The URL, without a slash at its end unless that is all of its path.
    pub(in super::super) fn url(&self) -> &Url {
        &self.url
    }

    /// The path, empty where it is the root: what a path template is appended to.
    pub(super) fn path(&self) -> &str {
        path_of(&self.url)
    }

    /// The URL of a request: this one with a path and a query after it, both percent-encoded. Refuses what would not be
    /// exactly that.
    pub(super) fn join(&self, path: &str, query: Option<&str>) -> Result<Url> {
        self.at(&format!("{}{path}", self.path()), query)
    }

    /// The same with a path that has this one's at its beginning already.
    pub(super) fn at(&self, path: &str, query: Option<&str>) -> Result<Url> {
        if path.len() + query.map_or(0, str::len) > MAX_URL_BYTES {
            return Err(too_long());
        }
        let mut url = self.url.clone();
        url.set_path(path);
        url.set_query(query);
        // The parts are encoded so that the parser has nothing to change; if it does all the same, something is wrong
        // with the encoding, and the request might go elsewhere.
        if !path.starts_with(&format!("{}/", self.path())) && path != self.path()
            || url.path() != path
            || url.query() != query
            || url.origin() != self.url.origin()
        {
            return Err(Refusal::new("the path is not one that can be sent as it is"));
        }
        if url.as_str().len() > MAX_URL_BYTES { Err(too_long()) } else { Ok(url) }
    }

    /// The path of an operation's base, or `None` where requests to it are refused.
    pub(super) fn path_of(&self, operation: &Operation) -> Option<Cow<'_, str>> {
        match operation.server {
            None => Some(self.path().into()),
            Some(_) => self.of(operation).ok().map(|base| base.path().to_owned().into()),
        }
    }

    /// The base of an operation: its own server where it has one, which must be of the same origin.
    pub(super) fn of(&self, operation: &Operation) -> Result<Self> {
        let Some(server) = &operation.server else { return Ok(self.clone()) };
        let url = filled(server, &self.variables)
            .and_then(|url| usable(&url, self.relative_to.as_ref()))
            .map_err(|error| Refusal::new(format!("the operation cannot be called: {error}")))?;
        if url.origin() != self.url.origin() {
            return Err(Refusal::new(format!(
                "the operation cannot be called: its server is {}, and this connector sends to {} only",
                cut(&url.origin().ascii_serialization()),
                self.url.origin().ascii_serialization(),
            )));
        }
        Ok(Self { url, ..self.clone() })
    }
}

/// The server's URL with a value for each of its variables.
fn filled(server: &Server, choices: &BTreeMap<String, String>) -> std::result::Result<String, BaseError> {
    let mut filled = String::new();
    let mut rest = server.url.as_str();
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, from)| Some((before, from.split_once('}')?)))
    {
        filled += before;
        filled += value(server, name, choices)?;
        rest = after;
    }
    Ok(filled + rest)
}

fn value<'a>(
    server: &'a Server,
    name: &str,
    choices: &'a BTreeMap<String, String>,
) -> std::result::Result<&'a str, BaseError> {
    let variable = server.variables.get(name);
    let no_value = || BaseError::NoValue { url: shown(&server.url), variable: name.to_owned() };
    match (choices.get(name), variable) {
        (Some(chosen), Some(variable))
            if !variable.values.is_empty() && !variable.values.contains(chosen) =>
        {
            Err(BaseError::NotListed {
                variable: name.to_owned(),
                value: chosen.clone(),
                values: variable.values.clone(),
            })
        }
        (Some(chosen), _) => Ok(chosen),
        (None, variable) => variable.and_then(|variable| variable.default.as_deref()).ok_or_else(no_value),
    }
}

/// `url` as an absolute http or https URL with nothing but a path after the host.
fn usable(url: &str, document: Option<&Url>) -> std::result::Result<Url, BaseError> {
    let mut parsed = match Url::parse(url) {
        Err(url::ParseError::RelativeUrlWithoutBase) => document
            .filter(|document| is_web(document))
            .ok_or_else(|| BaseError::Relative(shown(url)))?
            .join(url),
        parsed => parsed,
    }
    .map_err(|error| BaseError::Invalid(shown(url), error))?;
    if !is_web(&parsed) {
        return Err(BaseError::Scheme(shown(url)));
    }
    let surplus = [
        (!parsed.username().is_empty() || parsed.password().is_some(), "a user name or password"),
        (parsed.query().is_some(), "a query"),
        (parsed.fragment().is_some(), "a fragment"),
        (parsed.path().contains(['{', '}']) || parsed.path().contains("%7B"), "an unfinished variable"),
    ];
    if let Some((_, what)) = surplus.into_iter().find(|(there, _)| *there) {
        return Err(BaseError::Surplus { url: without_user(&parsed), what });
    }
    let path = path_of(&parsed).to_owned();
    parsed.set_path(&path);
    Ok(parsed)
}

fn too_long() -> Refusal {
    Refusal::new(format!("the URL would be longer than {MAX_URL_BYTES} bytes; give shorter values"))
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn path_of(url: &Url) -> &str {
    url.path().trim_end_matches('/')
}

/// A URL that may not even be one, as an error may show it: without all that could be a user and a password.
fn shown(url: &str) -> String {
    let Some((before, after)) = url.rsplit_once('@') else { return url.to_owned() };
    let scheme = before.split_once("//").map_or("", |(scheme, _)| scheme);
    if scheme.is_empty() { format!("…@{after}") } else { format!("{scheme}//…@{after}") }
}

/// The URL as an error may show it: a password in it is a secret.
fn without_user(url: &Url) -> String {
    let mut url = url.clone();
    // Neither fails on a URL with a host, and every http URL has one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
