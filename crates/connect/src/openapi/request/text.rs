//! Text that grows up to a limit, and what is percent-encoded in it.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode_byte, utf8_percent_encode};

/// All but what RFC 3986 calls unreserved: with this no value can end the part of a URL that it is in.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stays in a value with `allowReserved`: the reserved characters, without those that would end the value
/// (`&`, `=`, `;`, `#`), be read as a space (`+`), or are not allowed in a query (`[`, `]`).
const RESERVED: &AsciiSet = &VALUE
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',');

/// What cannot stand in a path as it is. A `;` can, but begins what some servers cut off.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A value of an argument, for any place in a URL or a form.
pub(super) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, VALUE).to_string()
}

/// The same with reserved characters as they are. What is percent-encoded already stays so, as in RFC 6570's `{+name}`.
pub(super) fn reserved(value: &str) -> String {
    keeping_triplets(value, RESERVED)
}

/// The literal text of a segment of the document's path template, which may hold percent-encoded characters.
pub(super) fn template(literal: &str) -> String {
    keeping_triplets(literal, PATH)
}

/// A decoded segment that a program wrote itself.
pub(super) fn written(segment: &str) -> String {
    utf8_percent_encode(segment, PATH).to_string()
}

fn keeping_triplets(text: &str, set: &'static AsciiSet) -> String {
    let mut kept = String::with_capacity(text.len());
    for (index, piece) in text.split('%').enumerate() {
        if index > 0 {
            let triplet = piece.get(..2).is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
            kept += if triplet { "%" } else { percent_encode_byte(b'%') };
        }
        kept.extend(utf8_percent_encode(piece, set));
    }
    kept
}

/// A text with a limit.
#[derive(Debug)]
pub(super) struct Bounded {
    text: String,
    most: usize,
}

/// A text got longer than it may be.
#[derive(Debug)]
pub(super) struct Full;

impl Bounded {
    pub(super) fn new(most: usize) -> Self {
        Self { text: String::new(), most }
    }

    pub(super) fn push(&mut self, more: &str) -> Result<(), Full> {
        if self.text.len() + more.len() > self.most {
            return Err(Full);
        }
        self.text += more;
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn into_string(self) -> String {
        self.text
    }
}
