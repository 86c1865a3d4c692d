//! Who answers, and for whom.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use codemode::connect::LogLevel;
use rmcp::model::{ErrorCode, ErrorData, Extensions, InputRequiredResult, ServerResult};
use rmcp::service::{RequestContext, RoleServer};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::client::Client;
use super::exchange::{Exchange, Moved};
use super::in_flight::Begun;
use super::states::{KEPT_FOR, Kept, RequestDigest};
use super::subscriptions::Subscriptions;
use super::{InFlight, Shared, relay};
use crate::bounds::Full;
use crate::{Gateway, Principal};

/// Answers the requests of one connection, or of one request where there are no connections.
#[derive(Clone)]
pub(crate) struct Server {
    pub(super) shared: Arc<Shared>,
    /// Who is served where requests do not say so themselves.
    pub(super) local: Option<Principal>,
    /// What the client of a connection of the older era wants to be told of logs.
    pub(super) log_level: Arc<Mutex<Option<LogLevel>>>,
    /// The calls of a connection.
    pub(super) in_flight: InFlight,
    /// Whether the client of a connection of the older era is told of changes.
    pub(super) greeted: Arc<AtomicBool>,
    /// The resources that the client of a connection of the older era has subscribed to.
    pub(super) subscriptions: Arc<Subscriptions>,
    /// Cancelled when the connection has ended; never, where there are no connections.
    pub(super) gone: CancellationToken,
}

impl Server {
    /// Whoever asks is this principal. What was begun for it ends when `gone` is cancelled.
    pub(crate) fn local(gateway: &Gateway, principal: Principal, gone: CancellationToken) -> Self {
        Self { local: Some(principal), gone, ..Self::by_request(gateway) }
    }

    /// Every request comes with its [`Principal`], in the extensions of its [`http::request::Parts`]; without one it is
    /// refused.
    pub(crate) fn by_request(gateway: &Gateway) -> Self {
        Self {
            shared: Arc::clone(&gateway.shared),
            local: None,
            log_level: Arc::default(),
            greeted: Arc::default(),
            in_flight: InFlight::default(),
            subscriptions: Arc::default(),
            gone: CancellationToken::new(),
        }
    }

    /// Who asks.
    pub(super) fn client(&self, context: &RequestContext<RoleServer>) -> Result<Client, ErrorData> {
        let principal = self.principal(&context.extensions)?;
        let log_level = *self.log_level.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Client::of(context, principal, log_level, self.gone.clone()))
    }

    pub(super) async fn passed_on(
        &self,
        method: &str,
        params: &(impl Serialize + Sync),
        context: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, ErrorData> {
        let client = self.client(context)?;
        relay::only_passed_on(&client, method)?;
        self.pass_on(&client, method, relay::params(params, &context.meta)).await
    }

    /// Refuses a call whose id is that of one that is under way. A client of the newer era has no connection: every request of
    /// its stands for itself.
    pub(super) fn begun(&self, client: &Client) -> Result<Begun, ErrorData> {
        let begun = self.in_flight.begun(&client.request_id);
        begun.map_err(|refusal| ErrorData::new(ErrorCode(refusal.code), refusal.message, None))
    }

    pub(super) fn principal(&self, extensions: &Extensions) -> Result<Principal, ErrorData> {
        let of_request = || {
            let parts = extensions.get::<http::request::Parts>()?;
            parts.extensions.get::<Principal>().cloned()
        };
        let principal = of_request().or_else(|| self.local.clone());
        principal
            .ok_or_else(|| ErrorData::internal_error("the request is from nobody; this is our bug", None))
    }

    /// Drives an exchange until there is something to answer: its result, a task that it became, or what the client has to
    /// be asked; then it waits for the same request to come again. It becomes a task after `patience`.
    pub(super) async fn drive(
        &self,
        client: &Client,
        request: RequestDigest,
        exchange: &mut Option<Exchange>,
        mut patience: Option<Duration>,
    ) -> Result<ServerResult, ErrorData> {
        while let Some(moving) = exchange {
            match moving.moved(client, patience).await {
                Moved::Done(result) => return *result,
                Moved::Asked(requests) => {
                    let Some(asking) = exchange.take() else { break };
                    let waiting = Box::new(asking.detached(KEPT_FOR, client.gone.clone()));
                    match self.shared.states.keep(client, request, Kept::Exchange(waiting)) {
                        Ok(state) => {
                            return Ok(ServerResult::InputRequiredResult(InputRequiredResult::new(
                                Some(requests),
                                Some(state),
                            )));
                        }
                        Err(Full(Kept::Exchange(mut waiting))) => {
                            // Too many wait already: this one goes on without an answer.
                            waiting.raised.unanswered();
                            *exchange = Some(*waiting);
                        }
                        Err(Full(Kept::Upstream(_))) => break,
                    }
                }
                Moved::Long => {
                    let Some(long) = exchange.take() else { break };
                    match self.shared.tasks.begin(client, long) {
                        Ok(task) => return Ok(ServerResult::CreateTaskResult(task)),
                        Err(Full(long)) => {
                            *exchange = Some(long);
                            patience = None;
                        }
                    }
                }
            }
        }
        Err(ErrorData::internal_error("the work was lost; this is our bug", None))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}
