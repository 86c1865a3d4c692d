//! The index: what it keeps of each tool, and how it changes.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use serde_json::Value;

use crate::nearest::Features;
use crate::search::document::Document;
use crate::search::postings::{Counts, Forward, Postings};
use crate::search::ranking::{FIELDS, Ranking};
use crate::search::stem::stem;
use crate::search::vocabulary::Vocabulary;
use crate::{Catalog, Definitions, Entry, resolve};

/// The most characters of a description that a result shows: about two lines.
const SUMMARY_CHARS: usize = 160;

/// Finds the tools of a catalog by what they do.
///
/// It keeps its own copy of what it needs, so it outlives the catalog and is searched from several threads at once; a
/// change of one connector's tools reads no text of another's.
///
/// ```
/// use codemode_catalog::{Catalog, Index, Query, Tool};
///
/// let mut catalog = Catalog::default();
/// catalog.insert("github", vec![
///     Tool::new("create_issue", "Open a new issue in a repository"),
///     Tool::new("delete_branch", "Delete a branch"),
/// ])?;
/// let index = Index::new(&catalog);
/// let found = index.search(&Query::new("file a bug"));
/// assert_eq!(found.results[0].path, "github.create_issue");
/// # Ok::<(), codemode_catalog::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Index {
    pub(crate) ranking: Ranking,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) postings: Postings,
    pub(crate) connectors: Vec<Shard>,
    /// Folded names and paths with the tools that bear them.
    pub(crate) folded: HashMap<Box<str>, Vec<u32>>,
    /// What misses are compared with, by the tools' places; made when first needed.
    pub(crate) features: OnceLock<Vec<Features>>,
}

/// The tools of one connector.
#[derive(Debug, Clone)]
pub(crate) struct Shard {
    pub(crate) name: String,
    pub(crate) tools: Vec<Indexed>,
    /// The place of the first tool among those of all connectors.
    pub(crate) start: u32,
}

/// What is kept of a tool.
#[derive(Debug, Clone)]
pub(crate) struct Indexed {
    pub(crate) identifier: Box<str>,
    pub(crate) own_name: Box<str>,
    pub(crate) summary: Box<str>,
    forward: Forward,
}

impl Index {
    /// The index of all tools in `catalog`.
    pub fn new(catalog: &Catalog) -> Self {
        Self::with_ranking(catalog, Ranking::default())
    }

    /// The index of all tools in `catalog`, with weights other than the default ones.
    pub fn with_ranking(catalog: &Catalog, ranking: Ranking) -> Self {
        let mut index = Self {
            ranking,
            vocabulary: Vocabulary::default(),
            postings: Postings::default(),
            connectors: Vec::new(),
            folded: HashMap::new(),
            features: OnceLock::new(),
        };
        for connector in catalog.connectors() {
            let shard = index.shard(catalog, connector);
            index.connectors.push(shard);
        }
        index.derive();
        index
    }

    /// Makes the tools of `connector` those that it has in `catalog`; it is added if it is not there. The result is that
    /// of an index made anew.
    pub fn replace(&mut self, catalog: &Catalog, connector: &str) {
        let shard = self.shard(catalog, connector);
        match self.connectors.iter_mut().find(|known| known.name == connector) {
            Some(known) => *known = shard,
            None => self.connectors.push(shard),
        }
        self.derive();
    }

    /// Forgets `connector`; whether it was there.
    pub fn remove(&mut self, connector: &str) -> bool {
        let before = self.connectors.len();
        self.connectors.retain(|known| known.name != connector);
        let removed = self.connectors.len() < before;
        if removed {
            self.derive();
        }
        removed
    }

    /// Forgets the connectors, and of the others the tools by their connector's name and their identifier, of which
    /// these are not true. The result is that of an index made anew of what is left.
    pub fn retain(&mut self, connector: impl Fn(&str) -> bool, tool: impl Fn(&str, &str) -> bool) {
        self.connectors.retain(|known| connector(&known.name));
        for shard in &mut self.connectors {
            let name = &shard.name;
            shard.tools.retain(|known| tool(name, &known.identifier));
        }
        self.derive();
    }

    /// How many tools are indexed.
    pub fn len(&self) -> usize {
        self.postings.documents()
    }

    /// Whether no tool is indexed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of `term` if any tool has it.
    pub(crate) fn used(&self, term: &str) -> Option<u32> {
        self.vocabulary.get(term).filter(|&term| self.is_used(term))
    }

    pub(crate) fn is_used(&self, term: u32) -> bool {
        !self.postings.of(term).is_empty()
    }

    pub(crate) fn stem(&self, word: &str) -> String {
        if self.ranking.stem { stem(word) } else { word.to_owned() }
    }

