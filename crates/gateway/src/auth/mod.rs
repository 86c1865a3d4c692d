//! Who a request is from, by what it shows. Whatever goes wrong in here refuses.

mod bearer;
mod identity;
mod jwk;
mod jws;
mod jwt;
mod keys;
mod token_file;
mod tokens;

use std::sync::Arc;

use codemode::config::{AuthMode, Jwt};
use http::HeaderMap;

use jwt::JwtVerifier;

pub(crate) use identity::Identity;
pub use tokens::{Created, TokenError, TokenInfo, Tokens};

/// How requests are told apart.
#[derive(Debug, Clone)]
pub(crate) enum Authenticator {
    /// Not at all.
    Open,
    /// By tokens of our own.
    Tokens(Tokens),
    /// By tokens of an authorization server.
    Jwt(Arc<JwtVerifier>),
}

/// Why a request is nobody's. Shows nothing of what it brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It brought no credentials.
    Missing,
    /// It brought more than one, or none of a form that is known.
    Malformed(&'static str),
    /// What it brought does not count. The reason is for the log.
    Invalid(&'static str),
    /// Its token does not reach as far as it has to.
    Scope,
    /// Whether it counts cannot be told. The reason is for the log.
    Unavailable(String),
}

impl Authenticator {
    pub(crate) fn jwt(options: Jwt) -> Result<Self, codemode::connect::DocumentError> {
        Ok(Self::Jwt(Arc::new(JwtVerifier::new(options)?)))
    }

    pub(crate) fn mode(&self) -> AuthMode {
        match self {
            Self::Open => AuthMode::None,
            Self::Tokens(_) => AuthMode::Token,
            Self::Jwt(_) => AuthMode::Jwt,
        }
    }

    /// What JWTs have to be, where they are asked for.
    pub(crate) fn jwt_options(&self) -> Option<&Jwt> {
        match self {
            Self::Jwt(verifier) => Some(verifier.options()),
            Self::Open | Self::Tokens(_) => None,
        }
    }

    /// Who a request with these headers is from.
    pub(crate) async fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Refused> {
        match self {
            Self::Open => Ok(Identity::local()),
            Self::Tokens(tokens) => {
                let token = bearer::token(headers)?;
                tokens.verify(token).map(Identity::of_token)
            }
            Self::Jwt(verifier) => verifier.verify(bearer::token(headers)?).await,
        }
    }
}
