//! What is configured at the moment. A new configuration is another site; requests that are under way keep theirs.

use std::path::Path;

use codemode::config::{AuthMode, Serve};
use codemode::{Runtime, Shape};
use tokio_util::sync::CancellationToken;

use super::host::Names;
use super::options::HttpError;
use super::principals::Principals;
use crate::auth::{Authenticator, Tokens};

/// What is configured at the moment.
pub(super) struct Site {
    pub(super) names: Names,
    pub(super) authenticator: Authenticator,
    pub(super) principals: Principals,
    pub(super) surfaces: Vec<Shape>,
    /// Streams that answer nothing end with it, because another configuration counts or the server is to stop. A client that
    /// wants to go on asks again, and is told of what is there for it now.
    pub(super) stop: CancellationToken,
}

impl Site {
    pub(super) fn new(
        runtime: &Runtime,
        serve: &Serve,
        state: Option<&Path>,
        stop: CancellationToken,
    ) -> Result<Self, HttpError> {
        let authenticator = authenticator(serve, state)?;
        if authenticator.mode() == AuthMode::None && !serve.bind.is_loopback() {
            return Err(HttpError::Open(serve.bind));
        }
        Ok(Self {
            names: Names::new(serve),
            authenticator,
            principals: Principals::new(runtime.clone(), serve.grants.clone(), serve.limits),
            surfaces: serve.surfaces.clone(),
            stop,
        })
    }

    /// Where a client reads what it has to bring, where an authorization server gives it.
    pub(super) fn metadata_url(&self) -> Option<String> {
        let resource = &self.authenticator.jwt_options()?.resource_url;
        Some(super::discovery::url_of(resource))
    }
}

fn authenticator(serve: &Serve, state: Option<&Path>) -> Result<Authenticator, HttpError> {
    let tokens = state.map(Tokens::new);
    let are_used = tokens.as_ref().is_some_and(Tokens::are_used);
    let derived = if are_used { AuthMode::Token } else { AuthMode::None };
    match (serve.auth.unwrap_or(derived), &serve.jwt) {
        (AuthMode::Jwt, Some(jwt)) => Authenticator::jwt(jwt.clone()).map_err(HttpError::Issuer),
        // What JWTs have to be was checked when the configuration was read; without it nothing is one.
        (AuthMode::Jwt, None) | (AuthMode::Token, _) => {
            Ok(Authenticator::Tokens(tokens.ok_or(HttpError::NoState)?))
        }
        (AuthMode::None, _) => Ok(Authenticator::Open),
    }
}
