//! What runs leave for a while: bounded, and for whoever the run was for alone.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lru::LruCache;

/// Who something is kept for; `None` for whoever is not told apart.
pub(crate) type Owner = Option<Arc<str>>;

/// Ids of what was let go of that are remembered, to tell them from ids that never were: 32 bytes each.
const MAX_FORGOTTEN: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();

/// How much is kept for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
    /// Since it was last read.
    pub(crate) age: Duration,
}

/// Keeps values by run. What was not read for longest goes first, of the one who has most: nobody pushes out what is
/// another's by leaving much.
pub(crate) struct Shelf<T> {
    bounds: Bounds,
    kept: LruCache<Box<str>, Kept<T>>,
    bytes: usize,
    forgotten: LruCache<Box<str>, Owner>,
}

struct Kept<T> {
    owner: Owner,
    value: T,
    bytes: usize,
    used: Instant,
}

/// Why something is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It was there, for the one who asks.
    Expired,
    /// It never was, or it is another's: which of these is not told.
    Unknown,
}

impl<T: Clone> Shelf<T> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, kept: LruCache::unbounded(), bytes: 0, forgotten: LruCache::new(MAX_FORGOTTEN) }
    }

    /// Keeps a value of so many bytes; whether there is room for it at all.
    pub(crate) fn put(&mut self, owner: Owner, run_id: &str, value: T, bytes: usize, now: Instant) -> bool {
        if bytes > self.bounds.bytes {
            return false;
        }
        self.expire(now);
        self.remove(run_id);
        while self.kept.len() >= self.bounds.count || self.bytes + bytes > self.bounds.bytes {
            let Some(run_id) = self.next_to_go() else { break };
            self.forget(&run_id);
        }
        self.bytes += bytes;
        self.kept.put(run_id.into(), Kept { owner, value, bytes, used: now });
        true
    }

    /// The value kept of a run for `owner`.
    pub(crate) fn get(&mut self, owner: &Owner, run_id: &str, now: Instant) -> Result<T, Missing> {
        self.expire(now);
        if self.kept.peek(run_id).is_some_and(|kept| kept.owner == *owner)
            && let Some(kept) = self.kept.get_mut(run_id)
        {
            kept.used = now;
            return Ok(kept.value.clone());
        }
        match self.forgotten.peek(run_id) {
            Some(of) if of == owner => Err(Missing::Expired),
            _ => Err(Missing::Unknown),
        }
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lets go of what was not read for too long.
    fn expire(&mut self, now: Instant) {
        while let Some((run_id, kept)) = self.kept.peek_lru()
            && now.duration_since(kept.used) > self.bounds.age
        {
            let run_id = run_id.clone();
            self.forget(&run_id);
        }
    }

    /// Of the owner with the largest share, what was not read for longest. Linear in the count, which is in the hundreds.
    fn next_to_go(&self) -> Option<Box<str>> {
        let mut shares: HashMap<&Owner, u128> = HashMap::new();
        for (_, kept) in &self.kept {
            let of_bytes = kept.bytes as u128 * self.bounds.count as u128;
            *shares.entry(&kept.owner).or_default() += of_bytes + self.bounds.bytes as u128;
        }
        let most = shares.values().max().copied()?;
        let mut oldest_first = self.kept.iter().rev();
        oldest_first
            .find(|(_, kept)| shares.get(&kept.owner) == Some(&most))
            .map(|(run_id, _)| run_id.clone())
    }

    fn forget(&mut self, run_id: &str) {
        if let Some(kept) = self.kept.pop(run_id) {
            self.bytes -= kept.bytes;
            self.forgotten.put(run_id.into(), kept.owner);
        }
    }

    fn remove(&mut self, run_id: &str) {
        if let Some(kept) = self.kept.pop(run_id) {
            self.bytes -= kept.bytes;
        }
        self.forgotten.pop(run_id);
    }
}

/// Whether a text is written as the id of a run.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { count: 8, bytes: 800, age: Duration::from_secs(60) };

    fn owner(name: &str) -> Owner {
        Some(name.into())
    }

    #[test]
    fn what_is_anothers_is_as_unknown_as_what_never_was() {
        let (mut shelf, now) = (Shelf::new(BOUNDS), Instant::now());
        shelf.put(owner("ann"), "1", "of ann", 6, now);
        shelf.put(None, "2", "of nobody", 9, now);
        assert_eq!(shelf.get(&owner("ann"), "1", now), Ok("of ann"));
        for (who, run_id) in
            [(owner("bob"), "1"), (None, "1"), (owner("ann"), "2"), (owner("ann"), "3"), (owner(""), "2")]
        {
            assert_eq!(shelf.get(&who, run_id, now), Err(Missing::Unknown), "{who:?} {run_id}");
        }
        let later = now + BOUNDS.age + Duration::from_secs(1);
        assert_eq!(shelf.get(&owner("ann"), "1", later), Err(Missing::Expired));
        assert_eq!(shelf.get(&owner("bob"), "1", later), Err(Missing::Unknown));
    }

    #[test]
    fn who_leaves_much_pushes_out_nothing_of_another() {
        let (mut shelf, now) = (Shelf::new(BOUNDS), Instant::now());
        shelf.put(owner("ann"), "ann", 0, 100, now);
        for n in 0..100 {
            shelf.put(owner("bob"), &n.to_string(), n, if n % 2 == 0 { 300 } else { 1 }, now);
            assert!(shelf.bytes() <= BOUNDS.bytes && shelf.kept.len() <= BOUNDS.count);
        }
        assert_eq!(shelf.get(&owner("ann"), "ann", now), Ok(0));
        assert_eq!(shelf.get(&owner("bob"), "99", now), Ok(99));
        assert_eq!(shelf.get(&owner("bob"), "1", now), Err(Missing::Expired));
    }
}
