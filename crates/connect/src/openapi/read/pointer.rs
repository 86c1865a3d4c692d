//! Pointers into the document (RFC 6901), as the fragment of a reference.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What may not stand in a fragment as it is (RFC 3986), and `%` itself.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The steps of the pointer that `fragment` is, or `None` where it is another kind of fragment.
pub(super) fn steps(fragment: &str) -> Option<Vec<String>> {
    let decoded = percent_decode_str(fragment).decode_utf8_lossy();
    let step = |step: &str| step.replace("~1", "/").replace("~0", "~");
    Some(decoded.strip_prefix('/')?.split('/').map(step).collect())
}

/// The reference to a shared schema of this name.
pub(super) fn definition(name: &str) -> String {
    let step = name.replace('~', "~0").replace('/', "~1");
    format!("#/$defs/{}", utf8_percent_encode(&step, ESCAPED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in ["a", "", "a/b~c", "~1", "ä ö", "%20", "a#b", "__proto__", "{x}"] {
            let reference = definition(name);
            assert_eq!(steps(reference.strip_prefix('#').unwrap()).unwrap(), ["$defs", name], "{reference}");
        }
        assert_eq!(steps("/paths/~1a%7Bb%7D/get").unwrap(), ["paths", "/a{b}", "get"]);
        assert_eq!(steps("anchor"), None);
        assert_eq!(steps(""), None);
    }
}
