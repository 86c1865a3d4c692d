//! What each connector offers, read and kept.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codemode_catalog::disclose;
use codemode_connect::{Change, Connector, Offer};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::registry::Registry;
use crate::{Runtime, Shape, Verdict};

/// How long a list counts that is asked for only to find out whose a resource or a prompt is.
const FRESH: Duration = Duration::from_secs(60);

/// When a connector's list was read, and what it was.
type Read = HashMap<(String, Offer), (Instant, Arc<[Value]>)>;

/// The lists as they were last read, of a runtime and all its views.
#[derive(Default)]
pub(super) struct Known(Mutex<Read>);

impl Known {
    /// Forgets what has changed.
    pub(super) fn forget(&self, connector: &str, change: &Change) {
        let gone = |offer: Offer| match change {
            Change::Resources => matches!(offer, Offer::Resources | Offer::Templates),
            Change::Prompts => offer == Offer::Prompts,
            _ => false,
        };
        self.lock().retain(|(name, offer), _| name != connector || !gone(*offer));
    }

    fn fresh(&self, connector: &str, offer: Offer) -> Option<Arc<[Value]>> {
        let lists = self.lock();
        let (read, list) = lists.get(&(connector.to_owned(), offer))?;
        (read.elapsed() < FRESH).then(|| Arc::clone(list))
    }

    /// Keeps what came of reading a list. One that could not be read is what it was before, and is not asked for again at
    /// once: it may have taken long to fail.
    fn keep(&self, connector: &str, offer: Offer, list: Option<Arc<[Value]>>) -> Arc<[Value]> {
        let mut lists = self.lock();
        let kept =
            lists.entry((connector.to_owned(), offer)).or_insert_with(|| (Instant::now(), Arc::default()));
        kept.0 = Instant::now();
        if let Some(list) = list {
            kept.1 = list;
        }
        Arc::clone(&kept.1)
    }

    fn lock(&self) -> MutexGuard<'_, Read> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What list is wanted, and how long it may take.
pub(super) enum Age {
    /// As it is now.
    Now(Duration),
    /// As it was a short while ago, too.
    Fresh(Duration),
}

/// The lists of the connectors, in order, each as soon as it and those before it are there.
pub(super) struct Reading<'a> {
    known: &'a Known,
    offer: Offer,
    left: VecDeque<String>,
    here: HashMap<String, Arc<[Value]>>,
    reading: JoinSet<(String, Option<Arc<[Value]>>)>,
}

impl Reading<'_> {
    /// The next connector and its list.
    pub(super) async fn next(&mut self) -> Option<(String, Arc<[Value]>)> {
        loop {
            let name = self.left.pop_front()?;
            while !self.here.contains_key(&name) {
                let Some(read) = self.reading.join_next().await else { break };
                if let Ok((name, list)) = read {
                    let list = self.known.keep(&name, self.offer, list);
                    self.here.insert(name, list);
                }
            }
            // There is none where reading it panicked.
            if let Some(list) = self.here.remove(&name) {
                return Some((name, list));
            }
        }
    }
}

impl Runtime {
    /// Begins to read what each connector lists that policy lets be read.
    pub(super) fn lists(&self, registry: &Arc<Registry>, offer: Offer, age: Age) -> Reading<'_> {
        let known = &self.inner.connected.relay.known;
        let mut lists =
            Reading { known, offer, left: VecDeque::new(), here: HashMap::new(), reading: JoinSet::new() };
        if self.inner.surface.options().shape != Shape::Passthrough {
            return lists;
        }
        let function = if offer == Offer::Prompts { "prompts.list" } else { "resources.list" };
        for (name, member) in registry.members_in_order() {
            if registry.policy_of_question(name, function).laxest() != Verdict::Allow {
                continue;
            }
            lists.left.push_back(name.to_owned());
            let (fresh, timeout) = match age {
                Age::Now(timeout) => (None, timeout),
                Age::Fresh(timeout) => (known.fresh(name, offer), timeout),
            };
            if let Some(list) = fresh {
                lists.here.insert(name.to_owned(), list);
                continue;
            }
            let (connector, name): (Arc<dyn Connector>, _) = (Arc::clone(&member.connector), name.to_owned());
            lists.reading.spawn(async move {
                let list = connector.offer(offer, timeout).await.ok().map(|mut list| {
                    list.iter_mut().for_each(disclose);
                    list.into()
                });
                (name, list)
            });
        }
        lists
    }
}
