//! Having a server tell of what changes: one of the newer era tells what it is asked for, one of the older era by itself, but
//! for resources, which are subscribed to one by one.

use std::collections::BTreeSet;
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    ClientRequest, CustomRequest, ErrorCode, SubscriptionFilter, SubscriptionsListenRequest,
    SubscriptionsListenRequestParams,
};
use rmcp::service::{Peer, PeerRequestOptions, ServiceError};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::failure::HTTP_STATUS;
use super::handshake::Era;

/// The pause before a server is asked again that has ended the subscription, or whose stream broke off: proxies end streams
/// in which nothing happens about once a minute.
const PAUSE: Duration = Duration::from_secs(30);

/// The resources that are subscribed to.
pub(super) type Subscribed = watch::Receiver<BTreeSet<String>>;

/// One subscription. It ends with this.
pub(super) struct Subscription(JoinHandle<()>);

impl Subscription {
    /// Asks a server for what it says that it tells. What it tells arrives where all its messages do.
    pub(super) fn begin(peer: &Peer<RoleClient>, era: Era, subscribed: Subscribed) -> Self {
        let peer = peer.clone();
        Self(match era {
            Era::Discover => tokio::spawn(hold(peer, subscribed)),
            Era::Initialize | Era::Sse => tokio::spawn(again(peer, subscribed)),
        })
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Subscribes to what was subscribed to on the connection before.
async fn again(peer: Peer<RoleClient>, subscribed: Subscribed) {
    let uris = subscribed.borrow().clone();
    for uri in uris {
        let params = json!({ "uri": uri });
        let request = ClientRequest::CustomRequest(CustomRequest::new("resources/subscribe", Some(params)));
        // One that is gone is not told of any more.
        if let Err(ServiceError::TransportClosed) = peer.send_request(request).await {
            return;
        }
    }
}

async fn hold(peer: Peer<RoleClient>, mut subscribed: Subscribed) {
    loop {
        let filter = wanted(&peer, &subscribed.borrow_and_update());
        if filter == SubscriptionFilter::new() {
            if subscribed.changed().await.is_err() {
                return;
            }
            continue;
        }
        let params = SubscriptionsListenRequestParams::new(filter);
        let request = ClientRequest::SubscriptionsListenRequest(SubscriptionsListenRequest::new(params));
        let Ok(mut handle) = peer.send_request_with_option(request, PeerRequestOptions::default()).await
        else {
            return;
        };
        let ended = tokio::select! {
            ended = &mut handle.rx => Some(ended),
            Ok(()) = subscribed.changed() => None,
        };
        match ended {
            // Other resources: it is asked anew, and tells of the others meanwhile as far as the server overlaps both.
            None => drop(handle.cancel(Some("asked for otherwise".to_owned())).await),
            Some(Err(_) | Ok(Err(ServiceError::TransportClosed))) => return,
            Some(Ok(Err(ServiceError::McpError(error)))) if is_refusal(error.code) => {
                if subscribed.changed().await.is_err() {
                    return;
                }
            }
            Some(Ok(_)) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// What the server is to tell of: all that it says that it can, and these resources.
fn wanted(peer: &Peer<RoleClient>, uris: &BTreeSet<String>) -> SubscriptionFilter {
    let mut filter = SubscriptionFilter::new();
    let Some(info) = peer.peer_info() else { return filter };
    let can = &info.capabilities;
    let told = |tells: Option<bool>| tells.filter(|tells| *tells);
    filter.tools_list_changed = can.tools.as_ref().and_then(|tools| told(tools.list_changed));
    filter.prompts_list_changed = can.prompts.as_ref().and_then(|prompts| told(prompts.list_changed));
    if let Some(resources) = &can.resources {
        filter.resources_list_changed = told(resources.list_changed);
        if resources.subscribe == Some(true) && !uris.is_empty() {
            filter.resource_subscriptions = Some(uris.iter().cloned().collect());
        }
    }
    filter
}

/// Whether a server says by this that it is of no use to ask again.
fn is_refusal(code: ErrorCode) -> bool {
    [ErrorCode::METHOD_NOT_FOUND, ErrorCode::INVALID_REQUEST, ErrorCode::INVALID_PARAMS, HTTP_STATUS]
        .contains(&code)
}
