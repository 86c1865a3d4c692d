//! Requests that have not been answered.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::model::RequestId;

use super::edge::Refusal;

/// How many requests one client may have under way. A model's client has a handful; each costs an isolate at most, and those
/// are limited by themselves.
const MAX_IN_FLIGHT: usize = 256;

/// The ids of one client's requests that have not been answered.
#[derive(Clone, Default)]
pub(crate) struct InFlight {
    ids: Arc<Mutex<HashSet<RequestId>>>,
}

/// One of them; it ends when this is dropped.
pub(super) struct Begun {
    of: InFlight,
    id: RequestId,
}

impl InFlight {
    /// Adds a request.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where one of the same id, or too many, are under way.
    pub(crate) fn begin(&self, id: &RequestId) -> Result<(), Refusal> {
        let mut ids = self.ids();
        if ids.contains(id) {
            // The answer has no id: with it, it would be taken for that of the first.
            return Err(Refusal::invalid(format!("a request with the id {id} is under way already")));
        }
        if ids.len() >= MAX_IN_FLIGHT {
            let message = format!("{MAX_IN_FLIGHT} requests are under way already; wait for one of them");
            let id = serde_json::to_value(id).unwrap_or_default();
            return Err(Refusal { id, ..Refusal::invalid(message) });
        }
        ids.insert(id.clone());
        Ok(())
    }

    /// Adds a request until what is given back is dropped.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin).
    pub(super) fn begun(&self, id: &RequestId) -> Result<Begun, Refusal> {
        self.begin(id)?;
        Ok(Begun { of: self.clone(), id: id.clone() })
    }

    /// Takes out a request that was answered or given up.
    pub(crate) fn end(&self, id: &RequestId) {
        self.ids().remove(id);
    }

    fn ids(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.of.end(&self.id);
    }
}
