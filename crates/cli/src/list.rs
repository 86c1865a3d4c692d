//! `codemode list`: which connectors there are, and how they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use codemode::{ConnectorInfo, ConnectorStatus, Why};
use serde_json::{Value, json};

use crate::args::ConnectArgs;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{configured, connect, exit, hazards, interrupt, table};

/// Show which servers and APIs there are: their kind, their state, how many tools they have and how long they took
///
/// It exits with 1 if one of them cannot be used.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print the list as one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connect: ConnectArgs,
}

/// Lists the connectors; says what the process exits with.
pub(crate) async fn list(arguments: ListArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let ListArgs { json, connect: to } = arguments;
    // Read apart from the runtime, which knows neither kinds nor what is switched off.
    let entries = configured::read_quietly(&to.config)?.config.connectors;
    let kinds: BTreeMap<_, _> = entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let Some(runtime) = connect::quiet_runtime(to, &Wanted::All, &[], &interrupt::token(), printer).await?
    else {
        return Ok(exit::CANCELLED);
    };
    let connectors = runtime.connectors();
    let (quarantined, unpinned) = (runtime.quarantined(), connect::unpinned(&runtime));
    hazards::warn(&runtime, printer);
    runtime.close().await;
    let off = entries.iter().filter(|entry| !entry.enabled);
    let kind = |name: &str| kinds.get(name).map_or("option", |entry| entry.kind_name());
    if json {
        let file = |name: &str| kinds.get(name).map(|entry| entry.file.display().to_string());
        let lines = connectors.iter().map(|info| {
            let mut line = serde_json::to_value(info).unwrap_or_default();
            if let Value::Object(line) = &mut line {
                line.insert("kind".to_owned(), kind(&info.name).into());
                line.insert("file".to_owned(), file(&info.name).into());
            }
            line
        });
        let off = off.map(|entry| {
            let file = entry.file.display().to_string();
            json!({ "name": entry.name, "status": "disabled", "kind": entry.kind_name(), "file": file })
        });
        printer.json(&lines.chain(off).collect::<Vec<_>>())?;
        return Ok(exit_of(&connectors));
    }
    let mut rows: Vec<Vec<String>> = connectors.iter().map(|info| row(info, kind(&info.name))).collect();
    rows.extend(
        off.map(|entry| vec![entry.name.clone(), entry.kind_name().to_owned(), "disabled".to_owned()]),
    );
    if rows.is_empty() {
        printer.hint(connect::NOTHING);
        return Ok(exit::SUCCESS);
    }
    printer.line(&table::aligned(&rows))?;
    for info in &connectors {
        broken(info, printer);
    }
    unpinned.iter().for_each(|warning| printer.warning(warning));
    for found in quarantined.iter().filter(|found| found.why != Why::Unknown) {
        printer.note(&format!("note: {} is withheld: see `codemode trust`", found.tool));
    }
    Ok(exit_of(&connectors))
}

fn exit_of(connectors: &[ConnectorInfo]) -> u8 {
    let all = connectors.iter().all(|info| info.status == ConnectorStatus::Ready);
    if all { exit::SUCCESS } else { exit::FAILURE }
}

fn row(info: &ConnectorInfo, kind: &str) -> Vec<String> {
    let mut row = vec![info.name.clone(), kind.to_owned(), status(info.status).to_owned()];
    if info.status == ConnectorStatus::Ready {
        row.push(crate::shown::count(info.tools, "tool"));
        row.extend(info.latency_ms.map(|ms| format!("{ms} ms")));
    }
    row
}

fn status(status: ConnectorStatus) -> &'static str {
    match status {
        ConnectorStatus::Ready => "ready",
        ConnectorStatus::Connecting => "connecting",
        ConnectorStatus::LoginRequired => "wants a login",
        _ => "not available",
    }
}

/// Why a connector is not there, and what to do.
pub(crate) fn broken(info: &ConnectorInfo, printer: &Printer) {
    let name = &info.name;
    match info.status {
        ConnectorStatus::Ready => {}
        ConnectorStatus::LoginRequired => printer.hint(&format!("`codemode login {name}` logs in to {name}")),
        ConnectorStatus::Connecting => printer.warning(&format!("{name} did not answer in time")),
        _ => {
            let error = info.error.clone().unwrap_or_else(|| format!("{name} is not available"));
            printer.warning(&error);
        }
    }
}
