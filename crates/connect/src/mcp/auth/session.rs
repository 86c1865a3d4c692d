//! The tokens of one connector: which one to send, and when it is renewed.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::transport::auth::{AuthError, AuthorizationMetadata, WWWAuthenticateParams};
use url::Url;

use super::client::Machine;
use super::fetch::Fetch;
use super::options::OAuth;
use super::record::{Record, Token};
use super::store::Store;
use crate::http::Client;
use crate::secret::{MIN_BYTES, Redactor, Revealed};
use crate::{Detail, Error, SecretError};

/// Characters of an authorization server's words that an operator is shown.
const MAX_DETAIL: usize = 2000;

/// Scopes that a server may want besides in all: services with many know some dozens.
const MAX_WANTED: usize = 100;

/// Bytes of a challenge that are kept.
const MAX_CHALLENGE: usize = 8 * 1024;

/// Where a connector is logged in. Cheap to clone.
#[derive(Clone)]
pub(in crate::mcp) struct Session {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) connector: String,
    pub(super) server: Url,
    pub(super) options: OAuth,
    pub(super) fetch: Fetch,
    pub(super) store: Store,
    redactor: Arc<Redactor>,
    /// Held while tokens are renewed, so that one task of this process does it.
    renewing: tokio::sync::Mutex<()>,
    /// What the server last said about who may come in.
    challenge: Mutex<Option<String>>,
    needs_login: AtomicBool,
}

