//! What an HTTP upstream may take.

use std::time::Duration;

/// What one connector that speaks HTTP may take. Every field has a default and an argument for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// The most bytes of an answer's body, counted after decompression. Default 16 MiB, the limit of a tool result. A
    /// larger one is not read to its end, and ends the call with [`Error::TooLarge`](crate::Error::TooLarge).
    pub response_bytes: usize,
    /// How long finding the host, connecting and agreeing on encryption may take, within the time of the call. Default
    /// 10 s: a server that is up does it in one, and three lost packets cost seven.
    pub connect_timeout: Duration,
    /// How often a request is sent again, where sending it twice is the same as once. Default 2: most hiccups are over
    /// by then, and an upstream in trouble gets no more than three times the load.
    pub retries: u32,
    /// The pause before the first retry is a random part of this; it doubles for the next. Default 0.5 s.
    pub first_pause: Duration,
    /// The longest pause, also where the upstream asks for more: then the call fails at once and says how long to wait.
    /// Default 5 s: a program that waits longer does better to go on with something else.
    pub longest_pause: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            response_bytes: 16 * 1024 * 1024,
            connect_timeout: Duration::from_secs(10),
            retries: 2,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(5),
        }
    }
}

/// Redirects in a row within one origin. Browsers follow twenty; an API that needs more than a few is going in circles.
pub(super) const MAX_REDIRECTS: usize = 5;

/// Header lines of an answer; large APIs send forty. Their size is bounded by the HTTP library's buffer of 400 KiB.
pub(super) const MAX_HEADERS: usize = 200;

/// Connections kept open to a host for the next call, and for how long. As many as calls are under way at once in a run;
/// shorter than the minute after which common servers hang up, so that a call seldom meets a dying one.
pub(super) const MAX_IDLE: usize = 16;
/// See [`MAX_IDLE`].
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Addresses of one name that are tried. More than any real service gives out.
pub(super) const MAX_ADDRESSES: usize = 32;
