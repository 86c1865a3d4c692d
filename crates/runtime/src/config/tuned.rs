//! What a configuration says of any connector, whatever its kind.

use std::sync::Arc;
use std::time::Duration;

use codemode_catalog::Listing;
use codemode_connect::{
    Accepts, BoxFuture, Call, CallError, Changes, Connector, Error, Offer, Question, Relay, RelayError,
    Reply, State,
};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::entry::Entry;

/// A connector with a time limit, a number of calls at once and a description of its own.
pub(super) struct Tuned {
    inner: Arc<dyn Connector>,
    timeout: Option<Duration>,
    permits: Option<Semaphore>,
    description: Option<String>,
}

impl Tuned {
    /// The connector as `entry` wants it; itself where that says nothing.
    pub(super) fn around(inner: Arc<dyn Connector>, entry: &Entry) -> Arc<dyn Connector> {
        let Entry { timeout, concurrency, description, .. } = entry;
        if timeout.is_none() && concurrency.is_none() && description.is_none() {
            return inner;
        }
        let permits = concurrency.map(|calls| Semaphore::new(calls.into()));
        Arc::new(Self { inner, timeout: *timeout, permits, description: description.clone() })
    }

    /// Runs what `work` makes of the time that is left once one of the places is free.
    async fn within<T, E: From<CallError>, F: Future<Output = Result<T, E>>>(
        &self,
        timeout: Duration,
        work: impl FnOnce(Duration) -> F,
    ) -> Result<T, E> {
        let limit = self.timeout.unwrap_or(timeout);
        let Some(permits) = &self.permits else { return work(limit).await };
        let started = tokio::time::Instant::now();
        match tokio::time::timeout(limit, permits.acquire()).await {
            Ok(Ok(_permit)) => work(limit.saturating_sub(started.elapsed())).await,
            // A semaphore that is never closed gives a permit or makes wait.
            Ok(Err(_)) | Err(_) => {
                let error = Error::TimedOut { connector: self.name().to_owned(), limit };
                Err(CallError::Connector { error, delivery: codemode_connect::Delivery::NotSent }.into())
            }
        }
    }
}

impl Connector for Tuned {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        self.inner.list()
    }

    fn call(&self, mut call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(self.within(call.timeout, move |left| {
            call.timeout = left;
            self.inner.call(call)
        }))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }

    fn ask(&self, mut question: Question) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(self.within(question.timeout, move |left| {
            question.timeout = left;
            self.inner.ask(question)
        }))
    }

    fn relay(&self, mut relay: Relay) -> BoxFuture<'_, Result<Value, RelayError>> {
        Box::pin(self.within(relay.timeout, move |left| {
            relay.timeout = left;
            self.inner.relay(relay)
        }))
    }

    fn offer(&self, offer: Offer, timeout: Duration) -> BoxFuture<'_, Result<Vec<Value>, CallError>> {
        self.inner.offer(offer, timeout)
    }

    fn capabilities(&self) -> Map<String, Value> {
        self.inner.capabilities()
    }

    fn changes(&self) -> Option<Changes> {
        self.inner.changes()
    }

    fn forward(&self, accepts: Accepts) {
        self.inner.forward(accepts);
    }

    fn state(&self) -> State {
        self.inner.state()
    }

    fn tools_changed(&self) -> bool {
        self.inner.tools_changed()
    }

    fn changes_by_itself(&self) -> bool {
        self.inner.changes_by_itself()
    }

    fn identity(&self) -> Option<String> {
        self.inner.identity()
    }

    fn description(&self) -> Option<String> {
        self.description.clone().or_else(|| self.inner.description())
    }

    fn amounts_to(&self, tool: &str, arguments: &Value) -> Vec<String> {
        self.inner.amounts_to(tool, arguments)
    }
}
