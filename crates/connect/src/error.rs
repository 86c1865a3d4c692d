//! Failures, for three audiences: `Display` is for the model and holds no path, command line, environment or output of
//! a process; `operator_message` adds what the operator needs to mend it; the types are for the developer.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// Why a connector could not do what was asked. The connector stays usable; the next use tries again.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The upstream is not running and was not reached. Nothing was sent.
    #[error("{connector} is not available: {reason}{}", retry(*.retry_in))]
    Unavailable {
        /// The connector.
        connector: String,
        /// What happened, in words that name nothing of the host.
        reason: &'static str,
        /// When the next attempt will be made at the earliest, where attempts are being spaced out.
        retry_in: Option<Duration>,
        /// For the operator.
        detail: Detail,
    },
    /// The connection ended before an answer came.
    #[error("{connector} stopped before it answered")]
    Disconnected {
        /// The connector.
        connector: String,
        /// For the operator.
        detail: Detail,
    },
    /// No answer came in time. The upstream was told that the request is cancelled; a late answer is ignored.
    #[error("{connector} did not answer within {} ms", .limit.as_millis())]
    TimedOut {
        /// The connector.
        connector: String,
        /// The time it had.
        limit: Duration,
    },
    /// The answer was larger than allowed and was not read.
    #[error(
        "{connector} answered with {observed} bytes, more than the limit of {limit}; ask for less at once"
    )]
    TooLarge {
        /// The connector.
        connector: String,
        /// The size of the answer.
        observed: u64,
        /// The limit.
        limit: u64,
    },
    /// The upstream listed more tools than a connector may have.
    #[error("{connector} lists more than {limit} tools")]
    TooManyTools {
        /// The connector.
        connector: String,
        /// The limit.
        limit: usize,
    },
    /// The answer is not what the protocol says.
    #[error("{connector} gave an answer that is no valid MCP: {what}")]
    Protocol {
        /// The connector.
        connector: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The answer arrived and cannot be used.
    #[error("{connector} gave an answer that cannot be used: {what}")]
    Answer {
        /// The connector.
        connector: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The call needs a credential that the connector was not given. Nothing was sent.
    #[error("{connector} needs a credential for {scheme:?} ({kind}), which the operator has not given")]
    NoCredential {
        /// The connector.
        connector: String,
        /// The security scheme, by the name its document gives it.
        scheme: String,
        /// What kind of credential that is.
        kind: &'static str,
    },
    /// A credential was given that cannot be used, or could not be exchanged for a token. The request was not sent.
    #[error("{connector} has no usable credential for {scheme:?}: {reason}")]
    BadCredential {
        /// The connector.
        connector: String,
        /// The security scheme, by the name its document gives it.
        scheme: String,
        /// What is wrong with it, in words that show nothing of it.
        reason: &'static str,
        /// For the operator.
        detail: Detail,
    },
    /// A secret that the connector was given by reference could not be had. Nothing was sent.
    #[error(
        "{connector} cannot be used: a secret that it needs could not be had; its operator has to mend that"
    )]
    NoSecret {
        /// The connector.
        connector: String,
        /// For the operator: which reference, and why.
        detail: Detail,
    },
    /// The upstream wants a person to log in first. Nothing was executed.
    #[error("{connector} is not logged in; its operator has to log in first")]
    LoginRequired {
        /// The connector.
        connector: String,
    },
    /// The upstream has nothing of this kind. Nothing was sent.
    #[error("{connector} has no {what}")]
    Unsupported {
        /// The connector.
        connector: String,
        /// What was asked for: `resources`, `prompts`.
        what: &'static str,
    },
    /// The upstream refused the request itself, by a JSON-RPC error.
    #[error("{connector} refused the request: {message} ({code})")]
    Refused {
        /// The connector.
        connector: String,
        /// The JSON-RPC error code.
        code: i32,
        /// The upstream's message, cut to a readable length.
        message: String,
    },
    /// The upstream answered by an HTTP status that is no success.
    #[error("{connector} answered with HTTP status {status}")]
    Status {
        /// The connector.
        connector: String,
        /// The status.
        status: u16,
    },
    /// The tool asked for input from a person or a model, which is never given automatically.
    #[error("{connector} asked for further input in the middle of the call, and got none")]
    InputRequired {
        /// The connector.
        connector: String,
    },
    /// The arguments are not what the upstream can be sent. Nothing was sent.
    #[error("{message}")]
    InvalidArguments {
        /// What is wrong with them.
        message: String,
    },
    /// There is no tool of this name. Nothing was sent.
    #[error("{connector} has no tool {tool:?}")]
    NoSuchTool {
        /// The connector.
        connector: String,
        /// The name that was asked for.
        tool: String,
    },
    /// The connector was closed. Nothing was sent.
    #[error("{connector} was closed")]
    Closed {
        /// The connector.
        connector: String,
    },
}

