//! `codemode serve`: one MCP server in front of everything that is configured.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use codemode_gateway::{Gateway, HttpOptions, Principal, serve_http, serve_stdio};

use crate::args::ConnectArgs;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{connect, exit, interrupt};

/// Serve everything that is configured as one MCP server
///
/// On standard input and output, for a client that starts this command; with --http for many clients.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Serve over HTTP at this address instead
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8931")]
    http: Option<SocketAddr>,

    #[command(flatten)]
    connect: ConnectArgs,
}

/// Serves until the client leaves or the process is told to end.
pub(crate) async fn serve(arguments: ServeArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let stop = interrupt::token();
    let Some(runtime) = connect::runtime(arguments.connect, &Wanted::All, &[], &stop, printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let gateway = Gateway::default();
    let principal = Principal::local(runtime.clone());
    match arguments.http {
        Some(address) => {
            let listener = tokio::net::TcpListener::bind(address).await?;
            printer.note(&format!("serving MCP at http://{}/mcp", listener.local_addr()?));
            serve_http(&gateway, principal, listener, HttpOptions::default(), stop).await?;
        }
        None => serve_stdio(&gateway, principal, tokio::io::stdin(), tokio::io::stdout(), stop).await?,
    }
    runtime.close().await;
    Ok(exit::SUCCESS)
}
