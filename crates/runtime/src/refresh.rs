//! Tool lists that change while the runtime runs.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::Runtime;
use crate::registry::Registry;

/// How long a run or a search waits for a list that is known to have changed, before it goes on with the one it has: a
/// server that answers at all lists its tools in milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);

impl Runtime {
    /// The tools as they are now. A run keeps those that it began with.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.inner.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the tool lists anew of those connectors that said theirs has changed.
    ///
    /// Runs, searches and descriptions do so by themselves. A list that cannot be had is left as it was, and asked for
    /// again the next time.
    pub async fn refresh(&self) {
        let _alone = self.inner.refreshing.lock().await;
        for connector in self.registry().changed() {
            let name = connector.name();
            let listed = connector.list().await;
            let registry = self.registry();
            let changed = listed.ok().and_then(|listing| registry.with(name, listing).ok());
            registry.mark(name, changed.is_none());
            if let Some(changed) = changed {
                let mut current = self.inner.registry.write().unwrap_or_else(PoisonError::into_inner);
                *current = Arc::new(changed);
            }
        }
    }

    /// [`refresh`](Self::refresh), if there is anything to do; it goes on when the patience for it ends.
    pub(crate) async fn refresh_if_changed(&self) {
        if self.registry().changed().is_empty() {
            return;
        }
        let runtime = self.clone();
        let refreshing = tokio::spawn(async move { runtime.refresh().await });
        drop(tokio::time::timeout(PATIENCE, refreshing).await);
    }
}
