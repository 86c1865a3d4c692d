//! The MCP server, in both eras of the protocol: rmcp speaks it, the runtime's surface answers.
//!
//! [`server`] takes requests and gives them to whoever answers them: [`surface`] the runtime's own tools. A request that
//! may take long is an [`exchange`]: work, and what comes up in its middle for the client. What outlives a request is in
//! [`shared`].

#![allow(dead_code, reason = "what outlives a request comes next")]

mod client;
pub(crate) mod edge;
mod server;
mod shared;
mod surface;

pub(crate) use server::Server;
pub(crate) use shared::Shared;
pub(crate) use surface::Listed;
