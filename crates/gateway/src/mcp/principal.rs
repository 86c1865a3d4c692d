//! Whose request rmcp is looking at before it hands it on.

use std::future::Future;

use crate::Principal;

tokio::task_local! {
    static ASKING: Principal;
}

/// Does what rmcp does for a request of `principal`: it asks for a tool's schema without saying for whom.
pub(crate) async fn on_behalf<T>(principal: Principal, work: impl Future<Output = T>) -> T {
    ASKING.scope(principal, work).await
}

/// Whoever asks, where that is known.
pub(super) fn asking<T>(look: impl FnOnce(&Principal) -> T) -> Option<T> {
    ASKING.try_with(look).ok()
}
