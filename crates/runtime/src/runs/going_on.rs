//! Runs that go on after their model was told so, and what came of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::progress::Progress;
use super::shelf::{Bounds, Missing, Owner, Shelf, is_id};
use crate::Answer;

/// The most runs of one principal that go on at once. A model keeps track of a few; this many are those of a dozen
/// conversations.
const MAX_EACH: usize = 64;

/// The most runs that go on at once. Each holds an isolate, and others are to get some as well.
const MAX_ALL: usize = 512;

/// The most answers that are kept of runs that have ended: those of dozens of conversations.
const MAX_ENDED: usize = 256;

/// The most bytes that all these answers together have. One keeps to the surface's budgets, which makes it some 50 KB; what
/// it shows besides, such as an image, may be megabytes.
const MAX_BYTES: usize = 32 << 20;

/// How long an answer is kept after it was last asked for: as long as a whole result, which it may name.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// The runs that go on, and the answers of those that have ended since.
pub(crate) struct GoingOn {
    table: Mutex<Table>,
}

struct Table {
    going: HashMap<Box<str>, Going>,
    ended: Shelf<Arc<Answer>>,
}

/// A run that goes on, for whoever waits for it.
#[derive(Clone)]
pub(crate) struct Going {
    owner: Owner,
    pub(crate) progress: Progress,
    /// The answer, once there is one. It is closed without one where the run was given up.
    pub(crate) answer: watch::Receiver<Option<Arc<Answer>>>,
}

/// The place of a run that goes on, for whoever polls it. Dropped without an answer, the run is forgotten.
pub(crate) struct Parked {
    going_on: Arc<GoingOn>,
    run_id: Box<str>,
    owner: Owner,
    answer: watch::Sender<Option<Arc<Answer>>>,
}

/// How a run is that somebody asks for.
pub(crate) enum Found {
    Going(Going),
    Ended(Arc<Answer>),
}

/// Why there is no run to wait for, in words for the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotFound {
    #[error(
        "{given:?} is not the id of a run: an id is 32 hexadecimal digits, the `runId` of an output whose status was \
         \"running\". Copy it from there"
    )]
    NotAnId { given: String },
    #[error(
        "what came of run {run_id} is no longer kept: that is {minutes} minutes, for the latest {MAX_ENDED} runs. Its calls \
         took effect; run the program again only where that does no harm",
        minutes = MAX_AGE.as_secs() / 60,
    )]
    Expired { run_id: String },
    #[error(
        "there is no run {run_id} to wait for. The id is mistyped, or the run's output was not \"running\": then it was \
         whole, and there is nothing to wait for. Copy the id from an output that was"
    )]
    Unknown { run_id: String },
}

impl GoingOn {
    pub(crate) fn new() -> Self {
        let bounds = Bounds { count: MAX_ENDED, bytes: MAX_BYTES, age: MAX_AGE };
        Self { table: Mutex::new(Table { going: HashMap::new(), ended: Shelf::new(bounds) }) }
    }

    /// A place for a run that is to go on; `None` where there are too many.
    pub(crate) fn park(self: &Arc<Self>, owner: Owner, run_id: &str, progress: Progress) -> Option<Parked> {
        let mut table = self.lock();
        let of_owner = table.going.values().filter(|going| going.owner == owner).count();
        if of_owner >= MAX_EACH || table.going.len() >= MAX_ALL {
            return None;
        }
        let (answer, receiver) = watch::channel(None);
        let going = Going { owner: owner.clone(), progress, answer: receiver };
        table.going.insert(run_id.into(), going);
        Some(Parked { going_on: Arc::clone(self), run_id: run_id.into(), owner, answer })
    }

    /// The run of this id, if it is one of this owner's.
    pub(crate) fn find(&self, owner: &Owner, run_id: &str) -> Result<Found, NotFound> {
        if !is_id(run_id) {
            // What a model gives may be of any length.
            return Err(NotFound::NotAnId { given: run_id.chars().take(40).collect() });
        }
        let mut table = self.lock();
        if let Some(going) = table.going.get(run_id).filter(|going| going.owner == *owner) {
            return Ok(Found::Going(going.clone()));
        }
        table.ended.get(owner, run_id, Instant::now()).map(Found::Ended).map_err(|missing| {
            let run_id = run_id.to_owned();
            match missing {
                Missing::Expired => NotFound::Expired { run_id },
                Missing::Unknown => NotFound::Unknown { run_id },
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parked {
    /// Keeps what came of the run and tells whoever waits.
    pub(crate) fn end(self, answer: Answer) {
        let (bytes, answer) = (answer.bytes(), Arc::new(answer));
        {
            let mut table = self.going_on.lock();
            table.going.remove(&self.run_id);
            table.ended.put(self.owner.clone(), &self.run_id, Arc::clone(&answer), bytes, Instant::now());
        }
        self.answer.send_replace(Some(answer));
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.going_on.lock().going.remove(&self.run_id);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn id(n: usize) -> String {
        format!("{n:032x}")
    }

    fn answer(text: &str) -> Answer {
        Answer { structured: Value::Null, text: text.into(), content: Vec::new(), is_error: false }
    }

    #[test]
    fn nobody_has_more_than_a_share_of_the_places() {
        let going_on = Arc::new(GoingOn::new());
        let park = |owner: Owner, n| going_on.park(owner, &id(n), Progress::default());
        let mut held: Vec<_> = (0..MAX_EACH).map(|n| park(None, n).unwrap()).collect();
        assert!(park(None, 1_000).is_none());
        held.extend((0..).map_while(|n| park(Some(format!("{}", n / MAX_EACH).into()), 1_000 + n)));
        assert_eq!(held.len(), MAX_ALL);
        held.swap_remove(0).end(answer("first"));
        assert!(park(None, 2_000).is_some(), "a run that has ended holds no place");
        assert!(matches!(going_on.find(&None, &id(0)), Ok(Found::Ended(answer)) if answer.text == "first"));
    }

    #[test]
    fn a_run_that_was_given_up_is_forgotten() {
        let going_on = Arc::new(GoingOn::new());
        let parked = going_on.park(None, &id(1), Progress::default()).unwrap();
        let Ok(Found::Going(going)) = going_on.find(&None, &id(1)) else { panic!("it goes on") };
        assert!(going_on.find(&Some("another".into()), &id(1)).is_err());
        drop(parked);
        assert!(going.answer.has_changed().is_err());
        assert!(matches!(going_on.find(&None, &id(1)), Err(NotFound::Unknown { .. })));
    }

    #[test]
    fn what_is_not_there_is_explained() {
        let going_on = GoingOn::new();
        let message = |id: &str| going_on.find(&None, id).err().unwrap().to_string();
        assert!(message(&"z".repeat(1 << 20)).len() < 300);
        assert!(message(&id(1)).contains("mistyped"));
        assert!(
            NotFound::Expired { run_id: id(1) }.to_string().contains("60 minutes, for the latest 256 runs")
        );
    }
}
