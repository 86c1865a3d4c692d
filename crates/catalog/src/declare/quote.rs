//! Strings and property names as TypeScript writes them.

use std::fmt::Write as _;

/// A string literal that stays on its line and shows what is in it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || is_treacherous(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A property's name: bare where it is a plain identifier. Any word may stand there, reserved or not; other
/// alphabets are quoted, because which letters an identifier takes depends on the compiler's edition of Unicode.
pub(super) fn property(key: &str) -> String {
    let mut chars = key.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$'));
    if starts && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$')) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

/// Line separators, and what turns the direction of text around or takes no room.
fn is_treacherous(c: char) -> bool {
    matches!(
        c,
        '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
