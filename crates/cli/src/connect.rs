//! The runtime that a command works with.

use std::str::FromStr as _;

use codemode::connect::{OpenApi, Private, Secret, Source};
use codemode::{CancellationToken, Catalog, ConnectorInfo, ConnectorStatus, Limits, Runtime};

use crate::args::ConnectArgs;
use crate::example_server::library;
use crate::print::Printer;
use crate::{apis, folders, servers};

/// What to do when nothing is connected.
pub(crate) const NOTHING: &str = "no server is connected: --mcp NAME=COMMAND or --openapi NAME=FILE connects one, --demo connects example tools";

/// Connects everything that `arguments` name, and warns of what could not be reached; `None` when that was cancelled.
pub(crate) async fn runtime(
    arguments: ConnectArgs,
    limits: Limits,
    cancel: &CancellationToken,
    printer: &Printer,
) -> anyhow::Result<Option<Runtime>> {
    let ConnectArgs { mcp, openapi, base_url, credential, env, demo, rules } = arguments;
    let mut builder = Runtime::builder().limits(limits).policy(rules.into_policy());
    if let Some(folder) = folders::state() {
        builder = builder.state(folder);
    }
    let mut names = Catalog::default();
    for connector in servers::connectors(&mcp, &env, demo, &mut names)? {
        builder = builder.connector(connector);
    }
    for connector in apis::connectors(openapi, base_url, credential, &mut names)? {
        builder = builder.connector(connector);
    }
    if demo {
        names.insert(library::NAME, Vec::new())?;
        builder = builder.connector(library().await?);
    }
    match cancel.run_until_cancelled(builder.build()).await {
        None => Ok(None),
        Some(Ok(runtime)) => {
            warn(&runtime, printer);
            Ok(Some(runtime))
        }
        // The message of the error holds those of its sources.
        Some(Err(error)) => Err(anyhow::anyhow!("{error}")),
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
}

/// The example API, which this process serves itself.
async fn library() -> anyhow::Result<OpenApi> {
    let url = library::start().await?;
    Ok(OpenApi::new(library::NAME, Source::Url(url))
        .allow(Private::from_str("127.0.0.1")?)
        .credential("key", Secret::new(library::KEY)?))
}

/// Whether there is nothing to connect to.
pub(crate) fn is_nothing(arguments: &ConnectArgs) -> bool {
    !arguments.demo && arguments.mcp.is_empty() && arguments.openapi.is_empty()
}
