//! Encoded text: long runs of base64 that no person reads.

use super::Hidden;

/// The shortest run that is taken out: 75 bytes, which is a sentence of orders; a hash or a key is shorter, and so is a
/// word of any language.
const SHORTEST: usize = 100;

/// Different characters that a run has at least. Base64 of any text that long has more; a line of a table has fewer.
const DIFFERENT: usize = 20;

/// `text` without runs of base64; `None` where there are none.
pub(super) fn strip(text: &str, found: &mut Vec<Hidden>) -> Option<String> {
    if text.len() < SHORTEST {
        return None;
    }
    let mut out = String::new();
    let mut kept = 0;
    let mut start = 0;
    // One more than there is, to end the last run.
    for at in 0..=text.len() {
        if text.as_bytes().get(at).is_some_and(|byte| is_of_base64(*byte)) {
            continue;
        }
        if at - start >= SHORTEST
            && let Some(run) = text.get(start..at)
            && is_encoded(run)
            && !is_of_url(text.get(..start).unwrap_or_default(), run)
        {
            out.push_str(text.get(kept..start).unwrap_or_default());
            out.push_str(&format!("[{} characters of base64]", run.len()));
            found.push(Hidden::Encoded(run.len()));
            kept = at;
        }
        start = at + 1;
    }
    (kept > 0).then(|| out + text.get(kept..).unwrap_or_default())
}

/// Whether a run is the path of a URL, and short enough between its slashes.
fn is_of_url(before: &str, run: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    word.contains("://") && run.split('/').all(|part| part.len() < SHORTEST)
}

fn is_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// Letters of both cases, digits, and no part that could be a path or words joined by dashes.
fn is_encoded(run: &str) -> bool {
    let mut seen = [false; 128];
    run.bytes().for_each(|byte| {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            *seen = true;
        }
    });
    let different = seen.iter().filter(|seen| **seen).count();
    let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    let turns = run.as_bytes().windows(2).filter(|pair| {
        matches!(pair, [a, b] if a.is_ascii_lowercase() && (b.is_ascii_uppercase() || b.is_ascii_digit()))
    });
    different >= DIFFERENT
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        // In base64 every fourth pair or so is such a turn; in names joined by anything, one a word.
        && turns.count() * 12 >= run.len()
}
