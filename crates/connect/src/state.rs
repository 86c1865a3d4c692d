//! How a connection is.

use std::time::Duration;

/// How a connector's upstream is, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Not connected yet; the next use connects.
    Idle,
    /// Connected, or without a connection to lose.
    Ready,
    /// The last attempt failed or the connection ended.
    Unavailable {
        /// What happened, in words that name nothing of the host.
        reason: &'static str,
        /// What is left of the pause before the next attempt.
        retry_in: Option<Duration>,
    },
    /// A person has to log in first.
    LoginRequired,
    /// Closed for good.
    Closed,
}
