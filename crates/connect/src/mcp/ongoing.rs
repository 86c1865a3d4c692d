//! The requests that wait for their answer: on whose behalf each was sent, and who is told and asked what comes up in its
//! middle.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rmcp::model::{ClientRequest, GetExtensions, GetMeta, NumberOrString, RequestId};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::Instant;

use super::limits::{MAX_LOG_BYTES, MAX_LOGGER_CHARS, MAX_PROGRESS_CHARS};
use super::who::Who;
use crate::secret::Redactor;
use crate::{Caller, Log, LogLevel, Progress};

/// The requests of one conversation that wait for their answer.
#[derive(Clone, Default)]
pub(super) struct Ongoing {
    all: Arc<Mutex<HashMap<RequestId, Waiting>>>,
}

struct Waiting {
    /// What the server names it by when it tells of progress.
    token: Option<NumberOrString>,
    request: Weak<OngoingRequest>,
}

/// A request that waits for its answer, for as long as this lives.
pub(super) struct OngoingRequest {
    connector: String,
    who: Who,
    redactor: Arc<Redactor>,
    /// When the server last said that it makes progress.
    progressed: watch::Sender<Option<Instant>>,
    progress: Mutex<Allowance>,
    logs: Mutex<Allowance>,
}

/// What tells the transport, which knows the number that a request gets, which one it is.
#[derive(Clone)]
struct Mark(Weak<OngoingRequest>);

/// A caller is told this often of one request in the long run. A person sees no more, and a server that floods us with
/// notifications must not flood whoever they are handed on to.
const GAP: Duration = Duration::from_millis(50);

/// How much may come at once of what is told in the long run every [`GAP`]: the steps of a short call.
const AT_ONCE: u32 = 20;

/// Whom something concerns that an upstream says without saying in the middle of what.
pub(super) enum Concerned {
    /// One caller, and the request if it can be no other.
    One(Who),
    /// Nobody who has a request under way.
    Nobody,
    /// Callers who are to know nothing of each other.
    Several,
}

impl Ongoing {
    /// Takes note of a request that is about to be sent.
    pub(super) fn sending(&self, id: &RequestId, request: &ClientRequest) {
        let Some(Mark(marked)) = request.extensions().get::<Mark>() else { return };
        let token = request.get_meta().get_progress_token().map(|token| token.0);
        let mut all = self.lock();
        all.retain(|_, waiting| waiting.request.strong_count() > 0);
        all.insert(id.clone(), Waiting { token, request: marked.clone() });
    }

    /// The caller of a request that waits for its answer.
    pub(super) fn of(&self, id: &RequestId) -> Option<Who> {
        Some(self.lock().get(id)?.request.upgrade()?.who.clone())
    }

    /// The caller of what is under way: the one principal that has anything under way.
    pub(super) fn of_any(&self) -> Concerned {
        let mut found: Option<(RequestId, Who, usize)> = None;
        for (id, waiting) in &*self.lock() {
            let Some(request) = waiting.request.upgrade() else { continue };
            let Some(caller) = &request.who.caller else { continue };
            found = match found {
                None => Some((id.clone(), request.who.clone(), 1)),
                Some((_, who, _)) if !is_same(&who, &**caller) => return Concerned::Several,
                Some((latest, who, count)) if is_later(&latest, id) => Some((latest, who, count + 1)),
                Some((.., count)) => Some((id.clone(), request.who.clone(), count + 1)),
            };
        }
        match found {
            None => Concerned::Nobody,
            Some((_, who, 1)) => Concerned::One(who),
            Some((_, who, _)) => Concerned::One(Who { label: None, ..who }),
        }
    }

    /// Takes note of a `notifications/progress` with these parameters.
    pub(super) fn progress(&self, params: &Map<String, Value>) {
        let token = match params.get("progressToken") {
            Some(Value::Number(number)) => number.as_i64().map(NumberOrString::Number),
            Some(Value::String(text)) => Some(NumberOrString::String(text.as_str().into())),
            _ => None,
        };
        let Some(token) = token else { return };
        let request = {
            let all = self.lock();
            let mut waiting = all.values().filter(|waiting| waiting.token.as_ref() == Some(&token));
            waiting.next().and_then(|waiting| waiting.request.upgrade())
        };
        // Not under the lock: the caller may do as it likes.
        if let Some(request) = request {
            request.progressed(params);
        }
    }

