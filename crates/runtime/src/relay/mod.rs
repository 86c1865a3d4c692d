//! Passing on what the upstreams have as it is: their tools under names that tell them apart, their resources and prompts, and
//! the requests for all of these.
//!
//! What is passed on is judged as a program's calls are: tools that policy denies or that have changed unnoticed are neither
//! listed nor called, and what a person would have to approve is refused. Whether arguments fit is the upstream's business.

mod changes;
mod lists;
mod name;
mod offers;
mod request;
mod subscription;
mod template;
mod tools;

use std::sync::{Arc, Mutex, OnceLock};

use codemode_connect::Accepts;

pub use changes::Changed;
pub(crate) use changes::Told;
pub use subscription::Subscription;

use lists::Known;
use subscription::Subscribed;
use tools::{PassedOn, SharedLists};

/// What is kept for passing on, of a runtime and all its views.
#[derive(Default)]
pub(crate) struct Shared {
    /// What callers may be able to answer.
    pub(crate) accepts: OnceLock<Accepts>,
    pub(crate) told: Told,
    known: Known,
    lists: SharedLists,
    subscribed: Arc<Subscribed>,
}

/// What is kept of one runtime or view.
#[derive(Default)]
pub(crate) struct Own {
    /// Made once a catalog.
    tools: Mutex<Option<Arc<PassedOn>>>,
}
