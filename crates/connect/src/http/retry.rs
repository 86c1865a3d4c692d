//! When to send again, and how long to wait before.

use std::time::{Duration, SystemTime};

use reqwest::{Method, StatusCode};

use super::{Failure, HttpLimits, Response};

/// How long to wait before sending again; `None`: not again.
///
/// Sent again is what HTTP calls idempotent, when the upstream is overloaded or on its way up, and whatever did not reach
/// the upstream at all. `attempt` counts from zero; `random` is between 0 and 1.
pub(crate) fn pause(
    method: &Method,
    outcome: &Result<Response, Failure>,
    attempt: u32,
    limits: &HttpLimits,
    random: f64,
) -> Option<Duration> {
    if attempt >= limits.retries {
        return None;
    }
    let asked = match outcome {
        Err(failure) if failure.is_not_connected() => None,
        Ok(response) if is_passing(response.status) && is_idempotent(method) => response.retry_after(),
        _ => return None,
    };
    match asked {
        Some(asked) => (asked <= limits.longest_pause).then_some(asked),
        None => Some(backoff(limits, attempt).mul_f64(random.clamp(0.0, 1.0))),
    }
}

/// The time in a `Retry-After`: seconds, or a date as seen at `now`.
pub(super) fn after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502..=504)
}

/// Whether HTTP says that sending it twice is the same as once.
pub(crate) fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE)
}

/// Doubles with each attempt. All of it is multiplied by the random number: callers that failed together come back
/// spread out.
fn backoff(limits: &HttpLimits, attempt: u32) -> Duration {
    let factor = 1_u32.checked_shl(attempt).unwrap_or(u32::MAX);
    limits.first_pause.saturating_mul(factor).min(limits.longest_pause)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, RETRY_AFTER};

    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Result<Response, Failure> {
        let headers = retry_after.map(|value| (RETRY_AFTER, value.parse().unwrap()));
        Ok(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::from_iter(headers),
            body: Vec::new(),
            elsewhere: None,
        })
    }

    fn millis(method: &str, outcome: &Result<Response, Failure>, attempt: u32) -> Option<u128> {
        let limits = HttpLimits::default();
        pause(&method.parse().unwrap(), outcome, attempt, &limits, 0.5).map(|pause| pause.as_millis())
    }

    #[test]
    fn only_what_may_be_sent_twice() {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
            for status in [429, 502, 503, 504] {
                assert_eq!(millis(method, &answer(status, None), 0), Some(250), "{method} {status}");
            }
            assert_eq!(millis(method, &answer(500, None), 0), None, "{method}");
            assert_eq!(millis(method, &Err(Failure::Broken(String::new())), 0), None, "{method}");
        }
        let refused = Err(Failure::NotConnected { reason: "", detail: String::new() });
        for method in ["POST", "PATCH", "CUSTOM"] {
            assert_eq!(millis(method, &answer(503, Some("1")), 0), None, "{method}");
            assert_eq!(millis(method, &refused, 0), Some(250), "{method}");
        }
    }

    #[test]
    fn pauses_double_and_end() {
        let busy = answer(503, None);
        assert_eq!([0, 1, 2].map(|attempt| millis("GET", &busy, attempt)), [Some(250), Some(500), None]);
        let limits = HttpLimits { retries: 100, ..HttpLimits::default() };
        assert_eq!(pause(&Method::GET, &busy, 99, &limits, 1.0), Some(limits.longest_pause));
        assert_eq!(pause(&Method::GET, &busy, 0, &limits, 0.0), Some(Duration::ZERO));
    }

    #[test]
    fn an_upstream_says_how_long() {
        assert_eq!(millis("GET", &answer(429, Some("2")), 0), Some(2000));
        assert_eq!(millis("GET", &answer(429, Some("3600")), 0), None);
        assert_eq!(millis("GET", &answer(429, Some("soon")), 0), Some(250));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(7)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(after(" 120 ", now), Some(Duration::from_secs(120)));
        assert_eq!(after("99999999999999999999", now), None);
    }
}
