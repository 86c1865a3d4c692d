//! What a connector knows beyond the end of a connection.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rmcp::model::ServerCapabilities;
use serde_json::{Map, Value};
use tokio::sync::{OnceCell, watch};

use super::auth::Session;
use super::changed::Changed;
use super::failure::Failure;
use super::http::{Params, Remote};
use super::options::Options;
use crate::Accepts;
use crate::http::{self, Client, HttpLimits};

/// What outlives a connection.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) changed: Arc<Changed>,
    /// The resources that are subscribed to, whichever connection there is.
    pub(super) subscribed: watch::Sender<BTreeSet<String>>,
    /// What the server said that it can.
    capabilities: Mutex<Map<String, Value>>,
    /// What callers may be able to answer.
    forwarded: Mutex<Accepts>,
    /// What calls repeat in headers.
    pub(super) params: Params,
    /// One client for all connections: its guard knows where the server was before.
    client: OnceCell<Client>,
    session: OnceLock<Session>,
}

impl Memory {
    /// Takes note of what callers may be able to answer, for the connections to come.
    pub(super) fn forward(&self, accepts: Accepts) {
        *self.forwarded.lock().unwrap_or_else(PoisonError::into_inner) = accepts;
    }

    /// What callers may be able to answer.
    pub(super) fn forwarded(&self) -> Accepts {
        *self.forwarded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what the server says that it can.
    pub(super) fn can(&self, capabilities: &ServerCapabilities) {
        if let Ok(Value::Object(capabilities)) = serde_json::to_value(capabilities) {
            *self.capabilities.lock().unwrap_or_else(PoisonError::into_inner) = capabilities;
        }
    }

    /// What the server said last that it can.
    pub(super) fn capabilities(&self) -> Map<String, Value> {
        self.capabilities.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The client for this server, made at the first use.
    pub(super) async fn client(&self, options: &Options, remote: &Remote) -> Result<Client, Failure> {
        let make = async {
            let limits = HttpLimits {
                response_bytes: options.limits.response_bytes,
                connect_timeout: options.limits.connect_timeout,
                ..HttpLimits::default()
            };
            let guard = Arc::new(remote.guard());
            // Reads the machine's certificates.
            let made = tokio::task::spawn_blocking(move || Client::new(guard, &limits)).await;
            made.unwrap_or_else(|_| Err(http::Failure::Broken("its start was interrupted".to_owned())))
                .map_err(|failure| Failure::not_sent(failure.into_error(&options.name)))
        };
        self.client.get_or_try_init(|| make).await.cloned()
    }

    /// Where logins are kept, if the operator wants any and gave no credential instead.
    pub(super) fn session(&self, options: &Options, remote: &Remote, client: &Client) -> Option<Session> {
        let oauth = options.oauth.clone().filter(|_| !remote.is_authorized())?;
        let make =
            || Session::new(&options.name, &remote.url, oauth, client.clone(), options.redactor.clone());
        Some(self.session.get_or_init(make).clone())
    }

    /// Whether the last request was refused for want of a login.
    pub(super) fn needs_login(&self) -> bool {
        self.session.get().is_some_and(Session::needs_login)
    }
}
