//! The resources that a client has subscribed to.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use codemode::connect::RelayError;
use codemode::{Runtime, Subscription};

/// Subscriptions of one client: one that watches more polls better.
pub(super) const MAX: usize = 256;

/// Those of one connection or, in the newer era, of one request that listens. They end with it.
#[derive(Debug, Default)]
pub(super) struct Subscriptions(Mutex<HashMap<String, Subscription>>);

impl Subscriptions {
    /// Subscribes to a resource, unless that was done.
    pub(super) async fn add(&self, runtime: &Runtime, uri: String) -> Result<(), RelayError> {
        {
            let all = self.lock();
            if all.contains_key(&uri) {
                return Ok(());
            }
            if all.len() >= MAX {
                let message = format!("{MAX} resources are subscribed to already");
                return Err(RelayError::Refused { code: -32600, message, data: None });
            }
        }
        let subscription = runtime.subscribe(&uri).await?;
        self.lock().insert(uri, subscription);
        Ok(())
    }

    /// Ends one.
    pub(super) fn remove(&self, uri: &str) {
        self.lock().remove(uri);
    }

    /// Whether a resource is subscribed to.
    pub(super) fn has(&self, uri: &str) -> bool {
        self.lock().contains_key(uri)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Subscription>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
