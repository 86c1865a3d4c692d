//! The life of a run: the isolate computes, its calls are made, their completions go back, until it ends.

use std::collections::{BTreeSet, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use codemode_isolate::{
    CallId, Completion, End, Ended, Failure, HostCall, Isolate, Kind, Print, Rejection, Request, Start, Step,
    Stream,
};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::call::{self, Prepared};
use crate::meter::millis;
use crate::registry::Registry;
use crate::ticker::Ticker;
use crate::timers::Timers;
use crate::{Call, CallOutcome, Event, Limits, Policy, RunOptions};

/// A run under way: everything but its isolate.
pub(crate) struct Drive<'a> {
    registry: &'a Registry,
    policy: &'a Policy,
    ticker: &'a Ticker,
    limits: &'a Limits,
    options: &'a RunOptions,
    started: Instant,
    pub(crate) record: Record,
    timers: Timers,
    /// Calls that may be sent and wait for their turn.
    queue: VecDeque<(CallId, usize, Prepared)>,
    in_flight: JoinSet<Answer>,
    /// The places in the record of the calls in flight.
    sent: BTreeSet<usize>,
    /// Completions that the isolate has not been given yet.
    completions: Vec<Completion>,
}

/// What a run leaves besides its end.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) calls: Vec<Call>,
    pub(crate) printed: Vec<Print>,
}

struct Answer {
    id: CallId,
    index: usize,
    outcome: CallOutcome,
    result: Result<String, Box<Rejection>>,
    took: Duration,
}

/// What ended a wait.
enum Woken {
    Completions,
    Stop(Failure),
}

impl<'a> Drive<'a> {
    pub(crate) fn new(
        registry: &'a Registry,
        policy: &'a Policy,
        ticker: &'a Ticker,
        limits: &'a Limits,
        options: &'a RunOptions,
        started: Instant,
    ) -> Self {
        Self {
            registry,
            policy,
            ticker,
            limits,
            options,
            started,
            record: Record::default(),
            timers: Timers::default(),
            queue: VecDeque::new(),
            in_flight: JoinSet::new(),
            sent: BTreeSet::new(),
            completions: Vec::new(),
        }
    }

