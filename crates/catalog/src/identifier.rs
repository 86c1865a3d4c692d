//! From a tool's own name to a JavaScript identifier.

use unicode_ident::{is_xid_continue, is_xid_start};

use crate::reserved::is_reserved_word;

/// The longest identifier a tool is given. MCP names end at 128 characters; what is longer is cut, and two that
/// become equal by it are told apart like any other collision.
pub const MAX_IDENTIFIER_CHARS: usize = 128;

/// The identifier a program calls `name` by.
///
/// A name that is a JavaScript identifier and no reserved word is kept. In any other, `-`, `.`, `/`, `:` and white
/// space become `_`; what no identifier can hold is dropped; a leading digit is preceded, and a reserved word
/// followed, by `_`; nothing left is `_`.
///
/// ```
/// use codemode_catalog::identifier;
/// assert_eq!(identifier("create_issue"), "create_issue");
/// assert_eq!(identifier("get-weather"), "get_weather");
/// assert_eq!(identifier("2fa/verify"), "_2fa_verify");
/// assert_eq!(identifier("delete"), "delete_");
/// assert_eq!(identifier("🎉"), "_");
/// ```
pub fn identifier(name: &str) -> String {
    let mut out = String::with_capacity(name.len().min(MAX_IDENTIFIER_CHARS));
    let mut length = 0;
    for raw in name.chars() {
        let c = match raw {
            '-' | '.' | '/' | ':' => '_',
            c if c.is_whitespace() => '_',
            c if is_identifier_part(c) => c,
            _ => continue,
        };
        if length == 0 && !is_identifier_start(c) {
            out.push('_');
            length += 1;
        }
        if length == MAX_IDENTIFIER_CHARS {
            break;
        }
        out.push(c);
        length += 1;
    }
    if out.is_empty() || is_reserved_word(&out) {
        out.push('_');
    }
    out
}

/// Whether `name` can stand as an identifier unchanged.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_identifier_start) && chars.all(is_identifier_part) && !is_reserved_word(name)
}

fn is_identifier_start(c: char) -> bool {
    c == '$' || c == '_' || is_xid_start(c)
}

fn is_identifier_part(c: char) -> bool {
    c == '$' || is_xid_continue(c)
}
