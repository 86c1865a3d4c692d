//! Text that others wrote, made harmless for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Characters of a name that are shown: names of tools are short, and a program can call one that is not.
const NAME_CHARS: usize = 120;

/// The text with every character that commands a terminal or reorders what is read written as `\u001b` is; line breaks
/// and tabs stay. In JSON the escapes mean the same characters, so JSON stays what it is.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // One line break, as some systems write it.
            '\r' if chars.peek() == Some(&'\n') => {}
            c if is_hidden(c) => escape(c, &mut out),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A name: one line, and not a long one.
pub(crate) fn name(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    for c in chars.by_ref().take(NAME_CHARS) {
        if is_hidden(c) || c == '\n' || c == '\t' { escape(c, &mut out) } else { out.push(c) }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

fn is_hidden(c: char) -> bool {
    let reorders =
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n' && c != '\t') || reorders
}

fn escape(c: char, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "\\u{:04x}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_a_terminal_is_spelled_out() {
        assert_eq!(visible("plain\n\ttext ✓"), "plain\n\ttext ✓");
        assert_eq!(visible("\x1b[2J\x07 \u{9b}31m \x7f"), "\\u001b[2J\\u0007 \\u009b31m \\u007f");
        assert_eq!(visible("a\r\nb\rc"), "a\nb\\u000dc");
        assert_eq!(visible("user\u{202e}nimda"), "user\\u202enimda");
        let json = serde_json::json!({ "a": "\u{9b}1m\u{7f}" });
        let shown = visible(&json.to_string()).into_owned();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), json);
    }

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(name("a\nb\x1b"), "a\\u000ab\\u001b");
        assert_eq!(name(&"x".repeat(1000)).chars().count(), NAME_CHARS + 1);
    }
}
