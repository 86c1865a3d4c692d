//! What upstreams say has changed, for gateways to tell their clients.

use std::sync::{Arc, Weak};
use std::time::Duration;

use codemode_connect::{Change, Connector};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::Runtime;
use crate::runtime::Inner;

/// Changes that one who is told may lag behind, before it has to look at everything again.
const KEPT: usize = 256;

/// The pause after a change that is handed on: an upstream that floods us with changes must not flood the clients.
const GAP: Duration = Duration::from_millis(20);

/// The same where lists are read anew, which costs the upstream and us more.
const LISTS: Duration = Duration::from_secs(1);

/// Something that an upstream says has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changed {
    /// The connector.
    pub connector: Arc<str>,
    /// What has changed.
    pub change: Change,
}

/// Who is told.
pub(crate) struct Told(broadcast::Sender<Changed>);

impl Default for Told {
    fn default() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }
}

impl Runtime {
    /// Is told of what upstreams say has changed: resources, prompts, and the contents of resources that were
    /// [subscribed](Self::subscribe) to. One that lags behind has to look at everything again. Of tools whoever needs their
    /// list is told by [`listed`](Self::listed), once it was read anew. A view is told of all connectors: see
    /// [`has`](Self::has).
    pub fn changed(&self) -> broadcast::Receiver<Changed> {
        self.inner.connected.relay.told.0.subscribe()
    }

    /// Whether there is a connector of this name here.
    pub fn has(&self, connector: &str) -> bool {
        self.registry().member(connector).is_some()
    }

    /// Gets a connector ready before its first use: tells it what callers may be able to answer, and hands on what it says has
    /// changed, for as long as both are there.
    pub(crate) fn introduce(&self, connector: &dyn Connector) {
        if let Some(accepts) = self.inner.connected.relay.accepts.get() {
            connector.forward(*accepts);
        }
        let Some(mut changes) = connector.changes() else { return };
        let name: Arc<str> = connector.name().into();
        let inner: Weak<Inner> = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            loop {
                let change = match changes.recv().await {
                    Ok(change) => Some(change),
                    Err(RecvError::Lagged(_)) => None,
                    Err(RecvError::Closed) => return,
                };
                let pause = if matches!(change, None | Some(Change::Tools)) { LISTS } else { GAP };
                {
                    let Some(inner) = inner.upgrade() else { return };
                    Self { inner }.hand_on(&name, change).await;
                }
                tokio::time::sleep(pause).await;
            }
        });
    }

    /// `None`: anything may have changed.
    pub(crate) async fn hand_on(&self, connector: &Arc<str>, change: Option<Change>) {
        let changes = match change {
            Some(change) => vec![change],
            None => vec![Change::Tools, Change::Resources, Change::Prompts],
        };
        for change in changes {
            match change {
                // Whoever has listed them is told when they are known.
                Change::Tools => self.refresh().await,
                change => {
                    self.inner.connected.relay.known.forget(connector, &change);
                    let _ = self
                        .inner
                        .connected
                        .relay
                        .told
                        .0
                        .send(Changed { connector: Arc::clone(connector), change });
                }
            }
        }
    }
}
