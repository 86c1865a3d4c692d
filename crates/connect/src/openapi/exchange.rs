//! Sending a request with its credentials, again where that is safe, until there is an answer.

use std::sync::Arc;

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::oauth::{NoToken, Tokens};
use super::request::Outgoing;
use super::security::{Part, Use, apply, authorise};
use crate::http::{Budget, Client, Failure, HttpLimits, Request, Response, retry};
use crate::secret::Redactor;
use crate::{CallError, Delivery, Detail, Error};

/// Everything that an exchange needs besides its request.
pub(super) struct Exchange<'a> {
    pub(super) connector: &'a str,
    pub(super) client: &'a Client,
    pub(super) limits: &'a HttpLimits,
    pub(super) redactor: &'a Redactor,
    pub(super) budget: Budget,
}

impl Exchange<'_> {
    /// Sends what an operation's arguments became, with these credentials.
    pub(super) async fn run(&self, outgoing: Outgoing, parts: &[Part<'_>]) -> Result<Response, CallError> {
        let mut request = plain(self.connector, outgoing).map_err(CallError::not_sent)?;
        for (scheme, using) in parts {
            apply(self.connector, &mut request, scheme, using).map_err(CallError::not_sent)?;
        }
        let tokens = parts.iter().find_map(|(scheme, using)| match using {
            Use::Token(tokens) => Some((*scheme, *tokens)),
            _ => None,
        });
        let (outcome, sent) = self.attempts(request, tokens).await?;
        outcome.map_err(|failure| {
            let delivery = if sent { Delivery::MaybeSent } else { failure.delivery() };
            CallError::Connector { error: failure.into_error(self.connector), delivery }
        })
    }

    /// The last outcome, and whether any attempt may have reached the upstream.
    async fn attempts(
        &self,
        mut request: Request,
        tokens: Option<(&str, &Tokens)>,
    ) -> Result<(Result<Response, Failure>, bool), CallError> {
        let (mut attempt, mut renewed, mut sent) = (0, false, false);
        loop {
            let token = match tokens {
                Some((scheme, tokens)) => {
                    Some((tokens, self.token(&mut request, scheme, tokens, sent).await?))
                }
                None => None,
            };
            let outcome = self.client.send(request.clone(), self.budget).await;
            sent |= outcome.as_ref().map_or_else(Failure::delivery, |_| Delivery::MaybeSent)
                == Delivery::MaybeSent;
            if let (Some((tokens, token)), true) = (token, is_unauthorised(&outcome)) {
                tokens.refused(&token).await;
                // What cannot be sent twice gets the new token with the next call.
                if !renewed && retry::is_idempotent(&request.method) {
                    renewed = true;
                    continue;
                }
            }
            let pause = retry::pause(&request.method, &outcome, attempt, self.limits, fastrand::f64());
            match pause.filter(|pause| Instant::now() + *pause < self.budget.deadline) {
                Some(pause) => sleep(pause).await,
                None => return Ok((outcome, sent)),
            }
            attempt += 1;
        }
    }

    async fn token(
        &self,
        request: &mut Request,
        scheme: &str,
        tokens: &Tokens,
        sent: bool,
    ) -> Result<Arc<Zeroizing<String>>, CallError> {
        let delivery = if sent { Delivery::MaybeSent } else { Delivery::NotSent };
        let error = match tokens.get(self.client, self.redactor, self.budget).await {
            Ok(token) if authorise(request, "Bearer", &token).is_some() => return Ok(token),
            Ok(_) => {
                self.no_token(scheme, "its token holds a character that no header can carry", String::new())
            }
            Err(NoToken::Failed(Failure::TimedOut { limit })) => {
                Error::TimedOut { connector: self.connector.to_owned(), limit }
            }
            Err(NoToken::Failed(failure)) => {
                self.no_token(scheme, "the token endpoint did not answer", failure.to_string())
            }
            Err(NoToken::Refused { reason, detail }) => self.no_token(scheme, reason, detail),
        };
        Err(CallError::Connector { error, delivery })
    }

    fn no_token(&self, scheme: &str, reason: &'static str, detail: String) -> Error {
        let (connector, scheme) = (self.connector.to_owned(), scheme.to_owned());
        Error::BadCredential { connector, scheme, reason, detail: Detail(detail) }
    }
}

fn is_unauthorised(outcome: &Result<Response, Failure>) -> bool {
    outcome.as_ref().is_ok_and(|response| response.status == StatusCode::UNAUTHORIZED)
}

fn plain(connector: &str, outgoing: Outgoing) -> Result<Request, Error> {
    let unsendable = |what: &str| Error::InvalidArguments {
        message: format!("{connector} cannot send this {what} by HTTP"),
    };
    let method = Method::from_bytes(outgoing.method.as_bytes()).map_err(|_| unsendable("method"))?;
    let mut headers =
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json, */*;q=0.5"))]);
    for (name, value) in &outgoing.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable("header"))?;
        let value = HeaderValue::from_str(value).map_err(|_| unsendable("header"))?;
        if name == ACCEPT {
            headers.insert(name, value);
        } else {
            headers.append(name, value);
        }
    }
    for (name, value) in [(COOKIE, &outgoing.cookie), (CONTENT_TYPE, &outgoing.content_type)] {
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from_str(value).map_err(|_| unsendable("header"))?);
        }
    }
    Ok(Request { method, url: outgoing.url, headers, body: outgoing.body, keys: Vec::new() })
}
