//! Connectors in registration order, each with its tools and the indexes that find them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::assign::assign;
use crate::identifier::is_identifier;
use crate::nearest::Features;
use crate::reserved::is_global;
use crate::resolve::fold;
use crate::{Definitions, Listing, Tool, Warning};

/// The most connectors in one catalog. Each is a global of the guest; a thousand is ten times the largest
/// published collection of MCP servers used at once.
pub const MAX_CONNECTORS: usize = 1_000;

/// The most tools of one connector. The largest API description at hand, Microsoft Graph, has 11,422 operations.
pub const MAX_TOOLS: usize = 20_000;

/// Why a connector was refused. The catalog is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A connector's name becomes a global variable and so must be an identifier.
    #[error("connector name {0:?} is not a JavaScript identifier")]
    NotAnIdentifier(String),
    /// The name belongs to the language or to the guest.
    #[error("connector name {0:?} would hide a global of that name")]
    Shadows(String),
    /// There is a connector of that name.
    #[error("there is already a connector {0:?}")]
    Duplicate(String),
    /// More than [`MAX_CONNECTORS`].
    #[error("more than {MAX_CONNECTORS} connectors")]
    TooManyConnectors,
    /// More than [`MAX_TOOLS`] in one connector.
    #[error("connector {connector:?} has {observed} tools, more than {MAX_TOOLS}")]
    TooManyTools {
        /// The connector.
        connector: String,
        /// How many tools it has.
        observed: usize,
    },
}

/// Everything a program can call: connectors in the order they were inserted, each with its tools.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Shared between catalogs that differ in others.
    pub(crate) connectors: Vec<Arc<Connector>>,
}

/// One tool under the identifier a program calls it by.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key of the connector's namespace.
    pub identifier: String,
    /// The tool.
    pub tool: Tool,
    pub(crate) features: Features,
}

#[derive(Debug, Clone)]
pub(crate) struct Connector {
    pub(crate) name: String,
    pub(crate) definitions: Option<Definitions>,
    pub(crate) about: Option<String>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) by_identifier: HashMap<String, usize>,
    pub(crate) by_name: HashMap<String, usize>,
    /// `None` where several tools fold to one key.
    pub(crate) by_fold: HashMap<String, Option<usize>>,
    /// How the names of the tools look.
    pub(crate) shapes: OnceLock<Vec<String>>,
}

impl Catalog {
    /// Adds a connector with its tools, in their order; says what was renamed or hidden.
    pub fn insert(&mut self, name: &str, listing: impl Into<Listing>) -> Result<Vec<Warning>, Error> {
        if self.connectors.iter().any(|connector| connector.name == name) {
            return Err(Error::Duplicate(name.to_owned()));
        }
        self.replace(name, listing)
    }

    /// Makes what `listing` says all that the connector offers; it is added if it is not there. Says what was renamed or
    /// hidden. Hidden text is not taken over into descriptions.
    pub fn replace(&mut self, name: &str, listing: impl Into<Listing>) -> Result<Vec<Warning>, Error> {
        let mut listing = listing.into();
        if !is_identifier(name) {
            return Err(Error::NotAnIdentifier(crate::assign::shorten(name)));
        }
        if is_global(name) {
            return Err(Error::Shadows(name.to_owned()));
        }
        let place = self.connectors.iter().position(|connector| connector.name == name);
        if place.is_none() && self.connectors.len() >= MAX_CONNECTORS {
            return Err(Error::TooManyConnectors);
        }
        if listing.tools.len() > MAX_TOOLS {
            return Err(Error::TooManyTools { connector: name.to_owned(), observed: listing.tools.len() });
        }
        let hidden = crate::hidden::warnings(name, &listing);
        crate::hidden::clean(&mut listing);
        let Listing { tools, definitions, about, notes, base_url: _ } = listing;
        let (assigned, mut warnings) = assign(name, tools);
        warnings.extend(hidden);
        let connector = || name.to_owned();
        warnings.extend(notes.into_iter().map(|note| Warning::LeftOut { connector: connector(), note }));
        let connector = Arc::new(Connector { definitions, about, ..Connector::new(name, assigned) });
        match place.and_then(|place| self.connectors.get_mut(place)) {
            Some(known) => *known = connector,
            None => self.connectors.push(connector),
        }
        Ok(warnings)
    }

