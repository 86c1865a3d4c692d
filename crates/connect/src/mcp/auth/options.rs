//! What an operator says about a server's logins.

use std::fmt;
use std::path::PathBuf;

use crate::Secret;

/// How a connector logs in to a server that asks for OAuth 2.1, and where it keeps what it gets.
///
/// The client is, in this order: the one that was [registered](Self::client) with the authorization server beforehand; the
/// one that a [document](Self::client_metadata_url) describes, where the server takes those; one that is registered at
/// each login.
///
/// Credentials are kept in one file a connector, which only its owner can read. They are used for the server they were
/// given for, and renewed where they were issued; no other server or issuer gets them. One process at a time renews them.
#[derive(Clone)]
pub struct OAuth {
    pub(super) folder: PathBuf,
    pub(super) client: Option<(String, Option<Secret>)>,
    pub(super) client_metadata_url: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) issuer: Option<String>,
    pub(super) is_machine: bool,
}

impl OAuth {
    /// Credentials in files in `folder`, which is made when the first is written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            client: None,
            client_metadata_url: None,
            scopes: Vec::new(),
            issuer: None,
            is_machine: false,
        }
    }

    /// The client that was registered with the authorization server. It is used with the issuer of its first login, or the
    /// one [given](Self::issuer), and no other.
    pub fn client(mut self, id: impl Into<String>, secret: Option<Secret>) -> Self {
        self.client = Some((id.into(), secret));
        self
    }

    /// The `https` URL of a document that describes the client (a client id metadata document).
    pub fn client_metadata_url(mut self, url: impl Into<String>) -> Self {
        self.client_metadata_url = Some(url.into());
        self
    }

    /// Asks for these scopes, instead of those that the server names.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The only authorization server to use, by the issuer it calls itself.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Logs in as the [client](Self::client) itself, by its secret (client credentials): no person is needed.
    pub fn client_credentials(mut self) -> Self {
        self.is_machine = true;
        self
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth")
            .field("client", &self.client.as_ref().map(|(id, _)| id))
            .field("client_metadata_url", &self.client_metadata_url)
            .field("scopes", &self.scopes)
            .field("issuer", &self.issuer)
            .field("is_machine", &self.is_machine)
            .finish_non_exhaustive()
    }
}
