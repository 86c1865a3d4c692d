//! The runtime that a command works with.

use std::str::FromStr as _;

use codemode::config::{Config, Folders};
use codemode::connect::{Connector as _, OpenApi, Private, Secret, Source};
use codemode::{CancellationToken, Catalog, ConnectorInfo, ConnectorStatus, Limits, Runtime, Warning};

use crate::args::{ConnectArgs, Limit};
use crate::example_server::library;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{apis, configured, folders, hazards, servers};

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
    let ConnectArgs { config, mcp, openapi, base_url, credential, env, demo, rules } = arguments;
    let config = configured::read(&config, printer)?.config;
    let builder = Runtime::builder().policy(rules.clone().after(config.policy())).surface(config.surface());
    let mut builder = builder.limits(with(&config, limits)?);
    if let Some(folder) = folders::state() {
        builder = builder.state(folder);
    }
    let mut names = Catalog::default();
    let servers = servers::connectors(&mcp, &env, demo, &mut names)?;
    let apis = apis::connectors(openapi, base_url, credential, &mut names)?;
    if demo {
        names.insert(library::NAME, Vec::new())?;
    }
    // What the command line names takes the place of what is configured under that name.
    let others = config.connectors.iter().filter(|entry| entry.enabled);
    let others: Vec<_> = others.filter(|entry| names.insert(&entry.name, Vec::new()).is_ok()).collect();

    for told in &rules.beside(&names.connectors().collect::<Vec<_>>()) {
        printer.warning(told);
    }
    let wanted = wanted.among(&names)?;
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == name));
    for connector in servers.into_iter().filter(|connector| is_wanted(connector.name())) {
        builder = builder.connector(connector);
    }
    for connector in apis.into_iter().filter(|connector| is_wanted(connector.name())) {
        builder = builder.connector(connector);
    }
    if demo && is_wanted(library::NAME) {
        builder = builder.connector(library().await?);
    }
    let folders = Folders { cache: folders::cache(), state: folders::state() };
    let others = others.into_iter().filter(|entry| is_wanted(&entry.name));
    builder = builder.connectors(others.map(|entry| entry.connector(&folders)).collect::<Vec<_>>());
    match cancel.run_until_cancelled(builder.build()).await {
        None => Ok(None),
        // The message of the error holds those of its sources.
        Some(built) => built.map(Some).map_err(|error| anyhow::anyhow!("{error}")),
    }
}

/// The configured limits, with these over them.
fn with(config: &Config, set: &[Limit]) -> anyhow::Result<Limits> {
    let mut limits = Limits::default();
    config.set_limits(&mut limits);
    for limit in set {
        limits.set(&limit.name, &limit.value)?;
    }
    Ok(limits)
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

/// The example API, which this process serves itself.
async fn library() -> anyhow::Result<OpenApi> {
    let url = library::start().await?;
    let base = url.trim_end_matches(library::DOCUMENT).to_owned() + "/v1";
    // The document that we hold: at its URL, whose port is another each time, it would be another API each time.
    Ok(OpenApi::new(library::NAME, Source::Bytes(library::OPENAPI.into()))
        .base_url(base)
        .allow(Private::from_str("127.0.0.1")?)
        .credential("key", Secret::new(library::KEY)?))
}

/// Whether there is nothing that is connected to.
pub(crate) fn is_nothing(runtime: &Runtime) -> bool {
    runtime.connectors().is_empty()
}
