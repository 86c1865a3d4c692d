//! Accepts connections and hands their requests on.

use std::sync::Arc;

use axum::Router;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::mcp::Server;
use crate::{Gateway, Principal};

/// What may be said about the HTTP server.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct HttpOptions {
    /// Whether `/metrics` is answered, to whoever asks. Default: no; the metrics name connectors.
    pub metrics: bool,
}

impl HttpOptions {
    /// Sets [`metrics`](Self::metrics).
    #[must_use]
    pub fn metrics(mut self, metrics: bool) -> Self {
        self.metrics = metrics;
        self
    }
}

/// Why the HTTP server ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The listener failed.
    #[error("cannot accept connections: {0}")]
    Accept(#[from] std::io::Error),
}

/// Serves MCP at `/mcp`, and what an operator asks for ([`Ops::pages`](crate::Ops::pages)), until `stop` is cancelled.
///
/// # Errors
///
/// [`HttpError`] where the listener fails.
pub async fn serve_http(
    gateway: &Gateway,
    principal: Principal,
    listener: TcpListener,
    options: HttpOptions,
    stop: CancellationToken,
) -> Result<(), HttpError> {
    let config = StreamableHttpServerConfig::default().with_cancellation_token(stop.child_token());
    let sessions = Arc::new(LocalSessionManager::default());
    let gateway = gateway.clone();
    let pages = gateway.ops().pages(options.metrics);
    let service = StreamableHttpService::new(
        move || Ok(Server::local(&gateway, principal.clone(), CancellationToken::new())),
        sessions,
        config,
    );
    let router = Router::new().nest_service("/mcp", service).merge(pages);
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await?;
    Ok(())
}
