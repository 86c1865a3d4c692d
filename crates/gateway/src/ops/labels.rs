//! The labels of metrics. Each is of a fixed set, or names what the operator configured.

use prometheus_client::encoding::EncodeLabelSet;

/// How a run ended: `completed`, a kind of failure, or `abandoned` where nobody waited for it any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Run {
    pub(super) outcome: &'static str,
}

/// A tool call by its connector: a name of the catalog, or `unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Call {
    pub(super) connector: String,
    pub(super) outcome: &'static str,
}

/// Connectors by how they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct State {
    pub(super) state: &'static str,
}

/// One connector.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Connector {
    pub(super) connector: String,
}

/// Answers over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Status {
    pub(super) status: u16,
}

/// What was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reason {
    pub(super) reason: &'static str,
}

/// Reloads of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reload {
    pub(super) outcome: &'static str,
}
