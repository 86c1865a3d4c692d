//! A query as the scorer sees it: groups of terms, one group for each word that counts.

use crate::search::index::Index;
use crate::search::postings::Postings;
use crate::search::stem::stem;
use crate::search::stop::is_stop_word;
use crate::search::synonyms::synonyms;
use crate::search::words::{Word, words};

/// The most words of a query that count. A task told in several sentences has 30 to 60 that say something; what is
/// longer is a document, and its beginning says what it is about.
pub(crate) const MAX_QUERY_TERMS: usize = 64;

/// What is read of a query at all: [`MAX_QUERY_TERMS`] words with as many stop words between them.
pub(crate) const MAX_QUERY_BYTES: usize = 4_096;

/// A query with fewer words that count asks for one thing, however it is punctuated.
const LONG_QUERY_TERMS: usize = 10;

/// The most clauses that are told apart; more than anybody asks for in one query.
const MAX_CLAUSES: usize = 8;

/// One word of the query with everything that may stand for it. Of a tool that has several, the best counts.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Terms with what an impact of each is multiplied by.
    pub(crate) terms: Vec<(u32, f32)>,
    /// The clause the word stands in.
    pub(crate) clause: usize,
}

/// A query made of groups.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) groups: Vec<Group>,
    /// How many clauses there are; one if it asks for one thing.
    pub(crate) clauses: usize,
    /// Whether there was a word at all.
    pub(crate) is_empty: bool,
}

/// A word that counts.
struct Term {
    stem: String,
    clause: usize,
}

impl Parsed {
    pub(crate) fn new(text: &str, index: &Index) -> Self {
        let words = words_of(text, index);
        let terms = terms(&words, index.ranking.stem);
        let mut parsed = Self { clauses: 1, is_empty: words.is_empty(), ..Self::default() };
        let mut before: Option<&Term> = None;
        for term in &terms {
            let mut group = Group { terms: Vec::new(), clause: term.clause };
            group.add_word(&term.stem, index);
            if let Some(before) = before {
                group.add_phrase(before, term, index);
            }
            parsed.groups.push(group);
            before = Some(term);
        }
        if terms.len() >= LONG_QUERY_TERMS && index.ranking.clauses > 0.0 {
            parsed.join_short_clauses();
        } else {
            parsed.groups.iter_mut().for_each(|group| group.clause = 0);
        }
        if index.ranking.lookup > 0.0 && names_something(&words, index) {
            let mut group = Group::default();
            group.add_word("search", index);
            group.terms.iter_mut().for_each(|(_, weight)| *weight *= index.ranking.lookup);
            parsed.groups.push(group);
        }
        parsed
    }

    /// Numbers the clauses of two words and more; shorter ones belong to what follows or, at the end, to what precedes.
    fn join_short_clauses(&mut self) {
        let (mut clause, mut size, mut last) = (0, 0, 0);
        for group in &mut self.groups {
            if group.clause != last && size >= 2 && clause + 1 < MAX_CLAUSES {
                (clause, size) = (clause + 1, 0);
            }
            last = group.clause;
            group.clause = clause;
            size += 1;
        }
        if size < 2 && clause > 0 {
            self.groups.iter_mut().filter(|group| group.clause == clause).for_each(|group| group.clause -= 1);
            clause -= 1;
        }
        self.clauses = clause + 1;
    }
}

impl Group {
    fn add_word(&mut self, word: &str, index: &Index) {
        let own = index.used(word);
        let most = own.map_or(f32::INFINITY, |own| index.postings.idf(own));
        match own {
            Some(own) => self.add(own, 1.0, most, &index.postings),
            None if index.ranking.spelling > 0.0 => {
                for (term, similarity) in index.vocabulary.similar(word, |term| index.is_used(term)) {
                    self.add(term, similarity * index.ranking.spelling, most, &index.postings);
                }
            }
            None => {}
        }
        self.add_synonyms(word, most, index);
    }

    /// A synonym never counts more than the word itself would: that it is rare says nothing about what was asked.
    fn add_synonyms(&mut self, word: &str, most: f32, index: &Index) {
        if index.ranking.synonyms > 0.0 {
            for synonym in synonyms(word).iter().filter_map(|synonym| index.used(synonym)) {
                self.add(synonym, index.ranking.synonyms, most, &index.postings);
            }
        }
    }

    /// What two words mean together: `web page` is also `webpage`, `pull request` also `pr`.
    fn add_phrase(&mut self, before: &Term, term: &Term, index: &Index) {
        self.add_synonyms(&format!("{}_{}", before.stem, term.stem), f32::INFINITY, index);
        if let Some(joined) = index.used(&format!("{}{}", before.stem, term.stem)) {
            self.add(joined, index.ranking.synonyms, f32::INFINITY, &index.postings);
        }
    }

    fn add(&mut self, term: u32, weight: f32, most: f32, postings: &Postings) {
        let weight = weight * postings.idf(term).min(most);
        match self.terms.iter_mut().find(|(known, _)| *known == term) {
            Some((_, known)) => *known = known.max(weight),
            None => self.terms.push((term, weight)),
        }
    }
}

/// The words of `text`; those that only a capital separates as one, where tools use them as one: `GitHub`.
fn words_of(text: &str, index: &Index) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    for word in words(text).take(2 * MAX_QUERY_TERMS) {
        if let Some(before) = found.last_mut().filter(|_| word.joined) {
            let joined = format!("{}{}", before.text, word.text);
            if index.used(&index.stem(&joined)).is_some() {
                before.text = joined;
                continue;
            }
        }
        found.push(word);
    }
    found
}

/// The stems that count, each once, in order. Stop words count where there is nothing else.
fn terms(words: &[Word], stemmed: bool) -> Vec<Term> {
    let stops = |word: &Word| stemmed && is_stop_word(&word.text);
    let all = words.iter().all(stops);
    let mut terms: Vec<Term> = Vec::new();
    let mut clause = 0;
    for word in words {
        clause += usize::from(word.clause || matches!(word.text.as_str(), "and" | "then"));
        if all || !stops(word) {
            let stem = if stemmed { stem(&word.text) } else { word.text.clone() };
            if terms.len() < MAX_QUERY_TERMS && terms.iter().all(|term| term.stem != stem) {
                terms.push(Term { stem, clause });
            }
        }
    }
    terms
}

/// Whether a word is written as a name within a sentence, and neither a tool nor the table of synonyms has it.
fn names_something(words: &[Word], index: &Index) -> bool {
    words.iter().filter(|word| word.capital && !word.first && !is_stop_word(&word.text)).any(|word| {
        let stem = index.stem(&word.text);
        index.used(&stem).is_none() && synonyms(&stem).is_empty()
    })
}
