//! `codemode config`: what a configuration may hold.

use clap::Subcommand;
use codemode::config::{reference, schema};

use crate::exit;
use crate::print::Printer;

/// What codemode.toml may hold
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the JSON Schema of codemode.toml, for an editor
    Schema,
    /// Print what every key of codemode.toml is for, as Markdown
    Reference,
}

/// Prints it; says what the process exits with.
pub(crate) fn config(command: &ConfigCommand, printer: &Printer) -> anyhow::Result<u8> {
    match command {
        ConfigCommand::Schema => printer.line(&format!("{:#}", schema()))?,
        ConfigCommand::Reference => printer.line(&reference())?,
    }
    Ok(exit::SUCCESS)
}
