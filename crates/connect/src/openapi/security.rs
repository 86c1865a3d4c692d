//! Which credentials a request carries, and how.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};

use super::api::{Operation, Place, Scheme, UNSAID};
use super::oauth::Tokens;
use crate::http::Request;
use crate::secret::Revealed;
use crate::{Detail, Error};

/// The name under which a credential serves whatever scheme it fits.
pub(super) const ANY: &str = "*";

/// The credentials of one API.
pub(super) struct Credentials {
    given: Vec<(String, Revealed)>,
    schemes: BTreeMap<String, Scheme>,
    tokens: BTreeMap<String, Tokens>,
    /// What requests need that no operation describes: what most operations do.
    usual: Vec<Vec<String>>,
}

/// How one credential is put into a request.
pub(super) enum Use<'a> {
    /// A key in a header, the query or a cookie.
    Key { place: Place, name: &'a str, secret: &'a Revealed },
    /// As a bearer token.
    Bearer(&'a Revealed),
    /// As user and password.
    Basic(&'a Revealed),
    /// As a token that it is exchanged for.
    Token(&'a Tokens),
}

/// One credential of a request, by the name of its scheme.
pub(super) type Part<'a> = (&'a str, Use<'a>);

impl Credentials {
    /// `tokens` are the schemes whose secret is to be exchanged.
    pub(super) fn new(
        given: Vec<(String, Revealed)>,
        schemes: BTreeMap<String, Scheme>,
        tokens: BTreeMap<String, Tokens>,
        operations: &[Operation],
    ) -> Self {
        Self { given, schemes, tokens, usual: usual(operations) }
    }

    /// What a request of `operation` carries: the credentials of its first alternative that they suffice for, else none
    /// where it can do without, and what there is where the document does not say. Every one that is needed by itself must be given by name; one under [`ANY`] stands
    /// alone, so that it cannot be sent as two things at once.
    pub(super) fn parts(
        &self,
        connector: &str,
        operation: Option<&Operation>,
    ) -> Result<Vec<Part<'_>>, Error> {
        if self.schemes.is_empty() {
            // A document that says nothing of credentials, as GitHub's: an operator who gives one means the usual form.
            return Ok(self.any().map(|secret| (ANY, Use::Bearer(secret))).into_iter().collect());
        }
        let alternatives = operation.map_or(&self.usual, |operation| &operation.security);
        let served =
            alternatives.iter().filter(|needed| !needed.is_empty()).find_map(|needed| self.serve(needed));
        if let Some(parts) = served {
            return Ok(parts);
        }
        if alternatives.iter().flatten().any(|name| name == UNSAID) {
            return Ok(self.given());
        }
        let Some(needed) = alternatives.first() else { return Ok(Vec::new()) };
        if operation.is_none() || alternatives.iter().any(Vec::is_empty) {
            return Ok(Vec::new());
        }
        Err(self.missing(connector, needed))
    }

    /// What the operator gave, where nobody says what is needed: all credentials that are for a scheme by its name, else the
    /// one for any in the first that it fits.
    fn given(&self) -> Vec<Part<'_>> {
        let named: Vec<Part<'_>> =
            self.given.iter().filter_map(|(name, _)| self.serve_one(name, true)).collect();
        if !named.is_empty() {
            return named;
        }
        self.schemes.keys().find_map(|name| self.serve_one(name, true)).into_iter().collect()
    }

    fn serve(&self, needed: &[String]) -> Option<Vec<Part<'_>>> {
        needed.iter().map(|name| self.serve_one(name, needed.len() == 1)).collect()
    }

    fn serve_one(&self, name: &str, alone: bool) -> Option<Part<'_>> {
        let (name, scheme) = self.schemes.get_key_value(name)?;
        let named = self.given.iter().find(|(known, _)| known == name).map(|(_, secret)| secret);
        let secret = named.or_else(|| self.any().filter(|secret| alone && fits(scheme, secret)))?;
        let using = match scheme {
            Scheme::ApiKey { place, name } => Use::Key { place: *place, name, secret },
            Scheme::Basic => Use::Basic(secret),
            Scheme::Bearer => Use::Bearer(secret),
            Scheme::OAuth2 { .. } => self.tokens.get(name).map_or(Use::Bearer(secret), Use::Token),
            Scheme::Other(_) => return None,
        };
        Some((name, using))
    }

    fn any(&self) -> Option<&Revealed> {
        self.given.iter().find(|(name, _)| name == ANY).map(|(_, secret)| secret)
    }

    fn missing(&self, connector: &str, needed: &[String]) -> Error {
        let alone = needed.len() == 1;
        let lacking = needed.iter().find(|name| self.serve_one(name, alone).is_none());
        let scheme = lacking.cloned().unwrap_or_default();
        let kind = self.schemes.get(&scheme).map_or("a scheme that its document does not describe", kind);
        Error::NoCredential { connector: connector.to_owned(), scheme, kind }
    }
}

