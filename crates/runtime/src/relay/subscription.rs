//! Subscriptions to resources: several clients may have the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codemode_connect::{Connector, Relay, RelayError};
use serde_json::{Map, json};

use super::request::{Looking, unavailable, unknown_resource};
use crate::{Runtime, Shape};

/// How often each resource is subscribed to, by connector and URI.
#[derive(Default)]
pub(super) struct Subscribed(Mutex<HashMap<(String, String), usize>>);

impl Subscribed {
    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A subscription to a resource. It ends with this; the upstream is told when the last one ends.
pub struct Subscription {
    uri: String,
    connector: Arc<dyn Connector>,
    all: Arc<Subscribed>,
    timeout: Duration,
    runtime: tokio::runtime::Handle,
    /// Whether its upstream does not have it.
    is_refused: bool,
}

impl Subscription {
    /// The resource.
    pub fn uri(&self) -> &str {
        &self.uri
    }
}

impl Runtime {
    /// Subscribes to a resource that is [passed on](Self::passed_on_offer): [`changed`](Self::changed) tells of its changes.
    ///
    /// # Errors
    ///
    /// Where nobody has the resource, policy denies reading it, or its upstream refuses.
    pub async fn subscribe(&self, uri: &str) -> Result<Subscription, RelayError> {
        let registry = self.registry();
        if self.inner.surface.options().shape != Shape::Passthrough {
            return Err(unknown_resource(uri));
        }
        let looking = Looking::new(self.inner.limits.call);
        let owner = self.owner_of_resource(&registry, uri, looking.each).await;
        let owner = owner.ok_or_else(|| unknown_resource(uri))?;
        self.judge_question(&registry, &owner, "resources.read", &json!({ "uri": uri }))?;
        let member = registry.member(&owner).ok_or_else(|| unavailable(&owner))?;
        let connector = Arc::clone(&member.connector);
        let timeout = self.inner.limits.call;
        let all = Arc::clone(&self.inner.connected.relay.subscribed);
        // Counted first: nobody else's end unsubscribes meanwhile, and being given up in the middle ends it.
        *all.lock().entry((owner, uri.to_owned())).or_default() += 1;
        let runtime = tokio::runtime::Handle::current();
        let mut subscription =
            Subscription { uri: uri.to_owned(), connector, all, timeout, runtime, is_refused: false };
        let subscribing = subscription.connector.relay(request("resources/subscribe", uri, looking.left()));
        if let Err(error) = subscribing.await {
            subscription.is_refused = matches!(error, RelayError::Refused { .. });
            return Err(error);
        }
        Ok(subscription)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let key = (self.connector.name().to_owned(), self.uri.clone());
        let mut all = self.all.lock();
        let Some(count) = all.get_mut(&key) else { return };
        *count = count.saturating_sub(1);
        if *count > 0 {
            return;
        }
        all.remove(&key);
        if self.is_refused {
            return;
        }
        let request = request("resources/unsubscribe", &self.uri, self.timeout);
        let (connector, all) = (Arc::clone(&self.connector), Arc::clone(&self.all));
        // Nobody waits for the answer.
        self.runtime.spawn(async move {
            // Somebody may have subscribed again.
            if !all.lock().contains_key(&key) {
                drop(connector.relay(request).await);
            }
        });
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("uri", &self.uri).finish_non_exhaustive()
    }
}

fn request(method: &str, uri: &str, timeout: Duration) -> Relay {
    Relay::new(method, Map::from_iter([("uri".to_owned(), json!(uri))]), timeout)
}
