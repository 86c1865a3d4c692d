//! The upstreams' resources, templates and prompts as they are passed on.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use codemode_connect::Offer;
use serde_json::{Map, Value, json};

use super::lists::Age;
use super::name::name;
use super::template;
use crate::connectors::Listed;
use crate::registry::{Member, Registry};
use crate::{Runtime, Shape};

/// Entries that are passed on in all: more than any client shows.
const MAX_ENTRIES: usize = 10_000;

impl Runtime {
    /// All of what the upstreams offer of one kind, each as it was listed, in the shape [`Shape::Passthrough`]; nothing in
    /// others, and nothing of a connector whose lists policy denies. In the order of the connectors and their lists.
    ///
    /// Resources keep their URIs: of two of one URI the first counts. Where there are several connectors, a prompt is named
    /// `connector__prompt`. Of a list that cannot be had it is what was there before.
    pub async fn passed_on_offer(&self, offer: Offer) -> Vec<Value> {
        let registry = self.registry();
        let mut seen = HashSet::new();
        let key = key(offer);
        let mut all = Vec::new();
        let mut lists = self.lists(&registry, offer, Age::Now(self.inner.limits.call));
        while let Some((connector, entries)) = lists.next().await {
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
    /// Reading lists takes up to `timeout` twice.
    pub(super) async fn owner_of_resource(
        &self,
        registry: &Arc<Registry>,
        uri: &str,
        timeout: Duration,
    ) -> Option<String> {
        if let Some(only) = only(registry) {
            return Some(only);
        }
        for (offer, key) in [(Offer::Resources, "uri"), (Offer::Templates, "uriTemplate")] {
            let mut lists = self.lists(registry, offer, Age::Fresh(timeout));
            while let Some((connector, entries)) = lists.next().await {
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
        timeout: Duration,
    ) -> Option<(String, String)> {
        if let Some(only) = only(registry) {
            return Some((only, prompt.to_owned()));
        }
        let mut taken = HashSet::new();
        let mut lists = self.lists(registry, Offer::Prompts, Age::Fresh(timeout));
        while let Some((connector, entries)) = lists.next().await {
            for own in entries.iter().filter_map(|entry| entry.get("name")?.as_str()) {
                if name(&connector, own, false, &mut taken) == prompt {
                    return Some((connector, own.to_owned()));
                }
            }
        }
        None
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
