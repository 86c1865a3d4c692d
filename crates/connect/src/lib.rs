//! Connectors: where tool calls go.
//!
//! A [`Connector`] lists the tools of one upstream and calls them. This crate decides how a call travels (credentials,
//! time limits, restarts) and never whether it is allowed. It never sends bytes again that may have left: every
//! [`CallError`] says by its [`Delivery`] whether the request may have been executed, and what to do about that is the
//! caller's business.
//!
//! Kinds of connector:
//! - [`Host`]: functions of the embedding program;
//! - [`Mcp`] (feature `mcp`, on by default): an MCP server, as a child process or by HTTP;
//! - [`OpenApi`] (feature `openapi`, on by default): an HTTP API that an OpenAPI document describes.
//!
//! Everything that comes from an upstream is untrusted until decoded here: sizes, nesting, counts and times are
//! bounded, each by a named constant or a field of [`Limits`].
//!
//! ```
//! # use std::time::Duration;
//! use codemode_connect::{Call, Connector, Host};
//! use serde_json::{Value, json};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let orders = Host::new("orders").tool(
//!     "count",
//!     "How many orders there are",
//!     json!({"type": "object"}),
//!     |_input: Value| async { Ok::<_, std::convert::Infallible>(json!({"count": 3})) },
//! );
//! let call = Call::new("count", json!({}), Duration::from_secs(1));
//! assert_eq!(orders.call(call).await.unwrap().value, json!({"count": 3}));
//! # }
//! ```

#[cfg(feature = "http")]
mod base64;
mod caller;
mod connector;
#[cfg(any(feature = "mcp", feature = "openapi"))]
mod depth;
#[cfg(feature = "http")]
mod environment;
mod error;
mod host;
#[cfg(feature = "http")]
#[cfg_attr(
    not(feature = "openapi"),
    allow(dead_code, unused_imports, reason = "what no connector uses then")
)]
mod http;
#[cfg(feature = "mcp")]
mod mcp;
#[cfg(feature = "openapi")]
mod openapi;
mod query;
mod relay;
mod reply;
#[cfg(feature = "http")]
#[cfg_attr(
    not(feature = "openapi"),
    allow(dead_code, unused_imports, reason = "what no connector uses then")
)]
mod secret;
mod state;

/// For the fuzz targets of this project: what they reach may change at any time.
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::openapi::fuzzing::{Read, read};
}

pub use caller::{Accepts, Asked, Caller, Input, InputReply, Log, LogLevel, Progress};
pub use connector::{BoxFuture, Call, Connector, Question};
pub use error::{CallError, Delivery, Detail, Error, Problem};
pub use host::Host;
#[cfg(feature = "http")]
pub use http::{DocumentError, Documents, HttpLimits, Private, PrivateError};
#[cfg(feature = "mcp")]
pub use mcp::{
    Command, EndpointError, Era, HeaderError, Limits, ListenerError, Login, LoginError, LoginListener, Mcp,
    OAuth,
};
#[cfg(feature = "openapi")]
pub use openapi::{OpenApi, Select, Source};
pub use query::Query;
pub use relay::{Change, Changes, Offer, Relay, RelayError};
pub use reply::Reply;
#[cfg(feature = "http")]
pub use secret::{Given, RedactingStream, Redactor, Secret, SecretError};
pub use state::State;
