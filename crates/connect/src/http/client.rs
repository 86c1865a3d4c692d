//! One request and its answer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::{Url, form_urlencoded};

use super::failure::Failure;
use super::guard::Guard;
use super::limits::{HttpLimits, IDLE_TIMEOUT, MAX_HEADERS, MAX_IDLE, MAX_REDIRECTS};
use super::redirect::{Verdict, verdict};
use super::resolve::{Guarded, Lookup, System};
use super::{body, retry, tls};
use crate::secret::Revealed;

/// A client that reaches only what its guard lets it reach. It keeps connections, and nothing else, between requests:
/// no cookie, no cached answer. It asks no proxy: one named by the environment would resolve names in our place, past
/// the guard.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    inner: reqwest::Client,
    guard: Arc<Guard>,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    /// Credentials in the query: they are part of it wherever the request goes within its origin.
    pub(crate) keys: Vec<(String, Revealed)>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The host it leads to, where it is a redirect that was not followed.
    pub(crate) elsewhere: Option<String>,
}

/// An answer of which only the head was read.
#[derive(Debug)]
pub(crate) struct Incoming {
    response: reqwest::Response,
    /// The host it leads to, where it is a redirect that was not followed.
    pub(crate) elsewhere: Option<String>,
}

/// What one request may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// When it must have ended, redirects and the body included.
    pub(crate) deadline: Instant,
    /// The time it had in all, for the error that says it was not enough.
    pub(crate) allowed: Duration,
    /// The most bytes of the body.
    pub(crate) bytes: usize,
}

impl Request {
    /// Puts a credential into the query, in place of what is there under its name.
    pub(crate) fn add_key(&mut self, name: &str, key: &Revealed) {
        set_in_query(&mut self.url, name, key.expose());
        self.keys.push((name.to_owned(), key.clone()));
    }

    /// Goes on to another place of the same origin.
    fn follow(&mut self, target: Url) {
        self.url = target;
        for (name, key) in &self.keys {
            set_in_query(&mut self.url, name, key.expose());
        }
    }
}

fn set_in_query(url: &mut Url, name: &str, value: &str) {
    let is_other =
        |part: &&str| form_urlencoded::parse(part.as_bytes()).next().is_none_or(|(known, _)| known != name);
    let query = url.query().unwrap_or_default();
    let mut parts: Vec<String> =
        query.split('&').filter(|part| !part.is_empty()).filter(is_other).map(str::to_owned).collect();
    parts.push(form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish());
    url.set_query(Some(&parts.join("&")));
}

impl Budget {
    pub(crate) fn new(allowed: Duration, bytes: usize) -> Self {
        let now = Instant::now();
        Self { deadline: now.checked_add(allowed).unwrap_or_else(|| now + FAR), allowed, bytes }
    }
}

/// Stands for "whenever" where a time limit is beyond what the clock can count.
const FAR: Duration = Duration::from_secs(365 * 24 * 3600);

impl Client {
    pub(crate) fn new(guard: Arc<Guard>, limits: &HttpLimits) -> Result<Self, Failure> {
        Self::with_lookup(guard, limits, Arc::new(System))
    }

    pub(super) fn with_lookup(
        guard: Arc<Guard>,
        limits: &HttpLimits,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, Failure> {
        let tls = tls::config().map_err(|error| Failure::NotConnected {
            reason: "the certificates that its machine trusts could not be read",
            detail: error.to_string(),
        })?;
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Guarded { lookup, guard: guard.clone() })
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .http1_max_headers(MAX_HEADERS)
            .connect_timeout(limits.connect_timeout)
            .pool_max_idle_per_host(MAX_IDLE)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .user_agent(concat!("codemode/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Failure::of)?;
        Ok(Self { inner, guard })
    }

    /// Sends a request once, follows redirects within its origin, and reads the answer.
    pub(crate) async fn send(&self, request: Request, budget: Budget) -> Result<Response, Failure> {
        let is_head = request.method == Method::HEAD;
        let whole = async {
            let incoming = self.open(request).await?;
            let (status, headers) = (incoming.status(), incoming.headers().clone());
            let elsewhere = incoming.elsewhere.clone();
            // The headers of an answer to HEAD speak of a body that never comes.
            let body = if is_head { Vec::new() } else { incoming.read(budget.bytes).await? };
            Ok(Response { status, headers, body, elsewhere })
        };
        timeout_at(budget.deadline, whole).await.unwrap_or(Err(Failure::TimedOut { limit: budget.allowed }))
    }

    /// Sends a request once, follows redirects within its origin, and returns with the head of the answer. The caller
    /// has a time limit.
    pub(crate) async fn open(&self, mut request: Request) -> Result<Incoming, Failure> {
        for _ in 0..=MAX_REDIRECTS {
            self.guard.check_literal(&request.url)?;
            let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
            *outgoing.headers_mut() = request.headers.clone();
            *outgoing.body_mut() = request.body.clone().map(Into::into);
            let response = self.inner.execute(outgoing).await.map_err(Failure::of)?;
            let elsewhere =
                match verdict(&request.method, &request.url, response.status(), response.headers()) {
                    // Of the answer on the way only the direction counts.
                    Verdict::Follow(target) => {
                        request.follow(target);
                        continue;
                    }
                    Verdict::Refuse(host) => host,
                    Verdict::Stay => None,
                };
            return Ok(Incoming { response, elsewhere });
        }
        Err(Failure::Broken(format!("more than {MAX_REDIRECTS} redirects in a row")))
    }
}

impl Incoming {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The media type in lower case without its parameters; empty where there is none.
    pub(crate) fn media_type(&self) -> String {
        media_type(self.headers())
    }

    /// The whole body, decompressed, up to `limit` bytes.
    pub(crate) async fn read(self, limit: usize) -> Result<Vec<u8>, Failure> {
        body::read(self.response, limit).await
    }

    /// The body as it comes, for who bounds it while reading.
    pub(crate) fn into_inner(self) -> reqwest::Response {
        self.response
    }
}

impl Response {
    /// The media type in lower case without its parameters; empty where there is none.
    pub(crate) fn media_type(&self) -> String {
        media_type(&self.headers)
    }

    /// The whole `Content-Type`; empty where there is none.
    pub(crate) fn content_type(&self) -> &str {
        content_type(&self.headers)
    }

    /// How long the upstream asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?;
        retry::after(value, std::time::SystemTime::now())
    }
}

fn media_type(headers: &HeaderMap) -> String {
    content_type(headers).split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn content_type(headers: &HeaderMap) -> &str {
    let header = headers.get(reqwest::header::CONTENT_TYPE);
    header.and_then(|value| value.to_str().ok()).unwrap_or_default()
}
