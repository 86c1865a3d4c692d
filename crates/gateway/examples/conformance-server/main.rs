//! The server that the official conformance suite (`@modelcontextprotocol/conformance`) expects: tools, prompts and resources
//! with fixed names. It is what the gateway passes on when CI runs the suite through it.
//!
//! `conformance-server` serves standard input and output, `conformance-server --http 127.0.0.1:0` streamable HTTP, at the
//! address it prints. With `--legacy` it knows nothing of revision 2026-07-28.

#![expect(deprecated, reason = "the protocol deprecates logging; the suite still asks for it")]

mod answers;
mod offers;
mod rounds;
mod server;
mod tasks;

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;

use axum::Router;
use rmcp::ServiceExt as _;
use rmcp::model::ProtocolVersion;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use server::{Server, Shared};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut http = None;
    let mut newest = ProtocolVersion::V_2026_07_28;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--http" => http = Some(arguments.next().ok_or("--http needs an address")?),
            "--legacy" => newest = ProtocolVersion::V_2025_11_25,
            other => {
                return Err(format!("{other} is no option; there are --http ADDRESS and --legacy").into());
            }
        }
    }
    let shared = Arc::new(Shared::new(newest)?);
    let Some(address) = http else {
        Server::new(shared).serve((tokio::io::stdin(), tokio::io::stdout())).await?.waiting().await?;
        return Ok(());
    };
    let listener = tokio::net::TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "http://{address}/mcp")?;
    let origins = [address.to_string(), format!("localhost:{}", address.port())];
    let service = StreamableHttpService::new(
        move || Ok(Server::new(Arc::clone(&shared))),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default()
            .with_allowed_origins(origins.map(|host| format!("http://{host}"))),
    );
    axum::serve(listener, Router::new().nest_service("/mcp", service)).await?;
    Ok(())
}
