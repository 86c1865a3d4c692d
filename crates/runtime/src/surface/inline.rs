//! Whether the declarations of all tools fit into the description of `execute`.

use std::path::Path;

use codemode_catalog::Detail;
use serde_json::{Value, json};

use super::tokens::tokens;
use crate::registry::Registry;

/// A tool's declaration has at least as many tokens: `function a(input?: {}): Promise<unknown>;`. It spares reading
/// the schemas of a catalog that is too large anyway.
const LEAST_TOKENS: u64 = 10;

/// The most characters that a token has on average in declarations; a text that is cut there is over the budget.
const MOST_CHARS: u64 = 8;

/// The largest file that is read back.
const MAX_FILE_BYTES: u64 = 1_024;

/// The declarations of all tools that policy allows, if they are to be inlined. `before` says whether they were.
pub(super) fn inlined(registry: &Registry, budget: u64, before: bool) -> Option<String> {
    let budget = bound(budget, before);
    let count = registry.catalog.connectors().map(|name| registry.allowed(name).count() as u64).sum::<u64>();
    // What a connector that is not there has in store is not known; the form changes when there is a reason to.
    let uncertain = !before && !registry.missing().is_empty();
    if uncertain || count == 0 || count * LEAST_TOKENS > budget {
        return None;
    }
    let max_chars = usize::try_from(budget.saturating_mul(MOST_CHARS)).unwrap_or(usize::MAX);
    let mut text = String::new();
    for connector in registry.catalog.connectors() {
        let mut allowed = registry.allowed(connector).map(|entry| entry.identifier.as_str()).peekable();
        if allowed.peek().is_some() {
            let room = max_chars.saturating_sub(text.len());
            text.push_str(&registry.declarations(connector)?.several(allowed, Detail::Full, room));
        }
        if text.len() >= max_chars {
            return None;
        }
    }
    (!text.is_empty() && tokens(&text) <= budget).then_some(text)
}

/// Declarations that were inlined stay so until they are a quarter over the budget: a tool that comes and goes must not
/// change the list of tools each time.
fn bound(budget: u64, before: bool) -> u64 {
    if before { budget.saturating_add(budget / 4) } else { budget }
}

/// Whether declarations were inlined when `file` was written. A file that cannot be read says no.
pub(super) fn recall(file: &Path) -> bool {
    let small = std::fs::metadata(file).is_ok_and(|data| data.len() <= MAX_FILE_BYTES);
    let text = small.then(|| std::fs::read(file).ok()).flatten().unwrap_or_default();
    let value: Value = serde_json::from_slice(&text).unwrap_or_default();
    value.get("inlined").and_then(Value::as_bool).unwrap_or_default()
}

/// Remembers it. That it cannot be written costs nothing but the memory.
pub(super) fn remember(file: &Path, inlined: bool) {
    if let Some(folder) = file.parent() {
        let _ = std::fs::create_dir_all(folder);
    }
    let _ = std::fs::write(file, json!({ "inlined": inlined }).to_string());
}
