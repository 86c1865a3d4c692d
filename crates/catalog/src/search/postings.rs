//! Which tools a term occurs in and how much it says about each.

use crate::search::ranking::{FIELDS, Ranking};

/// How often a term occurs in each field of one tool; 255 stands for more.
pub(crate) type Counts = [u8; FIELDS];

/// What is kept of one tool to compute its postings from.
#[derive(Debug, Clone)]
pub(crate) struct Forward {
    /// Its terms, in the order of their numbers.
    pub(crate) terms: Box<[(u32, Counts)]>,
    /// The number of words in each field.
    pub(crate) lengths: [u16; FIELDS],
}

/// The postings of all terms one behind the other: those of term `t` are at `starts[t]..starts[t + 1]`.
///
/// They are derived from the [`Forward`] of every tool after each change, because the average length of a field, on
/// which every weight depends, is a property of all tools. That reads no text and costs some 10 ns a posting.
#[derive(Debug, Clone, Default)]
pub(crate) struct Postings {
    starts: Vec<u32>,
    entries: Vec<Posting>,
    documents: u32,
}

/// A term in a tool.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Posting {
    /// The tool, by its place among all.
    pub(crate) document: u32,
    /// The saturated, weighted frequency: 0 to `k1 + 1`.
    pub(crate) impact: f32,
}

impl Postings {
    pub(crate) fn new<'a>(
        terms: usize,
        documents: impl Iterator<Item = &'a Forward> + Clone,
        ranking: &Ranking,
    ) -> Self {
        let mut starts = vec![0_u32; terms + 1];
        let mut sums = [0_u64; FIELDS];
        let mut count = 0_u32;
        for document in documents.clone() {
            count += 1;
            sums.iter_mut().zip(document.lengths).for_each(|(sum, length)| *sum += u64::from(length));
            for (term, _) in &document.terms {
                starts.get_mut(*term as usize + 1).into_iter().for_each(|start| *start += 1);
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut entries = vec![Posting::default(); total as usize];
        for (document, forward) in (0..).zip(documents) {
            let scales = scales(forward, &sums, count, ranking);
            for (term, counts) in &forward.terms {
                let tf: f32 = counts.iter().zip(scales).map(|(&count, scale)| f32::from(count) * scale).sum();
                let impact = tf * (ranking.saturation + 1.0) / (tf + ranking.saturation);
                let Some(at) = next.get_mut(*term as usize) else { continue };
                if let Some(entry) = entries.get_mut(*at as usize) {
                    *entry = Posting { document, impact };
                }
                *at += 1;
            }
        }
        Self { starts, entries, documents: count }
    }

    pub(crate) fn documents(&self) -> usize {
        self.documents as usize
    }

    /// Where `term` occurs, in the order of the tools.
    pub(crate) fn of(&self, term: u32) -> &[Posting] {
        let term = term as usize;
        match self.starts.get(term..term + 2) {
            Some(&[from, to]) => self.entries.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// How much an occurrence of `term` says: little where it is everywhere.
    pub(crate) fn idf(&self, term: u32) -> f32 {
        let (all, with) = (self.documents as f32, self.of(term).len() as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }
}

/// What one occurrence in each field counts in a tool whose fields have these lengths.
fn scales(forward: &Forward, sums: &[u64; FIELDS], documents: u32, ranking: &Ranking) -> [f32; FIELDS] {
    let mut scales = ranking.weights;
    for (((scale, length), &sum), b) in scales.iter_mut().zip(forward.lengths).zip(sums).zip(ranking.length) {
        let average = (sum as f32 / documents.max(1) as f32).max(0.1);
        *scale /= (1.0 - b + b * f32::from(length) / average).max(f32::EPSILON);
    }
    scales
}
