//! What a segment of a path may hold, so that every server on the way reads it as the one segment it is.
//!
//! A slash in a value is fine: it is sent as `%2F`, and some APIs ask for it (`group%2Fproject`). But a proxy may decode
//! before it looks for dot segments, and a second one may decode again. So what counts is what a segment can become by
//! any number of decodings: none of its stages may hold a control character, or a piece of nothing but dots between
//! slashes, in any of the ways to write a dot, a slash, or a parameter after `;`.

use percent_encoding::percent_decode;

use super::limits::MAX_DECODES;

/// Why something cannot be a segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("must not be empty")]
    Empty,
    #[error("must not be `.` or `..`, nor have them between slashes")]
    Dots,
    #[error("must not contain control characters")]
    Control,
    #[error("must not contain percent-encoded bytes that are no UTF-8")]
    Bytes,
    #[error("is percent-encoded too often; give it as plain text")]
    Encoded,
}

/// Whether `segment`, percent-encoded as it is sent, is read as one harmless segment.
pub(super) fn check(segment: &str) -> Result<(), Fault> {
    if segment.is_empty() {
        return Err(Fault::Empty);
    }
    match decoded(segment)?.split('/').any(is_dots) {
        true => Err(Fault::Dots),
        false => Ok(()),
    }
}

/// What `segment` becomes when it is decoded until nothing is left to decode, with slashes of all kinds as `/`. Refuses
/// what must not appear on the way; but dots are between slashes in the end if they ever are.
pub(super) fn decoded(segment: &str) -> Result<String, Fault> {
    let mut bytes = segment.as_bytes().to_vec();
    for _ in 0..MAX_DECODES {
        let text = plain(&bytes)?;
        let next: Vec<u8> = percent_decode(&bytes).collect();
        if next == bytes {
            return Ok(text);
        }
        bytes = next;
    }
    Err(Fault::Encoded)
}

/// Whether a server that decodes twice reads something else than one that decodes once, as it should.
pub(super) fn is_encoded_again(segment: &str) -> bool {
    let once: Vec<u8> = percent_decode(segment.as_bytes()).collect();
    percent_decode(&once).ne(once.iter().copied())
}

fn plain(bytes: &[u8]) -> Result<String, Fault> {
    // Never in UTF-8; lenient decoders read an overlong `.` or `/` from them.
    if bytes.iter().any(|byte| matches!(byte, 0xc0 | 0xc1)) {
        return Err(Fault::Bytes);
    }
    let text = String::from_utf8_lossy(bytes);
    if text.chars().any(char::is_control) {
        return Err(Fault::Control);
    }
    Ok(text.chars().map(look_alike).collect())
}

/// The character that compatibility normalisation, or Windows, makes of this one, as far as paths care.
fn look_alike(character: char) -> char {
    match character {
        '\u{ff0e}' | '\u{2024}' | '\u{2025}' | '\u{2026}' => '.',
        '\\' | '\u{ff0f}' | '\u{ff3c}' => '/',
        '\u{ff1b}' => ';',
        other => other,
    }
}

/// Whether a server could take `piece` for `.` or `..`: dots, perhaps with spaces around or a parameter after them.
fn is_dots(piece: &str) -> bool {
    let name = piece.split(';').next().unwrap_or_default().trim();
    !name.is_empty() && name.bytes().all(|byte| byte == b'.')
}
