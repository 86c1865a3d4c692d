//! What may be said about the HTTP server, and what may be wrong with it.

use std::path::PathBuf;
use std::time::Duration;

use codemode::config::{Bind, Serve, ServeError};

/// What may be said about the HTTP server.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct HttpOptions {
    /// `[serve]` of the configuration.
    pub serve: Serve,
    /// The state folder, where tokens are. Without one there are none.
    pub state: Option<PathBuf>,
    /// Whether `/metrics` is answered, to whoever asks. Default: no; the metrics name connectors.
    pub metrics: bool,
    /// How long requests that are under way may take once the server is to stop. Default 10 seconds.
    pub grace: Option<Duration>,
}

impl HttpOptions {
    /// For this configuration.
    pub fn new(serve: Serve) -> Self {
        Self { serve, ..Self::default() }
    }

    /// With the tokens of this state folder.
    #[must_use]
    pub fn state(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = Some(folder.into());
        self
    }

    /// Sets [`metrics`](Self::metrics).
    #[must_use]
    pub fn metrics(mut self, metrics: bool) -> Self {
        self.metrics = metrics;
        self
    }

    /// Sets [`grace`](Self::grace).
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }
}

/// Why there is no HTTP server. For operators.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// It would serve whoever reaches it from elsewhere.
    #[error(
        "{0} can be reached from other machines, and nothing asks clients who they are: make a token with `codemode token \
         create NAME`, or give an issuer in [serve.auth], or bind to 127.0.0.1"
    )]
    Open(Bind),
    /// Tokens are asked for, and there is no folder to keep them in.
    #[error("tokens are asked for, and there is no state folder to keep them in")]
    NoState,
    /// The configuration is not whole.
    #[error(transparent)]
    Config(#[from] ServeError),
    /// The issuer of JWTs could never be reached.
    #[error("tokens of the issuer cannot be checked: {0}")]
    Issuer(codemode::connect::DocumentError),
    /// The address cannot be listened at.
    #[error("cannot listen at {bind}: {error}")]
    Bind {
        /// The address.
        bind: Bind,
        /// Why not.
        error: std::io::Error,
    },
}
