//! OAuth 2 client credentials (RFC 6749, section 4.4): a secret is exchanged for a token that lives for a while.

use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::security::authorise;
use crate::http::{Budget, Client, Failure, Guard, Request, Response};
use crate::secret::{MIN_BYTES, Redactor, Revealed, client_pair};

/// Bytes of a token endpoint's answer. A token of 16 KiB is more than servers accept in a header.
const RESPONSE_BYTES: usize = 64 * 1024;

/// How long a token is used whose endpoint does not say how long it lives; five minutes are the least that is common.
const UNSAID_LIFE: Duration = Duration::from_secs(300);

/// A token is given up this long before its end, so that it does not expire on the way; or at nine tenths of its life.
const MARGIN: Duration = Duration::from_secs(30);

/// No token counts as living longer: what the clock can add to without running over.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Tells endpoints apart that take fewer scopes than their document lists, or the client in the body instead of a header.
const ATTEMPTS: usize = 3;

/// The tokens of one scheme: the one that is in use, and how to get the next.
pub(super) struct Tokens {
    endpoint: Url,
    scope: String,
    secret: Revealed,
    /// Held while a token is fetched, so that one is fetched once.
    current: Mutex<Option<Token>>,
    /// What the endpoint was found to want.
    manner: Mutex<Manner>,
}

/// How a token is asked for.
#[derive(Debug, Clone, Copy)]
struct Manner {
    /// The client in the body, instead of a header.
    in_body: bool,
    without_scope: bool,
}

struct Token {
    text: Arc<Zeroizing<String>>,
    until: Instant,
}

/// Why there is no token. The request that needed it was not sent.
#[derive(Debug)]
pub(super) enum NoToken {
    /// The endpoint was not reached or did not answer.
    Failed(Failure),
    /// The endpoint refused, or its answer is none.
    Refused { reason: &'static str, detail: String },
}

impl Tokens {
    pub(super) fn new(endpoint: Url, scopes: &[String], secret: Revealed) -> Self {
        Self {
            endpoint,
            scope: scopes.join(" "),
            secret,
            current: Mutex::default(),
            manner: Mutex::new(Manner { in_body: false, without_scope: scopes.is_empty() }),
        }
    }

    /// A token that is good for now.
    pub(super) async fn get(
        &self,
        client: &Client,
        redactor: &Redactor,
        budget: Budget,
    ) -> Result<Arc<Zeroizing<String>>, NoToken> {
        let timed_out = |_| NoToken::Failed(Failure::TimedOut { limit: budget.allowed });
        let mut current =
            tokio::time::timeout_at(budget.deadline, self.current.lock()).await.map_err(timed_out)?;
        if let Some(token) = current.as_ref().filter(|token| Instant::now() < token.until) {
            return Ok(token.text.clone());
        }
        *current = None;
        let token = self.fetch(client, budget).await?;
        redactor.add_token(&token.text);
        let text = token.text.clone();
        *current = Some(token);
        Ok(text)
    }

    /// Gives up a token that the API refused, unless another has taken its place already.
    pub(super) async fn refused(&self, text: &str) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|token| token.text.as_str() == text) {
            *current = None;
        }
    }

    async fn fetch(&self, client: &Client, budget: Budget) -> Result<Token, NoToken> {
        let budget = Budget { bytes: RESPONSE_BYTES, ..budget };
        let mut manner = *self.manner.lock().await;
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let response = client.send(self.request(manner)?, budget).await.map_err(NoToken::Failed)?;
            if response.status.is_success() {
                let token = token(&response)?;
                // Only now: an endpoint that is out of order refuses what it takes at other times.
                *self.manner.lock().await = manner;
                return Ok(token);
            }
            let may_be_otherwise = manner.learn(&response);
            last = Some(response);
            if !may_be_otherwise {
                break;
            }
        }
        let detail = last.map(|response| said(&self.endpoint, &response)).unwrap_or_default();
        Err(NoToken::Refused { reason: "the token endpoint refused it", detail })
    }

    fn request(&self, manner: Manner) -> Result<Request, NoToken> {
        let (id, secret) = self.secret.expose().split_once(':').unwrap_or_default();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !manner.without_scope {
            form.append_pair("scope", &self.scope);
        }
        let headers = HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static("application/json")),
            (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
        ]);
        let mut request = Request {
            method: Method::POST,
            url: self.endpoint.clone(),
            headers,
            body: None,
            keys: Vec::new(),
        };
        if manner.in_body {
            form.append_pair("client_id", id).append_pair("client_secret", secret);
        } else {
            authorise(&mut request, "Basic", &client_pair(id, secret))
                .ok_or_else(|| refused("it holds a character that no header can carry"))?;
        }
        request.body = Some(form.finish().into_bytes());
        Ok(request)
    }
}

impl Manner {
    /// Whether the refusal is one that another form of the request may avoid, which the next one then has.
    fn learn(&mut self, response: &Response) -> bool {
        let error = serde_json::from_slice::<Value>(&response.body).ok();
        let error = error.as_ref().and_then(|error| error.get("error")?.as_str()).unwrap_or_default();
        let setting = match error {
            "invalid_scope" => &mut self.without_scope,
            "invalid_client" | "invalid_request" => &mut self.in_body,
            _ if response.status == StatusCode::UNAUTHORIZED => &mut self.in_body,
            _ => return false,
        };
        !std::mem::replace(setting, true)
    }
}

