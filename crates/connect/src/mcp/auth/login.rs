//! One login by a person.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use rmcp::transport::auth::{AuthError, AuthorizationCallback, AuthorizationMetadata};
use tokio::time::timeout;
use url::Url;

use super::client::Machine;
use super::listener::LoginListener;
use super::record::Record;
use super::session::Session;

/// A login that has begun: somebody has to open [`url`](Self::url) in a browser, and what the browser is sent to then ends
/// it. Dropping it gives up.
///
/// ```no_run
/// # use std::time::Duration;
/// use codemode_connect::{LoginListener, Mcp, OAuth};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let github = Mcp::http("github", "https://mcp.example/mcp")?.oauth(OAuth::new("/var/lib/app/credentials"));
/// let listener = LoginListener::bind(0).await?;
/// let login = github.login(listener.uri()).await?;
/// println!("Open {}", login.url());
/// login.wait(listener, Duration::from_secs(300)).await?;
/// # Ok(())
/// # }
/// ```
pub struct Login {
    session: Session,
    machine: Machine,
    url: Url,
    /// What the answer must repeat.
    state: String,
    resource: String,
    metadata: AuthorizationMetadata,
    client_secret: Option<String>,
    redirect_uri: String,
}

/// Why nobody is logged in. For the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The connector was not told where to keep credentials, or is none that logs in.
    #[error("{connector} is no connector that logs in by OAuth")]
    NotConfigured {
        /// The connector.
        connector: String,
    },
    /// The server was not reached, or what it says about logins cannot be used.
    #[error("the login could not begin: {0}")]
    Server(String),
    /// The authorization server, or who was to log in, refused.
    #[error("the login was refused: {0}")]
    Refused(String),
    /// What came back is no answer to this login, or could not be exchanged for a token.
    #[error("the login failed: {0}")]
    Failed(String),
    /// The credentials could not be kept.
    #[error("the credentials could not be kept: {0}")]
    Store(String),
    /// Nobody logged in.
    #[error("nobody logged in within {} s", .0.as_secs())]
    TimedOut(Duration),
}

impl Session {
    /// Begins a login whose answer the browser will bring to `redirect_uri`.
    pub(in crate::mcp) async fn login(&self, redirect_uri: &str) -> Result<Login, LoginError> {
        let begin = self.begin(redirect_uri).await;
        begin.map_err(|error| match error {
            AuthError::CredentialStoreError(error) => LoginError::Store(error),
            error => LoginError::Server(self.shared.explain(&error)),
        })
    }

    async fn begin(&self, redirect_uri: &str) -> Result<Login, AuthError> {
        let shared = &self.shared;
        let known =
            shared.load().await.map_err(|error| AuthError::CredentialStoreError(error.to_string()))?;
        let mut machine = Machine::new(&shared.server, &shared.fetch).await?;
        let found = machine.manager.resolve_metadata_from_challenge(shared.challenge().as_deref()).await?;
        let metadata = found.metadata;
        shared.check_issuer(&metadata, known.as_ref())?;
        machine.manager.set_metadata(metadata.clone());
        // What is kept of another authorization server means nothing to this one.
        let known = known.filter(|known| known.issuer() == metadata.issuer.as_deref());
        let selected = machine.manager.select_initial_scopes(&[]).await;
        let scopes = scopes(&shared.options.scopes, known.as_ref(), selected, &metadata);
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let secret = shared.client_secret().await?;
        let client =
            machine.client(&shared.options, secret.as_ref(), &metadata, redirect_uri, &scopes).await?;
        let url = Url::parse(&machine.manager.get_authorization_url(&scopes).await?)?;
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let given = |name: &str| query.get(name).cloned().unwrap_or_default();
        let login = Login {
            session: self.clone(),
            machine,
            state: given("state"),
            resource: given("resource"),
            metadata,
            client_secret: client.client_secret,
            redirect_uri: redirect_uri.to_owned(),
            url,
        };
        Ok(login)
    }
}

impl Login {
    /// What to open in a browser. It holds no secret, but whoever opens it and logs in gives this connector their
    /// rights.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Ends the login by the URL that the browser was sent to.
    pub async fn finish(&self, callback: &str) -> Result<(), LoginError> {
        let url = Url::parse(callback).map_err(|error| LoginError::Failed(error.to_string()))?;
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        if query.get("state").map(String::as_str) != Some(self.state.as_str()) {
            return Err(LoginError::Failed("what came back belongs to another login".to_owned()));
        }
        if let Some(error) = query.get("error") {
            let description =
                query.get("error_description").map_or(String::new(), |text| format!(": {text}"));
            let said = self.session.shared.redacted(&format!("{error}{description}"));
            return Err(LoginError::Refused(said));
        }
        self.exchange(callback).await.map_err(|error| match error {
            AuthError::CredentialStoreError(error) => LoginError::Store(error),
            error => LoginError::Failed(self.session.shared.explain(&error)),
        })
    }

    /// Waits for the browser, and ends the login by what it brings. The browser is told how it went.
    pub async fn wait(self, listener: LoginListener, limit: Duration) -> Result<(), LoginError> {
        let arrived = timeout(limit, listener.arrival(&self.state)).await;
        let arrival = arrived.map_err(|_| LoginError::TimedOut(limit))?;
        let outcome = self.finish(&arrival.url).await;
        arrival.answer(outcome.is_ok()).await;
        outcome
    }

    async fn exchange(&self, callback: &str) -> Result<(), AuthError> {
        let AuthorizationCallback { code, csrf_token, issuer, .. } =
            AuthorizationCallback::from_redirect_url(callback)?;
        let manager = &self.machine.manager;
        manager.exchange_code_for_token_with_issuer(&code, &csrf_token, issuer.as_deref()).await?;
        let shared = &self.session.shared;
        let record = Record::new(
            shared.server.to_string(),
            self.resource.clone(),
            self.metadata.clone(),
            self.client_secret.clone(),
            self.redirect_uri.clone(),
            self.machine.credentials().await?,
        );
        let _alone = shared.alone().await?;
        shared.save(&record).await?;
        shared.logged_in();
        Ok(())
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("issuer", &self.metadata.issuer).finish_non_exhaustive()
    }
}

/// What to ask for: the operator's choice, or what the server names, with what was granted before and what the server has
/// asked for since. `offline_access` where the authorization server knows it: without it, some give no refresh token.
fn scopes(
    given: &[String],
    known: Option<&Record>,
    selected: Vec<String>,
    metadata: &AuthorizationMetadata,
) -> Vec<String> {
    const OFFLINE: &str = "offline_access";
    let mut scopes = if given.is_empty() { selected } else { given.to_vec() };
    if let Some(known) = known.filter(|known| !known.wanted.is_empty()) {
        scopes.extend(known.credentials.granted_scopes.iter().chain(&known.wanted).cloned());
    }
    let supported = metadata.scopes_supported.iter().flatten();
    if !scopes.is_empty() {
        scopes.extend(supported.filter(|scope| *scope == OFFLINE).cloned());
    }
    let mut seen = std::collections::HashSet::new();
    scopes.retain(|scope| seen.insert(scope.clone()));
    scopes
}
