//! What is kept between requests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::raised::Raised;
use super::states::States;
use super::tasks::Tasks;
use crate::bounds::Bounded;
use crate::{GatewayOptions, Ops};

/// How long what a run raises is kept for whoever waits for it next. A run that goes on longer without being waited for is
/// told that nobody answers.
const RAISED_FOR: Duration = Duration::from_secs(10 * 60);

/// How many runs that go on, and of one principal, can still ask their clients something.
const MAX_RAISED_OF_PRINCIPAL: usize = 64;
const MAX_RAISED: usize = 512;

/// How long a client can ask for a task of an upstream: longer than upstreams keep any.
const PASSED_TASKS_FOR: Duration = Duration::from_secs(24 * 3600);

/// How many tasks of upstreams are known, and of one principal: an id each.
const MAX_PASSED_TASKS_OF_PRINCIPAL: usize = 1024;
const MAX_PASSED_TASKS: usize = 8192;

/// What all connections share.
pub(crate) struct Shared {
    pub(super) options: GatewayOptions,
    pub(crate) ops: Ops,
    /// Requests that wait for their clients' answers.
    pub(crate) states: States,
    /// Long work of clients that ask how it is.
    pub(super) tasks: Tasks,
    raised: Mutex<Bounded<Raised>>,
    /// Whose the tasks of upstreams are, by their ids.
    passed_tasks: Mutex<Bounded<()>>,
}

impl Shared {
    pub(crate) fn new(options: GatewayOptions) -> Self {
        let raised = Mutex::new(Bounded::new(MAX_RAISED, MAX_RAISED_OF_PRINCIPAL, RAISED_FOR));
        let passed_tasks = Bounded::new(MAX_PASSED_TASKS, MAX_PASSED_TASKS_OF_PRINCIPAL, PASSED_TASKS_FOR);
        Self {
            options,
            ops: Ops::default(),
            states: States::new(),
            tasks: Tasks::new(),
            raised,
            passed_tasks: Mutex::new(passed_tasks),
        }
    }

    /// Whose the tasks of upstreams are.
    pub(super) fn passed_tasks(&self) -> MutexGuard<'_, Bounded<()>> {
        self.passed_tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes up in runs that go on, by their ids.
    pub(super) fn raised(&self) -> MutexGuard<'_, Bounded<Raised>> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}
