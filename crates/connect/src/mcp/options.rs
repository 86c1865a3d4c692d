//! What an operator decides about a connector.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::auth::OAuth;
use super::handshake::{Client, Era};
use super::http::Remote;
use super::input::Inputs;
use super::listen::Subscribed;
use super::ongoing::Ongoing;
use super::patience::Pauses;
use super::who::{Hooks, Who};
use super::{Command, Limits};
use crate::secret::Redactor;
use crate::{Accepts, Detail, Error};

/// What an operator decides.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) name: String,
    pub(super) endpoint: Endpoint,
    pub(super) limits: Limits,
    pub(super) oauth: Option<OAuth>,
    /// The only one to speak.
    pub(super) era: Option<Era>,
    /// The caller of calls that bring none.
    pub(super) hooks: Option<Arc<Hooks>>,
    pub(super) redactor: Arc<Redactor>,
    /// One permit a call.
    pub(super) slots: Arc<Semaphore>,
}

/// Where the server is.
#[derive(Debug, Clone)]
pub(super) enum Endpoint {
    /// A child process, to be started.
    Stdio(Command),
    /// A URL.
    Http(Remote),
}

pub(super) fn slots(limits: &Limits) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limits.concurrency.clamp(1, Semaphore::MAX_PERMITS)))
}

impl Options {
    pub(super) fn new(name: String, endpoint: Endpoint) -> Self {
        let limits = Limits::default();
        let slots = slots(&limits);
        Self { name, endpoint, limits, oauth: None, era: None, hooks: None, redactor: Arc::default(), slots }
    }

    /// How the server is greeted, until it takes one: as the operator says, or by what it took before, if that is known. By
    /// HTTP `server/discover` harms nobody; a process may end itself over it, and nearly every one knows `initialize`.
    pub(super) fn eras(&self, known: Option<Era>) -> Vec<Era> {
        let mut eras = match (self.era, &self.endpoint) {
            (Some(era), _) => vec![era],
            (None, Endpoint::Stdio(_)) => vec![Era::Initialize, Era::Discover],
            (None, Endpoint::Http(remote)) if remote.only_sse => vec![Era::Sse],
            (None, Endpoint::Http(_)) => vec![Era::Discover, Era::Initialize, Era::Sse],
        };
        eras.sort_by_key(|era| Some(*era) != known);
        eras
    }

    /// Our side of a conversation with the server.
    pub(super) fn client(&self, ongoing: Ongoing, forwarded: Accepts, subscribed: Subscribed) -> Client {
        let idle = Who::new(self, None, None);
        let accepts = idle.accepts().or(forwarded);
        Client { inputs: self.inputs(Pauses::default()), ongoing, accepts, idle, subscribed }
    }

    /// What answers the server, in a conversation that these are the pauses of.
    pub(super) fn inputs(&self, pauses: Pauses) -> Inputs {
        Inputs {
            connector: self.name.clone(),
            redactor: self.redactor.clone(),
            pauses,
            timeout: self.limits.input_timeout,
        }
    }

    pub(super) fn unavailable(
        &self,
        reason: &'static str,
        retry_in: Option<Duration>,
        detail: Detail,
    ) -> Error {
        Error::Unavailable { connector: self.name.clone(), reason, retry_in, detail }
    }
}
