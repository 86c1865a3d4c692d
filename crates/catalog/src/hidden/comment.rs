//! Comments of HTML, which renderers of Markdown leave out.

use super::{Hidden, shorten};

/// Words of a comment that are told of: fewer are an anchor, or what a tool has put there for itself.
const TOLD_WORDS: usize = 4;

/// `text` without comments; `None` where there are none. One in a span of code is shown by renderers and stays.
pub(super) fn strip(text: &str, found: &mut Vec<Hidden>) -> Option<String> {
    let mut rest = text;
    let mut out = String::new();
    let mut has_changed = false;
    while let Some(at) = rest.find("<!--") {
        let (before, comment) = rest.split_at(at);
        let inner = comment.strip_prefix("<!--").unwrap_or_default();
        // What is open to the end hides nothing: it is no comment.
        let Some(end) = inner.find("-->") else { break };
        let (inner, after) = inner.split_at(end);
        out.push_str(before);
        rest = after.strip_prefix("-->").unwrap_or_default();
        let is_code = out.matches('`').count() % 2 == 1 && rest.contains('`');
        if is_code {
            out.push_str("<!--");
            out.push_str(inner);
            out.push_str("-->");
            continue;
        }
        has_changed = true;
        if inner.split_whitespace().nth(TOLD_WORDS - 1).is_some() {
            found.push(Hidden::Comment(shorten(inner.trim())));
        }
    }
    has_changed.then(|| out + rest)
}
