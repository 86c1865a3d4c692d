//! The names nearest to one that was missed: small edit distance, or words in common.

use std::collections::BTreeSet;

/// Only this many characters of a name are compared: names end at 128, and their beginnings tell them apart.
const COMPARED_CHARS: usize = 48;

/// More edits than this are no slip, however long the name.
const MOST_EDITS: usize = 6;

/// A name scoring less than this is no help to whoever missed it.
const WORTH_SHOWING: f64 = 0.45;

/// What is compared of a name, computed once.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    folded: Vec<char>,
    /// Which letters and digits occur, one bit each: two names that differ in many cannot be a slip apart.
    letters: u64,
    words: BTreeSet<String>,
}

impl Features {
    pub(crate) fn new(name: &str) -> Self {
        let words = words(name);
        let folded: Vec<char> = words.iter().flat_map(|word| word.chars()).take(COMPARED_CHARS).collect();
        let letters = folded.iter().fold(0, |bits, &c| bits | 1_u64 << (c as u32 % 64));
        Self { folded, letters, words: words.into_iter().collect() }
    }
}

/// The best of `candidates` for `name`, best first; equal ones in the order of their keys, and none that is less than
/// half as near as the best. Each candidate comes with a bonus that is added to its score if it has one at all.
pub(crate) fn nearest<'a, K: Ord + Clone>(
    name: &str,
    candidates: impl Iterator<Item = (K, &'a Features, f64)>,
    limit: usize,
) -> Vec<K> {
    let wanted = Features::new(name);
    let mut scored: Vec<(f64, K)> = candidates
        .filter_map(|(key, features, bonus)| {
            let score = similarity(&wanted, features);
            (score >= WORTH_SHOWING).then_some((score + bonus, key))
        })
        .collect();
    scored.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.cmp(right)));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    scored.retain(|(score, _)| *score >= best / 2.0);
    scored.truncate(limit);
    scored.into_iter().map(|(_, key)| key).collect()
}

/// The one of `candidates` that is nearest to `name`, if any is near: what to suggest to whoever mistyped a key.
///
/// ```
/// use codemode_catalog::nearest_name;
/// assert_eq!(nearest_name("comand", ["args", "command"]), Some("command"));
/// assert_eq!(nearest_name("zzz", ["args", "command"]), None);
/// ```
pub fn nearest_name<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<_> = candidates.into_iter().map(|known| (known, Features::new(known))).collect();
    let scored = candidates.iter().map(|(known, features)| (*known, features, 0.0));
    nearest(name, scored, 1).into_iter().next()
}

fn similarity(a: &Features, b: &Features) -> f64 {
    by_letters(a, b).max(0.95 * by_words(a, b))
}

fn by_letters(a: &Features, b: &Features) -> f64 {
    let longer = a.folded.len().max(b.folded.len());
    let cutoff = (longer / 3).clamp(1, MOST_EDITS);
    let different = (a.letters ^ b.letters).count_ones() as usize;
    if longer == 0 || a.folded.len().abs_diff(b.folded.len()) > cutoff || different > 2 * cutoff {
        return 0.0;
    }
    match distance(&a.folded, &b.folded, cutoff) {
        Some(distance) => 1.0 - distance as f64 / longer as f64,
        None => 0.0,
    }
}

fn by_words(a: &Features, b: &Features) -> f64 {
    let shared = a.words.intersection(&b.words).count();
    let total = a.words.len() + b.words.len();
    if total == 0 { 0.0 } else { 2.0 * shared as f64 / total as f64 }
}

/// Edits (insert, delete, replace, swap neighbours) between two short names, if there are at most `cutoff`.
fn distance(a: &[char], b: &[char], cutoff: usize) -> Option<usize> {
    const FAR: usize = usize::MAX / 2;
    let (a, b) = differing(a, b);
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    let mut last_a = None;
    for (row, &ca) in a.iter().enumerate() {
        // Only cells within the cutoff of the diagonal can be part of an answer.
        let from = row.saturating_sub(cutoff);
        let mut current = Vec::with_capacity(b.len() + 1);
        current.resize(from + 1, FAR);
        let mut left = if from == 0 { row + 1 } else { FAR };
        current.first_mut().into_iter().for_each(|cell| *cell = row + 1);
        let mut last_b = None;
        for (column, &cb) in b.iter().enumerate().take(row + cutoff + 1).skip(from) {
            let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(FAR);
            let replace = at(&previous, column) + usize::from(ca != cb);
            let mut best = replace.min(left + 1).min(at(&previous, column + 1) + 1);
            if column > 0 && last_a == Some(cb) && last_b == Some(ca) {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
            left = best;
            last_b = Some(cb);
        }
        before = std::mem::replace(&mut previous, current);
        last_a = Some(ca);
        if before.iter().chain(&previous).all(|&cell| cell > cutoff) {
            return None;
        }
    }
    previous.get(b.len()).copied().filter(|&distance| distance <= cutoff)
}

/// What is left of two names without the beginning and the end that they share: of near names, very little.
fn differing<'a>(mut a: &'a [char], mut b: &'a [char]) -> (&'a [char], &'a [char]) {
    while let ([first, rest @ ..], [same, other @ ..]) = (a, b)
        && first == same
    {
        (a, b) = (rest, other);
    }
    while let ([rest @ .., last], [other @ .., same]) = (a, b)
        && last == same
    {
        (a, b) = (rest, other);
    }
    (a, b)
}

/// `listPullRequests`, `list_pull_requests` and `list-pull-requests` alike give `list`, `pull`, `requests`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut after_lower = false;
    for c in name.chars().take(4 * COMPARED_CHARS) {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase() || c.is_numeric();
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, edits) in [
            ("", "", Some(0)),
            ("abc", "abc", Some(0)),
            ("abc", "", Some(3)),
            ("issue", "isue", Some(1)),
            ("issue", "isseu", Some(1)),
            ("xabcdefghij", "abcdefghijy", Some(2)),
            ("abcdefghij", "klmnopqrst", None),
            ("aaaaaaaaaabcd", "bcdaaaaaaaaaa", Some(6)),
            ("kitten", "sitting", Some(3)),
        ] {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            assert_eq!(distance(&a, &b, 6), edits, "{a:?} {b:?}");
            assert_eq!(distance(&b, &a, 6), edits, "{b:?} {a:?}");
        }
    }
}
