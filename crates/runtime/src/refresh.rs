//! Lists of tools: read when the runtime is built, again when they have changed, and later of what could not be reached.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use codemode_connect::Connector;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::Runtime;
use crate::connectors::{ListError, Listed};
use crate::discover::off_thread;
use crate::registry::{Due, Registry};
use crate::relay;

/// How long a run or a search waits for a list that is known to have changed, before it goes on with the one it has: a
/// server that answers at all lists its tools in milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a list may take in all, whatever its pages take one by one. A server that a package runner fetches on first
/// use needs most of it.
const LISTING: Duration = Duration::from_secs(120);

/// The connectors and what they have listed. A runtime and its views have one.
pub(crate) struct Connected {
    registry: RwLock<Arc<Registry>>,
    /// Held while the registry is replaced.
    replacing: tokio::sync::Mutex<()>,
    /// Told whenever a connector has listed its tools or failed to.
    listed: watch::Sender<()>,
    /// For what is passed on.
    pub(crate) relay: relay::Shared,
}

impl Connected {
    pub(crate) fn new(registry: Registry) -> Self {
        let registry = RwLock::new(Arc::new(registry));
        Self {
            registry,
            replacing: tokio::sync::Mutex::default(),
            listed: watch::Sender::default(),
            relay: relay::Shared::default(),
        }
    }

    /// Holds up all other changes of the registry.
    pub(crate) async fn replacing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.replacing.lock().await
    }

    /// Only who holds up other changes may.
    pub(crate) fn set(&self, registry: Registry) {
        *self.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
        self.listed.send_replace(());
    }

    /// All tools as they are now.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Runtime {
    /// The tools as they are now. A run keeps those that it began with.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        match &self.inner.narrowed {
            None => self.inner.connected.registry(),
            Some(narrowed) => narrowed.registry(),
        }
    }

    /// Is told whenever a connector has listed its tools anew or failed to: [`tools`](Self::tools) may have changed then.
    pub fn listed(&self) -> watch::Receiver<()> {
        self.inner.connected.listed.subscribe()
    }

    /// Reads the tool lists anew of those connectors that said theirs has changed, and tries those again that could not be
    /// reached, unless that was just done.
    ///
    /// Runs, searches and descriptions do so by themselves. A list that cannot be had is left as it was, and asked for
    /// again some seconds later.
    pub async fn refresh(&self) {
        // In tasks of their own: what was begun is ended even if nobody waits for it any more.
        let due = self.registry().due().into_iter();
        let relisting: Vec<_> =
            due.map(|Due { connector, .. }| tokio::spawn(self.relist(connector))).collect();
        for task in relisting {
            drop(task.await);
        }
    }

    /// [`refresh`](Self::refresh), as far as it is quick: what has changed is waited for a little, what could not be
    /// reached not at all.
    pub(crate) async fn refresh_if_changed(&self) {
        let due = self.registry().due();
        let deadline = Instant::now() + PATIENCE;
        let mut changed = Vec::new();
        for Due { connector, known } in due {
            let relisting = tokio::spawn(self.relist(connector));
            if known {
                changed.push(relisting);
            }
        }
        wait(changed, deadline).await;
    }

    /// Asks all connectors for their tools, and waits for them until `deadline`. What comes later counts then.
    pub(crate) async fn list_all(&self, connectors: Vec<Arc<dyn Connector>>, deadline: Instant) {
        let listing = connectors.into_iter().map(|connector| tokio::spawn(self.relist(connector)));
        wait(listing.collect(), deadline).await;
    }

    /// Returns once every connector has listed its tools or failed to, at the latest two minutes after it was asked.
    pub async fn all_listed(&self) {
        let registry = self.registry();
        self.connected(&registry.connector_names(), Instant::now() + LISTING).await;
    }

    /// Waits until each of these connectors has answered or failed to; until `deadline` at most.
    pub(crate) async fn connected(&self, names: &[&str], deadline: Instant) {
        let mut listed = self.listed();
        loop {
            listed.mark_unchanged();
            let registry = self.registry();
            let is_connecting = |name: &&&str| {
                let name = registry.catalog.connector_name(name).ok();
                let member = name.and_then(|name| registry.member(name));
                member.is_some_and(|member| matches!(member.listed(), Listed::Connecting))
            };
            let waits = names.iter().any(|name| is_connecting(&name));
            if !waits || !matches!(timeout_at(deadline, listed.changed()).await, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// Asks for a connector's list. The runtime may end meanwhile.
    fn relist(&self, connector: Arc<dyn Connector>) -> impl Future<Output = ()> + Send + 'static {
        let connected = Arc::downgrade(&self.inner.connected);
        async move {
            let name = connector.name().to_owned();
            let started = Instant::now();
            // In a task of its own, so that a panic of the connector's code ends nothing else.
            let asked = Arc::clone(&connector);
            let listing = tokio::spawn(async move { timeout(LISTING, asked.list()).await });
            let listed = match listing.await {
                Ok(Ok(listed)) => listed.map_err(ListError::Connector),
                Ok(Err(_)) => Err(ListError::Connector(codemode_connect::Error::TimedOut {
                    connector: name.clone(),
                    limit: LISTING,
                })),
                Err(_) => Err(ListError::Panicked),
            };
            let Some(connected) = connected.upgrade() else { return };
            connected.take_over(&connector, listed, started.elapsed()).await;
        }
    }
}

impl Connected {
    async fn take_over(
        &self,
        connector: &Arc<dyn Connector>,
        listed: Result<codemode_catalog::Listing, ListError>,
        took: Duration,
    ) {
        let name = connector.name().to_owned();
        let failed = match listed {
            Err(error) => Some(error),
            Ok(listing) => {
                // One change at a time: each is made from the registry before it.
                let _alone = self.replacing.lock().await;
                let (registry, name) = (self.registry(), name.clone());
                // Another connector may have that name by now.
                if !registry.has(connector) {
                    return;
                }
                // Indexing thousands of tools takes a while.
                match off_thread(move || registry.with(&name, listing, took)).await {
                    Some(Ok(changed)) => {
                        *self.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(changed);
                        None
                    }
                    Some(Err(error)) => Some(ListError::Catalog(error)),
                    None => Some(ListError::Panicked),
                }
            }
        };
        if let Some(error) = failed
            && let registry = self.registry()
            && registry.has(connector)
            && let Some(member) = registry.member(&name)
            && !matches!(member.listed(), Listed::Ready { .. })
        {
            member.set_listed(Listed::Failed(Arc::new(error)));
        }
        self.listed.send_replace(());
    }
}

/// Waits for tasks that go on when nobody waits for them any more.
async fn wait(tasks: Vec<JoinHandle<()>>, deadline: Instant) {
    for task in tasks {
        if timeout_at(deadline, task).await.is_err() {
            return;
        }
    }
}
