//! How long a request is waited for: its limit, the time in which a person is asked left out, and perhaps more of it while
//! it makes progress.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// What "for ever" is taken as: a year. An `Instant` cannot hold every duration.
pub(super) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// Until when a request may take, and how long that was in all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) deadline: Instant,
    pub(super) allowed: Duration,
}

impl Limit {
    pub(super) fn of(allowed: Duration) -> Self {
        Self { deadline: Instant::now() + allowed.min(LONGEST), allowed }
    }

    /// The same with a time left out that was spent otherwise.
    pub(super) fn without(self, spent: Duration) -> Self {
        Self { deadline: self.deadline + spent.min(LONGEST), ..self }
    }
}

/// The times in which somebody was asked on behalf of a server, in which no request to it runs out of time: which of them
/// waits for the answer is not known.
#[derive(Debug, Clone)]
pub(super) struct Pauses(watch::Sender<Paused>);

#[derive(Debug, Clone, Copy)]
struct Paused {
    asking: usize,
    since: Instant,
    before: Duration,
}

/// While it lives, somebody is being asked.
#[derive(Debug)]
pub(super) struct Pause(Pauses);

impl Default for Pauses {
    fn default() -> Self {
        let paused = Paused { asking: 0, since: Instant::now(), before: Duration::ZERO };
        Self(watch::Sender::new(paused))
    }
}

impl Pauses {
    pub(super) fn begin(&self) -> Pause {
        self.0.send_modify(|paused| {
            if paused.asking == 0 {
                paused.since = Instant::now();
            }
            paused.asking += 1;
        });
        Pause(self.clone())
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.0.0.send_modify(|paused| {
            paused.asking = paused.asking.saturating_sub(1);
            if paused.asking == 0 {
                paused.before += paused.since.elapsed();
            }
        });
    }
}

impl Paused {
    fn spent(&self, now: Instant) -> Duration {
        let current =
            if self.asking > 0 { now.saturating_duration_since(self.since) } else { Duration::ZERO };
        self.before + current
    }
}

/// What may make a request's time longer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extensions {
    /// The most that asking somebody adds.
    pub(super) asking: Duration,
    /// How long a request may take in all if it makes progress; `None`: progress changes nothing.
    pub(super) progress: Option<Duration>,
}

/// The patience with one request.
pub(super) struct Patience {
    limit: Limit,
    began: Instant,
    extensions: Extensions,
    pauses: watch::Receiver<Paused>,
    paused_before: Duration,
    progress: Option<watch::Receiver<Option<Instant>>>,
}

impl Patience {
    /// `progress` tells when the server last said that it makes some.
    pub(super) fn new(
        limit: Limit,
        extensions: Extensions,
        pauses: &Pauses,
        progress: Option<watch::Receiver<Option<Instant>>>,
    ) -> Self {
        let (began, pauses) = (Instant::now(), pauses.0.subscribe());
        let paused_before = pauses.borrow().spent(began);
        let progress = progress.filter(|_| extensions.progress.is_some());
        let extensions = Extensions {
            asking: extensions.asking.min(LONGEST),
            progress: extensions.progress.map(|most| most.min(LONGEST)),
        };
        Self { limit, began, extensions, pauses, paused_before, progress }
    }

    /// Returns when the time is up.
    pub(super) async fn over(&mut self) {
        loop {
            let until = self.until(Instant::now());
            let Self { pauses, progress, .. } = self;
            tokio::select! {
                () = sleep_until(until) => {
                    if Instant::now() >= self.until(Instant::now()) {
                        return;
                    }
                }
                () = changed(pauses) => {}
                () = changed_where_watched(progress) => {}
            }
        }
    }

    fn until(&mut self, now: Instant) -> Instant {
        let mut end = self.limit.deadline;
        if let (Some(progress), Some(most)) = (&mut self.progress, self.extensions.progress)
            && let Some(last) = *progress.borrow_and_update()
        {
            end = end.max((last + self.limit.allowed.min(LONGEST)).min(self.began + most));
        }
        let paused = *self.pauses.borrow_and_update();
        if paused.asking > 0 {
            return end + self.extensions.asking;
        }
        end + (paused.spent(now) - self.paused_before.min(paused.spent(now))).min(self.extensions.asking)
    }
}

/// Returns at the next change; never, if there will be none.
async fn changed<T>(watched: &mut watch::Receiver<T>) {
    if watched.changed().await.is_err() {
        std::future::pending().await
    }
}

async fn changed_where_watched<T>(watched: &mut Option<watch::Receiver<T>>) {
    match watched {
        Some(watched) => changed(watched).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn patience(progress: Option<Duration>, pauses: &Pauses) -> (Patience, watch::Sender<Option<Instant>>) {
        let (sender, receiver) = watch::channel(None);
        let extensions = Extensions { asking: 10 * SECOND, progress };
        (Patience::new(Limit::of(SECOND), extensions, pauses, Some(receiver)), sender)
    }

    #[test]
    fn time_in_which_somebody_is_asked_does_not_count() {
        let pauses = Pauses::default();
        let (mut waiting, _progress) = patience(None, &pauses);
        let deadline = waiting.limit.deadline;
        assert_eq!(waiting.until(Instant::now()), deadline);
        let (one, other) = (pauses.begin(), pauses.begin());
        // Not for ever.
        assert_eq!(waiting.until(Instant::now()), deadline + 10 * SECOND);
        drop(one);
        assert_eq!(waiting.until(Instant::now()), deadline + 10 * SECOND);
        drop(other);
        let spent = pauses.0.borrow().before;
        assert!(spent > Duration::ZERO && spent < 5 * SECOND, "{spent:?}");
        assert_eq!(waiting.until(Instant::now()), deadline + spent);
        pauses.0.send_modify(|paused| paused.before += 20 * SECOND);
        assert_eq!(waiting.until(Instant::now()), deadline + 10 * SECOND);
        // What was before is no business of a later request.
        let (mut later, _progress) = patience(None, &pauses);
        assert_eq!(later.until(Instant::now()), later.limit.deadline);
    }

    #[test]
    fn progress_extends_only_where_it_may() {
        for (most, after, allowed) in [
            (None, 500, 1000),
            (Some(3 * SECOND), 500, 1500),
            (Some(3 * SECOND), 2500, 3000),
            (Some(SECOND / 2), 100, 1000),
        ] {
            let (mut waiting, progress) = patience(most, &Pauses::default());
            // The limit begins a moment before the patience.
            waiting.began = waiting.limit.deadline - SECOND;
            progress.send_replace(Some(waiting.began + Duration::from_millis(after)));
            let until = waiting.until(Instant::now());
            assert_eq!((until - waiting.began).as_millis(), allowed, "{most:?} {after}");
        }
    }

    #[test]
    fn for_ever_is_long() {
        let pauses = Pauses::default();
        let extensions = Extensions { asking: Duration::MAX, progress: Some(Duration::MAX) };
        let (progress, changes) = watch::channel(None);
        let mut waiting =
            Patience::new(Limit::of(Duration::MAX).without(SECOND), extensions, &pauses, Some(changes));
        progress.send_replace(Some(Instant::now()));
        let _pause = pauses.begin();
        assert!(waiting.until(Instant::now()) > Instant::now() + LONGEST);
    }

    #[tokio::test]
    async fn it_ends() {
        let (_progress, changes) = watch::channel(None);
        let extensions = Extensions { asking: SECOND, progress: None };
        let limit = Limit::of(Duration::from_millis(5));
        Patience::new(limit, extensions, &Pauses::default(), Some(changes)).over().await;
        assert!(Instant::now() >= limit.deadline);
    }
}
