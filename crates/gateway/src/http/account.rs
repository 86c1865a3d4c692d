//! What a principal takes at the moment.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codemode::config::ServeLimits;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::StatusCode;

use super::reply::Refusal;

/// What one principal takes, over all its connections.
pub(super) struct Account {
    requests: Arc<AtomicUsize>,
    streams: Arc<AtomicUsize>,
    rate: Option<DefaultDirectRateLimiter>,
    limits: ServeLimits,
}

/// Something that is taken until it is dropped.
pub(super) struct Permit(Arc<AtomicUsize>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Account {
    pub(super) fn new(limits: ServeLimits) -> Self {
        let rate = limits.rate.and_then(NonZeroU32::new).map(|rate| {
            let burst = limits.burst.and_then(NonZeroU32::new);
            let ten_seconds = rate.saturating_mul(NonZeroU32::MIN.saturating_add(9));
            RateLimiter::direct(Quota::per_second(rate).allow_burst(burst.unwrap_or(ten_seconds)))
        });
        Self { requests: Arc::default(), streams: Arc::default(), rate, limits }
    }

    pub(super) fn limits(&self) -> &ServeLimits {
        &self.limits
    }

    /// For a request that is answered.
    pub(super) fn request(&self) -> Result<Permit, Refusal> {
        self.count()?;
        let message = |limit| {
            format!("{limit} requests of this principal are under way, which is the most; ask again later")
        };
        take(&self.requests, self.limits.requests, "requests", message)
    }

    /// For a stream that is open until somebody closes it.
    pub(super) fn stream(&self) -> Result<Permit, Refusal> {
        self.count()?;
        let message =
            |limit| format!("{limit} streams of this principal are open, which is the most; close some");
        take(&self.streams, self.limits.streams, "streams", message)
    }

    /// Whether nothing is taken.
    pub(super) fn is_idle(&self) -> bool {
        self.requests.load(Ordering::Acquire) == 0 && self.streams.load(Ordering::Acquire) == 0
    }

    fn count(&self) -> Result<(), Refusal> {
        let Some(Err(until)) = self.rate.as_ref().map(RateLimiter::check) else { return Ok(()) };
        let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs_f64().ceil() as u64;
        let message =
            "more requests than this principal may make in a second; Retry-After says when to go on";
        Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate", message).retry_after(seconds.max(1)))
    }
}

fn take(
    taken: &Arc<AtomicUsize>,
    limit: usize,
    reason: &'static str,
    message: impl FnOnce(usize) -> String,
) -> Result<Permit, Refusal> {
    let more = |taken: usize| (taken < limit).then_some(taken + 1);
    match taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, more) {
        Ok(_) => Ok(Permit(Arc::clone(taken))),
        Err(_) => Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, reason, message(limit)).retry_after(1)),
    }
}
