//! Sessions of clients that speak a version before 2026-07-28. A session's id opens nothing by itself: every request shows
//! whose it is, and a session is there for the principal that opened it and for no other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::Stream;
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, GetExtensions as _, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::local::{
    LocalSessionManager, LocalSessionManagerError, SessionConfig,
};
use rmcp::transport::streamable_http_server::session::{ServerSseMessage, SessionId, SessionManager};
use tokio::time::Instant;

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
}

/// How many sessions the principal of a request may have; it travels with the request.
#[derive(Debug, Clone, Copy)]
pub(super) struct MaxSessions(pub(super) usize);

impl Sessions {
    pub(super) fn new(timeout: Duration) -> Self {
        let mut config = SessionConfig::default();
        config.keep_alive = Some(timeout);
        let mut inner = LocalSessionManager::default();
        inner.session_config = config;
        Self { inner, owners: Mutex::default() }
    }

    /// Whether a session is this principal's. To another it is as unknown as one that never was.
    pub(super) fn is_of(&self, id: &str, principal: &str) -> bool {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        match owners.get_mut(id).filter(|owner| *owner.principal == *principal) {
            Some(owner) => {
                owner.used = Instant::now();
                true
            }
            None => false,
        }
    }

    /// Writes down whose a session is, and says which of their others has to end for it.
    fn opened(&self, id: &SessionId, principal: &str, limit: usize) -> Vec<SessionId> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let longest_ago = |owners: &HashMap<SessionId, Owner>, of: Option<&str>| {
            let those = owners.iter().filter(|(_, owner)| of.is_none_or(|of| *owner.principal == *of));
            those.min_by_key(|(_, owner)| owner.used).map(|(id, _)| Arc::clone(id))
        };
        let mut ended = Vec::new();
        let count = owners.values().filter(|owner| *owner.principal == *principal).count();
        let oldest = match count >= limit.max(1) {
            true => longest_ago(&owners, Some(principal)),
            false if owners.len() >= MAX_SESSIONS => longest_ago(&owners, None),
            false => None,
        };
        if let Some(oldest) = oldest {
            owners.remove(&oldest);
            ended.push(oldest);
        }
        owners.insert(Arc::clone(id), Owner { principal: principal.into(), used: Instant::now() });
        ended
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
        let Some((principal, limit)) = asks(&message) else {
            self.inner.close_session(id).await?;
            return Err(LocalSessionManagerError::SessionNotFound(Arc::clone(id)));
        };
        for ended in self.opened(id, principal.name(), limit) {
            self.inner.close_session(&ended).await?;
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
fn asks(message: &ClientJsonRpcMessage) -> Option<(Principal, usize)> {
    let ClientJsonRpcMessage::Request(request) = message else { return None };
    let ClientRequest::InitializeRequest(_) = &request.request else { return None };
    let parts = request.request.extensions().get::<http::request::Parts>()?;
    let principal = parts.extensions.get::<Principal>()?;
    Some((principal.clone(), parts.extensions.get::<MaxSessions>()?.0))
}
