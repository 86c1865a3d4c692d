//! The built binary, as a user runs it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

#[cfg(target_os = "linux")]
mod children;
#[cfg(unix)]
mod hygiene;
mod learned;
mod library;
mod login;
mod pins;
mod seeds;
#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "children are counted on Linux only"))]
mod served;
mod servers;
mod service;
mod serving;
mod streams;
mod tokens;
mod transcripts;

use std::process::Command;

/// The binary, with nothing of the environment that changes what it writes.
fn codemode(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codemode"));
    command.args(arguments).env_remove("NO_COLOR");
    command.env("CODEMODE_STATE", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
    command.env("CODEMODE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/empty.toml"));
    command.env("CODEMODE_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"));
    command
}
