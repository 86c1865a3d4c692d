//! What connectors promise, against functions and against servers that misbehave in every way at hand.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test and its fake server"
)]

mod fake;
mod host;
#[cfg(target_os = "linux")]
mod processes;
mod stdio;
