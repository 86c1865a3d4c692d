//! The whole results of runs whose models were given a cut one.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

/// The most results that are kept. A model that asks for one does so within a few programs; this many runs of cut
/// results are those of dozens of conversations at once.
const MAX_RESULTS: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// The most bytes that all results together have. A result has at most 1 MiB unless the operator says otherwise, so
/// there is room for the largest ones of all recent runs, and no machine that runs this notices.
const MAX_BYTES: usize = 64 << 20;

/// How long a result is kept after it was last read. Longer than a model takes to think, and short enough that data
/// of a conversation does not stay usable for the rest of the day; the memory is given back when the next result comes.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// Ids of results let go of that are remembered, to tell them from ids that never were: 32 bytes each.
const MAX_FORGOTTEN: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();

/// Keeps whole results by run, as JSON. What was not read for longest goes first.
pub(crate) struct ResultStore {
    inner: Mutex<Inner>,
}

struct Inner {
    kept: LruCache<Box<str>, Kept>,
    bytes: usize,
    forgotten: LruCache<Box<str>, ()>,
}

struct Kept {
    json: Arc<str>,
    used: Instant,
}

/// Why there is no result of a run, in words for the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotKept {
    #[error(
        "{given:?} is not the id of a run: an id is 32 hexadecimal digits, the `runId` of an earlier output. Copy it from there"
    )]
    NotAnId { given: String },
    #[error(
        "the result of run {run_id} is no longer kept: results are kept for {minutes} minutes, the latest {MAX_RESULTS} \
         of them. Run that program again and work on its result there, or return less",
        minutes = MAX_AGE.as_secs() / 60,
    )]
    Expired { run_id: String },
    #[error(
        "there is no result of run {run_id}. The id is mistyped, or it is that of a run whose result was not cut: that \
         result is whole in the run's output. Copy the call from `truncated.whole` of the output that was cut"
    )]
    Unknown { run_id: String },
}

impl ResultStore {
    pub(crate) fn new() -> Self {
        let inner =
            Inner { kept: LruCache::new(MAX_RESULTS), bytes: 0, forgotten: LruCache::new(MAX_FORGOTTEN) };
        Self { inner: Mutex::new(inner) }
    }

    /// Keeps the result of a run; whether there is room for it.
    pub(crate) fn put(&self, run_id: &str, json: impl Into<Arc<str>>) -> bool {
        self.put_at(run_id, json.into(), Instant::now())
    }

    /// The whole result of a run, as JSON.
    pub(crate) fn get(&self, run_id: &str) -> Result<Arc<str>, NotKept> {
        self.get_at(run_id, Instant::now())
    }

    fn put_at(&self, run_id: &str, json: Arc<str>, now: Instant) -> bool {
        if json.len() > MAX_BYTES {
            return false;
        }
        let mut inner = self.lock();
        inner.expire(now);
        inner.remove(run_id);
        while inner.kept.len() >= MAX_RESULTS.get() || inner.bytes + json.len() > MAX_BYTES {
            inner.forget_oldest();
        }
        inner.bytes += json.len();
        inner.kept.put(run_id.into(), Kept { json, used: now });
        true
    }

    fn get_at(&self, run_id: &str, now: Instant) -> Result<Arc<str>, NotKept> {
        if !is_id(run_id) {
            // What a program gives may be of any length.
            return Err(NotKept::NotAnId { given: run_id.chars().take(40).collect() });
        }
        let mut inner = self.lock();
        inner.expire(now);
        if let Some(kept) = inner.kept.get_mut(run_id) {
            kept.used = now;
            return Ok(Arc::clone(&kept.json));
        }
        let run_id = run_id.to_owned();
        Err(if inner.forgotten.contains(&*run_id) {
            NotKept::Expired { run_id }
        } else {
            NotKept::Unknown { run_id }
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Lets go of what was not read for too long.
    fn expire(&mut self, now: Instant) {
        while self.kept.peek_lru().is_some_and(|(_, kept)| now.duration_since(kept.used) > MAX_AGE) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((run_id, kept)) = self.kept.pop_lru() {
            self.bytes -= kept.json.len();
            self.forgotten.put(run_id, ());
        }
    }

    fn remove(&mut self, run_id: &str) {
        if let Some(kept) = self.kept.pop(run_id) {
            self.bytes -= kept.json.len();
        }
        self.forgotten.pop(run_id);
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> String {
        format!("{n:032x}")
    }

    #[test]
    fn what_was_put_is_there() {
        let store = ResultStore::new();
        assert!(store.put(&id(1), "[1]"));
        assert_eq!(&*store.get(&id(1)).unwrap(), "[1]");
        assert!(store.put(&id(1), "[2]"));
        assert_eq!(&*store.get(&id(1)).unwrap(), "[2]");
        assert_eq!(store.lock().bytes, 3);
    }

    #[test]
    fn what_was_not_read_for_longest_goes_first() {
        let store = ResultStore::new();
        for n in 0..MAX_RESULTS.get() {
            store.put(&id(n), "1");
        }
        store.get(&id(0)).unwrap();
        store.put(&id(1_000), "1");
        assert!(store.get(&id(0)).is_ok() && store.get(&id(1_000)).is_ok());
        assert_eq!(store.get(&id(1)), Err(NotKept::Expired { run_id: id(1) }));
        assert_eq!(store.lock().bytes, MAX_RESULTS.get());
    }

    #[test]
    fn bytes_are_bounded() {
        let store = ResultStore::new();
        let third = "x".repeat(MAX_BYTES / 3);
        for n in 0..4 {
            assert!(store.put(&id(n), third.as_str()));
        }
        assert!(store.get(&id(0)).is_err() && store.get(&id(1)).is_ok());
        assert!(!store.put(&id(9), "x".repeat(MAX_BYTES + 1)));
        assert!(store.get(&id(3)).is_ok(), "what has no room pushes nothing out");
    }

    #[test]
    fn a_result_expires_when_it_is_not_read() {
        let store = ResultStore::new();
        let start = Instant::now();
        store.put_at(&id(1), "1".into(), start);
        store.put_at(&id(2), "2".into(), start);
        assert!(store.get_at(&id(1), start + MAX_AGE).is_ok());
        let later = start + MAX_AGE + Duration::from_secs(1);
        assert!(store.get_at(&id(1), later).is_ok());
        assert_eq!(store.get_at(&id(2), later), Err(NotKept::Expired { run_id: id(2) }));
    }

    #[test]
    fn what_is_not_there_is_explained() {
        let store = ResultStore::new();
        let message = |id: &str| store.get(id).unwrap_err().to_string();
        assert!(message("abc").contains("32 hexadecimal digits"));
        assert!(message(&"z".repeat(1 << 20)).len() < 200);
        assert!(message(&id(1)).contains("mistyped, or it is that of a run whose result was not cut"));
        assert!(
            NotKept::Expired { run_id: id(1) }
                .to_string()
                .contains("kept for 60 minutes, the latest 256 of them")
        );
    }
}
