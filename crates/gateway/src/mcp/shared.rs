//! What is kept between requests.

use crate::GatewayOptions;

/// What all connections share: requests that wait for their client, tasks, keys.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(super) options: GatewayOptions,
}

impl Shared {
    pub(crate) fn new(options: GatewayOptions) -> Self {
        Self { options }
    }
}
