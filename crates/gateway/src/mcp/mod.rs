//! The MCP server, in both eras of the protocol: rmcp speaks it, the runtime's surface answers.

mod server;

pub(crate) use server::Server;
