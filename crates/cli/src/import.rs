//! `codemode import`: servers that other programs already have.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use codemode::config::{Config, Edit, Entry, known, parse, read};

use crate::print::Printer;
use crate::{add, exit, relative, shown, table};

/// Take over the MCP servers that other programs have: Claude, Cursor, VS Code, Windsurf, Gemini, Cline, Zed, Codex
///
/// Without names it only shows which there are. A secret that stands in their files in plain text is not copied: a reference
/// to a variable of the environment takes its place.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The servers to take over
    #[arg(value_name = "NAME", conflicts_with = "all")]
    names: Vec<String>,

    /// Take over all of them
    #[arg(long)]
    all: bool,

    /// Look into this file, instead of those of the programs that are known
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// Write into the codemode.toml of the current folder, instead of your own
    #[arg(long)]
    project: bool,

    /// Write into this file
    #[arg(long, value_name = "FILE", conflicts_with = "project")]
    config: Option<PathBuf>,
}

/// A file that has servers.
struct Source {
    program: String,
    config: Config,
}

/// Shows or takes over servers; says what the process exits with.
pub(crate) fn import(arguments: ImportArgs, printer: &Printer) -> anyhow::Result<u8> {
    let ImportArgs { names, all, from, project, config } = arguments;
    let sources = match from {
        Some(file) => {
            vec![Source { program: file.display().to_string(), config: parse(&file, &read(&file)?)? }]
        }
        None => sources(printer),
    };
    for note in sources.iter().flat_map(|source| &source.config.notes).filter(|note| note.is_serious) {
        printer.warning(&format!("{}: {}", note.file.display(), note.message));
    }
    let entries = || {
        sources.iter().flat_map(|source| source.config.connectors.iter().map(move |entry| (source, entry)))
    };
    if entries().next().is_none() {
        printer.note("note: no servers of other programs were found");
        return Ok(exit::SUCCESS);
    }
    if names.is_empty() && !all {
        let rows: Vec<_> = entries()
            .map(|(source, entry)| {
                vec![
                    entry.name.clone(),
                    entry.kind_name().to_owned(),
                    source.program.clone(),
                    shown::entry(entry),
                ]
            })
            .collect();
        printer.line(&table::aligned(&rows))?;
        printer.hint("`codemode import NAME` takes one over, --all takes all");
        return Ok(exit::SUCCESS);
    }
    if let Some(unknown) = names.iter().find(|name| !entries().any(|(_, entry)| entry.name == **name)) {
        bail!("no program has a server {unknown:?}; `codemode import` shows which there are");
    }
    let file = add::file(project, config)?;
    let (mut edit, before) = Edit::open_read(file.clone())?;
    let mut taken = edit.names();
    let mut moved = Vec::new();
    for (source, entry) in entries().filter(|(_, entry)| all || names.contains(&entry.name)) {
        let name = &entry.name;
        if taken.contains(name) {
            printer
                .note(&format!("note: {name} of {} is left out: there is one of that name", source.program));
            continue;
        }
        moved.extend(take(entry, &mut edit)?);
        taken.push(name.clone());
        printer.line(&format!("imported {name} from {} to {}", source.program, file.display()))?;
    }
    edit.save()?;
    if project {
        add::keep_trust(&file, before.as_deref(), &edit.text(), printer);
    }
    for secret in moved {
        printer.warning(&secret);
    }
    Ok(exit::SUCCESS)
}

/// Adds the entry; what comes back is said of secrets that were not copied.
fn take(entry: &Entry, edit: &mut Edit) -> anyhow::Result<Vec<String>> {
    let (mut table, moved) = entry.table();
    // A path that was relative to their file is not relative to ours.
    relative::settle(&mut table, entry.folder());
    edit.add(&entry.name, &table)?;
    let (name, file) = (&entry.name, entry.file.display());
    let said = moved.into_iter().map(|(key, variable)| {
        format!("{key} of {name} stands in plain text in {file} and was not copied: set {variable} in your environment")
    });
    Ok(said.collect())
}

/// The servers of the programs that we know.
fn sources(printer: &Printer) -> Vec<Source> {
    let Some(home) = std::env::home_dir() else { return Vec::new() };
    let mut sources = Vec::new();
    for known in known(&home).into_iter().filter(|known| known.file.is_file()) {
        match read(&known.file).and_then(|bytes| parse(&known.file, &bytes)) {
            Ok(config) => sources.push(Source { program: known.program.to_owned(), config }),
            // Settings without servers are no failure, and neither are those that are broken.
            Err(error) => printer.note(&format!("note: {}: {error}", known.program)),
        }
    }
    sources
}