    /// Runs the program to its end.
    pub(crate) async fn run(
        &mut self,
        mut isolate: Isolate,
        javascript: &str,
        input: &str,
        seed: [u8; 32],
    ) -> Ended {
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
            if let Woken::Stop(mut failure) = self.wait().await {
                failure.stack.extend(isolate.waiting_at());
                break Ended { end: End::Failed(failure), usage: isolate.usage() };
            }
            now_ms = now_ms.max(unix_ms());
            let completions = std::mem::take(&mut self.completions);
            let _computing = self.ticker.computing();
            step = isolate.resume(completions, now_ms).await;
        };
        // The instance serves nobody any more; what is still under way does not need it.
        drop(isolate);
        if matches!(ended.end, End::Value(_) | End::Nothing) {
            self.warn_of_calls_left_behind();
        }
        self.settle_the_rest().await;
        ended
    }

    /// Takes what a step brought; says how the program ended, if it did.
    async fn take(&mut self, step: Step) -> Option<Ended> {
        for print in step.printed {
            self.options.notify(Event::Printed { stream: print.stream, text: &print.text });
            self.record.printed.push(print);
        }
        for id in step.cancelled {
            self.timers.cancel(id);
        }
        for call in step.calls {
            self.accept(call);
        }
        if step.ended.is_none() {
            self.send_queued().await;
        }
        step.ended
    }

    fn accept(&mut self, HostCall { id, request }: HostCall) {
        if let Request::Timer { ms } = request {
            self.timers.set(id, ms);
            return;
        }
        let index = self.record.calls.len();
        let seq = u32::try_from(index + 1).unwrap_or(u32::MAX);
        match call::prepare(self.registry, self.policy, &request) {
            None => {}
            Some(Ok(prepared)) => {
                let tool = prepared.path.clone();
                self.record.calls.push(Call { seq, tool, outcome: CallOutcome::NotStarted, ms: 0 });
                self.queue.push_back((id, index, prepared));
            }
            Some(Err(refused)) => {
                let call = Call { seq, tool: refused.path, outcome: refused.outcome, ms: 0 };
                self.options.notify(Event::CallEnded(&call));
                self.record.calls.push(call);
                self.completions.push(Completion { id, outcome: Err(refused.rejection) });
            }
        }
    }

    /// Sends queued calls as long as more may be under way. A call that is answered at once costs no task.
    async fn send_queued(&mut self) {
        while self.in_flight.len() < self.limits.concurrency
            && let Some((id, index, prepared)) = self.queue.pop_front()
        {
            let seq = u32::try_from(index + 1).unwrap_or(u32::MAX);
            self.options.notify(Event::CallStarted { seq, tool: &prepared.path });
            let timeout = self.limits.call;
            let mut sending: Pin<Box<dyn Future<Output = Answer> + Send>> = Box::pin(async move {
                let sent = Instant::now();
                let (result, outcome) = prepared.send(timeout).await;
                Answer { id, index, outcome, result, took: sent.elapsed() }
            });
            match poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await {
                Poll::Ready(answer) => self.answered(answer),
                Poll::Pending => {
                    self.in_flight.spawn(sending);
                    self.sent.insert(index);
                    // Until it is answered the call is one that may have been executed.
                    self.mark(index, CallOutcome::MaybeExecuted);
                }
            }
        }
    }

    fn mark(&mut self, index: usize, outcome: CallOutcome) {
        if let Some(call) = self.record.calls.get_mut(index) {
            call.outcome = outcome;
        }
    }

    fn answered(&mut self, answer: Answer) {
        self.sent.remove(&answer.index);
        if let Some(call) = self.record.calls.get_mut(answer.index) {
            call.outcome = answer.outcome;
            call.ms = millis(answer.took);
            self.options.notify(Event::CallEnded(call));
        }
        let outcome = answer.result.map_err(|rejection| *rejection);
        self.completions.push(Completion { id: answer.id, outcome });
    }

    /// Waits until there is a completion, and takes all that are there.
    async fn wait(&mut self) -> Woken {
        let deadline = self.started + self.limits.wall;
        loop {
            let now = Instant::now();
            while let Some(id) = self.timers.pop_due(now) {
                self.completions.push(Completion { id, outcome: Ok("null".into()) });
            }
            while let Some(answer) = self.in_flight.try_join_next() {
                self.joined(answer);
            }
            if !self.completions.is_empty() {
                self.send_queued().await;
                return Woken::Completions;
            }
            let next_timer = self.timers.next().unwrap_or(deadline).min(deadline);
            tokio::select! {
                biased;
                () = self.options.cancel.cancelled() => {
                    return Woken::Stop(Failure::new(Kind::Cancelled, "the run was cancelled"));
                }
                Some(answer) = self.in_flight.join_next() => self.joined(answer),
                () = sleep_until(next_timer.into()) => {
                    if Instant::now() >= deadline {
                        return Woken::Stop(timed_out(self.started.elapsed(), self.limits.wall));
                    }
                }
            }
        }
    }

    fn joined(&mut self, answer: Result<Answer, tokio::task::JoinError>) {
        // A task of a run neither panics (connectors catch their handlers') nor is aborted while the run waits; were
        // it otherwise, the call stays marked as one that may have been executed and the run ends by its deadline.
        if let Ok(answer) = answer {
            self.answered(answer);
        }
    }

    /// A forgotten `await` is the likeliest reason for a result that is not what the program's author meant.
    fn warn_of_calls_left_behind(&mut self) {
        let unsent = self.queue.iter().map(|(_, index, _)| *index);
        let mut left: Vec<usize> = self.sent.iter().copied().chain(unsent).collect();
        left.sort_unstable();
        const NAMED: usize = 5;
        let calls = left.iter().filter_map(|index| self.record.calls.get(*index));
        let mut names: Vec<String> = calls.take(NAMED).map(|call| call.tool.clone()).collect();
        if names.is_empty() {
            return;
        }
        if left.len() > NAMED {
            names.push(format!("{} more", left.len() - NAMED));
        }
        let text = format!("warning: the program ended without awaiting {}\n", names.join(", "));
        self.options.notify(Event::Printed { stream: Stream::Stderr, text: &text });
        self.record.printed.push(Print { stream: Stream::Stderr, text });
    }

    /// After the end: what was sent is waited for as long as the run and the call may take, what was not sent is not.
    async fn settle_the_rest(&mut self) {
        for (_, index, _) in std::mem::take(&mut self.queue) {
            if let Some(call) = self.record.calls.get(index) {
                self.options.notify(Event::CallEnded(call));
            }
        }
        let deadline = self.started + self.limits.wall;
        while !self.in_flight.is_empty() {
            tokio::select! {
                biased;
                () = self.options.cancel.cancelled() => break,
                Some(answer) = self.in_flight.join_next() => self.joined(answer),
                () = sleep_until(deadline.into()) => break,
            }
        }
        self.in_flight.abort_all();
        for index in std::mem::take(&mut self.sent) {
            if let Some(call) = self.record.calls.get(index) {
                self.options.notify(Event::CallEnded(call));
            }
        }
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
