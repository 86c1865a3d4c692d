//! Plain BM25, what search is compared with.
//!
//! One field: the name three times, the description, the names of the parameters, the server. Words are split at case
//! and punctuation and otherwise as they are: no stems, no stop words.

use std::collections::HashMap;

use crate::sets::Set;

const K1: f64 = 1.5;
const B: f64 = 0.75;

/// The postings of one set.
pub struct Baseline {
    postings: HashMap<String, Vec<(usize, f64)>>,
    lengths: Vec<f64>,
    average: f64,
}

impl Baseline {
    /// Indexes the tools of `set`.
    pub fn new(set: &Set) -> Self {
        let mut postings: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        let mut lengths = Vec::new();
        for (place, (server, tool)) in set.tools.iter().enumerate() {
            let mut words = Vec::new();
            (0..3).for_each(|_| words.extend(split(&tool.name)));
            words.extend(split(&tool.description));
            let properties = tool.input_schema.get()["properties"].as_object();
            words.extend(properties.into_iter().flatten().flat_map(|(name, _)| split(name)));
            words.extend(split(server));
            lengths.push(words.len() as f64);
            let mut counts: HashMap<String, f64> = HashMap::new();
            words.into_iter().for_each(|word| *counts.entry(word).or_default() += 1.0);
            counts.into_iter().for_each(|(word, n)| postings.entry(word).or_default().push((place, n)));
        }
        let average = lengths.iter().sum::<f64>() / lengths.len() as f64;
        Self { postings, lengths, average }
    }

    /// The places of the best ten tools for `query`.
    pub fn rank(&self, query: &str) -> Vec<usize> {
        let all = self.lengths.len() as f64;
        let mut scores = vec![0.0; self.lengths.len()];
        for word in split(query) {
            let Some(found) = self.postings.get(&word) else { continue };
            let with = found.len() as f64;
            let idf = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
            for &(place, n) in found {
                scores[place] +=
                    idf * n * (K1 + 1.0) / (n + K1 * (1.0 - B + B * self.lengths[place] / self.average));
            }
        }
        let mut ranked: Vec<usize> = (0..scores.len()).filter(|&place| scores[place] > 0.0).collect();
        ranked.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        ranked.truncate(10);
        ranked
    }
}

fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() || (lower && c.is_ascii_uppercase()) {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric() {
            words.last_mut().unwrap().push(c.to_ascii_lowercase());
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}