    /// Takes over a connector of another catalog, with its tools, after those that are here.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] where there is one of that name here. One that the other does not have is taken without tools.
    pub fn adopt(&mut self, name: &str, other: &Self) -> Result<(), Error> {
        self.insert(name, Vec::new())?;
        let known = other.connectors.iter().find(|connector| connector.name == name);
        if let (Some(known), Some(here)) = (known, self.connectors.last_mut()) {
            *here = Arc::clone(known);
        }
        Ok(())
    }

    /// The names of the connectors, in registration order.
    pub fn connectors(&self) -> impl ExactSizeIterator<Item = &str> {
        self.connectors.iter().map(|connector| connector.name.as_str())
    }

    /// The tools of the connector of exactly this name, in their order; nothing where there is none.
    pub fn tools(&self, connector: &str) -> &[Entry] {
        self.connectors.iter().find(|c| c.name == connector).map_or(&[], |c| &c.entries)
    }

    /// What the schemas of the connector's tools refer into, where there is such a document.
    pub fn definitions(&self, connector: &str) -> Option<&Definitions> {
        self.connectors.iter().find(|c| c.name == connector)?.definitions.as_ref()
    }

    /// What the connector's upstream says about itself as a whole: untrusted text.
    pub fn about(&self, connector: &str) -> Option<&str> {
        self.connectors.iter().find(|c| c.name == connector)?.about.as_deref()
    }

    /// Keeps only the tools for which `keep` is true of their connector's name and themselves.
    pub fn retain(&mut self, keep: impl Fn(&str, &Entry) -> bool) {
        for connector in &mut self.connectors {
            let kept = connector.entries.iter().filter(|entry| keep(&connector.name, entry));
            let kept: Vec<_> = kept.map(|entry| (entry.identifier.clone(), entry.tool.clone())).collect();
            if kept.len() < connector.entries.len() {
                let (definitions, about) = (connector.definitions.clone(), connector.about.clone());
                let rest = Connector::new(&connector.name, kept);
                *connector = Arc::new(Connector { definitions, about, ..rest });
            }
        }
    }

    /// Keeps only the connectors of whose names `keep` is true.
    pub fn retain_connectors(&mut self, keep: impl Fn(&str) -> bool) {
        self.connectors.retain(|connector| keep(&connector.name));
    }

    /// How many tools there are in all connectors.
    pub fn len(&self) -> usize {
        self.connectors.iter().map(|connector| connector.entries.len()).sum()
    }

    /// Whether there is no tool at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Connector {
    fn new(name: &str, assigned: Vec<(String, Tool)>) -> Self {
        let mut connector = Self {
            name: name.to_owned(),
            definitions: None,
            about: None,
            entries: Vec::with_capacity(assigned.len()),
            by_identifier: HashMap::with_capacity(assigned.len()),
            by_name: HashMap::with_capacity(assigned.len()),
            by_fold: HashMap::with_capacity(assigned.len()),
            shapes: OnceLock::new(),
        };
        for (index, (identifier, tool)) in assigned.into_iter().enumerate() {
            connector.by_identifier.insert(identifier.clone(), index);
            connector.by_name.insert(tool.name.clone(), index);
            let (by_identifier, by_name) = (fold(&identifier), fold(&tool.name));
            if by_name != by_identifier {
                connector.index_fold(by_name, index);
            }
            connector.index_fold(by_identifier, index);
            connector.entries.push(Entry { features: Features::new(&identifier), identifier, tool });
        }
        connector
    }

    fn index_fold(&mut self, key: String, index: usize) {
        if !key.is_empty() {
            self.by_fold
                .entry(key)
                .and_modify(|found| *found = found.filter(|&first| first == index))
                .or_insert(Some(index));
        }
    }
}
