//! What servers say about how far they are.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::model::{NumberOrString, ProgressToken};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::Instant;

use super::limits::MAX_PROGRESS_CHARS;
use crate::secret::Redactor;

/// How far a call is, as its upstream says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The connector.
    pub connector: String,
    /// The call's [`label`](crate::Call::label).
    pub label: Option<String>,
    /// What has been done, in a unit of the upstream's own; it only grows.
    pub progress: f64,
    /// What there is to do in all, if that is known.
    pub total: Option<f64>,
    /// What is being done now: untrusted text, cut to a readable length.
    pub message: Option<String>,
}

/// Who is told of progress.
pub(super) type Observer = Arc<dyn Fn(Progress) + Send + Sync>;

/// The requests of one conversation whose progress somebody follows.
#[derive(Clone, Default)]
pub(super) struct Progresses {
    followed: Arc<Mutex<HashMap<NumberOrString, Followed>>>,
}

struct Followed {
    connector: String,
    label: Option<String>,
    observer: Option<Observer>,
    redactor: Arc<Redactor>,
    last: watch::Sender<Option<Instant>>,
    told: Option<Instant>,
}

/// The observer is told at most this often of one call. A person sees no more, and a server that floods us with
/// notifications must not flood whoever they are handed on to.
const GAP: Duration = Duration::from_millis(50);

impl Progresses {
    /// Follows a request, until what is returned is dropped.
    pub(super) fn follow(
        &self,
        token: ProgressToken,
        connector: &str,
        label: Option<String>,
        observer: Option<Observer>,
        redactor: Arc<Redactor>,
    ) -> Following {
        let (last, changes) = watch::channel(None);
        let connector = connector.to_owned();
        let followed = Followed { connector, label, observer, redactor, last, told: None };
        self.lock().insert(token.0.clone(), followed);
        Following { token: token.0, all: self.clone(), changes }
    }

    /// Takes note of a `notifications/progress` with these parameters.
    pub(super) fn report(&self, params: &Map<String, Value>) {
        let token = match params.get("progressToken") {
            Some(Value::Number(number)) => number.as_i64().map(NumberOrString::Number),
            Some(Value::String(text)) => Some(NumberOrString::String(text.as_str().into())),
            _ => None,
        };
        let told = token.and_then(|token| {
            let mut all = self.lock();
            let followed = all.get_mut(&token)?;
            let now = Instant::now();
            followed.last.send_replace(Some(now));
            let due = followed.told.is_none_or(|told| now.saturating_duration_since(told) >= GAP);
            let observer = followed.observer.clone().filter(|_| due)?;
            followed.told = Some(now);
            Some((observer, followed.progress(params)?))
        });
        // Not under the lock: the observer may do as it likes.
        if let Some((observer, progress)) = told {
            observer(progress);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NumberOrString, Followed>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Followed {
    fn progress(&self, params: &Map<String, Value>) -> Option<Progress> {
        let message = params.get("message").and_then(Value::as_str);
        let message = message.map(|message| self.redactor.start(message, MAX_PROGRESS_CHARS));
        Some(Progress {
            connector: self.connector.clone(),
            label: self.label.clone(),
            progress: params.get("progress")?.as_f64()?,
            total: params.get("total").and_then(Value::as_f64),
            message,
        })
    }
}

impl fmt::Debug for Progresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progresses").finish_non_exhaustive()
    }
}

/// A request that is being followed.
pub(super) struct Following {
    token: NumberOrString,
    all: Progresses,
    changes: watch::Receiver<Option<Instant>>,
}

impl Following {
    /// When the server last said that it makes progress.
    pub(super) fn changes(&self) -> watch::Receiver<Option<Instant>> {
        self.changes.clone()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.all.lock().remove(&self.token);
    }
}
