//! BM25F over the groups of a query; then the best are looked at again for how much of their names the query says.

use std::collections::HashMap;

use crate::search::index::Index;
use crate::search::query::{Group, Parsed};
use crate::search::ranking::Field;

/// How many of the best tools are looked at again for how much of their names the query says: more than are shown, few
/// enough to cost nothing.
const COVERED_TOOLS: usize = 50;

/// The score of every tool, by its place; 0 where nothing of the query occurs.
pub(crate) fn score(index: &Index, query: &Parsed, eligible: impl Fn(u32) -> bool) -> Vec<f32> {
    let documents = index.postings.documents();
    let mut scorer = Scorer { index, best: vec![0.0; documents], touched: Vec::new() };
    let mut clauses = vec![vec![0.0; documents]; query.clauses.max(1)];
    for group in &query.groups {
        if let Some(clause) = clauses.get_mut(group.clause) {
            scorer.add(group, clause);
        }
    }
    let mut total = sum(&clauses, documents);
    if clauses.len() > 1 {
        raise_best_of_each(&mut total, &clauses, index.ranking.clauses);
    }
    if index.ranking.coverage > 0.0 {
        let weights = weights(index, query);
        for (document, score) in best(&total, COVERED_TOOLS, &eligible) {
            let covered = coverage(index, &weights, document);
            let raised = score * (1.0 + index.ranking.coverage * covered);
            total.get_mut(document as usize).into_iter().for_each(|score| *score = raised);
        }
    }
    total
}

/// How well the query says each term, 0 to 1: fully, or by another word.
fn weights(index: &Index, query: &Parsed) -> HashMap<u32, f32> {
    let mut weights: HashMap<u32, f32> = HashMap::new();
    for &(term, weight) in query.groups.iter().flat_map(|group| &group.terms) {
        let share = (weight / index.postings.idf(term)).min(1.0);
        weights.entry(term).and_modify(|known| *known = known.max(share)).or_insert(share);
    }
    weights
}

/// How much of the name of a tool the query says, 0 to 1; rare words are more of it than common ones.
fn coverage(index: &Index, weights: &HashMap<u32, f32>, document: u32) -> f32 {
    let Some(forward) = index.forward(document) else { return 0.0 };
    let (mut said, mut all) = (0.0, 0.0);
    for (term, counts) in &forward.terms {
        if counts.get(Field::Name as usize).is_some_and(|&count| count > 0) {
            let idf = index.postings.idf(*term);
            all += idf;
            said += idf * weights.get(term).copied().unwrap_or_default();
        }
    }
    if all > 0.0 { said / all } else { 0.0 }
}

struct Scorer<'a> {
    index: &'a Index,
    best: Vec<f32>,
    touched: Vec<u32>,
}

impl Scorer<'_> {
    /// Adds to the score of each tool what its best term of `group` is worth.
    fn add(&mut self, group: &Group, scores: &mut [f32]) {
        for &(term, weight) in &group.terms {
            for posting in self.index.postings.of(term) {
                let Some(best) = self.best.get_mut(posting.document as usize) else { continue };
                let score = weight * posting.impact;
                if *best == 0.0 {
                    self.touched.push(posting.document);
                }
                if score > *best {
                    *best = score;
                }
            }
        }
        for document in self.touched.drain(..) {
            let document = document as usize;
            if let (Some(score), Some(best)) = (scores.get_mut(document), self.best.get_mut(document)) {
                *score += std::mem::take(best);
            }
        }
    }
}

fn sum(clauses: &[Vec<f32>], documents: usize) -> Vec<f32> {
    match clauses {
        [only] => only.clone(),
        several => (0..documents)
            .map(|document| several.iter().filter_map(|clause| clause.get(document)).sum())
            .collect(),
    }
}

/// Gives the tools that answer one clause best a share of the best score, so that no clause's tools fill the first
/// places alone.
fn raise_best_of_each(total: &mut [f32], clauses: &[Vec<f32>], share: f32) {
    let top = total.iter().copied().fold(0.0, f32::max);
    let tops: Vec<f32> = clauses.iter().map(|clause| clause.iter().copied().fold(0.0, f32::max)).collect();
    for (document, score) in total.iter_mut().enumerate() {
        let best = clauses
            .iter()
            .zip(&tops)
            .filter(|(_, top)| **top > 0.0)
            .filter_map(|(clause, top)| Some(clause.get(document)? / top))
            .fold(0.0, f32::max);
        *score += share * top * best;
    }
}

/// The best few of `scores`, best first, as (tool, score).
fn best(scores: &[f32], few: usize, eligible: impl Fn(u32) -> bool) -> Vec<(u32, f32)> {
    let mut best: Vec<(u32, f32)> = Vec::with_capacity(few + 1);
    for (document, &score) in (0..).zip(scores) {
        let worst = best.get(few - 1).map_or(0.0, |(_, score)| *score);
        if score > worst && eligible(document) {
            let at = best.partition_point(|(_, other)| *other >= score);
            best.insert(at, (document, score));
            best.truncate(few);
        }
    }
    best
}
