//! The life of a run: the isolate computes, its calls are made, their completions go back, until it ends.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use codemode_isolate::{
    Completion, End, Ended, Failure, HostCall, Isolate, Kind, Print, Request, Start, Step, Stream,
};
use tokio::time::sleep_until;

use crate::calls::Calls;
use crate::meter::{deadline, millis};
use crate::ticker::Ticker;
use crate::timers::Timers;
use crate::{Event, Limits, RunOptions};

/// A run under way: everything but its isolate.
pub(crate) struct Drive<'a> {
    ticker: &'a Ticker,
    limits: &'a Limits,
    options: &'a RunOptions,
    started: Instant,
    calls: Calls<'a>,
    timers: Timers,
    printed: Vec<Print>,
}

/// What a run leaves besides its end.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) calls: Vec<crate::Call>,
    pub(crate) printed: Vec<Print>,
}

/// What ended a wait.
enum Woken {
    Completions(Vec<Completion>),
    Stop(Failure),
}

impl<'a> Drive<'a> {
    pub(crate) fn new(
        calls: Calls<'a>,
        ticker: &'a Ticker,
        limits: &'a Limits,
        options: &'a RunOptions,
        started: Instant,
    ) -> Self {
        Self { ticker, limits, options, started, calls, timers: Timers::default(), printed: Vec::new() }
    }

    /// Runs the program to its end.
    pub(crate) async fn run(
        mut self,
        mut isolate: Isolate,
        javascript: &str,
        input: &str,
        seed: [u8; 32],
    ) -> (Ended, Record) {
        let mut now_ms = unix_ms();
        let start = Start { javascript, input, now_ms, seed };
        let mut step = {
            let _computing = self.ticker.computing();
            isolate.start(start).await
        };
        let ended = loop {
            let outcome = match step {
                Ok(step) => self.take(step).await,
                Err(error) => Some(internal(&error)),
            };
            if let Some(ended) = outcome {
                break ended;
            }
            let completions = match self.wait().await {
                Woken::Completions(completions) => completions,
                Woken::Stop(mut failure) => {
                    failure.stack.extend(isolate.waiting_at());
                    break Ended { end: End::Failed(failure), usage: isolate.usage() };
                }
            };
            now_ms = now_ms.max(unix_ms());
            let _computing = self.ticker.computing();
            step = isolate.resume(completions, now_ms).await;
        };
        // The instance serves nobody any more; what is still under way does not need it.
        drop(isolate);
        if matches!(ended.end, End::Value(_) | End::Nothing)
            && let Some(text) = self.calls.left_behind()
        {
            self.print(Print { stream: Stream::Stderr, text });
        }
        self.calls.settle(self.deadline()).await;
        (ended, Record { calls: self.calls.into_record(), printed: self.printed })
    }

    /// Takes what a step brought; says how the program ended, if it did.
    async fn take(&mut self, step: Step) -> Option<Ended> {
        for print in step.printed {
            self.print(print);
        }
        for id in step.cancelled {
            self.timers.cancel(id);
        }
        for HostCall { id, request } in step.calls {
            match request {
                Request::Timer { ms } => self.timers.set(id, ms),
                request => self.calls.accept(id, request),
            }
        }
        if step.ended.is_none() {
            self.calls.send().await;
        }
        step.ended
    }

    fn print(&mut self, print: Print) {
        self.options.notify(Event::Printed { stream: print.stream, text: &print.text });
        self.printed.push(print);
    }

    /// When the run has used up its own time.
    fn deadline(&self) -> Instant {
        deadline(self.started, self.limits.wall.saturating_add(self.options.waits.total()))
    }

    /// Waits until there is a completion, and takes all that are there.
    async fn wait(&mut self) -> Woken {
        loop {
            let mut completions = self.calls.take_answers();
            let now = Instant::now();
            while let Some(id) = self.timers.pop_due(now) {
                completions.push(Completion { id, outcome: Ok("null".into()) });
            }
            if !completions.is_empty() {
                return Woken::Completions(completions);
            }
            let deadline = self.deadline();
            let waits = self.options.waits.is_waiting();
            // While the caller has a question to answer, the run's own time stands still.
            let next_timer = match self.timers.next() {
                Some(timer) if waits => Some(timer),
                None if waits => None,
                timer => Some(timer.unwrap_or(deadline).min(deadline)),
            };
            tokio::select! {
                biased;
                () = self.options.cancel.cancelled() => {
                    return Woken::Stop(Failure::new(Kind::Cancelled, "the run was cancelled"));
                }
                Some(()) = self.calls.next_answer() => {}
                () = self.options.waits.ended(), if waits => {}
                () = until(next_timer) => {
                    if Instant::now() >= self.deadline() && !self.options.waits.is_waiting() {
                        let own = self.started.elapsed().saturating_sub(self.options.waits.total());
                        return Woken::Stop(timed_out(own, self.limits.wall));
                    }
                }
            }
        }
    }
}

async fn until(when: Option<Instant>) {
    match when {
        Some(when) => sleep_until(when.into()).await,
        None => std::future::pending().await,
    }
}

fn timed_out(observed: Duration, limit: Duration) -> Failure {
    let (observed, limit) = (millis(observed), millis(limit));
    Failure::over(Kind::Timeout, format!("the run took longer than {limit} ms"), observed, limit)
}

fn internal(error: &codemode_isolate::Error) -> Ended {
    let failure = Failure::new(Kind::Internal, format!("{error}; this is our bug"));
    Ended { end: End::Failed(failure), usage: codemode_isolate::Usage::default() }
}

fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
}
