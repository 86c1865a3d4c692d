//! From a call's arguments to an HTTP request. Pure: nothing here sends anything.
//!
//! Wherever the arguments come from, a request goes to the origin and below the path that were pinned when the connector
//! was made, has as many segments in its path as the operation's template, and sets no header that decides where a message
//! ends, who sends it, or how it travels.

mod base;
mod limits;
mod refusal;

use codemode_catalog::Tool;
use serde_json::Value;
use url::Url;

#[allow(unused_imports, reason = "for the connector")]
pub(super) use base::{Base, BaseError, Choices};
use refusal::Refusal;

use super::api::Operation;
use crate::CallError;

/// A request that may be sent, without the credentials: those replace what is here under the same name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outgoing {
    /// The method, in capitals.
    pub(super) method: String,
    /// Where to: always of the base's origin.
    pub(super) url: Url,
    /// Names in lower case, and values of visible ASCII; neither `cookie` nor `content-type` is among them.
    pub(super) headers: Vec<(String, String)>,
    /// The value of the `Cookie` header; the cookies of credentials go after it, with `; ` between.
    pub(super) cookie: Option<String>,
    /// The value of the `Content-Type` header, where there is a body.
    pub(super) content_type: Option<String>,
    /// The body.
    pub(super) body: Option<Vec<u8>>,
}

/// The request of an operation. Refuses with [`Error::InvalidArguments`](crate::Error::InvalidArguments); nothing was
/// sent then.
pub(super) fn request(base: &Base, operation: &Operation, _arguments: &Value) -> Result<Outgoing, CallError> {
    let _base = base.of(operation)?;
    Err(Refusal::new("not yet").into())
}

/// The request of the `request` tool, whose arguments name a method and a path instead of an operation.
pub(super) fn raw(
    _base: &Base,
    _operations: &[Operation],
    _arguments: &Value,
) -> Result<Outgoing, CallError> {
    Err(Refusal::new("not yet").into())
}

/// The tool that [`raw`] is behind.
pub(super) fn raw_tool() -> Tool {
    Tool::new("request", "Sends a request that no other tool describes.")
}

/// The operation that the arguments of the `request` tool amount to: what policy says of it holds for them too.
pub(super) fn amounts_to(_base: &Base, _operations: &[Operation], _arguments: &Value) -> Option<usize> {
    None
}

/// The operation that a request of this method and path reaches. The path may be with or without the base's.
pub(super) fn matching(_base: &Base, _operations: &[Operation], _method: &str, _path: &str) -> Option<usize> {
    None
}
