//! Telling clients that what they listed has changed.

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::service::{Peer, RoleServer, SubscriptionContext};
use tokio_util::sync::CancellationToken;

use super::surface;
use crate::Principal;

/// How often it is looked whether a client is still there while nothing changes.
const LOOK: Duration = Duration::from_secs(30);

/// Tells a client of the older era, for as long as it is there.
pub(super) async fn tell_session(principal: Principal, peer: Peer<RoleServer>, gone: CancellationToken) {
    let mut listed = principal.runtime().listed();
    let mut before = None;
    surface::changed(&principal, &mut before);
    loop {
        tokio::select! {
            () = gone.cancelled() => return,
            changed = tokio::time::timeout(LOOK, listed.changed()) => if let Ok(Err(_)) = changed { return },
        }
        if peer.is_transport_closed() {
            return;
        }
        if surface::changed(&principal, &mut before) && peer.notify_tool_list_changed().await.is_err() {
            return;
        }
    }
}

/// Tells a client of the newer era that listens, until it does not.
pub(super) async fn tell_listener(
    principal: Principal,
    subscription: SubscriptionContext,
    gone: CancellationToken,
) -> Result<(), ErrorData> {
    let mut listed = principal.runtime().listed();
    let mut before = None;
    surface::changed(&principal, &mut before);
    loop {
        tokio::select! {
            () = subscription.cancelled() => return Ok(()),
            () = gone.cancelled() => return Ok(()),
            changed = listed.changed() => if changed.is_err() { return Ok(()) },
        }
        if surface::changed(&principal, &mut before)
            && subscription.sink().notify_tool_list_changed().await.is_err()
        {
            return Ok(());
        }
    }
}
