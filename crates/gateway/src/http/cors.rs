//! What a browser has to be told so that a page of an allowed origin can use the server. Never more than that origin, never
//! `*`, and no credentials that a browser keeps: a page brings its token itself.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, VARY,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::reply::{Body, empty};

/// Request headers of MCP, in either era.
const HEADERS: [&str; 8] = [
    "accept",
    "authorization",
    "content-type",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
];

/// Parameters of tools that travel as headers as well: their names are the tools'.
const PARAMETER: &str = "mcp-param-";

/// Headers of that kind that one preflight may ask for. As many as a tool has parameters worth routing by.
const MAX_PARAMETERS: usize = 32;

/// Answers a preflight from an allowed origin.
pub(super) fn preflight(origin: &HeaderValue, asked: &HeaderMap) -> Response<Body> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, GET, DELETE"));
    let mut allowed = HEADERS.join(", ");
    let asked =
        asked.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = asked.split(',').map(|name| name.trim().to_ascii_lowercase());
    let is_name =
        |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    for name in asked.filter(|name| name.starts_with(PARAMETER)).filter(is_name).take(MAX_PARAMETERS) {
        allowed.push_str(", ");
        allowed.push_str(&name);
    }
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    allow(origin, headers);
    response
}

/// Lets the page read an answer.
pub(super) fn allow(origin: &HeaderValue, headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    let exposed = "mcp-session-id, mcp-protocol-version, www-authenticate, retry-after";
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
    headers.append(VARY, HeaderValue::from_static("origin"));
}
