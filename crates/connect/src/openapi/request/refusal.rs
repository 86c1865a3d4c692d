//! Why a request is not sent: always the arguments' fault, or the document's, and always before anything has left.

use std::fmt;

use serde_json::Value;

use super::limits::SHOWN_CHARS;
use crate::{CallError, Error};

/// A refusal, in words for the model: what is wrong, where, and what would be right.
#[derive(Debug)]
pub(super) struct Refusal(String);

pub(super) type Result<T> = std::result::Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The same refusal, said of `what`.
    pub(super) fn of(self, what: &dyn fmt::Display) -> Self {
        Self(format!("{what} {}", self.0))
    }
}

impl From<Refusal> for CallError {
    fn from(Refusal(message): Refusal) -> Self {
        Self::not_sent(Error::InvalidArguments { message })
    }
}

/// The beginning of a value, as JSON.
pub(super) fn shown(value: &Value) -> String {
    cut(&value.to_string())
}

/// The beginning of a text.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
