//! What a client of the newer era gives back with its answers: `requestState`.
//!
//! It names something that is kept here, and nothing of that leaves. It is signed with a key that dies with the process, and
//! holds for one principal, one request and a time; whatever it names can be taken once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ring::digest;
use rmcp::model::{ErrorData, RequestStateCodec, SealOptions};
use serde_json::Value;

use super::client::Client;
use super::exchange::Exchange;
use crate::bounds::{Bounded, Full};

/// How long a client may take to answer: as long as an upstream waits for an answer by default.
pub(crate) const KEPT_FOR: Duration = Duration::from_secs(10 * 60);

/// How many of a principal's requests may wait for its client, and how many of all: each may hold an isolate.
const MAX_OF_PRINCIPAL: usize = 16;
const MAX: usize = 128;

/// How many states of upstreams are kept for a principal, and how many of all: a text of up to 64 KiB each, so 16 MiB and
/// 128 MiB at worst. Nothing waits for one: the oldest makes room for the next.
const MAX_UPSTREAM_OF_PRINCIPAL: usize = 256;
const MAX_UPSTREAM: usize = 2048;

/// What a request is, for telling it from another: its method and what it is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RequestDigest([u8; 32]);

/// What is kept for a request that comes again.
#[derive(Debug)]
pub(crate) enum Kept {
    /// Work that goes on in the meantime.
    Exchange(Box<Exchange>),
    /// What an upstream gave for the same purpose.
    Upstream(Value),
}

/// What requests that wait for their clients are kept by.
pub(crate) struct States {
    /// `None` where the system gives no key that nobody knows; then nothing is kept.
    codec: Option<RequestStateCodec>,
    exchanges: Mutex<Bounded<Box<Exchange>>>,
    upstream: Mutex<Bounded<Value>>,
}

impl RequestDigest {
    /// Of a request by its method and its parameters without those that change when it comes again.
    pub(crate) fn of(method: &str, name: &str, arguments: &Value) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [method, name] {
            update(&mut context, part.as_bytes());
        }
        hash(&mut context, arguments);
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }
}

/// Adds a part so that no two lists of parts are the same bytes.
fn update(context: &mut digest::Context, part: &[u8]) {
    context.update(&part.len().to_be_bytes());
    context.update(part);
}

/// Adds a value, whatever the order of its keys.
fn hash(context: &mut digest::Context, value: &Value) {
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            context.update(b"{");
            for (key, value) in entries {
                update(context, key.as_bytes());
                hash(context, value);
            }
            context.update(b"}");
        }
        Value::Array(elements) => {
            context.update(b"[");
            elements.iter().for_each(|element| hash(context, element));
            context.update(b"]");
        }
        plain => update(context, plain.to_string().as_bytes()),
    }
}

impl States {
    pub(super) fn new() -> Self {
        let mut key = [0; 32];
        let codec = getrandom::fill(&mut key).ok().and_then(|()| RequestStateCodec::try_new(key).ok());
        let exchanges = Mutex::new(Bounded::new(MAX, MAX_OF_PRINCIPAL, KEPT_FOR));
        let upstream = Mutex::new(Bounded::new(MAX_UPSTREAM, MAX_UPSTREAM_OF_PRINCIPAL, KEPT_FOR));
        Self { codec, exchanges, upstream }
    }

    /// Keeps something until the same client sends the same request again, and returns the `requestState` for it.
    ///
    /// # Errors
    ///
    /// [`Full`] where too many requests wait already; then nothing is kept.
    pub(crate) fn keep(
        &self,
        client: &Client,
        request: RequestDigest,
        kept: Kept,
    ) -> Result<String, Full<Kept>> {
        let Some(codec) = &self.codec else { return Err(Full(kept)) };
        let principal = client.principal.name();
        let id = match kept {
            Kept::Exchange(exchange) => locked(&self.exchanges)
                .add(principal, exchange)
                .map_err(|Full(exchange)| Full(Kept::Exchange(exchange)))?,
            Kept::Upstream(state) => locked(&self.upstream)
                .add_over_oldest(principal, state)
                .map_err(|Full(state)| Full(Kept::Upstream(state)))?,
        };
        let bound = bound(client, request);
        let options = SealOptions::new().associated_data(&bound).ttl(KEPT_FOR);
        Ok(codec.seal_with(id.as_bytes(), &options))
    }

    /// Takes what was kept, once.
    ///
    /// # Errors
    ///
    /// An error of JSON-RPC where the state is not one that was given to this client for this request, or was used, or has
    /// expired. It does not say which: that helps nobody who is honest.
    pub(crate) fn take(
        &self,
        client: &Client,
        request: RequestDigest,
        state: &str,
    ) -> Result<Kept, ErrorData> {
        let refused = || {
            ErrorData::invalid_params(
                "requestState is not one that was given for this request, or it was used or has expired; send the \
                 request again without it",
                None,
            )
        };
        let codec = self.codec.as_ref().ok_or_else(refused)?;
        let opened = codec.open_with(state, &bound(client, request)).map_err(|error| {
            tracing::warn!(%error, principal = client.principal.name(), "refused a requestState");
            refused()
        })?;
        let id = String::from_utf8(opened).map_err(|_| refused())?;
        let principal = client.principal.name();
        let exchange = locked(&self.exchanges).take(principal, &id).map(Kept::Exchange);
        let kept = exchange.or_else(|| locked(&self.upstream).take(principal, &id).map(Kept::Upstream));
        kept.ok_or_else(refused)
    }
}

fn locked<T>(kept: &Mutex<Bounded<T>>) -> MutexGuard<'_, Bounded<T>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a state is bound to.
fn bound(client: &Client, request: RequestDigest) -> Vec<u8> {
    [&request.0, client.principal.name().as_bytes()].concat()
}
