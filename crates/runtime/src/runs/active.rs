//! The runs that are under way, so that they can be cancelled, counted and ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::shelf::Owner;

/// How long runs that were cancelled are waited for. A program stops within 50 ms; twenty times that covers a machine that
/// is busy with hundreds of them.
const STOPPING: Duration = Duration::from_secs(1);

/// All runs that are under way.
pub(crate) struct Active {
    table: Mutex<Table>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Table {
    runs: HashMap<Box<str>, (Owner, CancellationToken)>,
    /// No run begins any more.
    closed: bool,
}

/// A run that is under way, until this is dropped.
pub(crate) struct Begun {
    active: Arc<Active>,
    run_id: Box<str>,
    /// Cancels it.
    pub(crate) cancel: CancellationToken,
}

impl Active {
    pub(crate) fn new() -> Self {
        Self { table: Mutex::default(), count: watch::Sender::new(0) }
    }

    /// Counts a run as begun, which whoever cancels `by` cancels; `None` once no run begins any more.
    pub(crate) fn begin(
        self: &Arc<Self>,
        run_id: &str,
        owner: Owner,
        by: &CancellationToken,
    ) -> Option<Begun> {
        let mut table = self.lock();
        if table.closed {
            return None;
        }
        let cancel = by.child_token();
        table.runs.insert(run_id.into(), (owner, cancel.clone()));
        self.count.send_replace(table.runs.len());
        Some(Begun { active: Arc::clone(self), run_id: run_id.into(), cancel })
    }

    /// Cancels the run of this id of this owner; whether there is one.
    pub(crate) fn cancel(&self, owner: &Owner, run_id: &str) -> bool {
        let table = self.lock();
        let found = table.runs.get(run_id).filter(|(of, _)| of == owner);
        found.inspect(|(_, cancel)| cancel.cancel()).is_some()
    }

    /// Lets no run begin, waits for those that are under way, and cancels what is left after `patience`. How many that
    /// were.
    pub(crate) async fn drain(&self, patience: Duration) -> usize {
        self.lock().closed = true;
        let mut count = self.count.subscribe();
        if timeout(patience, count.wait_for(|count| *count == 0)).await.is_ok() {
            return 0;
        }
        let left: Vec<_> = self.lock().runs.values().map(|(_, cancel)| cancel.clone()).collect();
        left.iter().for_each(CancellationToken::cancel);
        // What does not stop in time is dropped with whoever polls it.
        let _ = timeout(STOPPING, count.wait_for(|count| *count == 0)).await;
        left.len()
    }

    /// How many runs are under way.
    pub(crate) fn count(&self) -> usize {
        *self.count.borrow()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut table = self.active.lock();
        table.runs.remove(&self.run_id);
        self.active.count.send_replace(table.runs.len());
    }
}
