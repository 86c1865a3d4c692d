//! All passages there are, and what finds them.

use std::collections::HashMap;

use codemode_catalog::{Catalog, Index, Query, Tool};

use super::{Docs, Passage, split};

/// Under which name the passages are indexed. No model sees it.
const SHELF: &str = "docs";

/// The passages of folders and of a catalog's connectors.
pub(crate) struct Library {
    passages: Vec<Passage>,
    /// A passage is to the index what a tool is: its heading is the name, its text the description.
    index: Index,
    /// The places of the passages by their paths in the index.
    places: HashMap<String, usize>,
}

impl Library {
    pub(crate) fn new(docs: &Docs, catalog: &Catalog) -> Self {
        let of_connectors = catalog
            .connectors()
            .filter_map(|name| Some(split::passages(name, catalog.about(name)?)))
            .flatten()
            .take(super::MAX_PASSAGES);
        let mut passages: Vec<Passage> = of_connectors.chain(docs.passages().iter().cloned()).collect();
        let tools: Vec<Tool> =
            passages.iter().enumerate().map(|(place, passage)| tool(place, passage)).collect();
        let mut shelf = Catalog::default();
        // A name that is right, and no more than there may be: were it otherwise nothing would be found.
        let _ = shelf.insert(SHELF, tools);
        let mut places = HashMap::new();
        for entry in shelf.tools(SHELF) {
            let place = entry.tool.name.rsplit(' ').next().and_then(|place| place.parse::<usize>().ok());
            let Some((place, passage)) = place.and_then(|place| Some((place, passages.get_mut(place)?)))
            else {
                continue;
            };
            // Without characters that nobody sees.
            passage.text.clone_from(&entry.tool.description);
            places.insert(format!("{SHELF}.{}", entry.identifier), place);
        }
        Self { passages, index: Index::new(&shelf), places }
    }

    /// The passages that answer a query best, best first, and how many have anything to do with it.
    pub(crate) fn search(&self, query: &str, limit: usize) -> (Vec<Passage>, usize) {
        let found = self.index.search(&Query::new(query).limit(limit));
        let passage = |path: &String| self.places.get(path).and_then(|place| self.passages.get(*place));
        (found.results.iter().filter_map(|hit| passage(&hit.path).cloned()).collect(), found.total)
    }
}

/// The number makes the name one that no other passage has.
fn tool(place: usize, passage: &Passage) -> Tool {
    let heading = if passage.heading.is_empty() { &passage.source } else { &passage.heading };
    let mut tool = Tool::new(format!("{heading} {place}"), passage.text.clone());
    tool.tags = vec![passage.source.clone()];
    tool
}