    /// Takes note of a `notifications/message`, which came in the answer to the request `origin`, if that is known.
    pub(super) fn log(&self, params: &Map<String, Value>, origin: Option<&RequestId>, redactor: &Redactor) {
        let (caller, label, request) = match origin {
            Some(id) => {
                let Some(request) = self.lock().get(id).and_then(|waiting| waiting.request.upgrade()) else {
                    return;
                };
                (request.who.caller.clone(), request.who.label.clone(), request)
            }
            None => {
                let Concerned::One(Who { caller, label, .. }) = self.of_any() else { return };
                let any = self.lock().values().find_map(|waiting| waiting.request.upgrade());
                let Some(request) = any else { return };
                (caller, label, request)
            }
        };
        if let Some(caller) = caller
            && lock(&request.logs).take(Instant::now())
            && let Some(log) = log(&request.connector, label, params, redactor)
        {
            caller.log(log);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, Waiting>> {
        lock(&self.all)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_same(who: &Who, caller: &dyn Caller) -> bool {
    who.caller.as_ref().is_some_and(|other| other.principal() == caller.principal())
}

/// Whether a request was sent after another: rmcp counts them.
fn is_later(one: &RequestId, other: &RequestId) -> bool {
    matches!((one, other), (RequestId::Number(one), RequestId::Number(other)) if one > other)
}

fn log(
    connector: &str,
    label: Option<String>,
    params: &Map<String, Value>,
    redactor: &Redactor,
) -> Option<Log> {
    let level: LogLevel = serde_json::from_value(params.get("level")?.clone()).ok()?;
    let logger = params.get("logger").and_then(Value::as_str);
    let data = redactor.value(params.get("data").cloned().unwrap_or_default());
    let text = data.to_string();
    let data = if text.len() > MAX_LOG_BYTES {
        Value::String(redactor.start(&text, MAX_LOG_BYTES / 4))
    } else {
        data
    };
    let logger = logger.map(|logger| redactor.start(logger, MAX_LOGGER_CHARS));
    Some(Log { connector: connector.to_owned(), label, level, logger, data })
}

impl OngoingRequest {
    /// A request that is sent on somebody's behalf.
    pub(super) fn new(connector: &str, who: Who, redactor: Arc<Redactor>) -> Arc<Self> {
        Arc::new(Self {
            connector: connector.to_owned(),
            who,
            redactor,
            progressed: watch::Sender::new(None),
            progress: Mutex::default(),
            logs: Mutex::default(),
        })
    }

    /// Marks what is sent as this request.
    pub(super) fn mark(self: &Arc<Self>, request: &mut ClientRequest) {
        request.extensions_mut().insert(Mark(Arc::downgrade(self)));
    }

    /// When the server last said that it makes progress.
    pub(super) fn progresses(&self) -> watch::Receiver<Option<Instant>> {
        self.progressed.subscribe()
    }

    fn progressed(&self, params: &Map<String, Value>) {
        let now = Instant::now();
        self.progressed.send_replace(Some(now));
        let Some(caller) = &self.who.caller else { return };
        if lock(&self.progress).take(now)
            && let Some(progress) = self.progress_of(params)
        {
            caller.progress(progress);
        }
    }

    fn progress_of(&self, params: &Map<String, Value>) -> Option<Progress> {
        let message = params.get("message").and_then(Value::as_str);
        let message = message.map(|message| self.redactor.start(message, MAX_PROGRESS_CHARS));
        Some(Progress {
            connector: self.connector.clone(),
            label: self.who.label.clone(),
            progress: params.get("progress")?.as_f64()?,
            total: params.get("total").and_then(Value::as_f64),
            message,
        })
    }
}

/// How much may still be told of one request.
#[derive(Debug, Default)]
struct Allowance {
    /// Up to when what was told is enough.
    covered: Option<Instant>,
}

impl Allowance {
    /// Whether something may be told now, which counts then.
    fn take(&mut self, now: Instant) -> bool {
        let covered = self.covered.map_or(now, |covered| covered.max(now));
        let is_due = covered.saturating_duration_since(now) <= GAP * (AT_ONCE - 1);
        if is_due {
            self.covered = Some(covered + GAP);
        }
        is_due
    }
}

impl fmt::Debug for Ongoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ongoing").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_of_in_parts() {
        let (mut allowance, now) = (Allowance::default(), Instant::now());
        let told = (0..1000).filter(|_| allowance.take(now)).count();
        assert_eq!(told, AT_ONCE as usize);
        assert!(!allowance.take(now + GAP / 2));
        assert!(allowance.take(now + GAP) && !allowance.take(now + GAP));
    }
}
