//! The places where secrets are kept.

mod command;
mod file;
mod keyring;
mod variable;

pub(super) use command::Command;
pub(super) use file::{File, home};
pub(super) use keyring::Keyring;
pub(super) use variable::Variable;
