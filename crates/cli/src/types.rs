//! `codemode types`: the declarations of all tools.

use std::sync::Arc;

use crate::args::TypesArgs;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{connect, exit, hazards, interrupt};

/// Prints the declarations; says what the process exits with.
pub(crate) async fn types(arguments: TypesArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let TypesArgs { connectors, detail, connect: to } = arguments;
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
        printer.line(&runtime.declarations(connector, detail.into()).await.unwrap_or_default())?;
    }
    runtime.close().await;
    if unconnected {
        printer.hint(connect::NOTHING);
    }
    Ok(exit::SUCCESS)
}
