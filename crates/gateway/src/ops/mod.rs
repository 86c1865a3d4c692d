//! What an operator sees: whether the gateway is ready, what it does, and how that goes.
//!
//! [`metrics`] counts, [`run`] follows one run for the counts and the log, [`pages`] answers `/healthz`, `/readyz` and
//! `/metrics`. No label, line or span holds arguments, results or anything else that a program or a client made up; names of
//! connectors and tools are those of the catalog.

mod labels;
mod machine;
mod metrics;
mod pages;
mod run;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests;
#[cfg(feature = "otel")]
mod trace;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use codemode::{ConnectorStatus, Runtime};

pub(crate) use metrics::Refusal;
pub(crate) use run::RunWatch;
#[cfg(feature = "otel")]
pub use trace::Traces;

use metrics::Metrics;

/// What is counted of a gateway, and what it is asked for by its operator. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Ops {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    metrics: Metrics,
    runtime: OnceLock<Runtime>,
}

impl Ops {
    /// Tells of this runtime from now on: of its connectors and isolates. Only the first counts.
    pub fn watch(&self, runtime: &Runtime) {
        let _ = self.inner.runtime.set(runtime.clone());
    }

    /// A request over HTTP was answered with this status.
    pub(crate) fn answered(&self, status: u16) {
        self.inner.metrics.answered(status);
    }

    /// A request or a connection was refused before it reached anything.
    pub(crate) fn refused(&self, why: Refusal) {
        self.inner.metrics.refused(why);
    }

    /// Bytes of bodies that came in and went out.
    pub(crate) fn transferred(&self, received: u64, sent: u64) {
        self.inner.metrics.transferred(received, sent);
    }

    /// A configuration that had changed was taken over, or could not be.
    pub fn reloaded(&self, ok: bool) {
        self.inner.metrics.reloaded(ok);
    }

    /// The connectors that have neither listed their tools nor failed to yet. What is ready is ready without those that
    /// failed: they are told of in `/readyz` and in the metrics, and hold up nothing.
    fn connecting(&self) -> Option<Vec<String>> {
        let connectors = self.inner.runtime.get()?.connectors();
        let connecting = connectors.into_iter().filter(|one| one.status == ConnectorStatus::Connecting);
        Some(connecting.map(|one| one.name).collect())
    }
}

/// The client's own span, in which a request is made, as W3C's Trace Context writes it. Untrusted: it can only be a parent.
#[derive(Debug, Clone, Default)]
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "only traces have parents"))]
pub(crate) struct Parent {
    pub(crate) traceparent: Option<String>,
    pub(crate) tracestate: Option<String>,
}

impl Parent {
    /// The most bytes of each that count: a `traceparent` has 55, a `tracestate` has to be kept up to 512.
    pub(crate) const MAX_BYTES: usize = 512;
}

impl Ops {
    /// Follows a run that begins now, for whoever it is.
    pub(crate) fn run(&self, principal: &str, request: &str, parent: &Parent) -> RunWatch {
        RunWatch::new(self.clone(), principal, request, parent)
    }
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
