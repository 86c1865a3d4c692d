//! rmcp's state machine, set up for one request.

use std::sync::Arc;

use rmcp::transport::auth::{
    AuthError, AuthorizationManager, AuthorizationMetadata, ClientCredentialsConfig, CredentialStore,
    InMemoryCredentialStore, OAuthClientConfig, StoredCredentials,
};
use url::Url;

use super::fetch::Fetch;
use super::options::OAuth;
use super::record::Record;
use crate::secret::Revealed;

/// How we call ourselves where we register.
const NAME: &str = "codemode";

/// A state machine, and where it leaves what it was given.
pub(super) struct Machine {
    pub(super) manager: AuthorizationManager,
    kept: InMemoryCredentialStore,
}

impl Machine {
    pub(super) async fn new(resource: &Url, fetch: &Fetch) -> Result<Self, AuthError> {
        let fetch = Arc::new(fetch.clone());
        let mut manager = AuthorizationManager::new_with_oauth_http_client(resource.clone(), fetch).await?;
        let kept = InMemoryCredentialStore::new();
        manager.set_credential_store(kept.clone());
        Ok(Self { manager, kept })
    }

    /// What it was given last.
    pub(super) async fn credentials(&self) -> Result<StoredCredentials, AuthError> {
        self.kept.load().await?.ok_or(AuthError::AuthorizationRequired)
    }

    /// The client to log in as: registered beforehand, described by a document, or registered now.
    pub(super) async fn client(
        &mut self,
        options: &OAuth,
        secret: Option<&Revealed>,
        metadata: &AuthorizationMetadata,
        redirect_uri: &str,
        scopes: &[&str],
    ) -> Result<OAuthClientConfig, AuthError> {
        let supports_documents = metadata
            .additional_fields
            .get("client_id_metadata_document_supported")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or_default();
        let config = match (&options.client, &options.client_metadata_url) {
            (Some((id, _)), _) => with_secret(OAuthClientConfig::new(id, redirect_uri), secret),
            (None, Some(url)) if supports_documents => OAuthClientConfig::new(url, redirect_uri),
            _ => return self.manager.register_client(NAME, redirect_uri, scopes).await,
        };
        self.manager.configure_client(config.clone())?;
        Ok(config)
    }

    /// New tokens for those in `record`, from who issued them.
    pub(super) async fn refresh(record: &Record, fetch: &Fetch) -> Result<StoredCredentials, AuthError> {
        let mut machine = Self::new(&Url::parse(&record.resource)?, fetch).await?;
        machine.manager.set_metadata(record.metadata.clone());
        let mut config = OAuthClientConfig::new(&record.credentials.client_id, &record.redirect_uri);
        if let Some(secret) = &record.client_secret {
            config = config.with_client_secret(secret);
        }
        machine.manager.configure_client(config)?;
        machine.kept.save(record.credentials.clone()).await?;
        machine.manager.refresh_token().await?;
        machine.credentials().await
    }

    /// A token for the client itself.
    pub(super) async fn exchange(
        mut self,
        (id, secret): (&str, &Revealed),
        scopes: Vec<String>,
        resource: &str,
    ) -> Result<StoredCredentials, AuthError> {
        let config = ClientCredentialsConfig::ClientSecret {
            client_id: id.to_owned(),
            client_secret: secret.expose().to_owned(),
            scopes,
            resource: Some(resource.to_owned()),
        };
        self.manager.validate_client_credentials_metadata(&config)?;
        self.manager.configure_client_credentials(&config)?;
        self.manager.exchange_client_credentials(&config).await?;
        self.credentials().await
    }
}

fn with_secret(config: OAuthClientConfig, secret: Option<&Revealed>) -> OAuthClientConfig {
    match secret {
        Some(secret) => config.with_client_secret(secret.expose()),
        None => config,
    }
}
