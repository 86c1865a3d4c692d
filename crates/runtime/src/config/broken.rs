//! A connector whose configuration leads to nothing.

use codemode_catalog::Listing;
use codemode_connect::{BoxFuture, Call, CallError, Connector, Delivery, Detail, Error, Reply, State};

/// Stands for a connector that could not be made, so that programs are told of it like of any that is not there.
pub(super) struct Broken {
    name: String,
    why: String,
}

const REASON: &str = "its configuration leads to nothing";

impl Broken {
    /// `why` is for the operator.
    pub(super) fn new(name: &str, why: String) -> Self {
        Self { name: name.to_owned(), why }
    }

    fn error(&self) -> Error {
        let detail = Detail::new(self.why.clone());
        Error::Unavailable { connector: self.name.clone(), reason: REASON, retry_in: None, detail }
    }
}

impl Connector for Broken {
    fn name(&self) -> &str {
        &self.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        Box::pin(async { Err(self.error()) })
    }

    fn call(&self, _: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async { Err(CallError::Connector { error: self.error(), delivery: Delivery::NotSent }) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn state(&self) -> State {
        State::Unavailable { reason: REASON, retry_in: None }
    }
}
