//! Taking secrets out of what comes in pieces: a process's standard error, a log.

use super::redact::{MARK, Redactor, Table};
use super::wrapped::{Breaks, kept, places};

/// Takes secrets out of a stream of bytes, however it is cut into pieces and lines.
///
/// ```
/// use codemode_connect::{Redactor, Secret};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let redactor = Redactor::default();
/// redactor.hide(&Secret::new("correct horse battery").unwrap()).await.unwrap();
/// let mut stream = redactor.stream();
/// assert_eq!(stream.push(b"it is: correct horse"), b"it is: ");
/// assert_eq!(stream.push(b" battery. Why?"), b"[redacted]. Why?");
/// assert_eq!(stream.rest(), b"");
/// # }
/// ```
#[derive(Debug)]
pub struct RedactingStream {
    redactor: Redactor,
    /// What may be the beginning of a secret: never longer than the longest spelling of one, and its line breaks.
    held: Vec<u8>,
}

/// The shortest beginning of a secret that is taken out at a stream's end.
const TELLING_BYTES: usize = 6;

/// Line breaks within what is held are bounded with it: a text of nothing else is no beginning of a secret for ever.
const MAX_BREAKS_BYTES: usize = 1024;

impl RedactingStream {
    pub(super) fn new(redactor: Redactor) -> Self {
        Self { redactor, held: Vec::new() }
    }

    /// What may be shown after `bytes` have come, too. What may be the beginning of a secret is held back.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let text = std::mem::take(&mut self.held);
        match self.redactor.table() {
            Table::Nothing => text,
            Table::Everything => MARK.as_bytes().to_vec(),
            Table::Of(known) => {
                let mut shown = Vec::with_capacity(text.len());
                let mut rest = text.as_slice();
                loop {
                    let undecided = undecided(&known.forms, known.longest, rest);
                    let (clean, end) = cleaned(&places(&known.search, rest), rest, undecided);
                    shown.extend_from_slice(&clean);
                    rest = rest.get(end..).unwrap_or_default();
                    // Past a secret that ended later, what looked like a beginning was a part of it.
                    if end <= undecided {
                        break;
                    }
                }
                self.held.extend_from_slice(rest);
                shown
            }
        }
    }

    /// What is held back, as it may be shown if nothing comes after it.
    pub fn rest(&self) -> Vec<u8> {
        match self.redactor.table() {
            Table::Nothing => self.held.clone(),
            Table::Everything => Vec::new(),
            Table::Of(known) => {
                let (mut shown, end) = cleaned(&places(&known.search, &self.held), &self.held, usize::MAX);
                let rest = self.held.get(end..).unwrap_or_default();
                let at = undecided(&known.forms, known.longest, rest);
                let (plain, beginning) = rest.split_at_checked(at).unwrap_or((rest, &[]));
                shown.extend_from_slice(plain);
                if beginning.len() >= TELLING_BYTES {
                    shown.extend_from_slice(MARK.as_bytes());
                } else {
                    shown.extend_from_slice(beginning);
                }
                shown
            }
        }
    }
}

/// `text` without what is at `places`, up to where a secret may have begun that is not there in full; and where that is.
fn cleaned(places: &[std::ops::Range<usize>], text: &[u8], undecided: usize) -> (Vec<u8>, usize) {
    let mut shown = Vec::with_capacity(text.len());
    let mut end = 0;
    for place in places.iter().take_while(|place| place.start < undecided) {
        shown.extend_from_slice(text.get(end..place.start).unwrap_or_default());
        shown.extend_from_slice(MARK.as_bytes());
        end = place.end;
    }
    if undecided == usize::MAX {
        return (shown, end);
    }
    if let Some(plain) = text.get(end..undecided.max(end)) {
        shown.extend_from_slice(plain);
    }
    (shown, undecided.max(end))
}

/// Where in `text` the longest end of it starts that a form begins with; its length where none does.
fn undecided(forms: &[String], longest: usize, text: &[u8]) -> usize {
    let from = text.len().saturating_sub(longest.saturating_add(MAX_BREAKS_BYTES));
    let tail = text.get(from..).unwrap_or_default();
    let earliest = [Breaks::Bare, Breaks::Indented].into_iter().filter_map(|breaks| {
        let (origins, tail): (Vec<usize>, Vec<u8>) = kept(tail, breaks).unzip();
        let at = (0..tail.len()).find(|at| begins(forms, tail.get(*at..).unwrap_or_default()))?;
        origins.get(at).copied()
    });
    earliest.min().map_or(text.len(), |at| from + at)
}

/// Whether one of `forms`, which are in order, begins with `text` and is longer.
fn begins(forms: &[String], text: &[u8]) -> bool {
    let next = forms.partition_point(|form| form.as_bytes() <= text);
    forms.get(next).is_some_and(|form| form.as_bytes().starts_with(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(secrets: &[&str]) -> RedactingStream {
        let redactor = Redactor::default();
        for secret in secrets {
            redactor.add(secret);
        }
        redactor.stream()
    }

    fn all(stream: &mut RedactingStream, pieces: &[&[u8]]) -> String {
        let mut shown: Vec<u8> = pieces.iter().flat_map(|piece| stream.push(piece)).collect();
        shown.extend(stream.rest());
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn g69_a_secret_is_found_however_a_stream_is_cut() {
        let text = b"before canary-0123456789 after, canary-01 and\nlast canary-0123456789";
        for size in 1..text.len() {
            let pieces: Vec<&[u8]> = text.chunks(size).collect();
            let shown = all(&mut stream(&["canary-0123456789"]), &pieces);
            assert_eq!(shown, "before [redacted] after, canary-01 and\nlast [redacted]", "{size}");
        }
    }

    #[test]
    fn g69_a_secret_is_found_over_two_lines() {
        let cases = [
            "canary-0123\n456789",
            "canary-0123\r\n456789",
            "canary-0123\n    456789",
            "c\nanary-0123456789",
        ];
        for text in cases {
            let text = format!("x {text}\ny");
            for size in [1, 3, 100] {
                let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                assert_eq!(
                    all(&mut stream(&["canary-0123456789"]), &pieces),
                    "x [redacted]\ny",
                    "{text:?} {size}"
                );
            }
        }
    }

    #[test]
    fn the_longest_secret_at_a_place_is_the_one() {
        let mut both = stream(&["canary-012345", "canary-0123456789", "456789-another"]);
        assert_eq!(both.push(b"canary-0123456"), b"");
        assert_eq!(both.push(b"789-a"), b"[redacted]-a");
        assert_eq!(both.push(b"canary-012345x"), b"[redacted]x");
        assert_eq!(both.push(b"456789-"), b"");
        assert_eq!(both.push(b"other."), b"456789-other.");
    }

    #[test]
    fn lines_are_held_back_only_for_a_reason() {
        let mut stream = stream(&["canary-0123456789"]);
        assert_eq!(stream.push(b"a line\n"), b"a line\n");
        assert_eq!(stream.push(b"another: c"), b"another: ");
        assert_eq!(stream.rest(), b"c");
        assert_eq!(stream.push(b"anary-0"), b"");
        assert_eq!(stream.rest(), b"[redacted]", "a part of a secret is one");
        assert_eq!(stream.push(&b"\n".repeat(10_000)).len() + stream.held.len(), 10_008);
        assert!(stream.held.len() < 10_000 + 100);
    }

    #[test]
    fn without_secrets_nothing_is_held() {
        assert_eq!(stream(&[]).push(b"as it is"), b"as it is");
    }
}
