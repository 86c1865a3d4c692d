//! The last words of a server.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// The last bytes of what was written to it.
#[derive(Debug)]
pub(super) struct Ring {
    capacity: usize,
    bytes: Mutex<VecDeque<u8>>,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, bytes: Mutex::new(VecDeque::new()) }
    }

    pub(super) fn push(&self, new: &[u8]) {
        let new = new.get(new.len().saturating_sub(self.capacity)..).unwrap_or_default();
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let surplus = (bytes.len() + new.len()).saturating_sub(self.capacity);
        bytes.drain(..surplus);
        bytes.extend(new);
    }

    pub(super) fn text(&self) -> String {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(bytes.make_contiguous()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_end() {
        let ring = Ring::new(4);
        for (push, kept) in
            [("ab", "ab"), ("cde", "bcde"), ("", "bcde"), ("0123456789", "6789"), ("x", "789x")]
        {
            ring.push(push.as_bytes());
            assert_eq!(ring.text(), kept);
        }
    }
}
