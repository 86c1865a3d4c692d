//! The calls of a run so far, for whoever asks before it has ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::meter::millis;
use crate::{Call, CallOutcome, Event, RunOptions};

/// The calls of one run so far: no more than the run's limit of calls. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Progress {
    calls: Arc<Mutex<Calls>>,
}

/// By `seq`, each with when it was sent if it is under way.
type Calls = BTreeMap<u32, (Call, Option<Instant>)>;

impl Progress {
    /// Options of a run that tells this what it does, beside whoever it tells already.
    pub(crate) fn observing(&self, mut options: RunOptions) -> RunOptions {
        let (progress, told) = (self.clone(), options.observer.take());
        options.observer(move |event| {
            progress.observe(event);
            if let Some(told) = &told {
                told(event);
            }
        })
    }

    fn observe(&self, event: Event<'_>) {
        match event {
            Event::CallStarted { seq, tool } => {
                let call = Call { seq, tool: tool.to_owned(), outcome: CallOutcome::MaybeExecuted, ms: 0 };
                self.lock().insert(seq, (call, Some(Instant::now())));
            }
            Event::CallEnded(call) => {
                self.lock().insert(call.seq, (call.clone(), None));
            }
            _ => {}
        }
    }

    /// The calls that were made so far, in the order of the program.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let calls = self.lock();
        let of_now = calls.values().map(|(call, since)| match since {
            Some(since) => Call { ms: millis(since.elapsed()), ..call.clone() },
            None => call.clone(),
        });
        of_now.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
