//! Another set of connectors for a runtime that goes on running.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use codemode_catalog::Catalog;
use codemode_connect::Connector;
use tokio::time::{Instant, sleep};

use crate::connectors::Listed;
use crate::pins::Withheld;
use crate::registry::{Member, Registry, names, unjudged};
use crate::{Error, Policy, Runtime};

/// How often it is looked whether somebody still uses a connector that is gone.
const LOOK: Duration = Duration::from_millis(250);

impl Runtime {
    /// Replaces the connectors and the policy, for views of this runtime too. A connector that is among those of before
    /// (the very same, not one of the same name) keeps its connection and its tools; the others are asked for their tools,
    /// as when a runtime is built, and this does not wait for them.
    ///
    /// Runs that are under way go on with the connectors and the policy that they began with. A connector that is gone is
    /// closed when the last of them has ended; at the latest after twice the wall time that a run may take.
    ///
    /// # Errors
    ///
    /// [`Error::Catalog`] for a name that cannot be a connector's, or is there twice. Nothing has changed then.
    pub async fn replace(&self, connectors: Vec<Arc<dyn Connector>>, policy: Policy) -> Result<(), Error> {
        let connected = &self.inner.connected;
        let (gone, new) = {
            let _alone = connected.replacing().await;
            let before = connected.registry();
            let after = before.replaced(&connectors, policy)?;
            let known = before.members_in_order().map(|(_, member)| Arc::clone(&member.connector));
            let gone: Vec<_> = known.filter(|connector| !after.has(connector)).collect();
            let new: Vec<_> = connectors.into_iter().filter(|one| !before.has(one)).collect();
            connected.set(after);
            (gone, new)
        };
        // Whoever passes on what they have is told that it is another's now.
        let changed: Vec<Arc<str>> = gone.iter().chain(&new).map(|one| one.name().into()).collect();
        let longest = self.inner.limits.wall.saturating_mul(2);
        for connector in gone {
            tokio::spawn(close_unused(connector, Instant::now() + longest));
        }
        new.iter().for_each(|connector| self.introduce(&**connector));
        new.iter().for_each(|connector| self.introduce(&**connector));
        self.list_all(new, Instant::now()).await;
        let runtime = self.clone();
        tokio::spawn(async move {
            for connector in changed {
                runtime.hand_on(&connector, None).await;
            }
        });
        Ok(())
    }
}

/// Closes a connector once nobody else holds it: a run holds the tools that it began with.
async fn close_unused(connector: Arc<dyn Connector>, deadline: Instant) {
    while Arc::strong_count(&connector) > 1 && Instant::now() < deadline {
        sleep(LOOK).await;
    }
    connector.close().await;
}

impl Registry {
    /// Whether this very connector is among those that there are.
    pub(crate) fn has(&self, connector: &Arc<dyn Connector>) -> bool {
        let there = self.member(connector.name());
        there.is_some_and(|member| Arc::ptr_eq(&member.connector, connector))
    }

    fn replaced(
        &self,
        connectors: &[Arc<dyn Connector>],
        policy: Policy,
    ) -> Result<Self, codemode_catalog::Error> {
        let kept = |connector: &Arc<dyn Connector>| {
            let member = self.members.get(connector.name());
            member.filter(|member| Arc::ptr_eq(&member.connector, connector))
        };
        let mut catalog = Catalog::default();
        for connector in connectors {
            match kept(connector) {
                Some(_) => catalog.adopt(connector.name(), &self.catalog)?,
                None => drop(catalog.insert(connector.name(), Vec::new())?),
            }
        }
        let members = connectors.iter().map(|connector| {
            let member = kept(connector).cloned().unwrap_or_else(|| {
                Member::new(&catalog, Arc::clone(connector), Listed::Connecting, Withheld::new())
            });
            (connector.name().to_owned(), member)
        });
        let members = members.collect();
        let judged = catalog.connectors().map(|name| (name.to_owned(), unjudged(&catalog, name))).collect();
        let is_kept = |name: &str| connectors.iter().any(|one| one.name() == name && kept(one).is_some());
        let mut warnings = self.warnings.clone();
        warnings.retain(|warning| is_kept(warning.connector()) && !warning.is_of_looks());
        warnings.extend(catalog.look_alikes());
        Ok(Self {
            warnings,
            members,
            judged,
            names: names(&catalog),
            catalog: Arc::new(catalog),
            learned: Arc::clone(&self.learned),
            pins: Arc::clone(&self.pins),
            index: OnceLock::new(),
            whole: None,
            policy,
        })
    }
}