/// Why a call has no result.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The tool ran and reports a failure in its own words. It was executed, perhaps in part.
    #[error("{message}")]
    Tool {
        /// The tool's words: for the program.
        message: String,
        /// What else it said, in a form that a program can use.
        problem: Problem,
    },
    /// A host function panicked. It was executed in part.
    #[error("{connector}.{tool} failed: internal error in the host function")]
    Panicked {
        /// The connector.
        connector: String,
        /// The tool.
        tool: String,
        /// The panic message, for the operator.
        detail: Detail,
    },
    /// The connector failed; `delivery` says whether the request may have been executed.
    #[error("{error}")]
    Connector {
        /// What failed.
        #[source]
        error: Error,
        /// Whether the request may have been executed.
        delivery: Delivery,
    },
}

/// What a failed call said besides its message; a program finds each on the error, under the name in parentheses.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// The HTTP status (`status`).
    pub status: Option<u16>,
    /// The body of the answer, cut to a readable size (`body`).
    pub body: Option<Value>,
    /// How long the upstream asked to wait before another attempt (`retryAfter`, in seconds).
    pub retry_after: Option<Duration>,
}

/// Whether an upstream may have executed a request that brought no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No byte of it was sent: nothing happened.
    NotSent,
    /// Some of it may have been sent: it may have happened.
    MaybeSent,
}

/// What only the operator may read: paths, exit status, the end of a process's standard error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail(pub(crate) String);

impl Detail {
    /// For the operator alone.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text; empty where there is nothing to add.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Error {
    /// What the operator reads: the message and, where there is any, the detail after it.
    pub fn operator_message(&self) -> String {
        match self {
            // When the next attempt comes is of no use to who reads this afterwards.
            Self::Unavailable { connector, reason, detail, .. } => {
                with_detail(&format!("{connector} is not available: {reason}"), detail)
            }
            Self::Disconnected { detail, .. }
            | Self::NoSecret { detail, .. }
            | Self::BadCredential { detail, .. } => with_detail(self, detail),
            Self::LoginRequired { connector } => format!("{self}: codemode login {connector}"),
            Self::NoCredential { scheme, .. } => {
                format!("{self}; give the connector a credential under the name {scheme:?} or \"*\"")
            }
            other => other.to_string(),
        }
    }
}

impl CallError {
    /// Whether the request may have been executed.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Tool { .. } | Self::Panicked { .. } => Delivery::MaybeSent,
            Self::Connector { delivery, .. } => *delivery,
        }
    }

    /// What the operator reads: the message and, where there is any, the detail after it.
    pub fn operator_message(&self) -> String {
        match self {
            Self::Tool { message, .. } => message.clone(),
            Self::Panicked { detail, .. } => with_detail(self, detail),
            Self::Connector { error, .. } => error.operator_message(),
        }
    }

    /// A failure that the tool reports in these words.
    pub fn tool(message: impl Into<String>) -> Self {
        Self::Tool { message: message.into(), problem: Problem::default() }
    }

    pub(crate) fn not_sent(error: Error) -> Self {
        Self::Connector { error, delivery: Delivery::NotSent }
    }

    pub(crate) fn maybe_sent(error: Error) -> Self {
        Self::Connector { error, delivery: Delivery::MaybeSent }
    }
}

fn with_detail(message: &dyn fmt::Display, detail: &Detail) -> String {
    if detail.0.is_empty() { message.to_string() } else { format!("{message}\n{}", detail.0) }
}

fn retry(retry_in: Option<Duration>) -> String {
    retry_in.map(|pause| format!("; next attempt in {:.1} s", pause.as_secs_f64())).unwrap_or_default()
}