/// The secret for a scheme, where it is one that is exchanged for a token: `client_id:client_secret`.
pub(super) fn client_secret<'a>(given: &'a [(String, Revealed)], name: &str) -> Option<&'a Revealed> {
    let find = |wanted: &str| given.iter().find(|(known, _)| known == wanted).map(|(_, secret)| secret);
    find(name).or_else(|| find(ANY)).filter(|secret| secret.expose().contains(':'))
}

/// Puts a credential into a request, in place of what a call may have put there.
pub(super) fn apply(
    connector: &str,
    request: &mut Request,
    scheme: &str,
    using: &Use<'_>,
) -> Result<(), Error> {
    let unusable = |reason: &'static str| Error::BadCredential {
        connector: connector.to_owned(),
        scheme: scheme.to_owned(),
        reason,
        detail: Detail::default(),
    };
    match using {
        Use::Key { place: Place::Query, name, secret } => request.add_key(name, secret),
        Use::Key { place: Place::Cookie, name, secret } => {
            let cookies =
                request.headers.get(COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let value = with_cookie(cookies, name, secret.expose());
            request.headers.insert(COOKIE, sensitive(&value).ok_or_else(|| unusable(NO_HEADER))?);
        }
        Use::Key { name, secret, .. } => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| unusable("its header has no valid name"))?;
            request.headers.insert(name, sensitive(secret.expose()).ok_or_else(|| unusable(NO_HEADER))?);
        }
        Use::Basic(secret) if !secret.expose().contains(':') => {
            return Err(unusable("it must be written as user:password"));
        }
        Use::Basic(secret) => authorise(request, "Basic", &STANDARD.encode(secret.expose()))
            .ok_or_else(|| unusable(NO_HEADER))?,
        Use::Bearer(secret) => {
            authorise(request, "Bearer", secret.expose()).ok_or_else(|| unusable(NO_HEADER))?
        }
        // Its token is put in as one once it is known.
        Use::Token(_) => {}
    }
    Ok(())
}

/// Sets `Authorization`; `None` where the token is nothing that a header can carry.
pub(super) fn authorise(request: &mut Request, kind: &str, token: &str) -> Option<()> {
    request.headers.insert(AUTHORIZATION, sensitive(&format!("{kind} {token}"))?);
    Some(())
}

const NO_HEADER: &str = "it holds a character that no header can carry";

fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn with_cookie(cookies: &str, name: &str, value: &str) -> String {
    let is_other = |part: &&str| part.split('=').next().is_none_or(|known| known.trim() != name);
    let others = cookies.split(';').map(str::trim).filter(|part| !part.is_empty()).filter(is_other);
    others.map(str::to_owned).chain([format!("{name}={value}")]).collect::<Vec<_>>().join("; ")
}

fn fits(scheme: &Scheme, secret: &Revealed) -> bool {
    match scheme {
        Scheme::ApiKey { .. } | Scheme::Bearer | Scheme::OAuth2 { .. } => true,
        Scheme::Basic => secret.expose().contains(':'),
        Scheme::Other(_) => false,
    }
}

fn kind(scheme: &Scheme) -> &'static str {
    match scheme {
        Scheme::ApiKey { .. } => "an API key",
        Scheme::Bearer => "a bearer token",
        Scheme::Basic => "user:password",
        Scheme::OAuth2 { token_url: Some(_), .. } => "an access token, or client_id:client_secret",
        Scheme::OAuth2 { token_url: None, .. } => "an access token",
        Scheme::Other(_) => "a kind that is not supported",
    }
}

fn usual(operations: &[Operation]) -> Vec<Vec<String>> {
    let mut counts: BTreeMap<&Vec<Vec<String>>, usize> = BTreeMap::new();
    for operation in operations.iter().filter(|operation| !operation.security.is_empty()) {
        let count = counts.entry(&operation.security).or_default();
        *count = count.saturating_add(1);
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(usual, _)| usual.clone()).unwrap_or_default()
}
