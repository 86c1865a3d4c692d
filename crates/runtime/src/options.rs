//! What may be said about one run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codemode_connect::Caller;
use codemode_isolate::Stream;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::waiting::Waits;
use crate::{Call, Limits, Run};

/// Options of one run. The default has no input and the runtime's limits.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct RunOptions {
    /// What the program sees as `input`, and what a program that is a function is called with. `None`: `undefined`.
    pub input: Option<Value>,
    /// Wall time, instead of that of the limits.
    pub timeout: Option<Duration>,
    /// Limits, instead of the runtime's.
    pub limits: Option<Limits>,
    /// Cancels the run: a computing program stops within 50 ms, calls that wait for an answer are given up.
    pub cancel: CancellationToken,
    /// Who the run is for. What it leaves (its kept result, the run itself where it goes on) is there for them alone: to
    /// another principal its id is as unknown as one that never was. `None`: for whoever is not told apart.
    pub principal: Option<Arc<str>>,
    /// How long [`Runtime::call_with`](crate::Runtime::call_with) waits for a program. One that has not ended by then goes
    /// on, in a task of its own, and the answer is [`Output::Running`](crate::Output::Running) with the id by which it is
    /// waited for again; [`cancel`](Self::cancel) does not cancel it any more, and an observer is told what it does until it
    /// ends. `None`: until it ends. [`Runtime::run`](crate::Runtime::run) always waits until it ends.
    pub wait: Option<Duration>,
    pub(crate) observer: Option<Observer>,
    pub(crate) caller: Option<Arc<dyn Caller>>,
    /// How long the caller took; of one run.
    pub(crate) waits: Arc<Waits>,
}

type Observer = Arc<dyn Fn(Event<'_>) + Send + Sync>;

/// Something that happened in a run.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The run began. Nothing else comes before it.
    RunStarted {
        /// Names the run.
        run_id: &'a str,
    },
    /// The program printed.
    Printed {
        /// Where to.
        stream: Stream,
        /// What, usually a line with its line break.
        text: &'a str,
    },
    /// A tool call is about to be sent.
    CallStarted {
        /// Counts the run's tool calls, from 1.
        seq: u32,
        /// The tool's path.
        tool: &'a str,
    },
    /// A tool call ended, or was not started at all.
    CallEnded(&'a Call),
    /// The run ended. Nothing comes after it; it does not come where the future of the run is dropped.
    RunEnded(&'a Run),
}

impl RunOptions {
    /// Sets the input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Value>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// Sets the wall time.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Sets the token that cancels the run.
    #[must_use]
    pub fn cancel(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    /// Sets who the run is for.
    #[must_use]
    pub fn principal(mut self, principal: impl Into<Arc<str>>) -> Self {
        self.principal = Some(principal.into());
        self
    }

    /// Sets how long a program is waited for before it is answered that it is running.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Asks and tells `caller` what comes up in the middle of the run's calls: what an upstream asks of a person, how far a
    /// call is. Each comes with a label, `<runId>:<seq>`, where it is known of which call it is.
    #[must_use]
    pub fn caller(mut self, caller: Arc<dyn Caller>) -> Self {
        self.caller = Some(caller);
        self
    }

    /// Is told what happens while it happens. It must not block: the run waits for it.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(Event<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    pub(crate) fn notify(&self, event: Event<'_>) {
        if let Some(observer) = &self.observer {
            observer(event);
        }
    }
}

impl fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("input", &self.input)
            .field("timeout", &self.timeout)
            .field("limits", &self.limits)
            .field("principal", &self.principal)
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}
