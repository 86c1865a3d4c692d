//! From what `rmcp` and the transport report to our errors.

use rmcp::model::{ErrorCode, ErrorData};
use rmcp::service::ServiceError;
use serde_json::Value;

use super::limits::MAX_ERROR_CHARS;
use crate::secret::Redactor;
use crate::{CallError, Delivery, Detail, Error};

/// The transport's own verdicts travel through rmcp as JSON-RPC errors with codes far outside the protocol's range. A
/// server that sends one itself only accuses itself.
pub(super) const TOO_LARGE: ErrorCode = ErrorCode(i32::MIN);
/// An answer that is no valid JSON, or nested beyond what is read.
pub(super) const UNREADABLE: ErrorCode = ErrorCode(i32::MIN + 1);
/// An answer of HTTP that is no success and no message; its text is the status.
pub(super) const HTTP_STATUS: ErrorCode = ErrorCode(i32::MIN + 2);

/// MCP's code for a request that is not done before a person has visited web pages: those are in its data.
pub(super) const URL_REQUIRED: ErrorCode = ErrorCode(-32042);

/// Why a transport did not send a message.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the message was not sent")]
pub(super) struct SendError {
    /// Whether some of its bytes may have left.
    pub(super) delivery: Delivery,
    /// What to report; `None` where the connection broke.
    pub(super) error: Option<Error>,
}

impl SendError {
    /// The connection broke.
    pub(super) fn broken(delivery: Delivery) -> Self {
        Self { delivery, error: None }
    }
}

/// A request without an answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) delivery: Delivery,
    /// What an error answer of the server holds besides its code and words.
    pub(super) data: Option<Box<Value>>,
}

impl Failure {
    pub(super) fn not_sent(error: Error) -> Self {
        Self { error, delivery: Delivery::NotSent, data: None }
    }

    pub(super) fn maybe_sent(error: Error) -> Self {
        Self { error, delivery: Delivery::MaybeSent, data: None }
    }

    /// What the server wants done before it does what it was asked.
    pub(super) fn wanted(&mut self) -> Option<Value> {
        let is_wanted = matches!(self.error, Error::Refused { code, .. } if code == URL_REQUIRED.0);
        self.data.take().filter(|_| is_wanted).map(|data| *data)
    }

    /// Whether the server was gone before the request reached it.
    pub(super) fn is_stale_connection(&self) -> bool {
        self.delivery == Delivery::NotSent && matches!(self.error, Error::Disconnected { .. })
    }

    /// What `error`, reported for a request that was handed over, means for it.
    pub(super) fn from_service(
        connector: &str,
        limit: usize,
        error: ServiceError,
        redactor: &Redactor,
    ) -> Self {
        let connector = connector.to_owned();
        match error {
            ServiceError::McpError(mut error) => {
                let data = error.data.take().map(Box::new);
                Self { data, ..Self::maybe_sent(refusal(connector, limit, error, redactor)) }
            }
            ServiceError::TransportSend(error) => {
                let known = error.error.downcast_ref::<SendError>().cloned();
                let SendError { delivery, error } =
                    known.unwrap_or_else(|| SendError::broken(Delivery::MaybeSent));
                let broken = || Error::Disconnected { connector, detail: Detail::default() };
                Self { error: error.unwrap_or_else(broken), delivery, data: None }
            }
            ServiceError::TransportClosed => {
                Self::maybe_sent(Error::Disconnected { connector, detail: Detail::default() })
            }
            _ => Self::maybe_sent(Error::Protocol { connector, what: "the answer is of an unexpected kind" }),
        }
    }

    pub(super) fn with_detail(mut self, more: Detail) -> Self {
        if let Error::Disconnected { detail, .. } = &mut self.error {
            *detail = more;
        }
        self
    }
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        Self::Connector { error: failure.error, delivery: failure.delivery }
    }
}

/// What an error answer of the server means, its words without secrets and cut to a readable length.
pub(super) fn refusal(connector: String, limit: usize, error: ErrorData, redactor: &Redactor) -> Error {
    match error.code {
        TOO_LARGE => {
            let observed = error.message.parse().unwrap_or_default();
            Error::TooLarge { connector, observed, limit: limit as u64 }
        }
        HTTP_STATUS => Error::Status { connector, status: error.message.parse().unwrap_or_default() },
        UNREADABLE => Error::Protocol { connector, what: "it is not JSON, or nested too deeply" },
        code => {
            let message = redactor.start(&error.message, MAX_ERROR_CHARS);
            Error::Refused { connector, code: code.0, message }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g69_no_half_of_a_secret_is_left_where_a_refusal_is_cut() {
        let redactor = Redactor::default();
        redactor.add_token("canary-0123456789");
        let text = format!("{}canary-0123456789", "x".repeat(MAX_ERROR_CHARS - 8));
        let error = ErrorData::new(ErrorCode::INTERNAL_ERROR, text, None);
        let Error::Refused { message, .. } = refusal("up".to_owned(), 1, error, &redactor) else {
            panic!("no refusal")
        };
        assert!(message.ends_with("x[redacte"), "{}", &message[message.len() - 20..]);
    }
}
