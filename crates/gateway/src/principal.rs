//! Who a request comes from.

use std::sync::Arc;

use codemode::Runtime;

/// Who a request comes from, and what is there for them. What a principal begins (runs, kept results, requests that wait
/// for an answer) is there for no other.
#[derive(Debug, Clone)]
pub struct Principal {
    name: Arc<str>,
    runtime: Runtime,
}

impl Principal {
    /// Of a client that needs no name: the process that started us, or whoever reaches a loopback address where no
    /// credentials are asked for.
    pub fn local(runtime: Runtime) -> Self {
        Self::new("local", runtime)
    }

    /// Under a name that tells it from all others.
    pub fn new(name: &str, runtime: Runtime) -> Self {
        Self { name: name.into(), runtime }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it may use.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}
