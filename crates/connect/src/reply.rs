//! What connectors answer.

use serde_json::Value;

#[cfg(feature = "http")]
use crate::base64;

/// What a call or a query brought. A plain value converts into it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// The value; bytes in it are base64.
    pub value: Value,
    /// Where in the value bytes are: JSON Pointers (RFC 6901) to strings of base64. A program gets a `Uint8Array` there.
    pub binary: Vec<String>,
}

impl Reply {
    /// A value with bytes at these JSON Pointers, which lead to strings of base64.
    pub fn with_binary(value: Value, binary: Vec<String>) -> Self {
        Self { value, binary }
    }

    /// The same with only those pointers that lead to base64, which is in its usual form then: standard alphabet, padded.
    /// What else an upstream gave for bytes stays the text it is.
    #[cfg(feature = "http")]
    pub(crate) fn checked(self) -> Self {
        let Self { mut value, mut binary } = self;
        binary.retain(|pointer| {
            let Some(Value::String(text)) = value.pointer_mut(pointer) else { return false };
            base64::normalise(text)
        });
        Self { value, binary }
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self { value, binary: Vec::new() }
    }
}
