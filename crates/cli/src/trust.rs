//! `codemode trust`: a configuration in the current folder may be used, or tools that have changed.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use codemode::config::{Config, Places, Trusted, parse, read};
use codemode::{NewTools, PinStore, visible};

use crate::diff::{changes, spelled};
use crate::print::Printer;
use crate::{configured, consent, exit, folders, shown};

/// Say that the configuration in the current folder may be used, or that a tool may be what it has become
///
/// A configuration is shown as it is, with what it would start, before you are asked. Trust is in these very bytes at this
/// place: once the file changes it has to be given again.
///
/// A tool that says something else of itself than when it was first seen is not called before you have accepted the change.
/// Name it as CONNECTOR.TOOL, with * for any characters, or all tools of a CONNECTOR: you are shown what has changed.
#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// The configuration file [default: codemode.toml or .mcp.json of the current folder], or tools that have changed
    #[arg(value_name = "FILE|CONNECTOR[.TOOL]")]
    what: Option<PathBuf>,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Trust it no longer
    #[arg(long, conflicts_with = "yes")]
    revoke: bool,
}

/// Trusts a file; says what the process exits with.
pub(crate) fn trust(arguments: TrustArgs, printer: &Printer) -> anyhow::Result<u8> {
    let TrustArgs { what, yes, revoke } = arguments;
    let file = match what {
        Some(file) if file.is_file() || revoke => file,
        Some(pattern) => return tools(&pattern, yes, printer),
        None => {
            let waits = !revoke && waiting(printer)?;
            let places = Places { folder: Some(PathBuf::new()), ..Places::default() };
            let found = places.in_folder();
            if found.is_none() && waits {
                return Ok(exit::SUCCESS);
            }
            found.ok_or_else(|| anyhow::anyhow!("there is no codemode.toml or .mcp.json in this folder"))?
        }
    };
    let trust = configured::trust();
    if revoke {
        let was = trust.remove(&file)?;
        printer.line(&format!("{} is {} trusted", file.display(), if was { "no longer" } else { "not" }))?;
        return Ok(exit::SUCCESS);
    }
    // What is shown, what is asked about and what is trusted are these bytes.
    let bytes = read(&file)?;
    let trusted = trust.of(&file, &bytes);
    if trusted == Trusted::Yes {
        printer.line(&format!("{} is trusted already", file.display()))?;
        return Ok(exit::SUCCESS);
    }
    let config = parse(&file, &bytes)?;
    show(&file, &bytes, &config, &trusted, printer)?;
    if !yes && !agreed(&file.display().to_string(), printer)? {
        return Ok(exit::FAILURE);
    }
    trust.add(&file, &bytes)?;
    printer.line(&format!("{} is trusted", file.display()))?;
    Ok(exit::SUCCESS)
}

/// Everything that the file says, character for character, and what comes of it.
fn show(
    file: &Path,
    bytes: &[u8],
    config: &Config,
    trusted: &Trusted,
    printer: &Printer,
) -> anyhow::Result<()> {
    let text = String::from_utf8_lossy(bytes);
    let lines = match trusted {
        Trusted::Changed { before: Some(before) } => {
            printer.line(&format!("{} has changed since it was trusted:\n", file.display()))?;
            changes(before, &text)
        }
        _ => {
            printer.line(&format!("{} says:\n", file.display()))?;
            text.trim_end_matches('\n').split('\n').map(|line| format!("  {line}")).collect()
        }
    };
    printer.line(&lines.iter().map(|line| spelled(line)).collect::<Vec<_>>().join("\n"))?;
    let live: Vec<_> = config.connectors.iter().filter(|entry| entry.enabled).collect();
    if live.is_empty() {
        printer.line("\nNothing of it would be started or reached.")?;
    } else {
        printer.line("\nIt would start or reach:\n")?;
    }
    for entry in live {
        let mut lines = vec![format!("  {} ({}): {}", entry.name, entry.kind_name(), shown::entry(entry))];
        lines.extend(shown::details(entry).into_iter().map(|detail| format!("    {detail}")));
        printer.line(&lines.iter().map(|line| spelled(line)).collect::<Vec<_>>().join("\n"))?;
    }
    for note in &config.notes {
        printer.line(&format!("  note: {}", visible(&note.message)))?;
    }
    printer.line("")
}

/// Says which tools wait to be accepted, and whether any does.
fn waiting(printer: &Printer) -> anyhow::Result<bool> {
    let Some(state) = folders::state() else { return Ok(false) };
    let waiting = PinStore::open(state).quarantined(NewTools::Allow)?;
    for found in &waiting {
        let tool = visible(&found.tool);
        printer.note(&format!("{tool} has changed and waits: `codemode trust {tool}` shows how"));
    }
    Ok(!waiting.is_empty())
}

/// Accepts what tools have become; says what the process exits with.
fn tools(pattern: &Path, yes: bool, printer: &Printer) -> anyhow::Result<u8> {
    let (Some(state), Some(pattern)) = (folders::state(), pattern.to_str()) else {
        bail!("there is no file {}", pattern.display());
    };
    let store = PinStore::open(state);
    let waiting = store.quarantined(NewTools::Quarantine)?;
    let waiting: Vec<_> = waiting.into_iter().filter(|found| found.is_meant_by(pattern)).collect();
    if waiting.is_empty() {
        bail!("{pattern} is no file, and no tool of that name has changed or is new");
    }
    for found in &waiting {
        printer.line(&format!("{found}\n"))?;
    }
    if !yes && !agreed(pattern, printer)? {
        return Ok(exit::FAILURE);
    }
    // Only what was shown: it may have changed again since.
    for tool in store.accept(&waiting)? {
        printer.line(&format!("{} is trusted", visible(&tool)))?;
    }
    Ok(exit::SUCCESS)
}

fn agreed(what: &str, printer: &Printer) -> anyhow::Result<bool> {
    let (question, refused) = (format!("Trust {what}?"), format!("{what} was not trusted"));
    consent::agreed(&question, &refused, "--yes trusts it without asking", printer)
}
