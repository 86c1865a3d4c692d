//! The tool calls of one run: those that wait for their turn, those under way, and the record of all.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use codemode_isolate::{CallId, Completion, Json, Rejection, Request};
use tokio::task::{JoinError, JoinSet};

use crate::ask;
use crate::builtins::Builtins;
use crate::call::{self, Refused, Sending};
use crate::meter::millis;
use crate::{Call, CallOutcome, Event, Limits, RunOptions};

/// Calls that are prepared in a row without letting other tasks of the thread run. Reading and checking arguments costs
/// time that no meter counts.
const PREPARED_IN_A_ROW: usize = 16;

pub(crate) struct Calls<'a> {
    builtins: Builtins,
    limits: &'a Limits,
    options: &'a RunOptions,
    run_id: &'a str,
    record: Vec<Call>,
    /// With their places in the record, which functions of `codemode` have none in.
    queue: VecDeque<(CallId, Option<usize>, Request)>,
    in_flight: JoinSet<Answer>,
    /// When the calls in flight were sent, by their places in the record.
    sent: BTreeMap<usize, Instant>,
    answers: Vec<Completion>,
    answer_bytes: usize,
}

struct Answer {
    id: CallId,
    /// The call's place in the record and how it went; `None` of a function of `codemode`.
    call: Option<(usize, CallOutcome)>,
    result: Result<Json, Box<Rejection>>,
}

impl<'a> Calls<'a> {
    pub(crate) fn new(
        builtins: Builtins,
        limits: &'a Limits,
        options: &'a RunOptions,
        run_id: &'a str,
    ) -> Self {
        Self {
            builtins,
            limits,
            options,
            run_id,
            record: Vec::new(),
            queue: VecDeque::new(),
            in_flight: JoinSet::new(),
            sent: BTreeMap::new(),
            answers: Vec::new(),
            answer_bytes: 0,
        }
    }

    /// Puts a call in the queue. Its arguments stay text until its turn comes.
    pub(crate) fn accept(&mut self, id: CallId, request: Request) {
        let tool = match &request {
            Request::Tool { connector, tool, .. } => format!("{connector}.{tool}"),
            Request::Named { name, .. } => name.clone(),
            Request::Builtin { name, arguments } => match ask::asked(name, arguments) {
                None => return self.queue.push_back((id, None, request)),
                Some(Ok(asked)) => asked.path(),
                Some(Err(_)) => format!("codemode.{name}"),
            },
            Request::Timer { .. } => return,
        };
        let index = self.record.len();
        let seq = u32::try_from(index + 1).unwrap_or(u32::MAX);
        self.record.push(Call { seq, tool, outcome: CallOutcome::NotStarted, ms: 0 });
        self.queue.push_back((id, Some(index), request));
    }

