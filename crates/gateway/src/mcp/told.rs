//! What a client is told in the middle of a request: how far it is, what upstreams log.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codemode::Event;
use codemode::connect::{Log, LogLevel, Progress};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::client::Client;

/// A client is told so often in the long run, and so many times at once. A person reads no more, and some clients show every
/// one.
const GAP: Duration = Duration::from_millis(100);
const BURST: u32 = 16;

/// Messages that wait to be sent. When there are more, the last takes the place of the one before it.
const MAX_WAITING: usize = 64;

/// Something to tell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// Of progress.
    Progress { progress: f64, total: Option<f64>, message: Option<String> },
    /// Of a log.
    Log(Log),
}

/// How progress is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// Of a program: which tool it calls, how many calls so far. What an upstream says is put in those words.
    Program,
    /// Of a request that is handed on: as the upstream says it.
    Relay,
}

/// What waits to be told. Whoever has something to tell never waits.
#[derive(Debug)]
pub(crate) struct Tellings {
    telling: Telling,
    wants_progress: AtomicBool,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Told>,
    /// Counts what happened: it grows with everything that is told.
    happened: u64,
    calls: u64,
    /// The tools of the calls that are under way.
    tools: HashMap<u32, String>,
    least: Option<LogLevel>,
    /// Until when what was sent has used up the rate.
    paid: Option<Instant>,
}

impl Tellings {
    pub(super) fn new(telling: Telling) -> Self {
        Self {
            telling,
            wants_progress: AtomicBool::new(false),
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Says what the client of the request that now waits wants to be told, and whether that is anything.
    pub(super) fn wanted(&self, client: &Client) -> bool {
        let progress = client.progress_token.is_some();
        // What tools of a program log interests whoever asked for it.
        let unasked = client.logs_unasked().filter(|_| self.telling == Telling::Relay);
        let least = client.log_level.or(unasked);
        self.wants_progress.store(progress, Ordering::Relaxed);
        self.state().least = least;
        progress || least.is_some()
    }

    /// Progress is wanted, and no logs.
    pub(super) fn all_progress(&self) {
        self.wants_progress.store(true, Ordering::Relaxed);
        self.state().least = None;
    }

    /// Something happened in a run.
    pub(crate) fn event(&self, event: Event<'_>) {
        match event {
            Event::CallStarted { seq, tool } => {
                let mut state = self.state();
                state.tools.insert(seq, tool.to_owned());
                state.calls += 1;
                if self.wants_progress() {
                    let message = format!("{tool} started ({})", calls(state.calls));
                    self.push_program(&mut state, message);
                }
            }
            Event::CallEnded(call) => {
                let mut state = self.state();
                state.tools.remove(&call.seq);
                if self.wants_progress() {
                    let message =
                        format!("{} ended after {} ms ({})", call.tool, call.ms, calls(state.calls));
                    self.push_program(&mut state, message);
                }
            }
            _ => {}
        }
    }

    /// An upstream says how far it is.
    pub(super) fn progress(&self, progress: Progress) {
        if !self.wants_progress() {
            return;
        }
        let mut state = self.state();
        if self.telling == Telling::Relay {
            let Progress { progress, total, message, .. } = progress;
            self.push(&mut state, Told::Progress { progress, total, message });
            return;
        }
        // A label is the run's id and the number of the call.
        let seq = progress.label.as_deref().and_then(|label| label.rsplit_once(':')?.1.parse().ok());
        let tool = seq.and_then(|seq: u32| state.tools.get(&seq)).unwrap_or(&progress.connector);
        let of = progress.total.map(|total| format!("/{total}")).unwrap_or_default();
        let said = progress.message.map(|message| format!(" {message}")).unwrap_or_default();
        let message = format!("{tool}: {}{of}{said}", progress.progress);
        self.push_program(&mut state, message);
    }

    /// An upstream logs.
    pub(super) fn log(&self, mut log: Log) {
        if self.telling == Telling::Program {
            let connector = &log.connector;
            log.logger = Some(log.logger.map_or(connector.clone(), |logger| format!("{connector}/{logger}")));
        }
        let mut state = self.state();
        if state.least.is_some_and(|least| log.level >= least) {
            self.push(&mut state, Told::Log(log));
        }
    }

    /// The next to tell, when it may be told.
    pub(super) async fn next(&self) -> Told {
        loop {
            let changed = self.changed.notified();
            let wait = match self.state().take() {
                Taken::Now(told) => return told,
                Taken::At(at) => Some(at),
                Taken::Nothing => None,
            };
            match wait {
                Some(at) => tokio::time::sleep_until(at).await,
                None => changed.await,
            }
        }
    }

    /// What has to be told before the answer: nothing is left out of what an upstream says.
    pub(super) fn rest(&self) -> Vec<Told> {
        let waiting = std::mem::take(&mut self.state().waiting);
        let of_upstream = |told: &Told| self.telling == Telling::Relay || matches!(told, Told::Log(_));
        waiting.into_iter().filter(of_upstream).collect()
    }

    fn wants_progress(&self) -> bool {
        self.wants_progress.load(Ordering::Relaxed)
    }

    fn push_program(&self, state: &mut State, message: String) {
        state.happened += 1;
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 things that happened")]
        let progress = state.happened as f64;
        self.push(state, Told::Progress { progress, total: None, message: Some(message) });
    }

    fn push(&self, state: &mut State, told: Told) {
        if state.waiting.len() >= MAX_WAITING {
            state.waiting.pop_back();
        }
        state.waiting.push_back(told);
        self.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Taken {
    Now(Told),
    At(Instant),
    Nothing,
}

impl State {
    fn take(&mut self) -> Taken {
        if self.waiting.is_empty() {
            return Taken::Nothing;
        }
        let now = Instant::now();
        let paid = self.paid.map_or(now, |paid| paid.max(now));
        let allowed = paid.checked_sub(GAP * BURST).unwrap_or(now);
        if allowed > now {
            return Taken::At(allowed);
        }
        self.paid = Some(paid + GAP);
        self.waiting.pop_front().map_or(Taken::Nothing, Taken::Now)
    }
}

fn calls(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}
