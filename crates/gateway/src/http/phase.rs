//! What a connection is waiting for, and until when.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What a connection is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// The headers of a request, of which something has come, or of the first one.
    Headers,
    /// The next request.
    Request,
    /// Nothing of the client: a request is under way.
    Us,
}

/// The phase of one connection, which the stream and the service tell each other.
#[derive(Debug)]
pub(super) struct Phase {
    now: Mutex<(Waits, Instant)>,
    header_timeout: Duration,
    idle_timeout: Duration,
}

impl Phase {
    /// Of a new connection: whoever opens one has something to say.
    pub(super) fn new(header_timeout: Duration, idle_timeout: Duration) -> Self {
        Self { now: Mutex::new((Waits::Headers, Instant::now())), header_timeout, idle_timeout }
    }

    /// Bytes came.
    pub(super) fn received(&self) {
        self.change(|waits| if waits == Waits::Request { Waits::Headers } else { waits });
    }

    /// The headers of a request are there.
    pub(super) fn began(&self) {
        self.change(|_| Waits::Us);
    }

    /// It was answered.
    pub(super) fn ended(&self) {
        self.change(|_| Waits::Request);
    }

    /// When what is waited for comes too late.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let (waits, since) = *self.now.lock().unwrap_or_else(PoisonError::into_inner);
        match waits {
            Waits::Headers => Some(since + self.header_timeout),
            Waits::Request => Some(since + self.idle_timeout),
            Waits::Us => None,
        }
    }

    /// How long what is sent may wait to be taken.
    pub(super) fn write_timeout(&self) -> Duration {
        self.idle_timeout
    }

    fn change(&self, change: impl FnOnce(Waits) -> Waits) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let next = change(now.0);
        // Headers that come byte by byte began when the first of them came.
        if next != now.0 {
            *now = (next, Instant::now());
        }
    }
}
