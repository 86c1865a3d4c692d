//! The keys of an authorization server: found by its issuer, got through the guard, kept for a while.
//!
//! A token names its key. One that is not known is looked for again, but not for every token that names nonsense: once in
//! [`MIN_INTERVAL`]. Where keys cannot be had, those that were count a while longer, and then none do.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use codemode::config::Jwt;
use codemode::connect::{DocumentError, Documents};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use url::Url;

use super::jwk::{Jwk, PublicKey};
use super::jws::Algorithm;

/// How long keys are used before they are looked at again: a key that the server took back counts no longer than this.
const FRESH: Duration = Duration::from_secs(600);

/// How long keys are used where they cannot be looked at again. A server that is restarted is back within it.
const STALE: Duration = Duration::from_secs(3600);

/// The least time between two looks for keys that are not known: tokens with invented key ids make us ask no more often.
const MIN_INTERVAL: Duration = Duration::from_secs(30);

/// The least time between two attempts that failed, while there are no keys at all.
const RETRY: Duration = Duration::from_secs(2);

/// The time one document may take: a client waits for its answer meanwhile.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of a document. Metadata has 4 KiB; a hundred keys with their certificates have 250.
const MAX_BYTES: usize = 512 << 10;

/// Keys of one set that are looked at. Servers have two to ten.
const MAX_KEYS: usize = 100;

/// The keys of one issuer.
pub(super) struct Keys {
    documents: Documents,
    issuer: String,
    jwks_url: Option<Url>,
    current: RwLock<Option<Set>>,
    /// When keys were looked for last. Who holds it looks for them.
    looked: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

#[derive(Clone)]
struct Set {
    keys: Arc<[Jwk]>,
    at: Instant,
}

/// Why there is no key.
#[derive(Debug)]
pub(super) enum NoKey {
    /// The server has none like that.
    Unknown,
    /// Whether it has cannot be told.
    Unavailable(String),
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Value>,
}

impl Keys {
    pub(super) fn new(options: &Jwt) -> Result<Self, DocumentError> {
        Ok(Self {
            documents: Documents::new(options.allow_private.iter().cloned())?,
            issuer: options.issuer.clone(),
            jwks_url: options.jwks_url.clone(),
            current: RwLock::default(),
            looked: Arc::default(),
        })
    }

    /// Calls `with` with the key of this id for this algorithm; without an id with the only one there is for it.
    pub(super) async fn with<T>(
        self: &Arc<Self>,
        id: Option<&str>,
        algorithm: Algorithm,
        with: impl FnOnce(&PublicKey) -> T,
    ) -> Result<T, NoKey> {
        let known = self.current();
        if let Some(set) = known.as_ref().filter(|set| set.at.elapsed() < FRESH)
            && let Some(key) = find(&set.keys, id, algorithm)
        {
            return Ok(with(&key.key));
        }
        let set = self.look(known, id, algorithm).await?;
        find(&set.keys, id, algorithm).map(|key| with(&key.key)).ok_or(NoKey::Unknown)
    }

