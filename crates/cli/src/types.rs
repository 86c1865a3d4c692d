//! `codemode types`: the declarations of all tools.

use std::sync::Arc;

use crate::args::TypesArgs;
use crate::print::Printer;
use crate::{connect, exit, interrupt};

/// Prints the declarations; says what the process exits with.
pub(crate) async fn types(arguments: TypesArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let TypesArgs { connectors, detail, connect: to } = arguments;
    let Some(runtime) = connect::runtime(to, &[], &interrupt::token(), printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let unconnected = connect::is_nothing(&runtime);
    for warning in &runtime.warnings() {
        printer.note(&format!("note: {warning}"));
    }
    let all: Vec<String> = runtime.catalog().connectors().map(str::to_owned).collect();
    let unknown = connectors.iter().find(|name| !all.contains(name));
    let wanted = if connectors.is_empty() { &all } else { &connectors };
    let mut exit = exit::SUCCESS;
    if let Some(unknown) = unknown {
        printer.error(&anyhow::anyhow!("there is no connector {unknown:?}; there are: {}", all.join(", ")));
        exit = exit::FAILURE;
    } else {
        for connector in wanted {
            printer.line(&runtime.declarations(connector, detail.into()).await.unwrap_or_default())?;
        }
    }
    runtime.close().await;
    if unconnected {
        printer.hint(connect::NOTHING);
    }
    Ok(exit)
}
