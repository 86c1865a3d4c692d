//! How the connectors are: which have listed their tools, and which have not and why.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use codemode_connect as connect;
use serde::{Deserialize, Serialize};

use crate::Runtime;
use crate::registry::{Member, Registry};

/// One connector as it is now.
///
/// As JSON: `{name, status, tools, latencyMs?, error?}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConnectorInfo {
    /// Its name.
    pub name: String,
    /// How it is.
    pub status: ConnectorStatus,
    /// How many tools it has listed.
    pub tools: usize,
    /// How long it took to connect and list them, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Why it is not available, for the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a connector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectorStatus {
    /// It is being connected to for the first time, or again.
    Connecting,
    /// Its tools can be called.
    Ready,
    /// It could not be reached. It is tried again every few seconds, when something is run or searched for.
    Unavailable,
    /// A person has to log in first.
    LoginRequired,
}

/// How asking for the tools of a connector went last.
#[derive(Debug, Clone)]
pub(crate) enum Listed {
    Connecting,
    Ready { took: Duration },
    Failed(Arc<ListError>),
}

/// Why there are no tools.
#[derive(Debug)]
pub(crate) enum ListError {
    Connector(connect::Error),
    Panicked,
    /// The tools cannot be in the catalog.
    Catalog(codemode_catalog::Error),
}

impl ListError {
    /// What a model reads.
    pub(crate) fn message(&self, name: &str) -> String {
        match self {
            Self::Connector(error) => error.to_string(),
            Self::Panicked => format!("{name} is not available: it failed while it listed its tools"),
            Self::Catalog(error) => format!("{name} is not available: {error}"),
        }
    }

    fn operator_message(&self, name: &str) -> String {
        match self {
            Self::Connector(error) => error.operator_message(),
            Self::Panicked | Self::Catalog(_) => self.message(name),
        }
    }

    fn wants_login(&self) -> bool {
        matches!(self, Self::Connector(connect::Error::LoginRequired { .. }))
    }
}

impl Listed {
    /// What a program is told of a tool of this connector; `None` where its tools are known.
    pub(crate) fn unavailable(&self, name: &str) -> Option<String> {
        match self {
            Self::Ready { .. } => None,
            Self::Connecting => Some(format!("{name} is not available yet: it is being connected to")),
            Self::Failed(error) => Some(error.message(name)),
        }
    }
}

impl Runtime {
    /// All connectors, in the order in which they were added.
    pub fn connectors(&self) -> Vec<ConnectorInfo> {
        let registry = self.registry();
        registry.members_in_order().map(|(name, member)| info(&registry, name, member)).collect()
    }
}

fn info(registry: &Registry, name: &str, member: &Member) -> ConnectorInfo {
    let listed = member.listed();
    // Tools that were listed before can be called for as long as the connector itself can reach its upstream.
    let status = match (&listed, member.connector.state()) {
        (Listed::Connecting, _) => ConnectorStatus::Connecting,
        (Listed::Ready { .. }, connect::State::LoginRequired) => ConnectorStatus::LoginRequired,
        (Listed::Ready { .. }, connect::State::Unavailable { .. }) => ConnectorStatus::Unavailable,
        (Listed::Ready { .. }, _) => ConnectorStatus::Ready,
        (Listed::Failed(error), _) if error.wants_login() => ConnectorStatus::LoginRequired,
        (Listed::Failed(_), _) => ConnectorStatus::Unavailable,
    };
    let (latency_ms, error) = match (&listed, member.connector.state()) {
        (Listed::Ready { took }, state) => {
            let reason = match state {
                connect::State::Unavailable { reason, .. } => Some(reason.to_owned()),
                _ => None,
            };
            (Some(crate::meter::millis(*took)), reason)
        }
        (Listed::Connecting, _) => (None, None),
        (Listed::Failed(error), _) => (None, Some(error.operator_message(name))),
    };
    ConnectorInfo {
        name: name.to_owned(),
        status,
        tools: registry.catalog.tools(name).len(),
        latency_ms,
        error,
    }
}

impl Member {
    pub(crate) fn listed(&self) -> Listed {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_listed(&self, listed: Listed) {
        *self.listed.lock().unwrap_or_else(PoisonError::into_inner) = listed;
    }
}
