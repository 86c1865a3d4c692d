//! What a run's caller takes to answer is not the run's own time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use codemode_connect::{Accepts, BoxFuture, Caller, Input, InputReply, Log, Progress};
use tokio::sync::Notify;

use crate::RunOptions;

/// So long a run may wait for its caller in all: a person who is there has answered several questions by then. It holds an
/// isolate all the while, and can ask as often as it makes calls.
const MAX_WAIT: Duration = Duration::from_secs(30 * 60);

/// The time that a run has waited.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// How many questions have no answer, and since when there are any.
    asked: usize,
    since: Option<Instant>,
    /// How long there were any before.
    past: Duration,
}

impl Waits {
    /// How long the run has waited until now.
    pub(crate) fn total(&self) -> Duration {
        self.state().total()
    }

    /// Whether it waits, and may go on waiting.
    pub(crate) fn is_waiting(&self) -> bool {
        let state = self.state();
        state.since.is_some() && state.total() < MAX_WAIT
    }

    /// Waits until it may have stopped waiting, at most for what is left of the time that it may.
    pub(crate) async fn ended(&self) {
        let left = MAX_WAIT.saturating_sub(self.total());
        let _ = tokio::time::timeout(left, self.ended.notified()).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn total(&self) -> Duration {
        (self.past + self.since.map(|since| since.elapsed()).unwrap_or_default()).min(MAX_WAIT)
    }
}

/// The options of one run, whose caller's time is counted.
pub(crate) fn counted(mut options: RunOptions) -> RunOptions {
    let waits = Arc::<Waits>::default();
    options.caller = options.caller.map(|caller| {
        let waits = Arc::clone(&waits);
        Arc::new(Counted { caller, waits }) as Arc<dyn Caller>
    });
    options.waits = waits;
    options
}

/// A caller whose time is counted.
struct Counted {
    caller: Arc<dyn Caller>,
    waits: Arc<Waits>,
}

/// One question, until it is answered or given up.
struct Asked(Arc<Waits>);

impl Asked {
    fn begin(waits: &Arc<Waits>) -> Self {
        let mut state = waits.state();
        state.asked += 1;
        state.since.get_or_insert_with(Instant::now);
        drop(state);
        Self(Arc::clone(waits))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.asked = state.asked.saturating_sub(1);
        if state.asked == 0
            && let Some(since) = state.since.take()
        {
            state.past += since.elapsed();
            self.0.ended.notify_one();
        }
    }
}

impl Caller for Counted {
    fn principal(&self) -> &str {
        self.caller.principal()
    }

    fn accepts(&self) -> Accepts {
        self.caller.accepts()
    }

    fn input(&self, input: Input) -> BoxFuture<'static, InputReply> {
        let asked = Asked::begin(&self.waits);
        let answer = self.caller.input(input);
        Box::pin(async move {
            let _asked = asked;
            answer.await
        })
    }

    fn progress(&self, progress: Progress) {
        self.caller.progress(progress);
    }

    fn log(&self, log: Log) {
        self.caller.log(log);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever wakes a run up in between, it waits no longer than it may in all. The clock is the test's own.
    #[tokio::test(start_paused = true)]
    async fn a_run_waits_for_what_is_left_of_its_time() {
        let waits = Waits::default();
        waits.state().since = Some(Instant::now());
        waits.state().past = MAX_WAIT - Duration::from_secs(5);
        let began = tokio::time::Instant::now();
        waits.ended().await;
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    }
}
