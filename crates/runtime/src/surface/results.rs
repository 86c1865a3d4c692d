//! The whole results of runs whose models were given a cut one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::runs::{Bounds, Missing, Owner, Shelf, is_id};

/// The most results that are kept. A model that asks for one does so within a few programs; this many runs of cut
/// results are those of dozens of conversations at once.
const MAX_RESULTS: usize = 256;

/// The most bytes that all results together have. A result has at most 1 MiB unless the operator says otherwise, so
/// there is room for the largest ones of all recent runs, and no machine that runs this notices.
const MAX_BYTES: usize = 64 << 20;

/// How long a result is kept after it was last read. Longer than a model takes to think, and short enough that data
/// of a conversation does not stay usable for the rest of the day; the memory is given back when the next result comes.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

const BOUNDS: Bounds = Bounds { count: MAX_RESULTS, bytes: MAX_BYTES, age: MAX_AGE };

/// Keeps whole results by run, as JSON, each for whoever the run was for.
pub(crate) struct ResultStore {
    shelf: Mutex<Shelf<Arc<str>>>,
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
        Self { shelf: Mutex::new(Shelf::new(BOUNDS)) }
    }

    /// Keeps the result of a run; whether there is room for it.
    pub(crate) fn put(&self, owner: Owner, run_id: &str, json: impl Into<Arc<str>>) -> bool {
        self.put_at(owner, run_id, json.into(), Instant::now())
    }

    /// The whole result of a run, as JSON.
    pub(crate) fn get(&self, owner: &Owner, run_id: &str) -> Result<Arc<str>, NotKept> {
        self.get_at(owner, run_id, Instant::now())
    }

    fn put_at(&self, owner: Owner, run_id: &str, json: Arc<str>, now: Instant) -> bool {
        let bytes = json.len();
        self.lock().put(owner, run_id, json, bytes, now)
    }

    fn get_at(&self, owner: &Owner, run_id: &str, now: Instant) -> Result<Arc<str>, NotKept> {
        if !is_id(run_id) {
            // What a program gives may be of any length.
            return Err(NotKept::NotAnId { given: run_id.chars().take(40).collect() });
        }
        self.lock().get(owner, run_id, now).map_err(|missing| {
            let run_id = run_id.to_owned();
            match missing {
                Missing::Expired => NotKept::Expired { run_id },
                Missing::Unknown => NotKept::Unknown { run_id },
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, Shelf<Arc<str>>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        assert!(store.put(None, &id(1), "[1]"));
        assert_eq!(&*store.get(&None, &id(1)).unwrap(), "[1]");
        assert!(store.put(None, &id(1), "[2]"));
        assert_eq!(&*store.get(&None, &id(1)).unwrap(), "[2]");
        assert_eq!(store.lock().bytes(), 3);
    }

    #[test]
    fn what_was_not_read_for_longest_goes_first() {
        let store = ResultStore::new();
        for n in 0..MAX_RESULTS {
            store.put(None, &id(n), "1");
        }
        store.get(&None, &id(0)).unwrap();
        store.put(None, &id(1_000), "1");
        assert!(store.get(&None, &id(0)).is_ok() && store.get(&None, &id(1_000)).is_ok());
        assert_eq!(store.get(&None, &id(1)), Err(NotKept::Expired { run_id: id(1) }));
        assert_eq!(store.lock().bytes(), MAX_RESULTS);
    }

    #[test]
    fn bytes_are_bounded() {
        let store = ResultStore::new();
        let third = "x".repeat(MAX_BYTES / 3);
        for n in 0..4 {
            assert!(store.put(None, &id(n), third.as_str()));
        }
        assert!(store.get(&None, &id(0)).is_err() && store.get(&None, &id(1)).is_ok());
        assert!(!store.put(None, &id(9), "x".repeat(MAX_BYTES + 1)));
        assert!(store.get(&None, &id(3)).is_ok(), "what has no room pushes nothing out");
    }

    #[test]
    fn a_result_expires_when_it_is_not_read() {
        let store = ResultStore::new();
        let start = Instant::now();
        store.put_at(None, &id(1), "1".into(), start);
        store.put_at(None, &id(2), "2".into(), start);
        assert!(store.get_at(&None, &id(1), start + MAX_AGE).is_ok());
        let later = start + MAX_AGE + Duration::from_secs(1);
        assert!(store.get_at(&None, &id(1), later).is_ok());
        assert_eq!(store.get_at(&None, &id(2), later), Err(NotKept::Expired { run_id: id(2) }));
    }

    #[test]
    fn what_is_not_there_is_explained() {
        let store = ResultStore::new();
        let message = |id: &str| store.get(&None, id).unwrap_err().to_string();
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
