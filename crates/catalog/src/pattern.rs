//! Patterns over names and paths.

/// Whether `text` is what `pattern` describes, in which `*` stands for any characters, also none. Linear in both: a
/// failed attempt goes back to the last `*` only.
///
/// ```
/// use codemode_catalog::matches;
///
/// assert!(matches("list_*", "list_issues") && matches("/repos/*/issues", "/repos/a/b/issues"));
/// assert!(!matches("list", "list_issues"));
/// ```
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut text) = text.strip_suffix(last) else { return false };
    for part in middle.split('*') {
        match text.split_once(part) {
            Some((_, after)) => text = after,
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
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "a"),
            ("a*", "abc"),
            ("*c", "abc"),
            ("a*c", "abc"),
            ("a*b*c", "a1b2c"),
            ("a**c", "ac"),
            ("/repos/*", "/repos/a/b"),
            ("*/issues/*", "/repos/issues/1"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", "ab"),
            ("a*c", "ab"),
            ("a*b*c", "acb"),
            ("ab*ba", "aba"),
            ("/repos/*", "/repos"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
