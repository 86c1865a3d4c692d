//! Headers that come from a call: which there may be, and what they may hold.

use super::limits::{MAX_HEADER_BYTES, MAX_HEADERS};
use super::refusal::{Refusal, Result, cut};

/// Headers that decide where a message ends, where it goes, who sends it, what is done with it on the way, or that stand
/// for another method or path than the request has. `Accept`, `User-Agent`, `Origin`, `Referer`, `Range`, conditions and
/// the like are harmless, and are sent.
const FORBIDDEN: [&str; 28] = [
    "accept-encoding",
    "authorization",
    "cf-connecting-ip",
    "client-ip",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "remote-user",
    "set-cookie",
    "set-cookie2",
    "te",
    "trailer",
    "transfer-encoding",
    "true-client-ip",
    "upgrade",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-host",
    "x-method-override",
    "x-real-ip",
    "x-remote-user",
];

/// Beginnings of such names.
const FORBIDDEN_PREFIXES: [&str; 9] = [
    "proxy-",
    "sec-",
    "x-envoy-",
    "x-forwarded-",
    "x-http-host",
    "x-http-method",
    "x-original-",
    "x-rewrite-",
    "x-remote-addr",
];

/// The headers of a request, as they are collected.
#[derive(Debug, Default)]
pub(super) struct Headers {
    list: Vec<(String, String)>,
    bytes: usize,
}

/// Whether only the connector itself sets this header.
pub(super) fn is_forbidden(name: &str) -> bool {
    // CGI and its descendants read both `-` and `_` as `_`.
    let name = name.to_ascii_lowercase().replace('_', "-");
    FORBIDDEN.contains(&name.as_str())
        || name == "x-forwarded"
        || FORBIDDEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether this is the header that a body brings with it.
pub(super) fn is_content_type(name: &str) -> bool {
    name.replace('_', "-").eq_ignore_ascii_case("content-type")
}

impl Headers {
    /// Adds one. Refuses names that no call may set, and values that would end the header.
    pub(super) fn add(&mut self, name: &str, value: String) -> Result<()> {
        if !is_token(name) {
            return Err(Refusal::new(format!("{:?} cannot be the name of a header", cut(name))));
        }
        if is_forbidden(name) || is_content_type(name) {
            return Err(Refusal::new(format!("header {name:?} is set by the connector only; leave it out")));
        }
        check(&value).map_err(|refusal| refusal.of(&format!("header {name:?}")))?;
        self.charge(name.len() + value.len())?;
        if self.list.len() == MAX_HEADERS {
            return Err(Refusal::new(format!("there are more than {MAX_HEADERS} headers")));
        }
        self.list.push((name.to_ascii_lowercase(), value));
        Ok(())
    }

    /// Counts bytes that travel as a header.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes <= MAX_HEADER_BYTES {
            return Ok(());
        }
        Err(Refusal::new(format!(
            "the headers would have {} bytes, more than the limit of {MAX_HEADER_BYTES}; give shorter values",
            self.bytes
        )))
    }

    pub(super) fn into_list(self) -> Vec<(String, String)> {
        self.list
    }
}

/// Whether `value` can be that of a header as it is.
pub(super) fn check(value: &str) -> Result<()> {
    match value.chars().find(|character| !matches!(character, ' '..='~')) {
        None => Ok(()),
        Some(character) => Err(Refusal::new(format!(
            "must hold visible ASCII characters and spaces only, not {character:?}"
        ))),
    }
}

/// JSON in nothing but ASCII: the same value, in other words.
pub(super) fn ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                ascii += &format!("\\u{unit:04x}");
            }
        }
    }
    ascii
}

/// RFC 9110, section 5.6.2.
pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
