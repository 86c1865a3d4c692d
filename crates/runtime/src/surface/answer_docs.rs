//! The answer of `docs`: passages within a budget.

use std::sync::{Arc, PoisonError};

use serde_json::{Map, Value, json};

use super::Answer;
use super::tokens::{TOKEN, cost, prefix};
use crate::Runtime;
use crate::discover::off_thread;
use crate::docs::{Library, Passage};

/// The most passages that are looked at, and how many there are if nothing is said: more do not fit an answer.
pub(super) const MAX_PASSAGES: usize = 20;
const PASSAGES: usize = 5;

impl Runtime {
    pub(super) async fn answer_docs(&self, arguments: &Map<String, Value>) -> Answer {
        self.refresh_if_changed().await;
        let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default().to_owned();
        let limit =
            arguments.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        let limit = limit.unwrap_or(PASSAGES).min(MAX_PASSAGES);
        let runtime = self.clone();
        let found = off_thread(move || runtime.library().search(&query, limit)).await;
        let (passages, total) = found.unwrap_or_default();
        let passages = fitted(passages, self.inner.surface.options.search_tokens);
        let mut text: Vec<String> = passages.iter().map(written).collect();
        let left_out = total.saturating_sub(passages.len());
        match (passages.is_empty(), left_out) {
            (true, _) => text.push("Nothing is written about that. Say it in other words.".to_owned()),
            (false, 0) => {}
            (false, more) => text.push(format!("({more} more passages; narrow the query)")),
        }
        let structured = json!({ "results": passages, "total": total });
        Answer { structured, text: text.join("\n\n"), content: Vec::new(), is_error: false }
    }

    /// All passages there are now; kept until a connector's list changes.
    fn library(&self) -> Arc<Library> {
        let registry = self.registry();
        // Held while it is made, so that it is not made twice at once.
        let mut kept = self.inner.surface.library.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((catalog, library)) if Arc::ptr_eq(catalog, &registry.catalog) => Arc::clone(library),
            _ => {
                let library = Arc::new(Library::new(&self.inner.docs, &registry.catalog));
                *kept = Some((Arc::clone(&registry.catalog), Arc::clone(&library)));
                library
            }
        }
    }
}

/// As many as the budget holds; the first one in any case, its end cut off if need be.
fn fitted(mut passages: Vec<Passage>, tokens: u64) -> Vec<Passage> {
    let budget = tokens.saturating_mul(TOKEN);
    let mut left = budget;
    let fitting = passages.iter().take_while(|passage| {
        let rest = left.checked_sub(cost(&written(passage)) + TOKEN);
        left = rest.unwrap_or_default();
        rest.is_some()
    });
    let fitting = fitting.count();
    passages.truncate(fitting.max(1));
    if let (0, Some(first)) = (fitting, passages.first_mut()) {
        first.text = format!("{}…", prefix(&first.text, budget / 2));
    }
    passages
}

fn written(passage: &Passage) -> String {
    let Passage { source, heading, text } = passage;
    if heading.is_empty() { format!("# {source}\n{text}") } else { format!("# {heading} ({source})\n{text}") }
}
