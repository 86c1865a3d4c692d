//! Which operations of a document become tools.

use codemode_catalog::Tool;

use super::api::Operation;

/// Describes operations of a document.
///
/// In a pattern `*` stands for any characters, also slashes: `/repos/*` is all below `/repos/`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Select {
    /// Those with this tag.
    Tag(String),
    /// Those whose path template is what this pattern describes, such as `/repos/{owner}/*`.
    Path(String),
    /// Those of this HTTP method, in any case.
    Method(String),
    /// Those whose tool has a name that this pattern describes.
    Operation(String),
}

impl Select {
    fn describes(&self, tool: &Tool, operation: &Operation) -> bool {
        match self {
            Self::Tag(tag) => tool.tags.contains(tag),
            Self::Path(pattern) => matches(pattern, &operation.path),
            Self::Method(method) => operation.method.eq_ignore_ascii_case(method),
            Self::Operation(pattern) => matches(pattern, &tool.name),
        }
    }
}

/// What an operator selected: all that is included, or everything where nothing is, without what is excluded.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    pub(super) include: Vec<Select>,
    pub(super) exclude: Vec<Select>,
}

impl Selection {
    pub(super) fn allows(&self, tool: &Tool, operation: &Operation) -> bool {
        let any = |list: &[Select]| list.iter().any(|select| select.describes(tool, operation));
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }

    /// Whether requests that no operation describes are allowed: not where only some operations are included.
    pub(super) fn allows_unknown(&self) -> bool {
        self.include.is_empty()
    }
}

/// Whether `text` is what `pattern` describes. After a mismatch only the last star is tried again, so that the work is
/// bounded by the product of both lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut text) = text.strip_suffix(last) else { return false };
    for part in middle.split('*') {
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None if part.is_empty() => {}
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("/repos/*", "/repos/a/b", true),
            ("/repos/*", "/repos", false),
            ("*", "", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("a**c", "ac", true),
            ("*/issues/*", "/repos/issues/1", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
