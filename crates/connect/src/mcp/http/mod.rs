//! MCP servers that are reached by HTTP: the streamable HTTP transport, in both eras.
//!
//! rmcp's worker keeps the session, the streams and their resumption. What is ours: the client under it, which reaches
//! only what its guard allows and reads no more than it was told to; the headers that mirror parameters; and that results
//! arrive as the JSON they are.

mod connector;
mod events;
mod header;
mod pace;
mod params;
mod remote;
mod sse;
mod streamable;
mod transport;
mod wire;

pub use header::HeaderError;
pub(super) use params::Params;
pub use remote::EndpointError;
pub(super) use remote::Remote;
pub(super) use sse::Sse;
pub(super) use transport::Http;
pub(super) use wire::Wire;
