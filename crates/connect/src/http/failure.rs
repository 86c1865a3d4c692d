//! Why a request brought no answer.

use std::time::Duration;

use super::guard::Refusal;
use super::resolve::refusal;
use crate::{Delivery, Detail, Error};

/// A request without an answer that can be used. Its `Display` is for the operator: it names hosts and addresses, and
/// never the path or query of a URL.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Failure {
    /// The guard refused the host.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No connection was made: nothing was sent.
    #[error("{detail}")]
    NotConnected { reason: &'static str, detail: String },
    /// The request is none that HTTP can carry: nothing was sent.
    #[error("{0}")]
    Unsendable(String),
    /// The connection broke while the request was sent or the answer was read.
    #[error("{0}")]
    Broken(String),
    /// Time ran out.
    #[error("no answer within {} ms", .limit.as_millis())]
    TimedOut { limit: Duration },
    /// The body is larger than allowed.
    #[error("the answer has more than {limit} bytes")]
    TooLarge { observed: u64, limit: u64 },
    /// The body is not what its encoding says.
    #[error("{0}")]
    Encoding(&'static str),
}

impl Failure {
    /// What `error` means, which a request or the reading of its answer ended with.
    pub(super) fn of(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if let Some(refusal) = refusal(&error) {
            return Self::Refused(refusal.clone());
        }
        let detail = causes(&error);
        if error.is_builder() {
            Self::Unsendable(detail)
        } else if error.is_dns() {
            Self::NotConnected { reason: "the name of its host is not known", detail }
        } else if error.is_connect() {
            Self::NotConnected { reason: not_connected(&error), detail }
        } else if error.is_decode() {
            Self::Encoding("it is not compressed as it says")
        } else {
            Self::Broken(detail)
        }
    }

    /// Whether the request may have been executed.
    pub(crate) fn delivery(&self) -> Delivery {
        match self {
            Self::Refused(_) | Self::NotConnected { .. } | Self::Unsendable(_) => Delivery::NotSent,
            _ => Delivery::MaybeSent,
        }
    }

    /// Whether another attempt may go better: nothing of this one was sent, and the network may have been the reason.
    pub(crate) fn is_not_connected(&self) -> bool {
        matches!(self, Self::NotConnected { .. })
    }

    /// The failure as an error of this connector.
    pub(crate) fn into_error(self, connector: &str) -> Error {
        let detail = Detail(self.to_string());
        let connector = connector.to_owned();
        match self {
            Self::Refused(Refusal::NoAddress { .. }) => {
                Error::Unavailable { connector, reason: "its host has no address", retry_in: None, detail }
            }
            Self::Refused(_) => Error::Unavailable {
                connector,
                reason: "its host is at a private address, which it may not reach unless the operator allows it",
                retry_in: None,
                detail,
            },
            Self::NotConnected { reason, .. } => {
                Error::Unavailable { connector, reason, retry_in: None, detail }
            }
            Self::Unsendable(_) => Error::Unavailable {
                connector,
                reason: "the request cannot be sent by HTTP",
                retry_in: None,
                detail,
            },
            Self::Broken(_) => Error::Disconnected { connector, detail },
            Self::TimedOut { limit } => Error::TimedOut { connector, limit },
            Self::TooLarge { observed, limit } => Error::TooLarge { connector, observed, limit },
            Self::Encoding(what) => Error::Answer { connector, what },
        }
    }
}

fn not_connected(error: &reqwest::Error) -> &'static str {
    if is_of_tls(error) {
        "no encrypted connection could be agreed on"
    } else if error.is_timeout() {
        "it did not accept a connection in time"
    } else {
        "it did not accept a connection"
    }
}

/// Whether the connection failed for its encryption. An input or output error does not count what it wraps among its
/// causes.
fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
        next = wrapped.map(|inner| inner as _).or_else(|| error.source());
    }
    false
}

/// An error with its causes; each knows no more of the request than host and port.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
