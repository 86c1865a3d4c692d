//! From a call's arguments to an HTTP request. Pure: nothing here sends anything.
//!
//! Wherever the arguments come from, a request goes to the origin and below the path that were pinned when the connector
//! was made, has as many segments in its path as the operation's template, and sets no header that decides where a message
//! ends, who sends it, or how it travels.

mod arguments;
mod base;
mod body;
mod disguise;
mod header;
mod limits;
mod matching;
mod multipart;
mod raw;
mod reading;
mod refusal;
mod segment;
mod style;
mod template;
mod text;
mod value;

use std::collections::BTreeSet;

use codemode_catalog::Tool;
use serde_json::Value;
use url::Url;

#[allow(unused_imports, reason = "for the connector")]
pub(super) use base::{Base, BaseError, Choices};
pub(super) use disguise::is_method;
pub(super) use matching::Reached;
pub(super) use reading::fold;

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
pub(super) fn request(base: &Base, operation: &Operation, arguments: &Value) -> Result<Outgoing, CallError> {
    Ok(arguments::outgoing(base, operation, arguments)?)
}

/// The request of the `request` tool, whose arguments name a method and a path instead of an operation.
pub(super) fn raw(base: &Base, operations: &[Operation], arguments: &Value) -> Result<Outgoing, CallError> {
    Ok(raw::outgoing(base, operations, arguments)?)
}

/// The tool that [`raw`] is behind.
pub(super) fn raw_tool() -> Tool {
    raw::tool()
}

/// The operations that the arguments of the `request` tool may amount to: what policy says of them holds for it too.
/// Arguments that [`raw`] refuses amount to none.
pub(super) fn amounts_to(base: &Base, operations: &[Operation], arguments: &Value) -> Reached {
    raw::destination(base, operations, arguments).map(|place| place.reached).unwrap_or_default()
}

/// A request that no operation describes.
#[derive(Debug)]
pub(super) struct Unknown {
    /// The method, in capitals.
    pub(super) method: String,
    /// The paths that servers may take its path for: below the base's, decoded and folded.
    pub(super) paths: Vec<String>,
    /// The operations of other methods at its path.
    pub(super) beside: BTreeSet<usize>,
}

/// What the arguments of the `request` tool are where they amount to no operation; `None` where [`raw`] refuses them.
pub(super) fn unknown(base: &Base, operations: &[Operation], arguments: &Value) -> Option<Unknown> {
    let place = raw::destination(base, operations, arguments).ok()?;
    let paths = matching::spellings(base, &place.path);
    let of_method = |method| matching::reached(base, operations, method, &place.path).all();
    let beside = raw::METHODS.into_iter().flat_map(of_method).collect();
    Some(Unknown { method: place.method, paths, beside })
}

/// The operation that a request of this method and path amounts to. The path is percent-encoded, and with or without the
/// base's.
#[cfg(test)]
pub(super) fn matching(base: &Base, operations: &[Operation], method: &str, path: &str) -> Option<usize> {
    matching::place(base, operations, method, path).1.index()
}

/// The operations that a request may amount to: with the arguments of one operation's tool these can be others, such as
/// `/users/me` with `me` for the `{id}` of `/users/{id}`.
pub(super) fn reached(base: &Base, operations: &[Operation], outgoing: &Outgoing) -> Reached {
    matching::reached(base, operations, &outgoing.method, outgoing.url.path())
}

#[cfg(test)]
mod tests;
