//! Compiling a submitted program without keeping anybody waiting.

use std::time::Instant;

use codemode_isolate::Kind;
use codemode_program as program;

use crate::meter::deadline;
use crate::{Failure, Limits, RunOptions};

/// Bytes of a text that is compiled where it is. Programs of models are a few kilobytes and take microseconds; larger
/// texts can be made to cost the parser a second, and must not keep a thread of the caller's runtime that long.
pub(crate) const COMPILE_IN_PLACE_BYTES: usize = 16 << 10;

/// The compiled program, or what the run fails with.
pub(crate) async fn compile(
    source: &str,
    limits: &Limits,
    options: &RunOptions,
    started: Instant,
) -> Result<program::Program, Box<Failure>> {
    let program_limits = program::Limits { source_bytes: limits.source_bytes, ..program::Limits::default() };
    let rejected = |rejection| Box::new(Failure::rejected(rejection));
    if source.len() <= COMPILE_IN_PLACE_BYTES || source.len() > limits.source_bytes {
        return program::compile(source, &program_limits).map_err(rejected);
    }
    let source = source.to_owned();
    let compiling = tokio::task::spawn_blocking(move || program::compile(&source, &program_limits));
    tokio::select! {
        compiled = compiling => match compiled {
            Ok(compiled) => compiled.map_err(rejected),
            Err(_) => Err(Box::new(Failure::new(Kind::Internal, "the compiler stopped; this is our bug"))),
        },
        () = options.cancel.cancelled() => {
            Err(Box::new(Failure::new(Kind::Cancelled, "the run was cancelled before it started")))
        }
        () = tokio::time::sleep_until(deadline(started, limits.wall).into()) => {
            let failure = Failure::new(Kind::Timeout, "compiling the program took longer than the run may take");
            Err(Box::new(failure))
        }
    }
}
