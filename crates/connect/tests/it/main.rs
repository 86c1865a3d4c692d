//! What connectors promise, against functions and against servers that misbehave in every way at hand.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests and their fake server"
)]

#[cfg(feature = "mcp")]
mod callers;
mod fake;
mod host;
#[cfg(feature = "mcp")]
mod http;
#[cfg(feature = "mcp")]
mod oauth;
#[cfg(feature = "mcp")]
mod offers;
#[cfg(all(feature = "mcp", target_os = "linux"))]
mod processes;
#[cfg(feature = "mcp")]
mod relay;
#[cfg(feature = "mcp")]
#[path = "../openapi/server.rs"]
mod server;
mod sse;
#[cfg(feature = "mcp")]
mod stdio;