    /// Looks for keys again, if that is due.
    async fn look(
        self: &Arc<Self>,
        known: Option<Set>,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Set, NoKey> {
        let has_key = |set: &&Set| set.at.elapsed() < STALE && find(&set.keys, id, algorithm).is_some();
        let looked = match (Arc::clone(&self.looked).try_lock_owned(), known.as_ref().filter(has_key)) {
            (Ok(looked), _) => looked,
            // Somebody else is looking; what there is serves meanwhile.
            (Err(_), Some(set)) => return Ok(set.clone()),
            (Err(_), None) => Arc::clone(&self.looked).lock_owned().await,
        };
        // Somebody else may have looked while this waited.
        let current = self.current();
        let is_newer = match (&current, &known) {
            (Some(current), Some(known)) => current.at > known.at,
            (current, _) => current.is_some(),
        };
        if let Some(set) = current.as_ref().filter(|_| is_newer) {
            return Ok(set.clone());
        }
        let usable = current.filter(|set| set.at.elapsed() < STALE);
        let interval = if usable.is_some() { MIN_INTERVAL } else { RETRY };
        let too_soon = looked.is_some_and(|at| at.elapsed() < interval);
        match usable {
            Some(set) if too_soon => return Ok(set),
            None if too_soon => {
                return Err(NoKey::Unavailable("the issuer's keys could not be had just now".to_owned()));
            }
            _ => {}
        }
        // In a task of its own: a client that hangs up meanwhile would else make the next request ask again at once.
        let got = tokio::spawn(Arc::clone(self).renew(looked)).await;
        got.unwrap_or_else(|_| Err("looking for them failed; this is our bug".to_owned()))
            .or_else(|why| self.current().filter(|set| has_key(&set)).ok_or(NoKey::Unavailable(why)))
    }

    /// Gets the keys, and writes down that they were looked for.
    async fn renew(self: Arc<Self>, mut looked: OwnedMutexGuard<Option<Instant>>) -> Result<Set, String> {
        let got = self.get().await;
        *looked = Some(Instant::now());
        let keys = got.inspect_err(|why| {
            tracing::warn!(issuer = self.issuer, "the keys of the issuer cannot be had: {why}");
        })?;
        let set = Set { keys, at: Instant::now() };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(set.clone());
        Ok(set)
    }

    async fn get(&self) -> Result<Arc<[Jwk]>, String> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discover().await?,
        };
        let bytes = self.documents.get(&url, TIMEOUT, MAX_BYTES).await.map_err(|error| error.to_string())?;
        let set: JwkSet = serde_json::from_slice(&bytes).map_err(|_| "what is there is no set of keys")?;
        let keys: Vec<Jwk> = set.keys.iter().take(MAX_KEYS).filter_map(Jwk::read).collect();
        if keys.is_empty() {
            Err("it has no key that could check a token".to_owned())
        } else {
            Ok(keys.into())
        }
    }

    /// Where the keys are, by what the issuer says of itself: RFC 8414, section 3, and OpenID Connect Discovery 1.0,
    /// section 4.
    async fn discover(&self) -> Result<Url, String> {
        let issuer = Url::parse(&self.issuer).map_err(|_| "the issuer is no URL")?;
        let path = issuer.path().trim_end_matches('/').to_owned();
        let mut why = String::new();
        for place in [
            format!("/.well-known/oauth-authorization-server{path}"),
            format!("{path}/.well-known/openid-configuration"),
        ] {
            let mut url = issuer.clone();
            url.set_path(&place);
            match self.documents.get(&url, TIMEOUT, MAX_BYTES).await {
                Ok(bytes) => return self.keys_of(&bytes, issuer.scheme()),
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }

    fn keys_of(&self, metadata: &[u8], scheme: &str) -> Result<Url, String> {
        let metadata: Metadata =
            serde_json::from_slice(metadata).map_err(|_| "its metadata names no issuer and keys")?;
        // Who speaks for another issuer is not asked for keys: RFC 8414, section 3.3.
        if metadata.issuer != self.issuer {
            return Err("its metadata is that of another issuer".to_owned());
        }
        let is_encrypted = metadata.jwks_uri.scheme() == "https" || metadata.jwks_uri.scheme() == scheme;
        if is_encrypted { Ok(metadata.jwks_uri) } else { Err("its keys are not at an https URL".to_owned()) }
    }

    fn current(&self) -> Option<Set> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn find<'k>(keys: &'k [Jwk], id: Option<&str>, algorithm: Algorithm) -> Option<&'k Jwk> {
    let mut fitting = keys.iter().filter(|key| key.is_for(algorithm));
    match id {
        Some(id) => fitting.find(|key| key.id.as_deref() == Some(id)),
        None => fitting.next().filter(|_| fitting.next().is_none()),
    }
}
