//! Who a request comes from.

use std::sync::{Arc, Mutex, PoisonError};

use codemode::Runtime;

use crate::mcp::Listed;

/// Who a request comes from, and what is there for them. What a principal begins (runs, kept results, requests that wait
/// for an answer) is there for no other. Cheap to clone; made once a principal, because what it lists is kept in it.
#[derive(Debug, Clone)]
pub struct Principal {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: Arc<str>,
    runtime: Runtime,
    listed: Mutex<Option<Listed>>,
}

impl Principal {
    /// Of a client that needs no name: the process that started us, or whoever reaches a loopback address where no
    /// credentials are asked for.
    pub fn local(runtime: Runtime) -> Self {
        Self::new("local", runtime)
    }

    /// Under a name that tells it from all others.
    pub fn new(name: &str, runtime: Runtime) -> Self {
        Self { inner: Arc::new(Inner { name: name.into(), runtime, listed: Mutex::default() }) }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// What it may use.
    pub fn runtime(&self) -> &Runtime {
        &self.inner.runtime
    }

    /// The tools that were kept, if they are the ones that are wanted.
    pub(crate) fn listed(&self, wanted: impl FnOnce(&Listed) -> bool) -> Option<Listed> {
        let listed = self.inner.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.as_ref().filter(|listed| wanted(listed)).cloned()
    }

    pub(crate) fn keep(&self, listed: Listed) {
        *self.inner.listed.lock().unwrap_or_else(PoisonError::into_inner) = Some(listed);
    }
}
