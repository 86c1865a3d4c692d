//! Runs the compiler where its recursion fits.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

/// Stack for one counted level. `measure.rs` finds how much each construct needs; on x86-64 the most is 2,392 bytes
/// (exported namespaces), brackets need 1,507, tuples and templates 1,703, most others under 1,000. The rest is margin for
/// other targets and compilers.
#[cfg(not(debug_assertions))]
const LEVEL_BYTES: usize = 4 * 1024;
/// The same without optimisation, where the most is 4,784 bytes when only this crate is unoptimised.
#[cfg(debug_assertions)]
const LEVEL_BYTES: usize = 24 * 1024;

/// What the compiler needs besides its recursion.
const BASE_BYTES: usize = 512 * 1024;

/// Levels that run on the caller's stack. Their need stays under 512 KiB in release, a quarter of the smallest stack
/// (2 MiB) that Rust gives a thread, and nearly every program has fewer: it then pays no thread.
#[cfg(not(debug_assertions))]
const LEVELS_IN_PLACE: usize = 100;
#[cfg(debug_assertions)]
const LEVELS_IN_PLACE: usize = 20;

/// Why the work gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It panicked: a bug in the compiler.
    Panicked,
    /// The system gave no thread.
    NoThread,
}

/// Runs `work`, which recurses at most `levels` levels, on a stack that is large enough for it.
pub(crate) fn with_levels<T: Send>(levels: usize, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    if levels <= LEVELS_IN_PLACE {
        return catch_unwind(AssertUnwindSafe(work)).map_err(|_| Failure::Panicked);
    }
    thread::scope(|scope| {
        let bytes = BASE_BYTES + levels.saturating_mul(LEVEL_BYTES);
        let thread = thread::Builder::new().name("codemode-compile".into()).stack_size(bytes);
        let running = thread.spawn_scoped(scope, work).map_err(|_| Failure::NoThread)?;
        running.join().map_err(|_| Failure::Panicked)
    })
}
