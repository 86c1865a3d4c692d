//! The runtime that a command works with.

use codemode::{CancellationToken, ConnectorInfo, ConnectorStatus, Runtime, Warning};

use crate::args::{ConnectArgs, Limit};
use crate::gather::{From, Gathered};
use crate::hazards;
use crate::print::Printer;
use crate::wanted::Wanted;

/// What to do when nothing is connected.
pub(crate) const NOTHING: &str = "no server is connected: `codemode add` connects one for good, --mcp NAME=COMMAND or --openapi NAME=FILE for once, --demo connects example tools";

/// Connects what is `wanted` of everything that is configured and everything that `arguments` name, with the configured
/// limits and `limits` over them. Warns of what could not be reached; `None` when it was cancelled.
///
/// # Errors
///
/// Among others, a connector that is wanted and not there.
pub(crate) async fn runtime(
    arguments: ConnectArgs,
    wanted: &Wanted,
    limits: &[Limit],
    cancel: &CancellationToken,
    printer: &Printer,
) -> anyhow::Result<Option<Runtime>> {
    let Some(runtime) = quiet_runtime(arguments, wanted, limits, cancel, printer).await? else {
        return Ok(None);
    };
    warn(&runtime, printer);
    hazards::warn(&runtime, printer);
    Ok(Some(runtime))
}

/// The same, without a word of connectors that are not there.
pub(crate) async fn quiet_runtime(
    arguments: ConnectArgs,
    wanted: &Wanted,
    limits: &[Limit],
    cancel: &CancellationToken,
    printer: &Printer,
) -> anyhow::Result<Option<Runtime>> {
    let gathered = Gathered::read(arguments, wanted, From::Everywhere, printer).await?;
    let builder = gathered.builder(limits)?;
    match cancel.run_until_cancelled(builder.build()).await {
        None => Ok(None),
        // The message of the error holds those of its sources.
        Some(built) => built.map(Some).map_err(|error| anyhow::anyhow!("{error}")),
    }
}

/// Says which connectors are not there, and why. The others work all the same.
fn warn(runtime: &Runtime, printer: &Printer) {
    for connector in runtime.connectors() {
        let ConnectorInfo { name, status, error, .. } = connector;
        match (status, error) {
            (_, Some(error)) => printer.warning(&error),
            (ConnectorStatus::Connecting, None) => {
                printer.warning(&format!("{name} is still being connected to"))
            }
            _ => {}
        }
    }
    unpinned(runtime).iter().for_each(|warning| printer.warning(warning));
}

/// What keeps it from being known whether tools have changed.
pub(crate) fn unpinned(runtime: &Runtime) -> Vec<String> {
    let warnings = runtime.warnings().into_iter();
    let unpinned = warnings.filter(|warning| matches!(warning, Warning::Unpinned { .. }));
    unpinned.map(|warning| warning.to_string()).collect()
}

/// Whether there is nothing that is connected to.
pub(crate) fn is_nothing(runtime: &Runtime) -> bool {
    runtime.connectors().is_empty()
}
