//! Tool lists that change while the runtime runs.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use codemode_connect::Connector;
use tokio::time::timeout;

use crate::Runtime;
use crate::discover::off_thread;
use crate::registry::Registry;

/// How long a run or a search waits for a list that is known to have changed, before it goes on with the one it has: a
/// server that answers at all lists its tools in milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a list may take in all, whatever its pages take one by one.
const LISTING: Duration = Duration::from_secs(60);

impl Runtime {
    /// The tools as they are now. A run keeps those that it began with.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.inner.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the tool lists anew of those connectors that said theirs has changed.
    ///
    /// Runs, searches and descriptions do so by themselves. A list that cannot be had is left as it was, and asked for
    /// again some seconds later.
    pub async fn refresh(&self) {
        let _alone = self.inner.refreshing.lock().await;
        for connector in self.registry().changed() {
            self.relist(&connector).await;
        }
    }

    async fn relist(&self, connector: &Arc<dyn Connector>) {
        let name = connector.name();
        // First, so that a change is not forgotten if nobody waits for the end of this.
        self.registry().mark(name);
        let Ok(Ok(listing)) = timeout(LISTING, connector.list()).await else { return };
        let (registry, name) = (self.registry(), name.to_owned());
        // Indexing thousands of tools takes a while.
        let changed = off_thread(move || registry.with(&name, listing)).await;
        if let Some(Ok(changed)) = changed {
            *self.inner.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(changed);
        }
    }

    /// [`refresh`](Self::refresh), if there is anything to do and nobody does it; it goes on when the patience for it ends.
    pub(crate) async fn refresh_if_changed(&self) {
        if self.registry().changed().is_empty() || self.inner.refreshing.try_lock().is_err() {
            return;
        }
        let runtime = self.clone();
        let refreshing = tokio::spawn(async move { runtime.refresh().await });
        drop(timeout(PATIENCE, refreshing).await);
    }
}
