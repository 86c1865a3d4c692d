//! Sessions of clients that speak a version before 2026-07-28. A session's id opens nothing by itself: every request shows
//! whose it is, and a session is there for the principal that opened it and for no other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::Stream;
use http::StatusCode;
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, GetExtensions as _, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::local::{
    LocalSessionManager, LocalSessionManagerError, SessionConfig,
};
use rmcp::transport::streamable_http_server::session::{ServerSseMessage, SessionId, SessionManager};
use tokio::time::Instant;

use super::reply::Refusal;
use crate::Principal;

/// Sessions of everybody together. One takes two tasks and some 20 KiB.
const MAX_SESSIONS: usize = 10_000;

/// rmcp's sessions, with whose they are.
pub(super) struct Sessions {
    inner: LocalSessionManager,
    owners: Mutex<HashMap<SessionId, Owner>>,
}

struct Owner {
    principal: Arc<str>,
    used: Instant,
    open: InUse,
}

impl Owner {
    fn is_idle(&self) -> bool {
        Arc::strong_count(&self.open.0) == 1
    }
}

/// A request or a stream of a session, for as long as it is open: the session does not end for another one meanwhile.
#[derive(Clone, Default)]
pub(super) struct InUse(Arc<()>);

/// What a session that may be opened is told of its principal, and what became of it; it travels with the request.
#[derive(Clone)]
pub(super) struct Opening {
    limit: usize,
    full: Arc<OnceLock<Full>>,
}

/// There is no room for a session, because all there are are in use.
#[derive(Debug, Clone, Copy)]
enum Full {
    /// Those of its principal, which may have no more than this.
    Principal(usize),
    /// Those of everybody.
    Everybody,
}

impl Opening {
    /// For a principal that may have so many sessions.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), full: Arc::default() }
    }

    /// Why it was not opened, if there was no room for it.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        Some(match self.full.get()? {
            Full::Principal(limit) => {
                let message = format!(
                    "{limit} sessions of this principal are in use, which is the most; end some, or ask again later"
                );
                Refusal::new(StatusCode::TOO_MANY_REQUESTS, "sessions", message).retry_after(5)
            }
            Full::Everybody => {
                let message = "more sessions are in use than there is room for; ask again later";
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "sessions", message).retry_after(5)
            }
        })
    }
}

impl Sessions {
    pub(super) fn new(timeout: Duration) -> Self {
        let mut config = SessionConfig::default();
        config.keep_alive = Some(timeout);
        let mut inner = LocalSessionManager::default();
        inner.session_config = config;
        Self { inner, owners: Mutex::default() }
    }

    /// Uses a session, if it is this principal's. To another it is as unknown as one that never was.
    pub(super) fn of(&self, id: &str, principal: &str) -> Option<InUse> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = owners.get_mut(id).filter(|owner| *owner.principal == *principal)?;
        owner.used = Instant::now();
        Some(owner.open.clone())
    }

    /// Writes down whose a session is, and says which other has to end for it: of those that nobody uses the one that was
    /// used longest ago.
    fn opened(&self, id: &SessionId, principal: &str, limit: usize) -> Result<Option<SessionId>, Full> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let longest_ago = |of: Option<&str>| {
            let those = owners.iter().filter(|(_, owner)| of.is_none_or(|of| *owner.principal == *of));
            let idle = those.filter(|(_, owner)| owner.is_idle());
            idle.min_by_key(|(_, owner)| owner.used).map(|(id, _)| Arc::clone(id))
        };
        let count = owners.values().filter(|owner| *owner.principal == *principal).count();
        let ends = if count >= limit {
            Some(longest_ago(Some(principal)).ok_or(Full::Principal(limit))?)
        } else if owners.len() >= MAX_SESSIONS {
            Some(longest_ago(None).ok_or(Full::Everybody)?)
        } else {
            None
        };
        if let Some(ends) = &ends {
            owners.remove(ends);
        }
        let owner = Owner { principal: principal.into(), used: Instant::now(), open: InUse::default() };
        owners.insert(Arc::clone(id), owner);
        Ok(ends)
    }

    fn closed(&self, id: &SessionId) {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl SessionManager for Sessions {
    type Error = LocalSessionManagerError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        self.inner.create_session().await
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        let opened = asks(&message).and_then(|(principal, opening)| {
            let opened = self.opened(id, principal.name(), opening.limit);
            opened.map_err(|full| opening.full.set(full)).ok()
        });
        let Some(ends) = opened else {
            self.inner.close_session(id).await?;
            return Err(LocalSessionManagerError::SessionNotFound(Arc::clone(id)));
        };
        if let Some(ends) = ends {
            self.inner.close_session(&ends).await?;
        }
        let answer = self.inner.initialize_session(id, message).await;
        if answer.is_err() {
            self.closed(id);
        }
        answer
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        self.inner.has_session(id).await
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        self.closed(id);
        self.inner.close_session(id).await
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.inner.create_stream(id, message).await
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        self.inner.accept_message(id, message).await
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.inner.create_standalone_stream(id).await
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.inner.resume(id, last_event_id).await
    }
}

/// Who opens a session, and how many they may have.
fn asks(message: &ClientJsonRpcMessage) -> Option<(Principal, Opening)> {
    let ClientJsonRpcMessage::Request(request) = message else { return None };
    let ClientRequest::InitializeRequest(_) = &request.request else { return None };
    let parts = request.request.extensions().get::<http::request::Parts>()?;
    let principal = parts.extensions.get::<Principal>()?;
    Some((principal.clone(), parts.extensions.get::<Opening>()?.clone()))
}
