//! MCP over streamable HTTP: many clients, none of which is believed anything.
//!
//! A connection ([`accept`], [`stream`]) is bounded in number, time and size whatever comes over it. A request is judged in
//! the order of [`service`]: nothing of its body is read before the server knows by which name it was reached, from which
//! page, and whose it is.

mod accept;
mod account;
mod body;
mod cors;
mod discovery;
mod hold;
mod host;
mod options;
mod phase;
mod principals;
mod reply;
mod server;
mod service;
mod sessions;
mod site;
mod stream;

pub use options::{HttpError, HttpOptions};
pub use server::HttpServer;
