//! What all connections of a gateway share.

use std::sync::Arc;
use std::time::Duration;

use crate::Ops;
use crate::mcp::Shared;

/// A gateway: what is kept between requests, whichever way they come. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Gateway {
    pub(crate) shared: Arc<Shared>,
}

/// What may be said about a gateway.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GatewayOptions {
    /// How long a call of `execute` is waited for before it is answered that the program is running: then its client
    /// asks again with the run's id. Default 50 seconds: many clients give a request up after 60.
    pub wait: Duration,
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self { wait: Duration::from_secs(50) }
    }
}

impl GatewayOptions {
    /// Sets [`wait`](Self::wait).
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

impl Gateway {
    /// A gateway without connections.
    pub fn new(options: GatewayOptions) -> Self {
        Self { shared: Arc::new(Shared::new(options)) }
    }

    /// What its operator sees.
    pub fn ops(&self) -> &Ops {
        &self.shared.ops
    }
}

impl Default for Gateway {
    fn default() -> Self {
        Self::new(GatewayOptions::default())
    }
}
