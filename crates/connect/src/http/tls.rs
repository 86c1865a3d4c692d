//! How connections are encrypted.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;

/// TLS 1.2 and 1.3 by `ring`, with the certificates that this machine trusts: an operator's own authority counts, and
/// the list is renewed with the system instead of with us. Nothing of the process is set, so that an embedding program
/// may use another provider.
pub(super) fn config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}
