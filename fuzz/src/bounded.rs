//! What one input may cost.

use std::time::Duration;

use cpu_time::ThreadTime;

/// The CPU time that one input may take. Inputs are at most 64 KiB and usually take far below a millisecond; what takes a
/// second of instrumented code would let an upstream stop a process with a few documents. CPU time, not wall time: a
/// busy machine is no finding. What never ends is the engine's to stop.
const MAX_CPU: Duration = Duration::from_secs(1);

/// Runs the target on one input; panics if it took too long.
pub fn bounded(run: impl FnOnce(&[u8]), data: &[u8]) {
    let started = ThreadTime::now();
    run(data);
    let took = started.elapsed();
    assert!(
        took <= MAX_CPU,
        "an input of {} bytes took {took:?} of CPU time, more than {MAX_CPU:?}",
        data.len()
    );
}
