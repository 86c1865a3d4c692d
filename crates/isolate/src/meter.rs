//! What the isolate asks of its driver while a program computes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a driver wants a running program stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interrupt {
    /// Somebody cancelled the run.
    Cancelled,
    /// The run's wall time is over.
    Timeout {
        /// The limit, in milliseconds.
        limit_ms: u64,
        /// Wall time used, in milliseconds.
        observed_ms: u64,
    },
}

/// The clocks and the cancel flag of a run, injected because the isolate reads neither.
///
/// Both methods are called from the thread that runs the program: at the start and the end of every poll, and at
/// every epoch tick in between. They must not block.
pub trait Meter: Send + Sync + 'static {
    /// CPU time that the calling thread has used since some fixed point. It must not advance while the thread is
    /// not running, or a busy neighbour would use up a program's limit.
    fn thread_cpu(&self) -> Duration;

    /// `Some` to stop the program at once.
    fn interrupt(&self) -> Option<Interrupt>;
}

/// A meter that measures nothing and never interrupts: programs run without a CPU limit. For tests and tools that
/// run trusted programs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unmetered;

impl Meter for Unmetered {
    fn thread_cpu(&self) -> Duration {
        Duration::ZERO
    }

    fn interrupt(&self) -> Option<Interrupt> {
        None
    }
}
