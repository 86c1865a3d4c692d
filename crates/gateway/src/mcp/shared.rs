//! What is kept between requests.

use crate::{GatewayOptions, Ops};

/// What all connections share: requests that wait for their client, tasks, keys.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(super) options: GatewayOptions,
    pub(crate) ops: Ops,
}

impl Shared {
    pub(crate) fn new(options: GatewayOptions) -> Self {
        Self { options, ops: Ops::default() }
    }
}
