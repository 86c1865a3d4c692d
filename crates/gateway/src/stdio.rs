//! MCP over standard input and output: one client, which started this process.

use rmcp::ServiceExt as _;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::mcp::Server;
use crate::{Gateway, Principal};

/// Serves one client until it closes `input` or `stop` is cancelled. Only messages of the protocol are written to `output`.
///
/// # Errors
///
/// What the client did instead of greeting.
pub async fn serve_stdio(
    gateway: &Gateway,
    principal: Principal,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
    stop: CancellationToken,
) -> Result<(), std::io::Error> {
    let transport = AsyncRwTransport::new_server(input, output);
    let server = Server::local(gateway, principal);
    let running = server.serve_with_ct(transport, stop).await.map_err(std::io::Error::other)?;
    running.waiting().await.map_err(std::io::Error::other)?;
    Ok(())
}
