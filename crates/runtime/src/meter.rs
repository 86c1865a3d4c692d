//! The clocks of a run, for its isolate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use codemode_isolate::{Interrupt, Meter};
use cpu_time::ThreadTime;
use tokio_util::sync::CancellationToken;

use crate::waiting::Waits;

/// CPU time of the current thread, the run's deadline, and whether somebody cancelled it.
pub(crate) struct RunMeter {
    pub(crate) started: Instant,
    pub(crate) wall: Duration,
    /// Time that is not the run's own.
    pub(crate) waits: Arc<Waits>,
    pub(crate) cancelled: CancellationToken,
}

impl Meter for RunMeter {
    fn thread_cpu(&self) -> Duration {
        ThreadTime::now().as_duration()
    }

    fn interrupt(&self) -> Option<Interrupt> {
        if self.cancelled.is_cancelled() {
            return Some(Interrupt::Cancelled);
        }
        let observed = self.started.elapsed().saturating_sub(self.waits.total());
        (observed >= self.wall)
            .then(|| Interrupt::Timeout { limit_ms: millis(self.wall), observed_ms: millis(observed) })
    }
}

/// When a run that started then must be over. A wall time beyond what the clock can hold is one of thirty years.
pub(crate) fn deadline(started: Instant, wall: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);
    started.checked_add(wall.min(FAR)).unwrap_or(started)
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
