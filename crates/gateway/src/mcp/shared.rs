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

/// What all connections share.
pub(crate) struct Shared {
    pub(super) options: GatewayOptions,
    pub(crate) ops: Ops,
    /// Requests that wait for their clients' answers.
    pub(crate) states: States,
    /// Long work of clients that ask how it is.
    pub(super) tasks: Tasks,
    raised: Mutex<Bounded<Raised>>,
}

impl Shared {
    pub(crate) fn new(options: GatewayOptions) -> Self {
        let raised = Mutex::new(Bounded::new(MAX_RAISED, MAX_RAISED_OF_PRINCIPAL, RAISED_FOR));
        Self { options, ops: Ops::default(), states: States::new(), tasks: Tasks::new(), raised }
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
