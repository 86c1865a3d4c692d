//! The upstreams' resources, templates and prompts as they are passed on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codemode_catalog::disclose;
use codemode_connect::{Change, Connector, Offer};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::name::name;
use super::template;
use crate::connectors::Listed;
use crate::registry::{Member, Registry};
use crate::{Runtime, Shape, Verdict};

/// How long a list counts that is asked for only to find out whose a resource or a prompt is.
const FRESH: Duration = Duration::from_secs(60);

/// Entries that are passed on in all: more than any client shows.
const MAX_ENTRIES: usize = 10_000;

/// When a connector's list was read, and what it was.
type Lists = HashMap<(String, Offer), (Instant, Arc<[Value]>)>;

/// The lists as they were last read, of a runtime and all its views.
#[derive(Default)]
pub(super) struct Known {
    lists: Mutex<Lists>,
}

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

    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runtime {
    /// All of what the upstreams offer of one kind, each as it was listed, in the shape [`Shape::Passthrough`]; nothing in
    /// others, and nothing of a connector whose lists policy denies. In the order of the connectors and their lists.
    ///
    /// Resources keep their URIs: of two of one URI the first counts. Where there are several connectors, a prompt is named
    /// `connector__prompt`. What cannot be had is left out.
    pub async fn passed_on_offer(&self, offer: Offer) -> Vec<Value> {
        let registry = self.registry();
        let mut seen = HashSet::new();
        let key = key(offer);
        let mut all = Vec::new();
        for (connector, entries) in self.lists(&registry, offer, Duration::ZERO).await {
            for entry in entries.iter() {
                let Some(own) = entry.get(key).and_then(Value::as_str) else { continue };
                let passed = match offer {
                    Offer::Prompts => {
                        let is_only = registry.catalog.connectors().len() == 1;
                        let mut renamed = entry.clone();
                        let name = name(&connector, own, is_only, &mut seen);
                        if let Some(place) = renamed.get_mut(key) {
                            *place = json!(name);
                        }
                        renamed
                    }
                    _ if !seen.insert(own.to_owned()) => continue,
                    _ => entry.clone(),
                };
                if all.len() < MAX_ENTRIES {
                    all.push(passed);
                }
            }
        }
        all
    }

    /// What the upstreams can together (`ServerCapabilities` of MCP), as far as it is passed on. While one is not connected,
    /// they may be able to do anything: see [`all_listed`](Self::all_listed).
    pub fn passed_on_capabilities(&self) -> Map<String, Value> {
        let registry = self.registry();
        let mut can = Map::new();
        if self.inner.surface.options().shape != Shape::Passthrough {
            return can;
        }
        can.insert("tools".to_owned(), json!({ "listChanged": true }));
        let is_missing = |member: &Member| !matches!(member.listed(), Listed::Ready { .. });
        let is_unknown = registry.members_in_order().any(|(_, member)| is_missing(member));
        let all: Vec<_> =
            registry.members_in_order().map(|(_, member)| member.connector.capabilities()).collect();
        for (name, said) in [
            ("resources", json!({ "subscribe": true, "listChanged": true })),
            ("prompts", json!({ "listChanged": true })),
            ("completions", json!({})),
            ("logging", json!({})),
        ] {
            if is_unknown || all.iter().any(|one| one.contains_key(name)) {
                can.insert(name.to_owned(), said);
            }
        }
        // A task's id says nothing of whose it is.
        if let [only] = all.as_slice()
            && let Some(extensions) = only.get("extensions")
        {
            can.insert("extensions".to_owned(), extensions.clone());
        }
        can
    }

    /// Whose the resource at `uri` is: the first connector's that lists it, or that has a template for it.
    pub(super) async fn owner_of_resource(&self, registry: &Arc<Registry>, uri: &str) -> Option<String> {
        if let Some(only) = only(registry) {
            return Some(only);
        }
        for (offer, key) in [(Offer::Resources, "uri"), (Offer::Templates, "uriTemplate")] {
            for (connector, entries) in self.lists(registry, offer, FRESH).await {
                let mut texts = entries.iter().filter_map(|entry| entry.get(key)?.as_str());
                if texts.any(|text| {
                    if key == "uri" { text == uri } else { template::matches(text, uri) || text == uri }
                }) {
                    return Some(connector);
                }
            }
        }
        None
    }

    /// Whose a prompt is, and what it is called there.
    pub(super) async fn owner_of_prompt(
        &self,
        registry: &Arc<Registry>,
        prompt: &str,
    ) -> Option<(String, String)> {
        if let Some(only) = only(registry) {
            return Some((only, prompt.to_owned()));
        }
        let mut taken = HashSet::new();
        for (connector, entries) in self.lists(registry, Offer::Prompts, FRESH).await {
            for own in entries.iter().filter_map(|entry| entry.get("name")?.as_str()) {
                if name(&connector, own, false, &mut taken) == prompt {
                    return Some((connector, own.to_owned()));
                }
            }
        }
        None
    }

    /// What each connector lists, in order; lists that were read within `age` are not read again.
    async fn lists(
        &self,
        registry: &Arc<Registry>,
        offer: Offer,
        age: Duration,
    ) -> Vec<(String, Arc<[Value]>)> {
        if self.inner.surface.options().shape != Shape::Passthrough {
            return Vec::new();
        }
        let known = &self.inner.connected.relay.known;
        let function = if offer == Offer::Prompts { "prompts.list" } else { "resources.list" };
        let allowed = |name: &&str| registry.policy_of_question(name, function).laxest() == Verdict::Allow;
        let names: Vec<String> = registry.catalog.connectors().filter(allowed).map(str::to_owned).collect();
        let mut reading = JoinSet::new();
        let mut lists: HashMap<String, Arc<[Value]>> = HashMap::new();
        for name in &names {
            match known.fresh(name, offer).filter(|_| !age.is_zero()) {
                Some(list) => drop(lists.insert(name.clone(), list)),
                None => {
                    let Some(member) = registry.member(name) else { continue };
                    let (connector, name): (Arc<dyn Connector>, _) =
                        (Arc::clone(&member.connector), name.clone());
                    let timeout = self.inner.limits.call;
                    reading.spawn(async move { (name, connector.offer(offer, timeout).await) });
                }
            }
        }
        while let Some(read) = reading.join_next().await {
            let Ok((name, Ok(mut list))) = read else { continue };
            list.iter_mut().for_each(disclose);
            let list: Arc<[Value]> = list.into();
            known.lock().insert((name.clone(), offer), (Instant::now(), Arc::clone(&list)));
            lists.insert(name, list);
        }
        names.into_iter().filter_map(|name| lists.remove(&name).map(|list| (name, list))).collect()
    }
}

/// The only connector, if there is only one.
fn only(registry: &Registry) -> Option<String> {
    let mut connectors = registry.catalog.connectors();
    connectors.next().filter(|_| registry.catalog.connectors().len() == 1).map(str::to_owned)
}

/// What an entry is asked for by.
fn key(offer: Offer) -> &'static str {
    match offer {
        Offer::Prompts => "name",
        Offer::Templates => "uriTemplate",
        _ => "uri",
    }
}
