//! MCP over streamable HTTP: many clients, none of which is believed anything.

mod server;

pub use server::{HttpError, HttpOptions, serve_http};
