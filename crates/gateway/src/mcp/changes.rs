//! Telling clients that what they listed has changed.

use std::sync::Arc;
use std::time::Duration;

use codemode::Changed;
use codemode::connect::Change;
use rmcp::ErrorData;
use rmcp::model::ResourceUpdatedNotificationParam;
use rmcp::service::{Peer, RoleServer, SubscriptionContext, SubscriptionSendError};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::subscriptions::{self, Subscriptions};
use super::surface;
use crate::Principal;

/// How often it is looked whether a client is still there while nothing changes.
const LOOK: Duration = Duration::from_secs(30);

/// Tells a client of the older era, for as long as it is there.
pub(super) async fn tell_session(
    principal: Principal,
    peer: Peer<RoleServer>,
    subscriptions: Arc<Subscriptions>,
    gone: CancellationToken,
) {
    let (mut listed, mut changes) = (principal.runtime().listed(), principal.runtime().changed());
    let mut before = None;
    surface::changed(&principal, &mut before);
    loop {
        let told = tokio::select! {
            () = gone.cancelled() => return,
            () = tokio::time::sleep(LOOK) => Ok(()),
            changed = listed.changed() => match changed {
                Ok(()) if surface::changed(&principal, &mut before) => peer.notify_tool_list_changed().await,
                Ok(()) => Ok(()),
                Err(_) => return,
            },
            changed = changes.recv() => match of(&principal, changed) {
                None => return,
                Some(Told::Nothing) => Ok(()),
                Some(Told::Resources) => peer.notify_resource_list_changed().await,
                Some(Told::Prompts) => peer.notify_prompt_list_changed().await,
                Some(Told::All) => match peer.notify_resource_list_changed().await {
                    Ok(()) => peer.notify_prompt_list_changed().await,
                    failed => failed,
                },
                Some(Told::Resource(uri)) if subscriptions.has(&uri) => {
                    peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri)).await
                }
                Some(Told::Resource(_)) => Ok(()),
            },
        };
        if told.is_err() || peer.is_transport_closed() {
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
    let (mut listed, mut changes) = (principal.runtime().listed(), principal.runtime().changed());
    let mut before = None;
    surface::changed(&principal, &mut before);
    let sink = subscription.sink();
    let subscriptions = Subscriptions::default();
    let mut subscribing = std::pin::pin!(subscribe(&principal, &subscription, &subscriptions));
    let mut is_subscribed = false;
    loop {
        let told = tokio::select! {
            () = subscription.cancelled() => return Ok(()),
            () = gone.cancelled() => return Ok(()),
            // Each takes its upstream's time, and something may change, or end, meanwhile.
            () = &mut subscribing, if !is_subscribed => {
                is_subscribed = true;
                Ok(())
            }
            changed = listed.changed() => match changed {
                Ok(()) if surface::changed(&principal, &mut before) => sink.notify_tool_list_changed().await,
                Ok(()) => Ok(()),
                Err(_) => return Ok(()),
            },
            changed = changes.recv() => match of(&principal, changed) {
                None => return Ok(()),
                Some(Told::Nothing) => Ok(()),
                Some(Told::Resources) => sink.notify_resource_list_changed().await,
                Some(Told::Prompts) => sink.notify_prompt_list_changed().await,
                Some(Told::All) => match sink.notify_resource_list_changed().await {
                    Ok(()) => sink.notify_prompt_list_changed().await,
                    failed => failed,
                },
                Some(Told::Resource(uri)) if subscriptions.has(&uri) => sink.notify_resource_updated(uri).await,
                Some(Told::Resource(_)) => Ok(()),
            },
        };
        match told {
            // What it did not ask for is refused, which is no reason to end.
            Ok(()) | Err(SubscriptionSendError::NotificationNotAccepted(_)) => {}
            Err(_) => return Ok(()),
        }
    }
}

/// Subscribes to the resources that a client wants to be told of, as far as it may have so many.
async fn subscribe(principal: &Principal, subscription: &SubscriptionContext, subscriptions: &Subscriptions) {
    for uri in subscription.accepted().resource_subscriptions.iter().flatten().take(subscriptions::MAX) {
        // One that there is not never changes.
        let _ = subscriptions.add(principal.runtime(), uri.clone()).await;
    }
}

/// What a client is told of.
enum Told {
    Nothing,
    Resources,
    Prompts,
    All,
    Resource(String),
}

/// What a client is told of a change, if there will be more.
fn of(principal: &Principal, changed: Result<Changed, RecvError>) -> Option<Told> {
    match changed {
        Ok(Changed { connector, .. }) if !principal.runtime().has(&connector) => Some(Told::Nothing),
        Ok(Changed { change, .. }) => Some(match change {
            Change::Resources => Told::Resources,
            Change::Prompts => Told::Prompts,
            Change::Resource { uri } => Told::Resource(uri),
            _ => Told::Nothing,
        }),
        Err(RecvError::Lagged(_)) => Some(Told::All),
        Err(RecvError::Closed) => None,
    }
}