impl Session {
    pub(in crate::mcp) fn new(
        connector: &str,
        server: &Url,
        options: OAuth,
        client: Client,
        redactor: Arc<Redactor>,
    ) -> Self {
        let store = Store::new(&options.folder, connector, server.as_str());
        let fetch = Fetch::new(client, server);
        let shared = Shared {
            connector: connector.to_owned(),
            server: server.clone(),
            options,
            fetch,
            store,
            redactor,
            renewing: tokio::sync::Mutex::default(),
            challenge: Mutex::default(),
            needs_login: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Whether the last request was refused for want of a login.
    pub(in crate::mcp) fn needs_login(&self) -> bool {
        self.shared.needs_login.load(Ordering::Acquire)
    }

    /// What to send with a request; `None` where nobody has logged in, which the server may not mind.
    pub(in crate::mcp) async fn token(&self) -> Result<Option<Token>, Error> {
        let record = self.shared.load().await.map_err(|error| self.shared.store_failed(&error))?;
        match record.as_ref().and_then(Record::token) {
            Some(token) if record.is_some_and(|record| !record.is_stale()) => Ok(Some(token)),
            Some(token) => self.renew(Some(token)).await.map(Some),
            None if self.shared.options.is_machine => self.renew(None).await.map(Some),
            None => Ok(None),
        }
    }

    /// The server took the last request.
    pub(in crate::mcp) fn accepted(&self) {
        self.shared.needs_login.store(false, Ordering::Release);
    }

    /// Another token than `token`, which the server did not take; an error where there is none.
    pub(in crate::mcp) async fn refused(
        &self,
        token: Option<Token>,
        challenge: Option<&str>,
    ) -> Result<Token, Error> {
        self.shared.remember(challenge);
        match token {
            Some(token) => self.renew(Some(token)).await,
            None if self.shared.options.is_machine => self.renew(None).await,
            None => Err(self.login_required()),
        }
    }

    /// The server wants more scopes than `token` has. A client that logs in for itself asks for them at once, if it has not
    /// yet; for others the next login does, until which this is an error.
    pub(in crate::mcp) async fn insufficient(
        &self,
        token: Option<Token>,
        challenge: &str,
    ) -> Result<Token, Error> {
        self.shared.remember(Some(challenge));
        let wanted = WWWAuthenticateParams::parse(challenge, &self.shared.server).scope;
        // Kept, because the login is another process's business; what cannot be kept is asked for again by the server.
        let is_new = self.shared.want(wanted.unwrap_or_default()).await.unwrap_or_default();
        match token {
            Some(token) if self.shared.options.is_machine && is_new => self.renew(Some(token)).await,
            _ => Err(self.login_required()),
        }
    }

    /// Nobody is logged in, or not with what it takes.
    pub(in crate::mcp) fn login_required(&self) -> Error {
        self.shared.needs_login.store(true, Ordering::Release);
        Error::LoginRequired { connector: self.shared.connector.clone() }
    }

    /// Forgets the credentials. Whether there were any.
    pub(in crate::mcp) async fn forget(&self) -> io::Result<bool> {
        let _one = self.shared.renewing.lock().await;
        let _lock = self.shared.store.lock().await?;
        self.shared.store.clear().await
    }

    /// Another token than `stale`. It is renewed to the end even if the caller gives up: a refresh token that is good for
    /// one use must not be lost on the way.
    async fn renew(&self, stale: Option<Token>) -> Result<Token, Error> {
        let shared = self.shared.clone();
        let renewed = tokio::spawn(async move { shared.renew(stale).await }).await;
        match renewed {
            Ok(Ok(token)) => Ok(token),
            Ok(Err(AuthError::AuthorizationRequired | AuthError::TokenRefreshRejected(_))) => {
                Err(self.login_required())
            }
            Ok(Err(error)) => Err(self.shared.failed(&error)),
            Err(_) => Err(self.shared.unavailable("its login was interrupted", String::new())),
        }
    }
}

impl Shared {
    /// What is kept. Its secrets are hidden from now on.
    pub(super) async fn load(&self) -> io::Result<Option<Record>> {
        let record = self.store.load().await?;
        if let Some(record) = &record {
            self.hide(record);
        }
        Ok(record)
    }

    /// Keeps `record`. Its secrets are hidden from now on.
    pub(super) async fn save(&self, record: &Record) -> Result<(), AuthError> {
        self.hide(record);
        self.store.save(record).await.map_err(|error| AuthError::CredentialStoreError(error.to_string()))
    }

    pub(super) fn challenge(&self) -> Option<String> {
        self.challenge.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A login has ended well.
    pub(super) fn logged_in(&self) {
        *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.needs_login.store(false, Ordering::Release);
    }

    /// Held by who changes what is kept: one task of one process.
    pub(super) async fn alone(&self) -> Result<impl Send + '_, AuthError> {
        let task = self.renewing.lock().await;
        let process = self.store.lock().await;
        let process = process.map_err(|error| AuthError::CredentialStoreError(error.to_string()))?;
        Ok((task, process))
    }

    /// Refuses an authorization server that is not the one to use: the operator's choice, or for a client that was
    /// registered beforehand the one of its first login. One that does not name itself is known by its token endpoint.
    pub(super) fn check_issuer(
        &self,
        found: &AuthorizationMetadata,
        known: Option<&Record>,
    ) -> Result<(), AuthError> {
        let is_registered = |record: &&Record| {
            self.options.client.as_ref().is_some_and(|(id, _)| *id == record.credentials.client_id)
        };
        let known = known.filter(is_registered).map(|known| &known.metadata);
        check(self.options.issuer.as_deref(), known, found)
    }

    async fn renew(&self, stale: Option<Token>) -> Result<Token, AuthError> {
        let _alone = self.alone().await?;
        let record = self.load().await.map_err(|error| AuthError::CredentialStoreError(error.to_string()))?;
        if let Some(record) = &record
            && let Some(token) = record.token()
            && stale.as_ref() != Some(&token)
            && !record.is_stale()
        {
            // Somebody else was faster.
            return Ok(token);
        }
        let renewed = if self.options.is_machine {
            self.exchange(record.as_ref()).await?
        } else {
            let mut record = record.ok_or(AuthError::AuthorizationRequired)?;
            // The operator may have chosen another one since.
            self.check_issuer(&record.metadata, None).map_err(|_| AuthError::AuthorizationRequired)?;
            match Machine::refresh(&record, &self.fetch).await {
                Ok(credentials) => record.credentials = credentials,
                Err(error) => {
                    if matches!(error, AuthError::TokenRefreshRejected(_)) {
                        record.credentials.token_response = None;
                        self.save(&record).await?;
                    }
                    return Err(error);
                }
            }
            record
        };
        self.save(&renewed).await?;
        renewed.token().ok_or(AuthError::AuthorizationRequired)
    }

    /// The secret of a client that was registered beforehand, if it has one. It is hidden from now on.
    pub(super) async fn client_secret(&self) -> Result<Option<Revealed>, AuthError> {
        let Some((_, Some(secret))) = &self.options.client else { return Ok(None) };
        let failed =
            |error: SecretError| AuthError::ClientCredentialsError(format!("the client's secret: {error}"));
        self.redactor.reveal(secret).await.map(Some).map_err(failed)
    }

    /// A token for the client itself.
    async fn exchange(&self, known: Option<&Record>) -> Result<Record, AuthError> {
        let secret = self.client_secret().await?;
        let (Some((id, _)), Some(secret)) = (&self.options.client, &secret) else {
            let message = "client credentials need a client and its secret".to_owned();
            return Err(AuthError::ClientCredentialsError(message));
        };
        let mut machine = Machine::new(&self.server, &self.fetch).await?;
        let found = machine.manager.resolve_metadata_from_challenge(self.challenge().as_deref()).await?;
        self.check_issuer(&found.metadata, known)?;
        machine.manager.set_metadata(found.metadata.clone());
        let mut scopes = match self.options.scopes.as_slice() {
            [] => machine.manager.select_initial_scopes(&[]).await,
            given => given.to_vec(),
        };
        let wanted = known.map(|known| known.wanted.clone()).unwrap_or_default();
        let more: Vec<String> = wanted.iter().filter(|scope| !scopes.contains(scope)).cloned().collect();
        scopes.extend(more);
        let credentials = machine.exchange((id, secret), scopes, self.server.as_str()).await?;
        let (server, secret) = (self.server.to_string(), secret.expose().to_owned());
        let mut record =
            Record::new(server.clone(), server, found.metadata, Some(secret), String::new(), credentials);
        record.wanted = wanted;
        Ok(record)
    }

    /// Keeps what a server wants besides. Whether there was anything new.
    async fn want(&self, scopes: String) -> Result<bool, AuthError> {
        let _alone = self.alone().await?;
        let failed = |error: io::Error| AuthError::CredentialStoreError(error.to_string());
        let Some(mut record) = self.load().await.map_err(failed)? else { return Ok(false) };
        let missing =
            scopes.split_whitespace().filter(|scope| !record.wanted.iter().any(|known| known == scope));
        let missing: Vec<String> = missing.map(str::to_owned).collect();
        if missing.is_empty() || record.wanted.len() + missing.len() > MAX_WANTED {
            return Ok(false);
        }
        record.wanted.extend(missing);
        self.save(&record).await.map(|()| true)
    }

    fn remember(&self, challenge: Option<&str>) {
        if let Some(challenge) = challenge.filter(|challenge| challenge.len() <= MAX_CHALLENGE) {
            *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = Some(challenge.to_owned());
        }
    }

    fn hide(&self, record: &Record) {
        for token in record.tokens().iter().filter(|token| token.len() >= MIN_BYTES) {
            self.redactor.add_token(token);
        }
        if let Some(secret) = record.client_secret.as_ref().filter(|secret| secret.len() >= MIN_BYTES) {
            self.redactor.add_client(&record.credentials.client_id, secret);
        }
    }

    /// What rmcp reports of a login, for the operator. An authorization server may repeat what it was sent.
    pub(super) fn explain(&self, error: &AuthError) -> String {
        self.redacted(&self.fetch.explain(error))
    }

    /// An authorization server's words, for the operator.
    pub(super) fn redacted(&self, said: &str) -> String {
        self.redactor.start(said, MAX_DETAIL)
    }

    fn failed(&self, error: &AuthError) -> Error {
        let reason = match error {
            AuthError::CredentialStoreError(_) => "its credentials could not be read or kept",
            _ => "its authorization server gave no token",
        };
        self.unavailable(reason, self.fetch.explain(error))
    }

    fn store_failed(&self, error: &io::Error) -> Error {
        self.unavailable("its credentials could not be read or kept", error.to_string())
    }

    fn unavailable(&self, reason: &'static str, detail: String) -> Error {
        let detail = Detail(self.redactor.start(&detail, MAX_DETAIL));
        Error::Unavailable { connector: self.connector.clone(), reason, retry_in: None, detail }
    }
}

/// Whether `found` is the issuer that was `chosen`, or else the one that is `known`.
fn check(
    chosen: Option<&str>,
    known: Option<&AuthorizationMetadata>,
    found: &AuthorizationMetadata,
) -> Result<(), AuthError> {
    let issuer = found.issuer.as_deref();
    let (expected, received) = match (chosen, known) {
        (Some(chosen), _) => (chosen, issuer),
        (None, Some(AuthorizationMetadata { issuer: Some(known), .. })) => (known.as_str(), issuer),
        (None, Some(known)) => (known.token_endpoint.as_str(), Some(found.token_endpoint.as_str())),
        (None, None) => return Ok(()),
    };
    if received.is_some_and(|received| received.trim_end_matches('/') == expected.trim_end_matches('/')) {
        return Ok(());
    }
    Err(AuthError::AuthorizationServerMismatch {
        expected_issuer: expected.to_owned(),
        received_issuer: received.unwrap_or("no issuer").to_owned(),
    })
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_registered_client_stays_with_who_knows_it() {
        let metadata = |issuer: Option<&str>, host: &str| -> AuthorizationMetadata {
            let endpoint = |path| format!("https://{host}/{path}");
            let metadata = json!({
                "issuer": issuer, "authorization_endpoint": endpoint("authorize"), "token_endpoint": endpoint("token"),
            });
            serde_json::from_value(metadata).unwrap()
        };
        let (named, nameless) = (metadata(Some("https://a/"), "a"), metadata(None, "a"));
        for (chosen, known, found, is_right) in [
            (None, None, &nameless, true),
            (Some("https://a"), None, &named, true),
            (Some("https://a"), None, &nameless, false),
            (Some("https://b"), Some(&named), &named, false),
            (None, Some(&named), &metadata(Some("https://a"), "b"), true),
            (None, Some(&named), &nameless, false),
            // One without a name is known by its token endpoint.
            (None, Some(&nameless), &named, true),
            (None, Some(&nameless), &metadata(None, "b"), false),
            (None, Some(&nameless), &metadata(Some("https://b"), "b"), false),
        ] {
            assert_eq!(check(chosen, known, found).is_ok(), is_right, "{chosen:?} {known:?} {found:?}");
        }
    }
}
