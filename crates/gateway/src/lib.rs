//! The gateway: one MCP server in front of everything that a [`Runtime`](codemode::Runtime) is connected to.
//!
//! It speaks protocols and decides nothing of what a model sees: the tools, their words and their answers are the
//! runtime's surface. Everything that a client sends is untrusted until it is decoded here.

mod auth;
mod bounds;
mod gateway;
mod http;
mod mcp;
mod ops;
mod principal;
mod stdio;

pub use auth::{Created, TokenError, TokenInfo, Tokens};
pub use gateway::{Gateway, GatewayOptions};
pub use http::{HttpError, HttpOptions, HttpServer};
pub use ops::Ops;
#[cfg(feature = "otel")]
pub use ops::Traces;
pub use principal::Principal;
pub use stdio::{serve_stdio, standard_streams};