    pub(crate) fn forward(&self, place: u32) -> Option<&Forward> {
        self.tool(place).map(|(_, tool)| &tool.forward)
    }

    /// The tool at `place` and its connector.
    pub(crate) fn tool(&self, place: u32) -> Option<(&Shard, &Indexed)> {
        let after = self.connectors.partition_point(|shard| shard.start <= place);
        let shard = self.connectors.get(after.checked_sub(1)?)?;
        Some((shard, shard.tools.get((place - shard.start) as usize)?))
    }

    fn shard(&mut self, catalog: &Catalog, connector: &str) -> Shard {
        let definitions = catalog.definitions(connector).map(Definitions::get);
        let tools = catalog.tools(connector).iter();
        let tools = tools.map(|entry| self.indexed(connector, entry, definitions)).collect();
        Shard { name: connector.to_owned(), tools, start: 0 }
    }

    fn indexed(&mut self, connector: &str, entry: &Entry, definitions: Option<&Value>) -> Indexed {
        let document =
            Document::new(connector, &entry.identifier, &entry.tool, definitions, self.ranking.stem);
        let mut occurrences: Vec<(u32, usize)> = document
            .terms
            .iter()
            .map(|(field, term)| (self.vocabulary.intern(term), *field as usize))
            .collect();
        occurrences.sort_unstable();
        let mut terms: Vec<(u32, Counts)> = Vec::new();
        for (term, field) in occurrences {
            if terms.last().is_none_or(|(last, _)| *last != term) {
                terms.push((term, [0; FIELDS]));
            }
            if let Some(count) = terms.last_mut().and_then(|(_, counts)| counts.get_mut(field)) {
                *count = count.saturating_add(1);
            }
        }
        Indexed {
            identifier: entry.identifier.as_str().into(),
            own_name: entry.tool.name.as_str().into(),
            summary: summary(entry.tool.title.as_deref(), &entry.tool.description).into(),
            forward: Forward { terms: terms.into(), lengths: document.lengths },
        }
    }

    /// Everything that depends on all tools.
    fn derive(&mut self) {
        let mut start = 0;
        for shard in &mut self.connectors {
            shard.start = start;
            start += u32::try_from(shard.tools.len()).unwrap_or(u32::MAX);
        }
        let tools = self.connectors.iter().flat_map(|shard| &shard.tools);
        self.postings = Postings::new(self.vocabulary.len(), tools.map(|tool| &tool.forward), &self.ranking);
        self.features = OnceLock::new();
        self.folded.clear();
        for shard in &self.connectors {
            for (place, tool) in (shard.start..).zip(&shard.tools) {
                let path = format!("{}.{}", shard.name, tool.identifier);
                let mut keys = [&*tool.identifier, &tool.own_name, &path].map(resolve::fold);
                keys.sort_unstable();
                let mut last = String::new();
                for key in keys.into_iter().filter(|key| !key.is_empty()) {
                    if key != last {
                        self.folded.entry(key.as_str().into()).or_default().push(place);
                        last = key;
                    }
                }
            }
        }
        self.forget_unused_terms();
    }

    /// Numbers the terms anew once most of them are left over from tools that are gone.
    fn forget_unused_terms(&mut self) {
        let used = (0..).take(self.vocabulary.len()).filter(|&term| self.is_used(term)).count();
        if self.vocabulary.len() <= 2 * used {
            return;
        }
        let mut vocabulary = Vocabulary::default();
        for tool in self.connectors.iter_mut().flat_map(|shard| &mut shard.tools) {
            for (term, _) in &mut tool.forward.terms {
                *term = vocabulary.intern(self.vocabulary.term(*term));
            }
            tool.forward.terms.sort_unstable_by_key(|(term, _)| *term);
        }
        self.vocabulary = vocabulary;
        let tools = self.connectors.iter().flat_map(|shard| &shard.tools);
        self.postings = Postings::new(self.vocabulary.len(), tools.map(|tool| &tool.forward), &self.ranking);
    }
}

impl Shard {
    /// The places of its tools.
    pub(crate) fn places(&self) -> Range<u32> {
        self.start..self.start + u32::try_from(self.tools.len()).unwrap_or(u32::MAX)
    }
}

/// The first line of the description that says something, or else the title; cut at a word.
fn summary(title: Option<&str>, description: &str) -> String {
    let line = description.lines().map(str::trim).find(|line| line.contains(char::is_alphanumeric));
    let text = line.or(title).unwrap_or_default();
    let mut out = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let chars = word.chars().count();
        if length + chars + 1 > SUMMARY_CHARS {
            out.extend(word.chars().take(if out.is_empty() { SUMMARY_CHARS } else { 0 }));
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        length += chars + 1;
    }
    out
}
