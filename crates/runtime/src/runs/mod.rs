//! Runs beyond the call that began them: which are under way, which go on after their model was told so, and what they
//! leave. All of it is in memory and bound to the principal of the run: what is another's is as unknown as what never was.

mod active;
mod going_on;
mod of_runtime;
mod progress;
mod shelf;

use std::sync::Arc;

pub(crate) use active::Active;
pub(crate) use going_on::{Found, Going, GoingOn};
pub(crate) use progress::Progress;
pub(crate) use shelf::{Bounds, Missing, Owner, Shelf, is_id};

/// The runs of a runtime and of its views. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Runs {
    pub(crate) active: Arc<Active>,
    pub(crate) going_on: Arc<GoingOn>,
}

impl Runs {
    pub(crate) fn new() -> Self {
        Self { active: Arc::new(Active::new()), going_on: Arc::new(GoingOn::new()) }
    }
}
