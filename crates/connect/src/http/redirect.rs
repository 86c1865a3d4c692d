//! Which redirects are followed.

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, StatusCode};
use url::Url;

/// What an answer says about going elsewhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is no redirect.
    Stay,
    /// It leads to another place of the same origin, and asking there does no more than asking here.
    Follow(Url),
    /// It leads elsewhere; the host, where there is one.
    Refuse(Option<String>),
}

/// Follows only what can neither change something nor carry a credential away: GET and HEAD within scheme, host and port.
pub(super) fn verdict(method: &Method, from: &Url, status: StatusCode, headers: &HeaderMap) -> Verdict {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Verdict::Stay;
    }
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let Some(mut target) = location.and_then(|location| from.join(location).ok()) else {
        return Verdict::Refuse(None);
    };
    let is_safe = matches!(*method, Method::GET | Method::HEAD);
    let has_user = !target.username().is_empty() || target.password().is_some();
    if is_safe && !has_user && target.origin() == from.origin() {
        if target.fragment().is_none() {
            target.set_fragment(from.fragment());
        }
        return Verdict::Follow(target);
    }
    Verdict::Refuse(target.host_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_within_an_origin() {
        for (method, location, expected) in [
            ("GET", "/b?x=1", Some("https://api.example/b?x=1")),
            ("HEAD", "https://api.example:443/b", Some("https://api.example/b")),
            ("GET", "//api.example/b", Some("https://api.example/b")),
            ("POST", "/b", None),
            ("DELETE", "/b", None),
            ("GET", "http://api.example/b", None),
            ("GET", "https://api.example:8443/b", None),
            ("GET", "https://evil.example/b", None),
            ("GET", "https://api.example.evil.example/b", None),
            ("GET", "https://api.example@evil.example/b", None),
            ("GET", "https://user:pw@api.example/b", None),
            ("GET", "https://169.254.169.254/b", None),
            ("GET", "file:///etc/passwd", None),
            ("GET", "javascript:alert(1)", None),
            ("GET", "https://", None),
        ] {
            let from = Url::parse("https://api.example/a").unwrap();
            let headers = HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
            let found = verdict(&method.parse().unwrap(), &from, StatusCode::FOUND, &headers);
            let followed = match found {
                Verdict::Follow(target) => Some(target.to_string()),
                _ => None,
            };
            assert_eq!(followed.as_deref(), expected, "{method} {location}");
        }
    }
}
