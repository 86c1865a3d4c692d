//! What clients may take.

use std::time::Duration;

use super::super::amount::{Size, Time};
use super::super::error::Flaw;
use super::table::{PrincipalLimitsTable, ServeLimitsTable};

/// What clients may take. The table `[serve.limits]` says of each what it is and argues its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "as the keys of the table, in bytes where they are sizes")]
pub struct ServeLimits {
    pub body_bytes: usize,
    pub header_bytes: usize,
    pub connections: usize,
    pub connections_per_address: usize,
    pub requests: usize,
    pub streams: usize,
    /// Requests in a second; `None` where they are not counted.
    pub rate: Option<u32>,
    /// `None`: those of ten seconds.
    pub burst: Option<u32>,
    pub sessions: usize,
    pub header_timeout: Duration,
    pub body_timeout: Duration,
    pub idle_timeout: Duration,
    pub session_timeout: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            body_bytes: 4 << 20,
            header_bytes: 32 << 10,
            connections: 4_096,
            connections_per_address: 1_024,
            requests: 1_024,
            streams: 1_024,
            rate: None,
            burst: None,
            sessions: 1_024,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            session_timeout: Duration::from_secs(3600),
        }
    }
}

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const HOUR: Duration = Duration::from_secs(3600);
const SHORTEST: Duration = Duration::from_millis(100);
const TEN_MINUTES: Duration = Duration::from_secs(600);

impl ServeLimits {
    pub(super) fn read(table: &ServeLimitsTable) -> Result<Self, Flaw> {
        let default = Self::default();
        let key = Key(&["serve", "limits"]);
        let limits = Self {
            body_bytes: key.size("body", &table.body, KIB, 64 * MIB)?.unwrap_or(default.body_bytes),
            header_bytes: key
                .size("headers", &table.headers, 8 * KIB, 256 * KIB)?
                .unwrap_or(default.header_bytes),
            connections: key.count("connections", table.connections, 100_000)?.unwrap_or(default.connections),
            connections_per_address: key
                .count("connections_per_address", table.connections_per_address, 100_000)?
                .unwrap_or(default.connections_per_address),
            header_timeout: key
                .time("header_timeout", &table.header_timeout, SHORTEST, TEN_MINUTES)?
                .unwrap_or(default.header_timeout),
            body_timeout: key
                .time("body_timeout", &table.body_timeout, SHORTEST, TEN_MINUTES)?
                .unwrap_or(default.body_timeout),
            idle_timeout: key
                .time("idle_timeout", &table.idle_timeout, SHORTEST, HOUR)?
                .unwrap_or(default.idle_timeout),
            session_timeout: key
                .time("session_timeout", &table.session_timeout, Duration::from_secs(1), HOUR * 168)?
                .unwrap_or(default.session_timeout),
            ..default
        };
        let ServeLimitsTable { requests, streams, rate, burst, sessions, .. } = *table;
        limits.with(&PrincipalLimitsTable { requests, streams, rate, burst, sessions }, key)
    }

    /// The same but for what a principal's table gives.
    pub(super) fn of_principal(self, name: &str, table: &PrincipalLimitsTable) -> Result<Self, Flaw> {
        self.with(table, Key(&["serve", "principals", name, "limits"]))
    }

    fn with(self, table: &PrincipalLimitsTable, key: Key<'_>) -> Result<Self, Flaw> {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Self {
            requests: key.count("requests", table.requests, 100_000)?.unwrap_or(self.requests),
            streams: key.count("streams", table.streams, 100_000)?.unwrap_or(self.streams),
            rate: key.count("rate", table.rate, 1_000_000)?.map(number).or(self.rate),
            burst: key.count("burst", table.burst, 1_000_000)?.map(number).or(self.burst),
            sessions: key.count("sessions", table.sessions, 10_000)?.unwrap_or(self.sessions),
            ..self
        })
    }
}

/// The table that a key is in.
#[derive(Clone, Copy)]
pub(super) struct Key<'k>(pub(super) &'k [&'k str]);

impl Key<'_> {
    pub(super) fn flaw(self, key: &str, message: impl Into<String>) -> Flaw {
        let keys: Vec<&str> = self.0.iter().copied().chain([key]).collect();
        Flaw::new(&keys, message)
    }

    pub(super) fn time(
        self,
        key: &str,
        given: &Option<Time>,
        min: Duration,
        max: Duration,
    ) -> Result<Option<Duration>, Flaw> {
        let Some(time) = given.as_ref().map(Time::get) else { return Ok(None) };
        match (min..=max).contains(&time) {
            true => Ok(Some(time)),
            false => Err(self.flaw(key, format!("{key} must be {min:?} to {}s", max.as_secs()))),
        }
    }

    fn size(self, key: &str, given: &Option<Size>, min: usize, max: usize) -> Result<Option<usize>, Flaw> {
        let Some(size) = given.as_ref().map(Size::get) else { return Ok(None) };
        match (min..=max).contains(&size) {
            true => Ok(Some(size)),
            false => Err(self.flaw(key, format!("{key} must be {}KiB to {}KiB", min / KIB, max / KIB))),
        }
    }

    fn count(self, key: &str, given: Option<u32>, max: usize) -> Result<Option<usize>, Flaw> {
        let Some(count) = given.map(|count| count as usize) else { return Ok(None) };
        match (1..=max).contains(&count) {
            true => Ok(Some(count)),
            false => Err(self.flaw(key, format!("{key} must be 1 to {max}"))),
        }
    }
}
