//! What a server says has changed.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};
use tokio::sync::broadcast;

use crate::{Change, Changes};

/// Changes that one who is told may lag behind: as many as a person changes in a burst. One that misses some has to look at
/// everything again.
const KEPT: usize = 256;

/// What a server said has changed, and who is told of it.
#[derive(Debug)]
pub(super) struct Changed {
    /// Whether its tools have since they were listed.
    pub(super) tools: AtomicBool,
    told: broadcast::Sender<Change>,
}

impl Default for Changed {
    fn default() -> Self {
        Self { tools: AtomicBool::default(), told: broadcast::Sender::new(KEPT) }
    }
}

impl Changed {
    /// Takes note of a notification, if it is one of a change.
    pub(super) fn note(&self, method: &str, params: Option<&Map<String, Value>>) {
        let change = match method {
            "notifications/tools/list_changed" => {
                self.tools.store(true, Ordering::Release);
                Change::Tools
            }
            "notifications/resources/list_changed" => Change::Resources,
            "notifications/prompts/list_changed" => Change::Prompts,
            "notifications/resources/updated" => {
                match params.and_then(|params| params.get("uri")).and_then(Value::as_str) {
                    Some(uri) => Change::Resource { uri: uri.to_owned() },
                    None => return,
                }
            }
            _ => return,
        };
        // Nobody may be listening.
        let _ = self.told.send(change);
    }

    /// Tells what changes from now on.
    pub(super) fn changes(&self) -> Changes {
        self.told.subscribe()
    }
}
