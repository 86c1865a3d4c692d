//! MCP over standard input and output: one client, which started this process.

mod lines;
mod transport;

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::mcp::Server;
use crate::{Gateway, Principal};
use transport::Stdio;

/// Serves one client until it closes `input` or `stop` is cancelled: then what it began ends, and this returns. Only messages
/// of the protocol are written to `output`. [`standard_streams`] are the streams of the process.
///
/// # Errors
///
/// What the client did instead of greeting, or that it cannot be written to.
pub async fn serve_stdio(
    gateway: &Gateway,
    principal: Principal,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
    stop: CancellationToken,
) -> Result<(), std::io::Error> {
    // What is begun for this client ends when it is gone.
    let gone = stop.child_token();
    let _gone = gone.clone().drop_guard();
    let transport = Stdio::new(input, output, principal.clone(), gone.clone());
    let server = Server::local(gateway, principal, gone.clone());
    match server.serve_with_ct(transport, stop).await {
        Ok(running) => {
            running.waiting().await.map_err(std::io::Error::other)?;
            Ok(())
        }
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => Ok(()),
        Err(error) => Err(std::io::Error::other(error)),
    }
}

/// The process's own standard input and output, without a thread in between where they are pipes that allow it.
///
/// # Panics
///
/// Outside of a tokio runtime with input and output enabled.
pub fn standard_streams() -> (impl AsyncRead + Send + Unpin, impl AsyncWrite + Send + Unpin) {
    rmcp::transport::stdio_pipes()
}
