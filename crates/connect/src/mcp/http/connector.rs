//! What an operator says of a server that is reached by HTTP, and logins there.

use std::time::Duration;

use tokio::time::timeout;

use super::header::HeaderError;
use super::remote::{EndpointError, Remote};
use crate::Secret;
use crate::http::Private;
use crate::mcp::auth::{Login, LoginError, OAuth, Session};
use crate::mcp::connector::Mcp;
use crate::mcp::options::Endpoint;

/// How long the server may take to say what it wants of who logs in.
const LOGIN_PROBE: Duration = Duration::from_secs(30);

impl Mcp {
    /// A connector for the server at `url`, over streamable HTTP. Nothing is sent yet.
    pub fn http(name: impl Into<String>, url: &str) -> Result<Self, EndpointError> {
        Ok(Self::new(name.into(), Endpoint::Http(Remote::new(url)?)))
    }

    /// A connector for the server at `url`, over HTTP+SSE, the transport before streamable HTTP. [`http`](Self::http) finds
    /// out by itself that a server wants this one.
    pub fn sse(name: impl Into<String>, url: &str) -> Result<Self, EndpointError> {
        let mut remote = Remote::new(url)?;
        remote.only_sse = true;
        Ok(Self::new(name.into(), Endpoint::Http(remote)))
    }

    /// Sends a header with every request, for servers that are reached by HTTP. Its value is hidden in whatever comes
    /// back. The transport's own headers are refused, such as `Host`, `Content-Length` and `Mcp-Session-Id`.
    pub fn header(mut self, name: &str, value: Secret) -> Result<Self, HeaderError> {
        self.set_header(name, "", &value)?;
        Ok(self)
    }

    /// The same with a value that is no secret and stays in whatever comes back.
    pub fn plain_header(mut self, name: &str, value: &str) -> Result<Self, HeaderError> {
        match &mut self.options_mut().endpoint {
            Endpoint::Http(remote) => remote.plain_header(name, value)?,
            Endpoint::Stdio(_) => {}
        }
        Ok(self)
    }

    /// Sends `Authorization: Bearer …` with every request, for servers that are reached by HTTP.
    pub fn bearer(mut self, token: Secret) -> Result<Self, HeaderError> {
        self.set_header("authorization", "Bearer ", &token)?;
        Ok(self)
    }

    /// Hides a secret that is part of the server's URL in whatever comes back. One that is given by reference is followed
    /// elsewhere first.
    pub fn hide(self, secret: &Secret) -> Self {
        // Whoever knows it already has it hidden.
        let _ = self.options.redactor.known(secret);
        self
    }

    /// Allows a host, an address or a range that is not public, besides the host of the server's URL.
    pub fn allow(mut self, private: Private) -> Self {
        if let Endpoint::Http(remote) = &mut self.options_mut().endpoint {
            remote.allow(private);
        }
        self
    }

    /// Logs in by OAuth 2.1 to a server that is reached by HTTP, where it asks for that. A call never starts a login: until
    /// somebody has [logged in](Self::login), it fails with [`Error::LoginRequired`](crate::Error::LoginRequired).
    /// An `Authorization` [header](Self::header) takes the place of logins.
    pub fn oauth(mut self, oauth: OAuth) -> Self {
        self.options_mut().oauth = Some(oauth);
        self
    }

    /// Begins a login, for somebody at a browser; `redirect_uri` is where the browser is to be sent afterwards, such as
    /// that of a [`LoginListener`](crate::LoginListener). Asks the server what it wants.
    pub async fn login(&self, redirect_uri: &str) -> Result<Login, LoginError> {
        let session = self.session().await?;
        // Its answer says who may log in, and for what. Where it does not mind, or is not there, its metadata says so.
        drop(timeout(LOGIN_PROBE, self.connection()).await);
        session.login(redirect_uri).await
    }

    /// Forgets what a login has brought. Whether there was anything.
    pub async fn logout(&self) -> Result<bool, LoginError> {
        let session = self.session().await?;
        session.forget().await.map_err(|error| LoginError::Store(error.to_string()))
    }

    async fn session(&self) -> Result<Session, LoginError> {
        let Endpoint::Http(remote) = &self.options.endpoint else {
            return Err(LoginError::NotConfigured { connector: self.options.name.clone() });
        };
        let client = self.shared.memory.client(&self.options, remote).await;
        let client = client.map_err(|failure| LoginError::Server(failure.error.operator_message()))?;
        let session = self.shared.memory.session(&self.options, remote, &client);
        session.ok_or_else(|| LoginError::NotConfigured { connector: self.options.name.clone() })
    }

    fn set_header(&mut self, name: &str, prefix: &'static str, secret: &Secret) -> Result<(), HeaderError> {
        let redactor = self.options.redactor.clone();
        match &mut self.options_mut().endpoint {
            Endpoint::Http(remote) => remote.header(name, prefix, secret, &redactor),
            Endpoint::Stdio(_) => Ok(()),
        }
    }
}
