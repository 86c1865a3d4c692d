//! The edge: no byte of a client's message reaches anything else before it has passed [`check`].
//!
//! A message is one object of JSON-RPC 2.0 that every reader reads alike. What two readers could read differently (keys that
//! come twice or in another case, bytes after the end, numbers that are none, several messages in one) is refused, and so is
//! what costs more to read than it can be worth (depth). The size is the business of whoever reads the bytes.

mod keys;
mod message;
mod value;

#[cfg(test)]
mod tests;

use serde_json::error::Category;
use serde_json::{Value, json};

use message::Top;

/// Levels that a message may have: the hundred that a program's input and a tool's arguments may have, and those of what they
/// are wrapped in (the message, `params`, `arguments` and `input`). Readers of JSON take 127.
const MAX_DEPTH: usize = 104;

/// The longest id that is echoed, in bytes. Ids are counters, UUIDs, and such with a prefix.
const MAX_ID_BYTES: usize = 256;

/// The longest name of a method, in bytes. The longest that the specification has is 37.
const MAX_METHOD_BYTES: usize = 128;

/// Integers that every reader reads alike: those that are exact as a double.
const MAX_ID: i64 = (1 << 53) - 1;

/// What a message is, from the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It has to be answered.
    Request,
    /// It has not.
    Notification,
    /// It answers a request of ours.
    Response,
}

/// A message that passed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Envelope {
    pub(crate) kind: Kind,
    /// A string or an integer; `null` of a notification.
    pub(crate) id: Value,
}

/// Why a message is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    /// JSON-RPC's code: -32700 for what is no JSON, -32600 for what is no message.
    pub(crate) code: i32,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
    /// The id to answer to: that of a request that can be echoed, else `null`. An answer's is one of ours, and to answer to it
    /// would be taken for the answer to a request of the client's that has the same.
    pub(crate) id: Value,
    /// Of an answer: the id that it has, as far as that was read, else `null`. It is not answered.
    pub(crate) answers: Option<Box<Value>>,
}

impl Refusal {
    /// JSON-RPC's code for what cannot be parsed.
    const PARSE: i32 = -32700;
    /// JSON-RPC's code for what is no message.
    const INVALID: i32 = -32600;

    /// Of something that is wrong besides its text.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { code: Self::INVALID, message: message.into(), id: Value::Null, answers: None }
    }

    /// The answer: an error of JSON-RPC.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "jsonrpc": "2.0", "id": self.id, "error": { "code": self.code, "message": self.message } })
    }
}

/// Checks one message. Reads the bytes once and keeps nothing of them but the id.
///
/// # Errors
///
/// [`Refusal`], which says what to answer.
pub(crate) fn check(bytes: &[u8]) -> Result<Envelope, Refusal> {
    let refusal = |code, message: String| Refusal { code, message, id: Value::Null, answers: None };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refusal(Refusal::PARSE, format!("the message is not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    match text.trim_start_matches([' ', '\t', '\r', '\n']).as_bytes().first() {
        Some(b'[') => {
            return Err(refusal(
                Refusal::INVALID,
                "batches are not supported; send one message at a time".to_owned(),
            ));
        }
        Some(_) => {}
        None => return Err(refusal(Refusal::PARSE, "the message is empty".to_owned())),
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let mut top = Top::default();
    let read = top.read(&mut reader).and_then(|()| reader.end());
    match read {
        Ok(()) => top.envelope(),
        Err(error) if error.classify() == Category::Data => {
            Err(top.refusal(format!("not a message: {error}")))
        }
        Err(error) => Err(refusal(Refusal::PARSE, format!("not JSON: {error}"))),
    }
}
