//! What connectors promise, against functions and against servers that misbehave in every way at hand.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests and their fake server"
)]

mod fake;
mod host;
#[cfg(target_os = "linux")]
mod processes;
mod stdio;
