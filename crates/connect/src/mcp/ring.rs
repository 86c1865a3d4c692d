//! The last words of a server.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::secret::{RedactingStream, Redactor};

/// The last bytes of what was written to it, without secrets.
#[derive(Debug)]
pub(super) struct Ring {
    capacity: usize,
    kept: Mutex<Kept>,
    redactor: Redactor,
}

#[derive(Debug)]
struct Kept {
    bytes: VecDeque<u8>,
    /// Takes secrets out before anything is cut off, so that no half of one is left.
    stream: RedactingStream,
}

impl Ring {
    pub(super) fn new(capacity: usize, redactor: &Redactor) -> Self {
        let kept = Kept { bytes: VecDeque::new(), stream: redactor.stream() };
        Self { capacity, kept: Mutex::new(kept), redactor: redactor.clone() }
    }

    /// What comes next in the one stream that is kept.
    pub(super) fn push(&self, new: &[u8]) {
        let mut kept = self.kept();
        let clean = kept.stream.push(new);
        kept.extend(&clean, self.capacity);
    }

    /// A line from elsewhere, cut to `most` bytes.
    pub(super) fn note(&self, source: &str, line: &[u8], most: usize) {
        let line = String::from_utf8_lossy(line);
        let clean = match self.redactor.text(&line) {
            Cow::Borrowed(same) => same.to_owned(),
            Cow::Owned(clean) => clean,
        };
        let end = clean.floor_char_boundary(most);
        let line = format!("[{source}] {}\n", clean.get(..end).unwrap_or_default());
        self.kept().extend(line.as_bytes(), self.capacity);
    }

    pub(super) fn text(&self) -> String {
        let mut kept = self.kept();
        let rest = kept.stream.rest();
        let mut bytes = kept.bytes.make_contiguous().to_vec();
        bytes.extend(rest);
        String::from_utf8_lossy(bytes.get(bytes.len().saturating_sub(self.capacity)..).unwrap_or_default())
            .into_owned()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn extend(&mut self, new: &[u8], capacity: usize) {
        let new = new.get(new.len().saturating_sub(capacity)..).unwrap_or_default();
        let surplus = (self.bytes.len() + new.len()).saturating_sub(capacity);
        self.bytes.drain(..surplus);
        self.bytes.extend(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn keeps_the_end() {
        let ring = Ring::new(4, &Redactor::default());
        for (push, kept) in
            [("ab", "ab"), ("cde", "bcde"), ("", "bcde"), ("0123456789", "6789"), ("x", "789x")]
        {
            ring.push(push.as_bytes());
            assert_eq!(ring.text(), kept);
        }
    }

    #[tokio::test]
    async fn g69_no_part_of_a_secret_is_kept_wherever_it_is_cut() {
        let redactor = Redactor::default();
        redactor.hide(&Secret::new("canary-0123456789").unwrap()).await.unwrap();
        let text = "it is canary-0123456789, yes canary-0123456789";
        for capacity in 0..60 {
            for piece in [1, 5, 100] {
                let ring = Ring::new(capacity, &redactor);
                text.as_bytes().chunks(piece).for_each(|piece| ring.push(piece));
                assert!(!ring.text().contains(|c: char| c.is_ascii_digit()), "{capacity} {}", ring.text());
                ring.note("stdout", text.as_bytes(), capacity);
                assert!(!ring.text().contains(|c: char| c.is_ascii_digit()), "{capacity} {}", ring.text());
            }
        }
        let ring = Ring::new(100, &redactor);
        ring.push(b"canary-0123");
        ring.note("stdout", b"noise", 100);
        ring.push(b"456789!");
        assert_eq!(ring.text(), "[stdout] noise\n[redacted]!");
    }
}
