//! `codemode remove`: a connector is taken out of the configuration.

use std::path::PathBuf;

use clap::Args;
use codemode::config::{Edit, Error};

use crate::print::Printer;
use crate::{add, exit};

/// Take a server or an API out of the configuration
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Its name
    name: String,

    /// Out of the codemode.toml of the current folder, instead of your own
    #[arg(long)]
    project: bool,

    /// Out of this file
    #[arg(long, value_name = "FILE", conflicts_with = "project")]
    config: Option<PathBuf>,
}

/// Removes the connector; says what the process exits with.
pub(crate) fn remove(arguments: RemoveArgs, printer: &Printer) -> anyhow::Result<u8> {
    let RemoveArgs { name, project, config } = arguments;
    let file = add::file(project, config)?;
    if !file.exists() {
        return Err(Error::NoSuchConnector { path: file, name, nearest: None }.into());
    }
    let (mut edit, before) = Edit::open_read(file.clone())?;
    edit.remove(&name)?;
    edit.save()?;
    if project {
        add::keep_trust(&file, before.as_deref(), &edit.text(), printer);
    }
    printer.line(&format!("removed {name} from {}", file.display()))?;
    Ok(exit::SUCCESS)
}
