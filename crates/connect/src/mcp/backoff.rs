//! How long to leave a failing server alone.

use std::time::Duration;

use tokio::time::Instant;

use super::Limits;

/// Pauses that double with every failure in a row. Without jitter: each server is ours alone, so nobody else starts it
/// at the same moment, and a test can say when the next attempt comes.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    /// Counts a failure and begins the pause after it.
    pub(super) fn fail(&mut self, now: Instant, limits: &Limits) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let pause = limits.first_pause.saturating_mul(factor).min(limits.longest_pause);
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
        let mut backoff = Backoff::default();
        let limits = Limits {
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(1),
            ..Limits::default()
        };
        let now = Instant::now();
        assert_eq!(backoff.remaining(now), None);
        let pauses: Vec<u128> = (0..6).map(|_| backoff.fail(now, &limits).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(backoff.remaining(now), Some(Duration::from_secs(1)));
        assert_eq!(backoff.remaining(now + Duration::from_secs(1)), None);
        for _ in 0..100 {
            backoff.fail(now, &limits);
        }
        backoff.reset();
        assert_eq!(backoff.fail(now, &limits).as_millis(), 100);
    }
}
