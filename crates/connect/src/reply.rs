//! What connectors answer.

use serde_json::Value;

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
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self { value, binary: Vec::new() }
    }
}
