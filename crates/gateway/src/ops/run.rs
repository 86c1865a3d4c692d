//! One run, followed for the counts and the log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use codemode::connect::Caller;
use codemode::{Call, Catalog, Event, Output};
use tracing::{Span, info};

use super::metrics::word;
use super::{Ops, Parent};

/// What a tool is called in the log and the counts that is in no catalog: its name is what a program made up.
const UNKNOWN: &str = "unknown";

/// The most bytes of a request's id that are logged: whoever asks makes it up.
const MAX_ID: usize = 64;

/// Follows one run. Dropped before the run has ended, it counts it as abandoned.
#[derive(Debug)]
pub(crate) struct RunWatch {
    ops: Ops,
    span: Span,
    /// When it began; `None` once it has ended, or before it has.
    began: Mutex<Option<Instant>>,
    /// The calls that are under way, by their numbers, each with its span.
    calls: Mutex<HashMap<u32, Span>>,
}

impl RunWatch {
    pub(super) fn new(ops: Ops, principal: &str, request: &str, parent: &Parent) -> Self {
        let span = tracing::info_span!(
            target: "codemode",
            "run",
            otel.kind = "internal",
            run = tracing::field::Empty,
            principal,
            request = request.get(..request.floor_char_boundary(MAX_ID)),
        );
        #[cfg(feature = "otel")]
        super::trace::adopt(&span, parent);
        #[cfg(not(feature = "otel"))]
        let _ = parent;
        Self { ops, span, began: Mutex::default(), calls: Mutex::default() }
    }

    /// To be told everything that happens in the run.
    pub(crate) fn event(&self, event: Event<'_>) {
        match event {
            Event::RunStarted { run_id } => {
                self.span.record("run", run_id);
                *self.began.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                self.ops.inner.metrics.runs_in_flight.inc();
            }
            Event::CallStarted { seq, tool } => self.call_started(seq, tool),
            Event::CallEnded(call) => self.call_ended(call),
            Event::RunEnded(run) => {
                self.over(outcome(&run.output));
                let (calls, cpu_us) = (run.calls().len(), run.usage.cpu_us);
                let (outcome, ms) = (outcome(&run.output), run.usage.wall_us / 1000);
                // Inside of it, so that the line names whose it is: of a parent that is only named JSON shows nothing.
                self.span.in_scope(|| info!(target: "codemode", outcome, ms, calls, cpu_us, "run ended"));
            }
            _ => {}
        }
    }

    /// The caller of the run's calls, which go out as parts of its trace where there is one.
    pub(crate) fn calling(self: &Arc<Self>, caller: Arc<dyn Caller>) -> Arc<dyn Caller> {
        #[cfg(feature = "otel")]
        let caller = Arc::new(super::trace::Traced { caller, watch: Arc::clone(self) });
        caller
    }

    /// The span of a call that is under way.
    #[cfg(feature = "otel")]
    pub(super) fn span_of(&self, seq: u32) -> Option<Span> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).get(&seq).cloned()
    }

    fn call_started(&self, seq: u32, tool: &str) {
        let span = tracing::info_span!(target: "codemode", parent: &self.span, "call", otel.kind = "client", seq, tool);
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).insert(seq, span);
        self.ops.inner.metrics.calls_in_flight.inc();
    }

    fn call_ended(&self, call: &Call) {
        let span = self.calls.lock().unwrap_or_else(PoisonError::into_inner).remove(&call.seq);
        let was_sent = span.is_some();
        if was_sent {
            self.ops.inner.metrics.calls_in_flight.dec();
        }
        let (connector, tool) = self.known(&call.tool, was_sent);
        let took = was_sent.then(|| Duration::from_millis(call.ms));
        self.ops.inner.metrics.call_ended(connector, call.outcome, took);
        let (outcome, ms) = (word(call.outcome), call.ms);
        let of = span.as_ref().unwrap_or(&self.span);
        of.in_scope(|| info!(target: "codemode", connector, tool, outcome, ms, "call ended"));
    }

    /// The connector and the path of a tool that there is. One that was called is; one that was not may be none.
    fn known<'c>(&self, path: &'c str, was_sent: bool) -> (&'c str, &'c str) {
        let Some((connector, tool)) = path.split_once('.') else { return (UNKNOWN, UNKNOWN) };
        let catalog = || self.ops.inner.runtime.get().map(codemode::Runtime::catalog);
        let is_in =
            |catalog: Arc<Catalog>| catalog.tools(connector).iter().any(|entry| entry.identifier == tool);
        if was_sent || catalog().is_some_and(is_in) { (connector, path) } else { (UNKNOWN, UNKNOWN) }
    }

    /// Counts the run, if that was not done.
    fn over(&self, outcome: &'static str) {
        let began = self.began.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(began) = began {
            self.ops.inner.metrics.runs_in_flight.dec();
            self.ops.inner.metrics.run_ended(outcome, began.elapsed());
        }
    }
}

impl Drop for RunWatch {
    fn drop(&mut self) {
        let left = std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner));
        for (seq, _span) in left {
            self.ops.inner.metrics.calls_in_flight.dec();
            tracing::debug!(target: "codemode", parent: &self.span, seq, "call given up");
        }
        self.over("abandoned");
    }
}

fn outcome(output: &Output) -> &'static str {
    match output {
        Output::Completed { .. } => "completed",
        Output::Error { error, .. } => error.kind.as_str(),
        _ => "running",
    }
}
