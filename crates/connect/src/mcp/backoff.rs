//! How long to leave a failing server alone.

use std::time::Duration;

use tokio::time::Instant;

/// Pauses that double with every failure in a row. Without jitter: each server is ours alone, so nobody else starts it
/// at the same moment, and a test can say when the next attempt comes.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0, until: None }
    }

    /// Counts a failure and begins the pause after it.
    pub(super) fn fail(&mut self, now: Instant) -> Duration {
        let pause =
            self.first.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        self.until = now.checked_add(pause);
        pause
    }

    /// Forgets the failures: the server has done some work.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
        self.until = None;
    }

    /// What is left of the pause.
    pub(super) fn remaining(&self, now: Instant) -> Option<Duration> {
        self.until.and_then(|until| until.checked_duration_since(now)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        let now = Instant::now();
        assert_eq!(backoff.remaining(now), None);
        let pauses: Vec<u128> = (0..6).map(|_| backoff.fail(now).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(backoff.remaining(now), Some(Duration::from_secs(1)));
        assert_eq!(backoff.remaining(now + Duration::from_secs(1)), None);
        for _ in 0..100 {
            backoff.fail(now);
        }
        backoff.reset();
        assert_eq!(backoff.fail(now).as_millis(), 100);
    }
}
