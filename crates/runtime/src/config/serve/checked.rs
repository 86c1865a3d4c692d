//! What follows from what files say.

use std::time::Duration;

use codemode_connect::Private;
use url::Url;

use super::super::error::Flaw;
use super::bind::Bind;
use super::limits::{Key, ServeLimits};
use super::principal::Grant;
use super::table::{AuthMode, AuthTable, ServeTable};
use crate::Shape;

/// How what is configured is served.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Serve {
    /// Where connections are accepted.
    pub bind: Bind,
    /// Names under which clients reach the server, in lower case, with or without a port. Empty for the default.
    pub allowed_hosts: Vec<String>,
    /// Origins of web pages that may use it.
    pub allowed_origins: Vec<String>,
    /// After which `execute` answers that a program is still running.
    pub wait: Duration,
    /// What a client may ask for instead of the usual shape.
    pub surfaces: Vec<Shape>,
    /// How clients show who they are; `None` where the configuration leaves that to whether there are tokens.
    pub auth: Option<AuthMode>,
    /// What JWTs have to be. Given where `auth` is [`AuthMode::Jwt`], and only there.
    pub jwt: Option<Jwt>,
    /// What clients may take, where nothing else is said of their principal.
    pub limits: ServeLimits,
    /// What principals may use, by name. Where it is empty, all may use everything.
    pub grants: Vec<Grant>,
}

/// What a JWT has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Jwt {
    /// Its issuer, exactly.
    pub issuer: String,
    /// The URL of this server, as it was written: clients compare it with what they were given (RFC 9728, section 3.3).
    pub resource: String,
    /// The same, read: where an empty path is `/`.
    pub resource_url: Url,
    /// What it has to be for.
    pub audience: String,
    /// Where the issuer's keys are, where that was given.
    pub jwks_url: Option<Url>,
    /// Scopes of which it has to have all.
    pub scopes: Vec<String>,
    /// What may be reached for the issuer's metadata and keys although it is not public.
    pub allow_private: Vec<Private>,
}

/// What is wrong with `[serve]` as a whole, each file being right by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[{table}] {message}")]
pub struct ServeError {
    table: String,
    message: String,
}

const DEFAULT_WAIT: Duration = Duration::from_secs(50);

impl Default for Serve {
    fn default() -> Self {
        Self {
            bind: Bind::default(),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            wait: DEFAULT_WAIT,
            surfaces: Vec::new(),
            auth: None,
            jwt: None,
            limits: ServeLimits::default(),
            grants: Vec::new(),
        }
    }
}

impl ServeTable {
    /// What follows from it.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong. What has to go with another key, which another file may give, is not wrong where
    /// `is_whole` is false.
    pub(in super::super) fn check(&self, is_whole: bool) -> Result<Serve, Flaw> {
        let key = Key(&["serve"]);
        let bind = self.bind.as_deref().map(str::parse::<Bind>).transpose();
        let wait = key.time("wait", &self.wait, Duration::from_secs(1), Duration::from_secs(3600))?;
        let limits = ServeLimits::read(&self.limits)?;
        let grants = self.principals.iter().map(|(name, table)| Grant::read(name, table, limits));
        let (auth, jwt) = self.auth.check(is_whole)?;
        Ok(Serve {
            bind: bind.map_err(|error| key.flaw("bind", error.to_string()))?.unwrap_or_default(),
            allowed_hosts: each(key, "allowed_hosts", &self.allowed_hosts, host)?,
            allowed_origins: each(key, "allowed_origins", &self.allowed_origins, origin)?,
            wait: wait.unwrap_or(DEFAULT_WAIT),
            surfaces: self.surfaces.clone(),
            auth: auth.or((!self.principals.is_empty()).then_some(AuthMode::Token)),
            jwt,
            limits,
            grants: grants.collect::<Result<_, _>>()?,
        })
    }
}

