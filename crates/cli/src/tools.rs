//! `codemode tools`: what can be called, a line each.

use std::sync::Arc;

use clap::Args;
use codemode::SearchDetail;

use crate::args::ConnectArgs;
use crate::print::Printer;
use crate::{connect, exit, interrupt};

/// Show the tools that there are, one a line
#[derive(Debug, Args)]
pub(crate) struct ToolsArgs {
    /// Only of these connectors
    #[arg(value_name = "CONNECTOR")]
    connectors: Vec<String>,

    #[command(flatten)]
    connect: ConnectArgs,
}

/// Lists the tools; says what the process exits with.
pub(crate) async fn tools(arguments: ToolsArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let ToolsArgs { connectors, connect: to } = arguments;
    let Some(runtime) = connect::runtime(to, &[], &interrupt::token(), printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let unconnected = connect::is_nothing(&runtime);
    let all: Vec<String> = runtime.catalog().connectors().map(str::to_owned).collect();
    let wanted = if connectors.is_empty() { &all } else { &connectors };
    let mut exit = exit::SUCCESS;
    for connector in wanted {
        match runtime.declarations(connector, SearchDetail::Name).await {
            Some(lines) if lines.trim().is_empty() => {}
            Some(lines) => printer.line(&lines)?,
            None => {
                printer.error(&anyhow::anyhow!(
                    "there is no connector {connector:?}; there are: {}",
                    all.join(", ")
                ));
                exit = exit::FAILURE;
            }
        }
    }
    runtime.close().await;
    if unconnected {
        printer.hint(connect::NOTHING);
    }
    Ok(exit)
}