impl Debug for Tokens {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Where a scheme's secret is exchanged, if it may be sent there.
///
/// A document is not trusted with the client's secret: unless the operator names the endpoint, it is of the API's own
/// origin, or by `https` on its host, at its port or the usual one. That a host may be reached does not mean that it may
/// have the secret. By plain `http` only where the API is, or to a host that the operator named or allowed as well.
pub(super) fn endpoint(
    given: Option<&Url>,
    document: Option<&str>,
    base: &Url,
    guard: &Guard,
) -> Result<Url, &'static str> {
    match (given, document) {
        (Some(url), _) if url.scheme() == "https" || url.scheme() == "http" && guard.is_named(url) => {
            Ok(url.clone())
        }
        (Some(_), _) => Err("the token URL is not https"),
        (None, Some(text)) => {
            let url = base.join(text).map_err(|_| "the document's token URL is no URL")?;
            if is_of(base, &url) {
                return Ok(url);
            }
            Err("the document's token URL is not by https on the API's own host: confirm it with token_url")
        }
        (None, None) => Err("the document has no token URL: give one with token_url"),
    }
}

fn is_of(base: &Url, url: &Url) -> bool {
    let port = url.port_or_known_default();
    let is_secure = url.scheme() == "https" && (port == Some(443) || port == base.port_or_known_default());
    let is_same = url.scheme() == base.scheme() && port == base.port_or_known_default();
    url.host().is_some() && url.host() == base.host() && (is_same || is_secure)
}

fn token(response: &Response) -> Result<Token, NoToken> {
    let answer: Value = serde_json::from_slice(&response.body)
        .map_err(|_| refused("the token endpoint's answer is no JSON"))?;
    let kind = answer.get("token_type").and_then(Value::as_str).unwrap_or("bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(refused("the token endpoint gave a token that is no bearer token"));
    }
    let text = answer.get("access_token").and_then(Value::as_str).unwrap_or_default();
    if text.len() < MIN_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused("the token endpoint gave no usable token"));
    }
    let text = Arc::new(Zeroizing::new(text.to_owned()));
    Ok(Token { text, until: Instant::now() + life(answer.get("expires_in")) })
}

fn life(expires_in: Option<&Value>) -> Duration {
    let seconds = expires_in.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
    let life = seconds.map_or(UNSAID_LIFE, Duration::from_secs).min(LONGEST_LIFE);
    life.saturating_sub(MARGIN.min(life / 10))
}

fn refused(reason: &'static str) -> NoToken {
    NoToken::Refused { reason, detail: String::new() }
}

/// For the operator: who refused, and the code that RFC 6749 has for why.
fn said(endpoint: &Url, response: &Response) -> String {
    let host = endpoint.host_str().unwrap_or_default();
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let text = |name: &str| {
        body.get(name).and_then(Value::as_str).map(|text| text.chars().take(200).collect::<String>())
    };
    let code = text("error").unwrap_or_default();
    let words = text("error_description").unwrap_or_default();
    format!("{host} answered {}: {code} {words}", response.status).trim_end_matches([':', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_client_secret_goes_only_where_it_may() {
        let guard = Guard::new(["10.0.0.0/8".parse().unwrap()]);
        guard.name(&Url::parse("https://named.example/spec.json").unwrap());
        let base = Url::parse("https://api.example/v1").unwrap();
        let allowed = |document: &str| endpoint(None, Some(document), &base, &guard).is_ok();
        for good in ["/token", "https://api.example/token", "https://api.example:443/token"] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "https://evil.example/token",
            "https://named.example/token",
            "https://10.0.0.1/token",
            "http://10.0.0.1/token",
            "http://api.example/token",
            "http://api.example:443/token",
            "https://api.example:8443/token",
            "file:///token",
            "ftp://api.example/",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
        let plain = Url::parse("http://10.0.0.1:8080/v1").unwrap();
        let beside = |document: &str| endpoint(None, Some(document), &plain, &guard).is_ok();
        for (document, expected) in [
            ("/token", true),
            ("https://10.0.0.1/token", true),
            ("https://10.0.0.1:8080/token", true),
            ("http://10.0.0.1:8081/token", false),
            ("http://10.0.0.1/token", false),
            ("https://10.0.0.1:8443/token", false),
        ] {
            assert_eq!(beside(document), expected, "{document}");
        }
        let given = Url::parse("https://auth.example/token").unwrap();
        assert_eq!(endpoint(Some(&given), Some("/token"), &base, &guard), Ok(given));
        let plain = Url::parse("http://auth.example/token").unwrap();
        assert!(endpoint(Some(&plain), None, &base, &guard).is_err());
    }

    #[test]
    fn a_token_is_given_up_before_its_end() {
        let seconds = |value: Value| life(Some(&value)).as_secs();
        assert_eq!(seconds(json!(3600)), 3570);
        assert_eq!(seconds(json!("100")), 90);
        assert_eq!(seconds(json!(0)), 0);
        assert_eq!(seconds(json!(u64::MAX)), LONGEST_LIFE.as_secs() - 30);
        assert_eq!(life(None).as_secs(), 270);
    }
}
