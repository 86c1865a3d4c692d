//! From who somebody is to what is there for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use codemode::config::{Grant, ServeLimits};
use codemode::{Runtime, Shape, View};
use http::StatusCode;

use super::account::Account;
use super::reply::Refusal;
use crate::Principal;
use crate::auth::Identity;

/// Principals that are known at once. One takes a few hundred bytes; those that ask nothing make room for others.
const MAX_KNOWN: usize = 10_000;

/// Everybody who was here.
pub(super) struct Principals {
    runtime: Runtime,
    grants: Vec<Grant>,
    limits: ServeLimits,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// A view is made once for a grant and a shape, however many principals it is for.
    views: HashMap<(Option<usize>, Option<Shape>), Runtime>,
    /// By name and grant: whoever shows another role meets what that grants, and nothing of what they met before.
    known: HashMap<(Arc<str>, Option<usize>), Known>,
}

/// A principal by one grant, and what it takes. What it lists is kept for each shape.
struct Known {
    account: Arc<Account>,
    shapes: HashMap<Option<Shape>, Principal>,
}

/// A principal at work.
pub(super) struct Present {
    pub(super) principal: Principal,
    pub(super) account: Arc<Account>,
}

impl Principals {
    pub(super) fn new(runtime: Runtime, grants: Vec<Grant>, limits: ServeLimits) -> Self {
        Self { runtime, grants, limits, inner: Mutex::default() }
    }

    /// The principal of this identity, meeting the tools in this shape.
    pub(super) fn of(&self, identity: &Identity, shape: Option<Shape>) -> Result<Present, Refusal> {
        let grant = self.grant(identity)?;
        let limits = grant.map_or(self.limits, |(_, grant)| grant.limits);
        let at = grant.map(|(at, _)| at);
        let who = (Arc::clone(&identity.name), at);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner { views, known } = &mut *inner;
        if !known.contains_key(&who) && known.len() >= MAX_KNOWN {
            known.retain(|_, known| Arc::strong_count(&known.account) > 1 || !known.account.is_idle());
            if known.len() >= MAX_KNOWN {
                let message = "more principals are at work than there is room for; ask again later";
                return Err(
                    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "principals", message).retry_after(5)
                );
            }
        }
        let entry = known
            .entry(who)
            .or_insert_with(|| Known { account: Arc::new(Account::new(limits)), shapes: HashMap::new() });
        let account = Arc::clone(&entry.account);
        let principal = entry.shapes.entry(shape).or_insert_with(|| {
            let view =
                views.entry((at, shape)).or_insert_with(|| self.view(grant.map(|(_, grant)| grant), shape));
            Principal::new(&identity.name, view.clone())
        });
        Ok(Present { principal: principal.clone(), account })
    }

    /// The grant that is about somebody; `None` where there are none at all.
    fn grant(&self, identity: &Identity) -> Result<Option<(usize, &Grant)>, Refusal> {
        if self.grants.is_empty() {
            return Ok(None);
        }
        let grants = || self.grants.iter().enumerate();
        // Those that are about the rest come after all others.
        let by_order =
            grants().filter(|(_, grant)| !grant.others).chain(grants().filter(|(_, grant)| grant.others));
        let found = by_order.into_iter().find(|(_, grant)| identity.is_of(grant));
        found.map(Some).ok_or_else(|| {
            tracing::info!(
                principal = &*identity.name,
                "refused: no table of [serve.principals] is about it"
            );
            let message = "you are known, and there is nothing here for you; ask who runs this server";
            Refusal::new(StatusCode::FORBIDDEN, "principal", message)
        })
    }

    fn view(&self, grant: Option<&Grant>, shape: Option<Shape>) -> Runtime {
        let shape = shape.or_else(|| grant.and_then(|grant| grant.surface));
        let mut view = View::default();
        view.shape = shape;
        if let Some(grant) = grant {
            view = view.rules(grant.rules.iter().cloned());
            if grant.connectors.is_some() {
                let all = self.runtime.connectors();
                view =
                    view.connectors(all.into_iter().map(|info| info.name).filter(|name| grant.allows(name)));
            }
        }
        match (grant, shape) {
            (None, None) => self.runtime.clone(),
            _ => self.runtime.view(view),
        }
    }
}
