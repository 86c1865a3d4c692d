//! What a runtime does with a connector's offer: it takes note of what is there, and keeps what has changed from the model.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use codemode_catalog::{Definitions, Listing, Schema, Tool, Warning};
use codemode_connect::Connector;
use tokio::task::JoinSet;

use super::fields::{self, Field, Fields, Shared};
use super::file::{Pin, Pinned};
use super::store::{PinStore, identity_of, quarantined};
use super::{NewTools, Quarantined, Why};

/// What a model reads in place of what a server says about itself.
const ABOUT_WITHHELD: &str = "What this server says about itself has changed since the operator accepted it, and is withheld until the operator has looked at the change.";

/// The pins of one runtime.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    /// `None`: nothing is pinned.
    store: Option<PinStore>,
    new_tools: NewTools,
    connectors: Mutex<BTreeMap<String, State>>,
    /// Pins that are being written.
    tasks: Mutex<JoinSet<()>>,
}

/// What is known of a connector as long as the runtime lives.
#[derive(Debug, Default)]
struct State {
    /// As it is kept.
    identity: Option<String>,
    /// Where its calls are sent.
    base_url: Option<String>,
    /// Tools that have a pin or are getting one, by own name; those of a large API get theirs when they are first used.
    pinned: HashSet<String>,
    quarantined: Vec<Quarantined>,
    withheld: Withheld,
    /// When the file was last written, as far as is known.
    written: Option<SystemTime>,
}

/// Tools that are not to be called, by own name.
pub(crate) type Withheld = HashMap<String, Why>;

/// What comes of an offer.
pub(crate) struct Screened {
    /// With what has changed withheld.
    pub(crate) listing: Listing,
    /// What is not to be called of it, whatever becomes of it later.
    pub(crate) withheld: Withheld,
    /// What the operator is told of how it went.
    pub(crate) warning: Option<Warning>,
}

impl Pins {
    /// Pins in the state folder; without one nothing is pinned.
    pub(crate) fn new(state: Option<&Path>, new_tools: NewTools) -> Self {
        Self { store: state.map(PinStore::open), new_tools, ..Self::default() }
    }

    /// Takes note of what a connector offers, and gives it back with what has changed withheld. Reads and writes files and
    /// hashes what is offered: not for a thread that others wait for.
    ///
    /// Where schemas refer into a common document, only tools that have a pin are looked at, for there are thousands. Where
    /// what was accepted cannot be read, all of them are withheld; where nothing can be kept, nothing more is than before.
    pub(crate) fn screen(&self, connector: &dyn Connector, mut listing: Listing) -> Screened {
        let Some(store) = &self.store else {
            return Screened { listing, withheld: Withheld::new(), warning: None };
        };
        let (identity, connector) = (identity_of(connector), connector.name());
        let Checked { pinned, mut quarantined, warning } =
            self.check(store, connector, identity.as_deref(), &listing);
        let offered: HashSet<&str> = listing.tools.iter().map(|tool| tool.name.as_str()).collect();
        quarantined.retain(|found| tool_of(connector, &found.tool).is_none_or(|tool| offered.contains(tool)));
        let own = |found: &Quarantined| Some((tool_of(connector, &found.tool)?.to_owned(), found.why));
        let withheld: Withheld = quarantined.iter().filter_map(own).collect();
        for tool in &mut listing.tools {
            if let Some(why) = withheld.get(&tool.name) {
                withhold(tool, *why);
            }
        }
        if quarantined.iter().any(|found| found.tool == connector) {
            listing.about = Some(ABOUT_WITHHELD.to_owned());
        }
        let written = store.written(connector, identity.as_deref());
        let pinned = pinned.tools.into_keys().collect();
        let base_url = listing.base_url.clone();
        let state = State { identity, base_url, pinned, quarantined, withheld: withheld.clone(), written };
        self.connectors().insert(connector.to_owned(), state);
        Screened { listing, withheld, warning }
    }

    fn check(&self, store: &PinStore, connector: &str, identity: Option<&str>, listing: &Listing) -> Checked {
        let warning = |note| Warning::Unpinned { connector: connector.to_owned(), note };
        let known = match store.read(connector, identity) {
            Ok(known) => known,
            Err(error) => {
                let file = store.file(connector, identity);
                let note = format!(
                    "none of its tools is called, because what was accepted of them cannot be read: {}: {error}. Once you \
                     have removed the file, they are pinned as they are then",
                    file.display()
                );
                let quarantined = unknown(connector, listing);
                let pinned = Pinned::new(connector, identity);
                return Checked { pinned, quarantined, warning: Some(warning(note)) };
            }
        };
        let seen = see(&known, listing);
        let mut left_out = HashSet::new();
        let written = store.update(connector, identity, |pinned| left_out = apply(pinned, &seen));
        let (pinned, failed) = match written {
            Ok(pinned) => (pinned, None),
            Err(error) => {
                let mut pinned = known.clone();
                left_out = apply(&mut pinned, &seen);
                (pinned, Some(error))
            }
        };
        let warning = match failed {
            Some(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                left_out.extend(seen.offered.iter().filter(|tool| !known.tools.contains_key(*tool)).cloned());
                Some(warning(format!("its new tools are not called: {error}")))
            }
            Some(error) => {
                // The same of every connector, so that it is said once.
                let folder = store.folder().display();
                Some(warning(format!(
                    "the check for changed tools is off for what is new: nothing can be kept in {folder}: {error}"
                )))
            }
            None if left_out.is_empty() => None,
            None => Some(warning(format!(
                "{} of its tools are not called: it has had so many that there is no room to keep what more of them are. \
                 Once you have removed {}, they are pinned as they are then",
                left_out.len(),
                store.file(connector, identity).display()
            ))),
        };
        let mut quarantined = quarantined(&pinned, self.new_tools);
        quarantined
            .retain(|found| tool_of(connector, &found.tool).is_none_or(|tool| !left_out.contains(tool)));
        quarantined.extend(left_out.iter().map(|tool| of_unknown(format!("{connector}.{tool}"))));
        Checked { pinned, quarantined, warning }
    }

