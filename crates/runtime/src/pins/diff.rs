//! What has changed, for a person to read.

use std::fmt::{Display, Formatter};

use codemode_catalog::visible;
use serde_json::Value;

use super::fields::{Field, Fields};

/// The most changes of one tool that are listed; who changed more has changed everything.
const MAX_CHANGES: usize = 100;

/// How much of a text that has not changed is shown before and after what has.
const CONTEXT_CHARS: usize = 60;

/// The most characters of one side of a change that are shown. Whoever hides something hides it in length.
const MAX_SHOWN_CHARS: usize = 20_000;

/// How deep changes of schemas are followed.
const MAX_DEPTH: usize = 100;

/// What stands for a text of which only the hash is known.
const NOT_KEPT: &str = "(not kept)";

/// One thing that has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What: `description`, or a place in a schema such as `inputSchema/properties/path/default`.
    pub at: String,
    /// What it said, `None` where it said nothing.
    pub before: Option<String>,
    /// What it says, `None` where it says nothing.
    pub after: Option<String>,
}

/// The changes from what was accepted to what was seen.
pub(super) fn changes(accepted: &Fields, seen: &Fields) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut names: Vec<&String> = accepted.keys().chain(seen.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (before, after) = (accepted.get(name), seen.get(name));
        if matches!((before, after), (Some(before), Some(after)) if before.is_same(after)) {
            continue;
        }
        // What is not MCP's own name may be that of a field of it.
        let at = name.strip_prefix('+').unwrap_or(name);
        let is_text = matches!(name.as_str(), "title" | "description" | "about" | "request" | "base URL");
        let json = |field: Option<&Field>| match field {
            Some(field) => field.text.as_deref().and_then(|text| serde_json::from_str(text).ok()).map(Some),
            None => Some(None),
        };
        match (json(before), json(after)) {
            (Some(before), Some(after)) if !is_text => {
                walk(at, before.as_ref(), after.as_ref(), 0, &mut changes);
            }
            _ => {
                let text = |field: &Field| field.text.clone().unwrap_or_else(|| NOT_KEPT.to_owned());
                changes.push(Change { at: at.to_owned(), before: before.map(text), after: after.map(text) });
            }
        }
    }
    changes.truncate(MAX_CHANGES);
    changes
}

fn walk(at: &str, before: Option<&Value>, after: Option<&Value>, depth: usize, changes: &mut Vec<Change>) {
    if before == after || changes.len() >= MAX_CHANGES {
        return;
    }
    if let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after)
        && depth < MAX_DEPTH
    {
        let added = after.keys().filter(|key| !before.contains_key(*key));
        for key in before.keys().chain(added) {
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            walk(&at, before.get(key), after.get(key), depth + 1, changes);
        }
        return;
    }
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    changes.push(Change { at: at.to_owned(), before: before.map(text), after: after.map(text) });
}

impl Display for Change {
    /// `  at:`, then `    - before` and `    + after`. Characters that do not show are written as `\u{…}`, and what both sides
    /// begin and end with is shortened.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "  {}:", visible(&self.at))?;
        let (before, after) = match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                let (before, after) = shortened(before, after);
                (Some(before), Some(after))
            }
            (before, after) => (before.clone(), after.clone()),
        };
        for (sign, side) in [('-', before), ('+', after)] {
            let Some(side) = side else { continue };
            for line in cut(&side).split('\n') {
                write!(f, "\n    {sign} {}", visible(line))?;
            }
        }
        Ok(())
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((at, _)) => {
            let (shown, rest) = text.split_at(at);
            format!("{shown}… ({} more bytes)", rest.len())
        }
        None => text.to_owned(),
    }
}

/// Both without most of what they have in common at their ends.
fn shortened(before: &str, after: &str) -> (String, String) {
    let (before, after): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&char, &char)>| pairs.take_while(|(a, b)| a == b).count();
    let start = same(&mut before.iter().zip(&after));
    let most = before.len().min(after.len()) - start;
    let end = same(&mut before.iter().rev().zip(after.iter().rev())).min(most);
    let skipped = start.saturating_sub(CONTEXT_CHARS);
    let left = end.saturating_sub(CONTEXT_CHARS);
    let part = |text: &[char]| {
        let shown: String = text.get(skipped..text.len() - left).unwrap_or_default().iter().collect();
        format!("{}{shown}{}", if skipped > 0 { "…" } else { "" }, if left > 0 { "…" } else { "" })
    };
    (part(&before), part(&after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_have_in_common_is_shortened_and_what_is_hidden_shows() {
        let (start, end) = ("s".repeat(100), "e".repeat(100));
        for (before, after, shown) in [
            ("same", "same", "\n    - same\n    + same".to_owned()),
            ("aaa", "aaaa", "\n    - aaa\n    + aaaa".to_owned()),
            ("", "x\u{e0041}", "\n    - \n    + x\\u{e0041}".to_owned()),
            ("one\ntwo", "one\nthree", "\n    - one\n    - two\n    + one\n    + three".to_owned()),
            (
                &format!("{start}é{end}"),
                &format!("{start}ü\u{202e}{end}"),
                format!(
                    "\n    - …{0}é{1}…\n    + …{0}ü\\u{{202e}}{1}…",
                    "s".repeat(CONTEXT_CHARS),
                    "e".repeat(CONTEXT_CHARS)
                ),
            ),
        ] {
            let change =
                Change { at: "d".into(), before: Some(before.to_owned()), after: Some(after.to_owned()) };
            assert_eq!(change.to_string(), format!("  d:{shown}"));
        }
        let added = Change { at: "d".into(), before: None, after: Some("x".repeat(MAX_SHOWN_CHARS + 5)) };
        assert!(added.to_string().ends_with("x… (5 more bytes)"));
    }
}
