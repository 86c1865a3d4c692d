//! From a query to its results.

use std::cmp::Ordering;

use crate::nearest::{Features, nearest};
use crate::resolve::fold;
use crate::search::found::{Found, Hit, Kind, Query};
use crate::search::index::Index;
use crate::search::query::{MAX_QUERY_BYTES, Parsed};
use crate::search::score::score;
use crate::unknown::MAX_NEAREST;

impl Index {
    /// The best tools for `query`.
    ///
    /// A text that is a tool's path, identifier or own name puts that tool first, with case and separators ignored if
    /// need be. Of a longer text the first 4 KiB and 64 words count.
    pub fn search(&self, query: &Query<'_>) -> Found {
        let text = start_of(query.text.trim(), MAX_QUERY_BYTES);
        let places = match query.connector {
            None => 0..u32::try_from(self.len()).unwrap_or(u32::MAX),
            Some(name) => match self.connector_places(name) {
                Some(places) => places,
                None => return self.unknown_connector(name),
            },
        };
        let parsed = Parsed::new(text, self);
        let mut scored: Vec<(u32, f32)> = if parsed.is_empty {
            places.clone().map(|place| (place, 0.0)).collect()
        } else {
            let mut scores = score(self, &parsed, |place| places.contains(&place));
            self.raise_namesakes(text, &mut scores);
            let mut scores = scores.into_iter().zip(0..).map(|(score, place)| (place, score));
            let first = places.start as usize;
            scores.by_ref().skip(first).take(places.len()).filter(|(_, score)| *score > 0.0).collect()
        };
        let total = scored.len();
        if scored.is_empty() {
            return Found { nearest: self.nearest(text, places), ..Found::default() };
        }
        let order = |a: &(u32, f32), b: &(u32, f32)| self.order(*a, *b);
        if query.limit > 0 && query.limit < scored.len() {
            scored.select_nth_unstable_by(query.limit - 1, order);
        }
        scored.truncate(query.limit);
        scored.sort_unstable_by(order);
        let results: Vec<Hit> =
            scored.into_iter().filter_map(|(place, score)| self.hit(place, score)).collect();
        Found { truncated: total > results.len(), total, results, nearest: Vec::new() }
    }

    /// Puts the tools that bear `text` as a name above all others: those whose path it is exactly, then identifiers
    /// and own names, then those that differ in case and separators only.
    fn raise_namesakes(&self, text: &str, scores: &mut [f32]) {
        let namesakes = self.folded.get(fold(text).as_str()).map(Vec::as_slice).unwrap_or_default();
        if namesakes.is_empty() {
            return;
        }
        let top = scores.iter().copied().fold(0.0, f32::max);
        for &place in namesakes {
            let Some((shard, tool)) = self.tool(place) else { continue };
            let path = text.split_once('.').is_some_and(|(c, t)| c == shard.name && t == &*tool.identifier);
            let rank = if path {
                3.0
            } else if text == &*tool.identifier || text == &*tool.own_name {
                2.0
            } else {
                1.0
            };
            scores.get_mut(place as usize).into_iter().for_each(|score| *score = top + rank);
        }
    }

    fn order(&self, (a, x): (u32, f32), (b, y): (u32, f32)) -> Ordering {
        let path = |place| self.tool(place).map(|(shard, tool)| (shard.name.as_str(), &*tool.identifier));
        y.total_cmp(&x).then_with(|| path(a).cmp(&path(b)))
    }

    fn hit(&self, place: u32, score: f32) -> Option<Hit> {
        let (shard, tool) = self.tool(place)?;
        Some(Hit {
            path: format!("{}.{}", shard.name, tool.identifier),
            kind: Kind::Tool,
            description: tool.summary.to_string(),
            score: f64::from(score),
        })
    }

    fn connector_places(&self, name: &str) -> Option<std::ops::Range<u32>> {
        let exact = self.connectors.iter().find(|shard| shard.name == name);
        let same = || {
            let folded = fold(name);
            self.connectors.iter().find(|shard| fold(&shard.name) == folded)
        };
        exact.or_else(same).map(|shard| shard.places())
    }

    fn unknown_connector(&self, name: &str) -> Found {
        let features: Vec<Features> =
            self.connectors.iter().map(|shard| Features::new(&shard.name)).collect();
        let candidates =
            self.connectors.iter().zip(&features).map(|(shard, features)| (&shard.name, features, 0.0));
        let nearest = nearest(name, candidates, MAX_NEAREST).into_iter().cloned().collect();
        Found { nearest, ..Found::default() }
    }

    fn nearest(&self, text: &str, places: std::ops::Range<u32>) -> Vec<String> {
        let features = self.features.get_or_init(|| {
            let tools = self.connectors.iter().flat_map(|shard| &shard.tools);
            tools.map(|tool| Features::new(&tool.identifier)).collect()
        });
        let tools =
            self.connectors.iter().flat_map(|shard| shard.tools.iter().map(move |tool| (shard, tool)));
        let candidates = tools
            .zip(features)
            .skip(places.start as usize)
            .take(places.len())
            .map(|((shard, tool), features)| ((shard.name.as_str(), &*tool.identifier), features, 0.0));
        let found = nearest(text, candidates, MAX_NEAREST);
        found.into_iter().map(|(connector, identifier)| format!("{connector}.{identifier}")).collect()
    }
}

/// As much of `text` as fits `bytes` and is whole characters.
fn start_of(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}
