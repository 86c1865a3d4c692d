//! Pins of a runtime: what is quarantined, and how it comes free.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Quarantined;
use crate::Runtime;
use crate::discover::off_thread;
use crate::registry::{Registered, Registry};

/// How long accepting waits for a connector to list its tools again, so that they can be called when it returns.
const PATIENCE: Duration = Duration::from_secs(10);

impl Runtime {
    /// The tools that are not called because they have changed since they were first seen or last accepted, as far as their
    /// connectors have listed them. Nothing is quarantined without a state folder.
    pub fn quarantined(&self) -> Vec<Quarantined> {
        self.registry().pins.quarantined()
    }

    /// Accepts what the tools have become that `pattern` describes: a connector, or `connector.tool` with `*` for any
    /// characters. Gives the paths of what was accepted. What has changed since [`quarantined`](Self::quarantined) told of
    /// it stays quarantined. It needs no runtime to accept: see [`PinStore`](crate::PinStore).
    ///
    /// # Errors
    ///
    /// Where the state folder cannot be read or written.
    pub async fn trust(&self, pattern: &str) -> std::io::Result<Vec<String>> {
        let (registry, owned) = (self.registry(), pattern.to_owned());
        let accepted = off_thread(move || registry.pins.trust(&owned)).await;
        let accepted = accepted.unwrap_or_else(|| Err(std::io::Error::other("it was interrupted")))?;
        let registry = self.registry();
        let is_of = |path: &String, name: &str| path.split('.').next() == Some(name);
        let members = registry.members_in_order();
        let changed = members.filter(|(name, _)| accepted.iter().any(|path| is_of(path, name)));
        let connectors = changed.map(|(_, member)| Arc::clone(&member.connector)).collect();
        self.list_all(connectors, Instant::now() + PATIENCE).await;
        Ok(accepted)
    }
}

/// Pins a tool that is used for the first time: of a large API those that are never used need none. Holds up nothing.
pub(crate) fn used(registry: &Arc<Registry>, found: &Registered<'_>) {
    let connector = found.connector_name;
    if !registry.pins.is_first_use(connector, &found.tool.name) {
        return;
    }
    let (registry, connector, tool) = (Arc::clone(registry), connector.to_owned(), found.tool.clone());
    let pins = Arc::clone(&registry.pins);
    pins.spawn(move || registry.pins.pin(&connector, &tool, registry.catalog.definitions(&connector)));
}
