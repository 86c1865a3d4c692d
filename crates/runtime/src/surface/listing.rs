//! What a search found as text, within a budget.

use super::tokens::{TOKEN, cost};
use crate::{Search, SearchResult};

/// What the line about what is left out costs.
const REMAINDER: u64 = 40 * TOKEN;

/// Leaves in `found` what fits `tokens`, the first result in any case, and writes it out.
pub(super) fn fitted(found: &mut Search, tokens: u64) -> String {
    let mut left = tokens.saturating_mul(TOKEN).saturating_sub(REMAINDER);
    let mut entries = Vec::new();
    for result in &found.results {
        let entry = entry(result);
        let cost = cost(&entry) + TOKEN;
        if cost > left && !entries.is_empty() {
            break;
        }
        left = left.saturating_sub(cost);
        entries.push(entry);
    }
    found.truncated |= entries.len() < found.results.len();
    found.results.truncate(entries.len());
    entries.extend(remainder(found));
    entries.extend(found.unavailable.iter().map(|missing| format!("({missing})")));
    entries.join("\n")
}

/// A tool as far as it was asked for.
fn entry(result: &SearchResult) -> String {
    let SearchResult { path, description, signature, types, .. } = result;
    match (types, signature) {
        // The description is part of the declaration.
        (Some(types), _) => types.trim_end().to_owned(),
        (None, Some(signature)) if description.is_empty() => signature.clone(),
        (None, Some(signature)) => format!("{signature}\n  {description}"),
        (None, None) if description.is_empty() => path.clone(),
        (None, None) => format!("{path}: {description}"),
    }
}

/// What there is besides, or instead.
fn remainder(found: &Search) -> Option<String> {
    let Search { results, total, nearest, .. } = found;
    if results.is_empty() {
        let nearest =
            if nearest.is_empty() { String::new() } else { format!("; nearest are: {}", nearest.join(", ")) };
        return Some(format!(
            "No tool does that{nearest}. Say it in other words, or name one thing at a time."
        ));
    }
    let left_out = total.saturating_sub(results.len());
    (left_out > 0).then(|| format!("({left_out} more; narrow the query, or ask for less `detail`)"))
}
