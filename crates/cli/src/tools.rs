//! `codemode tools`: what can be called, a line each.

use std::sync::Arc;

use clap::Args;
use codemode::{ConnectorStatus, SearchDetail};

use crate::args::ConnectArgs;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{connect, exit, hazards, interrupt};

/// Show the tools that there are, one a line
///
/// It exits with 1 if not one server or API can be used.
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
    let verbose = to.config.verbose;
    let wanted = Wanted::named(&connectors);
    let Some(runtime) = connect::runtime(to, &wanted, &[], &interrupt::token(), printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let unconnected = connect::is_nothing(&runtime);
    if verbose {
        hazards::renames(&runtime, printer);
    }
    for connector in runtime.catalog().connectors() {
        match runtime.declarations(connector, SearchDetail::Name).await {
            Some(lines) if !lines.trim().is_empty() => printer.line(&lines)?,
            _ => {}
        }
    }
    let known = runtime.connectors();
    runtime.close().await;
    if unconnected {
        printer.hint(connect::NOTHING);
    }
    let none_is_ready = known.iter().all(|info| info.status != ConnectorStatus::Ready);
    Ok(if !unconnected && none_is_ready { exit::FAILURE } else { exit::SUCCESS })
}
