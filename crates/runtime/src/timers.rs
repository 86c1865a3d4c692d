//! The timers of one run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use codemode_isolate::CallId;

/// Timers by when they are due; those due at the same time in the order they were set.
#[derive(Default)]
pub(crate) struct Timers {
    due: BTreeMap<(Instant, u64), CallId>,
    set: u64,
}

impl Timers {
    pub(crate) fn set(&mut self, id: CallId, ms: u32) {
        self.set += 1;
        self.due.insert((Instant::now() + Duration::from_millis(u64::from(ms)), self.set), id);
    }

    pub(crate) fn cancel(&mut self, id: CallId) {
        self.due.retain(|_, timer| *timer != id);
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Removes the next timer if it is due.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<CallId> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }
}
