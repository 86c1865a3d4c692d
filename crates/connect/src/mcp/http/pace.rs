//! How often streams are opened again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::transport::{FIRST_PAUSE, LONGEST_PAUSE};

/// Streams that may be opened at once, before there are pauses: as many calls as are under way by default may each have lost
/// theirs.
const AT_ONCE: u32 = 16;

/// The pauses between the streams of one conversation, whatever the server says about them: one that ends each at once costs
/// a request a second, and less as long as they bring nothing.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Openings>);

#[derive(Debug, Default)]
struct Openings {
    last: Option<Instant>,
    /// Up to when the openings so far are enough.
    covered: Option<Instant>,
    /// How many in a row have brought nothing.
    in_vain: u32,
}

impl Pace {
    /// How long to wait before the stream that is to be opened now.
    pub(super) fn next(&self, now: Instant) -> Duration {
        let mut openings = self.openings();
        if openings.last.is_some_and(|last| now.saturating_duration_since(last) >= LONGEST_PAUSE) {
            openings.in_vain = 0;
        }
        let doublings = openings.in_vain.saturating_sub(AT_ONCE);
        let pause =
            FIRST_PAUSE.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(LONGEST_PAUSE);
        let covered = openings.covered.map_or(now, |covered| covered.max(now)) + pause;
        let wait = covered.saturating_duration_since(now).saturating_sub(FIRST_PAUSE * AT_ONCE);
        openings.in_vain = openings.in_vain.saturating_add(1);
        (openings.covered, openings.last) = (Some(covered), Some(now + wait));
        wait
    }

    /// A stream has brought something.
    pub(super) fn brought(&self) {
        self.openings().in_vain = 0;
    }

    fn openings(&self) -> MutexGuard<'_, Openings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_that_end_at_once_are_opened_with_pauses() {
        let pace = Pace::default();
        let mut now = Instant::now();
        let mut open = |brings: bool| {
            let wait = pace.next(now);
            now += wait;
            if brings {
                pace.brought();
            }
            wait.as_secs()
        };
        for _ in 0..AT_ONCE {
            assert_eq!(open(false), 0);
        }
        let waits: Vec<u64> = (0..8).map(|_| open(false)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        open(true);
        assert_eq!((0..5).map(|_| open(true)).collect::<Vec<_>>(), [1; 5]);
        // One that ends now and then, as idle ones do, is opened again at once.
        for _ in 0..100 {
            now += LONGEST_PAUSE;
            assert_eq!(pace.next(now), Duration::ZERO);
        }
    }
}
