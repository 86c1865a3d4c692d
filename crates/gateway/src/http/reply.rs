//! What is answered where MCP is not reached: short JSON that says what to do.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

use crate::ops;

/// A body of an answer.
pub(super) type Body = BoxBody<Bytes, Infallible>;

/// A request that is not let through.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// One word for logs and counters.
    pub(super) reason: &'static str,
    message: String,
    challenge: Option<HeaderValue>,
    allow: Option<&'static str>,
    retry_after: Option<u64>,
    closes: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, reason: &'static str, message: impl Into<String>) -> Self {
        let (message, challenge, allow, retry_after) = (message.into(), None, None, None);
        Self { status, reason, message, challenge, allow, retry_after, closes: false }
    }

    /// With what a client has to bring: RFC 6750, section 3.
    pub(super) fn challenge(mut self, challenge: &str) -> Self {
        self.challenge = HeaderValue::from_str(challenge).ok();
        self
    }

    pub(super) fn allow(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// And the connection ends: the rest of the request is not waited for.
    pub(super) fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    /// As what it is counted; what is merely not there is not.
    pub(super) fn why(&self) -> Option<ops::Refusal> {
        Some(match self.reason {
            "host" => ops::Refusal::Host,
            "origin" => ops::Refusal::Origin,
            "unauthorized" | "authentication" => ops::Refusal::Unauthenticated,
            "principal" | "insufficient_scope" => ops::Refusal::Forbidden,
            "rate" => ops::Refusal::Rate,
            "requests" | "streams" | "sessions" | "principals" | "bodies" => ops::Refusal::Concurrency,
            "body_size" | "body_time" => ops::Refusal::Size,
            "body" | "encoding" | "query" => ops::Refusal::Malformed,
            _ => return None,
        })
    }

    pub(super) fn respond(self) -> Response<Body> {
        let mut response = json(self.status, &json!({ "error": self.reason, "message": self.message }));
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

pub(super) fn json(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Full::default().boxed());
    *response.status_mut() = status;
    response
}