impl AuthTable {
    fn check(&self, is_whole: bool) -> Result<(Option<AuthMode>, Option<Jwt>), Flaw> {
        let key = Key(&["serve", "auth"]);
        let mode = self.mode.or(self.issuer.is_some().then_some(AuthMode::Jwt));
        let resource =
            self.resource.as_ref().map(|text| http_url(key, "resource", text).map(|url| (text.clone(), url)));
        let resource = resource.transpose()?;
        let jwks_url = self.jwks_url.as_deref().map(|text| http_url(key, "jwks_url", text)).transpose()?;
        if let Some(issuer) = &self.issuer {
            let url = http_url(key, "issuer", issuer)?;
            if url.query().is_some() {
                return Err(key.flaw("issuer", "issuer must have no query"));
            }
        }
        let private = |text: &String| {
            text.parse::<Private>().map_err(|error| key.flaw("allow_private", error.to_string()))
        };
        let allow_private = self.allow_private.iter().map(private).collect::<Result<Vec<_>, _>>()?;
        if mode != Some(AuthMode::Jwt) {
            let others = [
                ("issuer", self.issuer.is_some()),
                ("resource", self.resource.is_some()),
                ("audience", self.audience.is_some()),
                ("jwks_url", self.jwks_url.is_some()),
                ("scopes", !self.scopes.is_empty()),
                ("allow_private", !self.allow_private.is_empty()),
            ];
            let given = others
                .into_iter()
                .find(|(_, is_given)| *is_given)
                .filter(|_| self.mode.is_some() || is_whole);
            return match given {
                Some((name, _)) => {
                    Err(key.flaw(name, format!("{name} goes with mode = \"jwt\" and an issuer only")))
                }
                None => Ok((mode, None)),
            };
        }
        match (&self.issuer, resource) {
            (Some(issuer), Some((resource, resource_url))) => {
                let audience = self.audience.clone().unwrap_or_else(|| resource.clone());
                let (issuer, scopes) = (issuer.clone(), self.scopes.clone());
                let jwt = Jwt { issuer, resource, resource_url, audience, jwks_url, scopes, allow_private };
                Ok((mode, Some(jwt)))
            }
            (None, _) if is_whole => {
                Err(key
                    .flaw("issuer", "JWTs are asked for, but issuer does not say whose: give its https URL"))
            }
            (_, None) if is_whole => {
                let message = "resource is missing: the URL of this server as clients know it, such as https://mcp.example.com/mcp";
                Err(key.flaw("resource", message))
            }
            _ => Ok((mode, None)),
        }
    }
}

impl From<Flaw> for ServeError {
    fn from(flaw: Flaw) -> Self {
        let table = flaw.keys().split_last().map(|(_, table)| table.join(".")).unwrap_or_default();
        Self { table, message: flaw.message().to_owned() }
    }
}

fn each(
    key: Key<'_>,
    name: &str,
    given: &[String],
    read: fn(&str) -> Result<String, &'static str>,
) -> Result<Vec<String>, Flaw> {
    given
        .iter()
        .map(|text| read(text).map_err(|message| key.flaw(name, format!("{name}: {message}"))))
        .collect()
}

/// `mcp.example.com`, `mcp.example.com:8443`, `[::1]` in lower case.
fn host(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str =
        "expected a host or an address, with or without a port, such as mcp.example.com or [::1]:8931";
    let url = Url::parse(&format!("http://{text}")).map_err(|_| EXPECTED)?;
    let is_host_alone = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_host_alone =
        is_host_alone && url.username().is_empty() && !text.ends_with('/') && !text.contains(['@', '*']);
    let host = url.host_str().filter(|_| is_host_alone).ok_or(EXPECTED)?;
    // The URL leaves port 80 out.
    match text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((_, port)) => Ok(format!("{host}:{}", port.parse::<u16>().map_err(|_| EXPECTED)?)),
        None => Ok(host.to_owned()),
    }
}

/// An origin as browsers write it.
fn origin(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str =
        "expected an origin such as https://app.example.com, without a path and without wildcards";
    let url = Url::parse(text).map_err(|_| EXPECTED)?;
    let written = url.origin().ascii_serialization();
    // Those of schemes such as `vscode-webview` have no form that all browsers agree on.
    let is_opaque = written == "null" && url.host_str().is_some() && url.path().is_empty();
    match written == text.to_ascii_lowercase() || is_opaque {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(EXPECTED),
    }
}

fn http_url(key: Key<'_>, name: &str, text: &str) -> Result<Url, Flaw> {
    let expected = || key.flaw(name, format!("{name}: expected an https URL without user name and fragment"));
    let url = Url::parse(text).map_err(|_| expected())?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    // Plain http is for servers on this machine: what else is reached by it, anybody on the way can read and change.
    let is_local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    if is_plain && is_safe && url.host().is_some() { Ok(url) } else { Err(expected()) }
}
