//! What is kept of a login.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rmcp::transport::auth::{AuthorizationMetadata, OAuthTokenResponse, StoredCredentials};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A token is renewed this long before its end, so that it does not expire on the way.
const MARGIN: Duration = Duration::from_secs(30);

/// The form of the file; another one is as good as none.
const VERSION: u32 = 1;

/// What is kept of one connector's login: enough to renew it without asking anybody but who issued it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    /// The server's URL that the login was made for, as it is configured.
    pub(super) server: String,
    /// What tokens are asked for: the server as it calls itself.
    pub(super) resource: String,
    /// The authorization server, with its endpoints.
    pub(super) metadata: AuthorizationMetadata,
    /// The secret that came with the registration, or the operator's.
    pub(super) client_secret: Option<String>,
    pub(super) redirect_uri: String,
    /// Client, tokens, scopes.
    pub(super) credentials: StoredCredentials,
    /// Scopes that the server has asked for since, which the next login asks for as well.
    #[serde(default)]
    pub(super) wanted: Vec<String>,
}

/// A token as it goes into a header.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::mcp) struct Token(pub(in crate::mcp) String);

impl Record {
    pub(super) fn new(
        server: String,
        resource: String,
        metadata: AuthorizationMetadata,
        client_secret: Option<String>,
        redirect_uri: String,
        credentials: StoredCredentials,
    ) -> Self {
        let wanted = Vec::new();
        Self {
            version: VERSION,
            server,
            resource,
            metadata,
            client_secret,
            redirect_uri,
            credentials,
            wanted,
        }
    }

    /// What was written, where it is for this server.
    pub(super) fn read(bytes: &[u8], server: &str) -> Option<Self> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        (record.version == VERSION && record.server == server).then_some(record)
    }

    /// The access token, whether or not it is still good.
    pub(super) fn token(&self) -> Option<Token> {
        self.field("access_token").map(Token)
    }

    /// Whether the access token is about to expire.
    pub(super) fn is_stale(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let life = self.response().as_ref().and_then(|response| response.get("expires_in")?.as_u64());
        let (Some(life), Some(received)) = (life, self.credentials.token_received_at) else { return false };
        // A clock that was set back makes a token look young, never old: the server has the last word.
        now + MARGIN >= Duration::from_secs(received.saturating_add(life))
    }

    /// What must not be shown, besides the client's secret.
    pub(super) fn tokens(&self) -> Vec<String> {
        let tokens = ["access_token", "refresh_token", "id_token"].map(|name| self.field(name));
        tokens.into_iter().flatten().collect()
    }

    pub(super) fn issuer(&self) -> Option<&str> {
        self.metadata.issuer.as_deref()
    }

    fn field(&self, name: &str) -> Option<String> {
        self.response()?.get(name)?.as_str().map(str::to_owned)
    }

    fn response(&self) -> Option<Value> {
        self.credentials.token_response.as_ref().and_then(json)
    }
}

/// rmcp's own accessors are those of a crate that it does not hand on.
fn json(response: &OAuthTokenResponse) -> Option<Value> {
    serde_json::to_value(response).ok()
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