    /// Why a tool, by its own name, is not to be called as far as is known now; a registry knows of its own tools.
    pub(crate) fn withheld(&self, connector: &str, tool: &str) -> Option<Why> {
        self.connectors().get(connector)?.withheld.get(tool).copied()
    }

    /// All that is not to be called.
    pub(crate) fn quarantined(&self) -> Vec<Quarantined> {
        self.connectors().values().flat_map(|state| state.quarantined.clone()).collect()
    }

    /// Whether tools are quarantined that somebody may have accepted since: the file was written again.
    pub(crate) fn is_outdated(&self, connector: &str) -> bool {
        let Some(store) = &self.store else { return false };
        let (identity, written) = match self.connectors().get(connector) {
            Some(state) if !state.quarantined.is_empty() => (state.identity.clone(), state.written),
            _ => return false,
        };
        store.written(connector, identity.as_deref()) != written
    }

    /// Whether a tool of a connector that was screened is used for the first time, and so is to be [pinned](Self::pin).
    /// True once, unless that fails.
    pub(crate) fn is_first_use(&self, connector: &str, tool: &str) -> bool {
        let mut connectors = self.connectors();
        let Some(state) = connectors.get_mut(connector) else { return false };
        !state.pinned.contains(tool) && state.pinned.insert(tool.to_owned())
    }

    /// Pins a tool as it is. As [`screen`](Self::screen), not for a thread that others wait for.
    pub(crate) fn pin(&self, connector: &str, tool: &Tool, definitions: Option<&Definitions>) {
        let Some(store) = &self.store else { return };
        let (identity, base_url) = match self.connectors().get(connector) {
            Some(state) => (state.identity.clone(), state.base_url.clone()),
            None => return,
        };
        let fields =
            fields::of(tool, base_url.as_deref(), &mut Shared::new(definitions.map(Definitions::get)));
        let mut has_room = false;
        let written = store.update(connector, identity.as_deref(), |pinned| {
            has_room = pinned.see(&tool.name, fields, false);
        });
        if (written.is_err() || !has_room)
            && let Some(state) = self.connectors().get_mut(connector)
        {
            // Its next use tries again.
            state.pinned.remove(&tool.name);
        }
    }

    /// Does `work` in the background, to be [waited for](Self::settled) in the end.
    pub(crate) fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_blocking(work);
    }

    /// Waits until what was begun in the background is done.
    pub(crate) async fn settled(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let mut tasks = tasks;
        while tasks.join_next().await.is_some() {}
    }

    /// Accepts changes, as [`PinStore::trust`].
    pub(crate) fn trust(&self, pattern: &str) -> std::io::Result<Vec<String>> {
        self.store.as_ref().map_or_else(|| Ok(Vec::new()), |store| store.trust(pattern))
    }

    fn connectors(&self) -> MutexGuard<'_, BTreeMap<String, State>> {
        self.connectors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Checked {
    pinned: Pinned,
    quarantined: Vec<Quarantined>,
    warning: Option<Warning>,
}

/// All that a listing has, as what is not known.
fn unknown(connector: &str, listing: &Listing) -> Vec<Quarantined> {
    let names: BTreeSet<&str> = listing.tools.iter().map(|tool| tool.name.as_str()).collect();
    let tools = names.into_iter().map(|tool| of_unknown(format!("{connector}.{tool}")));
    // What a document says about its API is not pinned.
    let about = listing.about.is_some() && listing.definitions.is_none();
    about.then(|| of_unknown(connector.to_owned())).into_iter().chain(tools).collect()
}

fn of_unknown(tool: String) -> Quarantined {
    Quarantined { tool, changes: Vec::new(), why: Why::Unknown }
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
    let tools = tools
        .map(|tool| (tool.name.clone(), fields::of(tool, listing.base_url.as_deref(), &mut shared)))
        .collect();
    let about = listing.about.iter().map(|about| ("about".to_owned(), Field::new(about.clone()))).collect();
    // What a document says about its API is not what an upstream says to a model.
    let offered = listing.tools.iter().map(|tool| tool.name.clone()).collect();
    Seen { about: (!is_large).then_some(about), offered, tools }
}

/// Takes note of it; gives the tools for whose pins there is no room.
fn apply(pinned: &mut Pinned, seen: &Seen) -> HashSet<String> {
    let was_known = pinned.is_known();
    if let Some(about) = &seen.about {
        match &mut pinned.about {
            Some(pin) => pin.see(about.clone()),
            None => pinned.about = Some(Pin { accepted: about.clone(), ..Pin::default() }),
        }
    }
    let tools = seen.tools.iter();
    let left_out = tools.filter(|(tool, fields)| !pinned.see(tool, fields.clone(), was_known));
    left_out.map(|(tool, _)| tool.clone()).collect()
}

fn withhold(tool: &mut Tool, why: Why) {
    *tool = Tool {
        annotations: tool.annotations,
        http: tool.http.take(),
        // Nothing is sent; whatever is written is to come to the answer that says why.
        input_schema: Schema::from(serde_json::json!({})),
        ..Tool::new(std::mem::take(&mut tool.name), why.withheld())
    };
}

/// The tool's own name in `connector.tool`.
fn tool_of<'a>(connector: &str, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(connector)?.strip_prefix('.')
}