    /// Sends queued calls as long as more may be under way and the program has not been given too much to take in.
    pub(crate) async fn send(&mut self) {
        let mut prepared = 0;
        while self.in_flight.len() < self.limits.concurrency
            && self.answer_bytes <= self.limits.isolate.completion_bytes
            && !self.options.cancel.is_cancelled()
            && let Some((id, index, request)) = self.queue.pop_front()
        {
            match (index, request) {
                (Some(index), request) => self.send_one(id, index, &request).await,
                (None, Request::Builtin { name, arguments }) => {
                    let answering = self.builtins.clone().call(name, arguments);
                    self.in_flight.spawn(async move {
                        Answer { id, call: None, result: answering.await.map(Json::from) }
                    });
                }
                (None, _) => {}
            }
            prepared += 1;
            if prepared % PREPARED_IN_A_ROW == 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// A call that is answered at once costs no task.
    async fn send_one(&mut self, id: CallId, index: usize, request: &Request) {
        let mut prepared = match call::prepare(&self.builtins.registry, request) {
            None => return,
            Some(Ok(prepared)) => prepared,
            Some(Err(refused)) => return self.refused(id, index, *refused),
        };
        if let Some(why) = prepared.approval.take() {
            return self.refused(id, index, *prepared.unapproved(&why));
        }
        let seq = u32::try_from(index + 1).unwrap_or(u32::MAX);
        self.options.notify(Event::CallStarted { seq, tool: &prepared.path });
        if let Some(call) = self.record.get_mut(index) {
            call.tool.clone_from(&prepared.path);
        }
        self.sent.insert(index, Instant::now());
        let how = Sending {
            timeout: self.limits.call,
            max_bytes: self.limits.isolate.completion_bytes,
            caller: self.options.caller.clone(),
            label: format!("{}:{seq}", self.run_id),
        };
        let mut sending: Pin<Box<dyn Future<Output = Answer> + Send>> = Box::pin(async move {
            let (result, outcome) = prepared.send(how).await;
            Answer { id, call: Some((index, outcome)), result }
        });
        match poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await {
            Poll::Ready(answer) => self.answered(answer),
            Poll::Pending => {
                self.in_flight.spawn(sending);
                // Until it is answered the call is one that may have been executed.
                if let Some(call) = self.record.get_mut(index) {
                    call.outcome = CallOutcome::MaybeExecuted;
                }
            }
        }
    }

    fn refused(&mut self, id: CallId, index: usize, refused: Refused) {
        if let Some(call) = self.record.get_mut(index) {
            call.tool = refused.path;
            call.outcome = refused.outcome;
            self.options.notify(Event::CallEnded(call));
        }
        self.complete(id, Err(refused.rejection));
    }

    fn answered(&mut self, answer: Answer) {
        if let Some((index, outcome)) = answer.call {
            self.ended(index, Some(outcome));
        }
        self.complete(answer.id, answer.result.map_err(|rejection| *rejection));
    }

    /// Records that a call that was sent is no longer waited for; `None` leaves its outcome as it is.
    fn ended(&mut self, index: usize, outcome: Option<CallOutcome>) {
        let sent = self.sent.remove(&index);
        if let Some(call) = self.record.get_mut(index) {
            call.outcome = outcome.unwrap_or(call.outcome);
            call.ms = sent.map_or(0, |sent| millis(sent.elapsed()));
            self.options.notify(Event::CallEnded(call));
        }
    }

    fn complete(&mut self, id: CallId, outcome: Result<Json, Rejection>) {
        self.answer_bytes += outcome.as_ref().map_or(0, Json::len);
        self.answers.push(Completion { id, outcome });
    }

    /// The next answer of a call in flight; `None` when there is none in flight.
    pub(crate) async fn next_answer(&mut self) -> Option<()> {
        let joined = self.in_flight.join_next().await?;
        self.joined(joined);
        Some(())
    }

    /// Takes the answers that are there, without waiting.
    pub(crate) fn take_answers(&mut self) -> Vec<Completion> {
        while let Some(joined) = self.in_flight.try_join_next() {
            self.joined(joined);
        }
        self.answer_bytes = 0;
        std::mem::take(&mut self.answers)
    }

    fn joined(&mut self, joined: Result<Answer, JoinError>) {
        // A task of a run neither panics (connectors catch their handlers') nor is aborted while the run waits; were
        // it otherwise, the call stays marked as one that may have been executed and the run ends by its deadline.
        if let Ok(answer) = joined {
            self.answered(answer);
        }
    }

    /// What to tell of calls that the program did not wait for. A forgotten `await` is the likeliest reason for a result
    /// that is not what the program's author meant.
    pub(crate) fn left_behind(&self) -> Option<String> {
        const NAMED: usize = 5;
        let unsent = self.queue.iter().filter_map(|(_, index, _)| *index);
        let mut left: Vec<usize> = self.sent.keys().copied().chain(unsent).collect();
        left.sort_unstable();
        let calls = left.iter().filter_map(|index| self.record.get(*index));
        let mut names: Vec<String> = calls.take(NAMED).map(|call| call.tool.clone()).collect();
        if left.len() > NAMED {
            names.push(format!("{} more", left.len() - NAMED));
        }
        (!names.is_empty())
            .then(|| format!("warning: the program ended without awaiting {}\n", names.join(", ")))
    }

    /// Ends what is left: queued calls are not started, calls in flight are waited for until `deadline`.
    pub(crate) async fn settle(&mut self, deadline: Instant) {
        for (_, index, _) in std::mem::take(&mut self.queue) {
            if let Some(call) = index.and_then(|index| self.record.get(index)) {
                self.options.notify(Event::CallEnded(call));
            }
        }
        while !self.in_flight.is_empty() {
            tokio::select! {
                biased;
                () = self.options.cancel.cancelled() => break,
                Some(joined) = self.in_flight.join_next() => self.joined(joined),
                () = tokio::time::sleep_until(deadline.into()) => break,
            }
        }
        self.in_flight.abort_all();
        while let Some((&index, _)) = self.sent.first_key_value() {
            self.ended(index, None);
        }
    }

    pub(crate) fn into_record(self) -> Vec<Call> {
        self.record
    }
}
