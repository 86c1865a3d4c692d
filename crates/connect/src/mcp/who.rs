//! On whose behalf a request is sent.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::options::Options;
use crate::{Accepts, BoxFuture, Caller, Input, InputReply, Progress};

/// Who makes a request, and what they know it by.
#[derive(Clone, Default)]
pub(super) struct Who {
    pub(super) caller: Option<Arc<dyn Caller>>,
    pub(super) label: Option<String>,
    /// What is said of what they can, in place of what the caller accepts.
    pub(super) capabilities: Option<Arc<Map<String, Value>>>,
}

/// What answers an embedder's hook.
pub(super) type Hook = Arc<dyn Fn(Input) -> BoxFuture<'static, InputReply> + Send + Sync>;

/// What an embedder's hook is told.
pub(super) type Observer = Arc<dyn Fn(Progress) + Send + Sync>;

/// The caller of calls that bring none: the hooks of the connector.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    pub(super) accepts: Accepts,
    pub(super) input: Option<Hook>,
    pub(super) observer: Option<Observer>,
}

impl Who {
    /// The caller that a request brings; without one, the connector's hooks if it has any.
    pub(super) fn new(options: &Options, caller: Option<Arc<dyn Caller>>, label: Option<String>) -> Self {
        let hooks = || options.hooks.clone().map(|hooks| hooks as Arc<dyn Caller>);
        Self { caller: caller.or_else(hooks), label, capabilities: None }
    }

    /// The trace that the request is part of.
    pub(super) fn trace(&self) -> Option<String> {
        self.caller.as_ref()?.trace(self.label.as_deref()?)
    }

    /// What can be answered.
    pub(super) fn accepts(&self) -> Accepts {
        self.caller.as_ref().map(|caller| caller.accepts()).unwrap_or_default()
    }
}

impl Caller for Hooks {
    /// The embedding program, which no client of it can be called.
    fn principal(&self) -> &str {
        ""
    }

    fn accepts(&self) -> Accepts {
        self.accepts
    }

    fn input(&self, input: Input) -> BoxFuture<'static, InputReply> {
        match &self.input {
            Some(hook) => hook(input),
            None => Box::pin(async { InputReply::Cancel }),
        }
    }

    fn progress(&self, progress: Progress) {
        if let Some(observer) = &self.observer {
            observer(progress);
        }
    }
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Who").field("label", &self.label).finish_non_exhaustive()
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("accepts", &self.accepts).finish_non_exhaustive()
    }
}
