//! The terms of all indexed tools, numbered, and the ones that resemble a term that is not among them.

use std::collections::HashMap;
use std::sync::Arc;

/// Shorter terms are not compared: any two of three letters resemble each other.
const COMPARED_CHARS: usize = 4;

/// How many terms may stand in for an unknown one. A typo has one right reading, a compound word two or three parts.
const MOST_SIMILAR: usize = 4;

/// The share of trigrams two terms must have in common to resemble each other.
const SIMILAR: f32 = 0.5;

/// Each term once, under a number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    ids: HashMap<Arc<str>, u32>,
    terms: Vec<Arc<str>>,
    grams: HashMap<u64, Vec<u32>>,
}

impl Vocabulary {
    /// The number of `term`, which is given one if it has none.
    pub(crate) fn intern(&mut self, term: &str) -> u32 {
        if let Some(&id) = self.ids.get(term) {
            return id;
        }
        // There are fewer terms than `u32` holds: 20,000 tools of 7,000 words each at the very most, each many bytes.
        let id = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        let term: Arc<str> = term.into();
        for gram in grams(&term) {
            self.grams.entry(gram).or_default().push(id);
        }
        self.terms.push(Arc::clone(&term));
        self.ids.insert(term, id);
        id
    }

    pub(crate) fn get(&self, term: &str) -> Option<u32> {
        self.ids.get(term).copied()
    }

    pub(crate) fn term(&self, id: u32) -> &str {
        self.terms.get(id as usize).map_or("", |term| term)
    }

    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// The terms for which `used` holds that resemble `term`, most similar first, each with its similarity (0 to 1).
    pub(crate) fn similar(&self, term: &str, used: impl Fn(u32) -> bool) -> Vec<(u32, f32)> {
        if term.chars().nth(COMPARED_CHARS - 1).is_none() {
            return Vec::new();
        }
        let wanted = grams(term);
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for id in wanted.iter().filter_map(|gram| self.grams.get(gram)).flatten() {
            *shared.entry(*id).or_default() += 1;
        }
        let mut found: Vec<(u32, f32)> = shared
            .into_iter()
            .filter(|&(id, _)| used(id))
            .filter_map(|(id, shared)| Some((id, self.similarity(term, wanted.len(), id, shared)?)))
            .collect();
        found.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| self.term(*a).cmp(self.term(*b))));
        found.truncate(MOST_SIMILAR);
        found
    }

    fn similarity(&self, wanted: &str, wanted_grams: usize, id: u32, shared: u32) -> Option<f32> {
        /// One mistyped letter of a word is a surer sign than shared trigrams, a contained word a weaker one.
        const SLIP: f32 = 0.9;
        const CONTAINED: f32 = 0.5;
        let term = self.term(id);
        let length = term.chars().count();
        // A term of `n` letters, with a mark at either end, has `n` trigrams.
        let dice = 2.0 * shared as f32 / (wanted_grams + length) as f32;
        let (short, long) = if term.len() < wanted.len() { (term, wanted) } else { (wanted, term) };
        let contained = length >= COMPARED_CHARS && (long.starts_with(short) || long.ends_with(short));
        let best = [
            (length >= COMPARED_CHARS && is_slip(wanted, term)).then_some(SLIP),
            (dice >= SIMILAR).then_some(dice),
            contained.then_some(CONTAINED),
        ];
        best.into_iter().flatten().max_by(f32::total_cmp)
    }
}

/// Whether one letter was left out, added, replaced, or swapped with its neighbour.
fn is_slip(a: &str, b: &str) -> bool {
    let mut a: Vec<char> = a.chars().collect();
    let mut b: Vec<char> = b.chars().collect();
    while a.last().is_some() && a.last() == b.last() {
        a.pop();
        b.pop();
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    match (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default()) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([first, second], [second_too, first_too]) => first == first_too && second == second_too,
        _ => false,
    }
}

/// Every three neighbouring characters of `term`, which is given a mark at either end; each once.
fn grams(term: &str) -> Vec<u64> {
    let marked = || std::iter::once('^').chain(term.chars()).chain(['$']);
    // A character has 21 bits, so three fit exactly.
    let mut grams: Vec<u64> = marked()
        .zip(marked().skip(1))
        .zip(marked().skip(2))
        .map(|((a, b), c)| {
            u64::from(u32::from(a)) << 42 | u64::from(u32::from(b)) << 21 | u64::from(u32::from(c))
        })
        .collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resembling() {
        let mut vocabulary = Vocabulary::default();
        for term in ["issue", "repository", "web", "page", "weather", "air"] {
            vocabulary.intern(term);
        }
        let similar = |term: &str| -> Vec<String> {
            let found = vocabulary.similar(term, |_| true);
            found.into_iter().map(|(id, _)| vocabulary.term(id).to_owned()).collect()
        };
        assert_eq!(similar("isseu"), ["issue"]);
        assert_eq!(similar("repositry"), ["repository"]);
        assert_eq!(similar("wether"), ["weather"]);
        assert_eq!(similar("webpage"), ["page"]);
        assert!(similar("zzzzz").is_empty());
        assert!(similar("ai").is_empty());
    }
}
