//! Asking a server of the newer era to tell when its tools change, which one of the older era does by itself.

use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    ClientRequest, ErrorCode, SubscriptionFilter, SubscriptionsListenRequest,
    SubscriptionsListenRequestParams,
};
use rmcp::service::{Peer, PeerRequestOptions, ServiceError};
use tokio::task::JoinHandle;

use super::failure::HTTP_STATUS;

/// The pause before a server is asked again that has ended the subscription, or whose stream broke off: proxies end streams
/// in which nothing happens about once a minute.
const PAUSE: Duration = Duration::from_secs(30);

/// One subscription. It ends with this.
pub(super) struct Subscription(JoinHandle<()>);

impl Subscription {
    /// Asks a server for it that says that it tells. What it tells arrives where all its messages do.
    pub(super) fn begin(peer: &Peer<RoleClient>) -> Option<Self> {
        let info = peer.peer_info()?;
        info.capabilities.tools.as_ref()?.list_changed.filter(|tells| *tells)?;
        Some(Self(tokio::spawn(hold(peer.clone()))))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn hold(peer: Peer<RoleClient>) {
    loop {
        let mut filter = SubscriptionFilter::new();
        filter.tools_list_changed = Some(true);
        let params = SubscriptionsListenRequestParams::new(filter);
        let request = ClientRequest::SubscriptionsListenRequest(SubscriptionsListenRequest::new(params));
        let Ok(handle) = peer.send_request_with_option(request, PeerRequestOptions::default()).await else {
            return;
        };
        match handle.rx.await {
            Err(_) | Ok(Err(ServiceError::TransportClosed)) => return,
            Ok(Err(ServiceError::McpError(error))) if is_refusal(error.code) => return,
            Ok(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Whether a server says by this that it is of no use to ask again.
fn is_refusal(code: ErrorCode) -> bool {
    [ErrorCode::METHOD_NOT_FOUND, ErrorCode::INVALID_REQUEST, ErrorCode::INVALID_PARAMS, HTTP_STATUS]
        .contains(&code)
}
