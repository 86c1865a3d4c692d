//! What can be done about the runs of a runtime from outside.

use std::time::Duration;

use crate::Runtime;

impl Runtime {
    /// Cancels a run that is under way, whoever waits for it; whether there is one of this id of this principal. It ends
    /// as one that its own [`RunOptions::cancel`](crate::RunOptions) cancelled.
    #[allow(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn cancel(&self, run_id: &str, principal: Option<&str>) -> bool {
        self.inner.runs.active.cancel(&principal.map(Into::into), run_id)
    }

    /// How many runs are under way, of this runtime and its views.
    pub fn active_runs(&self) -> usize {
        self.inner.runs.active.count()
    }

    /// Begins no further run, of this runtime and its views, waits for those that are under way as long as `patience`, and
    /// cancels what is left. Gives how many were cancelled. A run that is asked for afterwards fails with
    /// [`Kind::Cancelled`](crate::Kind::Cancelled) before anything of it has happened; searches are still answered.
    ///
    /// It returns `patience` and a second later at most, however often it is called.
    pub async fn drain(&self, patience: Duration) -> usize {
        self.inner.runs.active.drain(patience).await
    }
}
