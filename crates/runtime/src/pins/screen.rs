//! What a runtime does with a connector's offer: it takes note of what is there, and keeps what has changed from the model.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use codemode_catalog::{Definitions, Listing, Schema, Tool};

use super::fields::{self, Field, Fields, Shared};
use super::file::{Pin, Pinned};
use super::store::{PinStore, quarantined};
use super::{NewTools, Quarantined};

/// What a model reads in place of what a quarantined tool says.
const WITHHELD: &str = "This tool has changed since the operator accepted it and cannot be called. What it says of itself now is withheld until the operator has looked at the change";

/// The same of what a server says about itself.
const ABOUT_WITHHELD: &str = "What this server says about itself has changed since the operator accepted it, and is withheld until the operator has looked at the change.";

/// The pins of one runtime.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    /// `None`: nothing is pinned.
    store: Option<PinStore>,
    new_tools: NewTools,
    connectors: Mutex<BTreeMap<String, State>>,
}

/// What is known of a connector as long as the runtime lives.
#[derive(Debug, Default)]
struct State {
    /// Tools that have a pin, by own name; those of a large API get theirs when they are first used.
    pinned: HashSet<String>,
    quarantined: Vec<Quarantined>,
    /// When the file was last written, as far as is known.
    written: Option<SystemTime>,
}

impl Pins {
    /// Pins in the state folder; without one nothing is pinned.
    pub(crate) fn new(state: Option<&Path>, new_tools: NewTools) -> Self {
        Self { store: state.map(PinStore::open), new_tools, connectors: Mutex::default() }
    }

    /// Takes note of what a connector offers, and gives it back with what has changed withheld. Reads and writes files and
    /// hashes what is offered: not for a thread that others wait for.
    ///
    /// Where schemas refer into a common document, only tools that have a pin are looked at, for there are thousands.
    pub(crate) fn screen(&self, connector: &str, mut listing: Listing) -> Listing {
        let Some(store) = &self.store else { return listing };
        // What cannot be read or written is as good as none: a folder that is read-only must not stop every run.
        let known = store.read(connector).unwrap_or_else(|_| Pinned::new(connector));
        let seen = see(&known, &listing);
        let pinned = store.update(connector, |pinned| apply(pinned, &seen)).unwrap_or_else(|_| {
            let mut pinned = known;
            apply(&mut pinned, &seen);
            pinned
        });
        let offered: HashSet<&str> = listing.tools.iter().map(|tool| tool.name.as_str()).collect();
        let mut quarantined = quarantined(&pinned, self.new_tools);
        quarantined.retain(|found| tool_of(connector, &found.tool).is_none_or(|tool| offered.contains(tool)));
        let names: HashSet<&str> =
            quarantined.iter().filter_map(|found| tool_of(connector, &found.tool)).collect();
        for tool in listing.tools.iter_mut().filter(|tool| names.contains(tool.name.as_str())) {
            withhold(tool);
        }
        if quarantined.iter().any(|found| found.tool == connector) {
            listing.about = Some(ABOUT_WITHHELD.to_owned());
        }
        let pinned = pinned.tools.into_keys().collect();
        let state = State { pinned, quarantined, written: store.written(connector) };
        self.connectors().insert(connector.to_owned(), state);
        listing
    }

    /// Whether a tool, by its own name, is not to be called.
    pub(crate) fn is_quarantined(&self, connector: &str, tool: &str) -> bool {
        let connectors = self.connectors();
        let Some(state) = connectors.get(connector) else { return false };
        state.quarantined.iter().any(|found| tool_of(connector, &found.tool) == Some(tool))
    }

    /// All that is not to be called.
    pub(crate) fn quarantined(&self) -> Vec<Quarantined> {
        self.connectors().values().flat_map(|state| state.quarantined.clone()).collect()
    }

    /// Whether tools are quarantined that somebody may have accepted since: the file was written again.
    pub(crate) fn is_outdated(&self, connector: &str) -> bool {
        let Some(store) = &self.store else { return false };
        let written = match self.connectors().get(connector) {
            Some(state) if !state.quarantined.is_empty() => state.written,
            _ => return false,
        };
        store.written(connector) != written
    }

    /// Whether a tool of a connector that was screened is used for the first time, and so is to be [pinned](Self::pin).
    /// True once.
    pub(crate) fn is_first_use(&self, connector: &str, tool: &str) -> bool {
        let mut connectors = self.connectors();
        let Some(state) = connectors.get_mut(connector) else { return false };
        !state.pinned.contains(tool) && state.pinned.insert(tool.to_owned())
    }

    /// Pins a tool as it is. As [`screen`](Self::screen), not for a thread that others wait for.
    pub(crate) fn pin(&self, connector: &str, tool: &Tool, definitions: Option<&Definitions>) {
        let Some(store) = &self.store else { return };
        let fields = fields::of(tool, &mut Shared::new(definitions.map(Definitions::get)));
        // Not held up by a folder that cannot be written: see above.
        let _ = store.update(connector, |pinned| pinned.see(&tool.name, fields, false));
    }

    /// Accepts changes, as [`PinStore::trust`].
    pub(crate) fn trust(&self, pattern: &str) -> std::io::Result<Vec<String>> {
        self.store.as_ref().map_or_else(|| Ok(Vec::new()), |store| store.trust(pattern))
    }

    fn connectors(&self) -> MutexGuard<'_, BTreeMap<String, State>> {
        self.connectors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a listing says.
struct Seen {
    about: Option<Fields>,
    offered: HashSet<String>,
    tools: Vec<(String, Fields)>,
}

fn see(known: &Pinned, listing: &Listing) -> Seen {
    let is_large = listing.definitions.is_some();
    let looked_at = |tool: &&Tool| !is_large || known.tools.contains_key(&tool.name);
    // The document is parsed only if a tool needs it.
    let any = listing.tools.iter().any(|tool| looked_at(&tool));
    let definitions = listing.definitions.as_ref().filter(|_| any).map(Definitions::get);
    let mut shared = Shared::new(definitions);
    // Of two tools of one name the first counts, as in the catalog.
    let mut names = HashSet::new();
    let tools = listing.tools.iter().filter(looked_at).filter(|tool| names.insert(tool.name.as_str()));
    let tools = tools.map(|tool| (tool.name.clone(), fields::of(tool, &mut shared))).collect();
    let about = listing.about.iter().map(|about| ("about".to_owned(), Field::new(about.clone()))).collect();
    // What a document says about its API is not what an upstream says to a model.
    let offered = listing.tools.iter().map(|tool| tool.name.clone()).collect();
    Seen { about: (!is_large).then_some(about), offered, tools }
}

fn apply(pinned: &mut Pinned, seen: &Seen) {
    let was_known = pinned.is_known();
    pinned.forget(|tool| seen.offered.contains(tool));
    if let Some(about) = &seen.about {
        match &mut pinned.about {
            Some(pin) => pin.see(about.clone()),
            None => pinned.about = Some(Pin { accepted: about.clone(), ..Pin::default() }),
        }
    }
    for (tool, fields) in &seen.tools {
        pinned.see(tool, fields.clone(), was_known);
    }
}

fn withhold(tool: &mut Tool) {
    *tool = Tool {
        annotations: tool.annotations,
        http: tool.http.take(),
        // Nothing is sent; whatever is written is to come to the answer that says why.
        input_schema: Schema::from(serde_json::json!({})),
        ..Tool::new(std::mem::take(&mut tool.name), WITHHELD)
    };
}

/// The tool's own name in `connector.tool`.
fn tool_of<'a>(connector: &str, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(connector)?.strip_prefix('.')
}
