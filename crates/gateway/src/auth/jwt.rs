//! Access tokens of an authorization server: JWTs as RFC 9068 has them, and as servers issue that are older than it.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use codemode::config::Jwt;
use codemode::connect::DocumentError;
use serde_json::{Map, Value};

use super::Refused;
use super::identity::Identity;
use super::jws::Unverified;
use super::keys::{Keys, NoKey};

/// Seconds by which clocks may differ, for `exp` and `nbf`.
const LEEWAY: f64 = 30.0;

/// Checks tokens of one issuer.
pub(crate) struct JwtVerifier {
    options: Jwt,
    keys: Arc<Keys>,
}

impl JwtVerifier {
    pub(super) fn new(options: Jwt) -> Result<Self, DocumentError> {
        Ok(Self { keys: Arc::new(Keys::new(&options)?), options })
    }

    pub(super) fn options(&self) -> &Jwt {
        &self.options
    }

    /// Whose token this is.
    pub(super) async fn verify(&self, token: &str) -> Result<Identity, Refused> {
        let token = Unverified::parse(token).map_err(Refused::Invalid)?;
        let claims = self.keys.with(token.key_id.as_deref(), token.algorithm, |key| token.claims(key)).await;
        let claims = match claims {
            Ok(claims) => claims.map_err(Refused::Invalid)?,
            Err(NoKey::Unknown) => return Err(Refused::Invalid("the issuer has no such key")),
            Err(NoKey::Unavailable(why)) => return Err(Refused::Unavailable(why)),
        };
        self.check(&claims).map_err(Refused::Invalid)?;
        if !self.options.scopes.iter().all(|scope| has_scope(&claims, scope)) {
            return Err(Refused::Scope);
        }
        Identity::of_claims(claims).ok_or(Refused::Invalid("the token says of nobody that it is theirs"))
    }

    /// Of whom a token is, for whom, and when. Clients are told which of these is wrong: it helps whoever set it up, and
    /// nobody to forge a token.
    fn check(&self, claims: &Map<String, Value>) -> Result<(), &'static str> {
        if claims.get("iss").and_then(Value::as_str) != Some(&self.options.issuer) {
            return Err("the token is of another issuer");
        }
        let audience = self.options.audience.as_str();
        let is_for_us = match claims.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(audience)),
            _ => false,
        };
        if !is_for_us {
            return Err("the token is for another audience");
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(f64::INFINITY, |now| now.as_secs_f64());
        let time = |name: &str| match claims.get(name) {
            Some(value) => value.as_f64().map(Some).ok_or("exp and nbf of the token are no times"),
            None => Ok(None),
        };
        let expires = time("exp")?.ok_or("the token has no exp: it would count for ever")?;
        if now >= expires + LEEWAY {
            return Err("the token has expired");
        }
        match time("nbf")?.is_none_or(|from| from - LEEWAY <= now) {
            true => Ok(()),
            false => Err("the token does not count yet"),
        }
    }
}

impl fmt::Debug for JwtVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtVerifier").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Scopes stand in `scope` (RFC 8693), separated by spaces, or in `scp`; either may be a list.
fn has_scope(claims: &Map<String, Value>, scope: &str) -> bool {
    ["scope", "scp"].into_iter().filter_map(|name| claims.get(name)).any(|value| match value {
        Value::String(text) => text.split(' ').any(|one| one == scope),
        Value::Array(all) => all.iter().any(|one| one.as_str() == Some(scope)),
        _ => false,
    })
}
