//! Tokens of our own: made by an operator, shown once, kept as their hash.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use subtle::ConstantTimeEq as _;

use super::Refused;
use super::token_file::{Entry, File, Record, Version};

/// The tokens of a state folder. What another process changes counts with the next request. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    file: Arc<File>,
    read: Arc<Mutex<Read>>,
}

/// What was read last.
#[derive(Default)]
struct Read {
    version: Option<Version>,
    entries: Arc<[Entry]>,
}

/// A token, without what makes it one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub principal: String,
    /// When it was made.
    pub created: SystemTime,
    /// When it counts no longer.
    pub expires: Option<SystemTime>,
}

impl TokenInfo {
    /// Whether it counts no longer.
    pub fn is_expired(&self) -> bool {
        self.expires.is_some_and(|expires| expires <= SystemTime::now())
    }
}

/// A token that was just made.
#[derive(Clone)]
#[non_exhaustive]
pub struct Created {
    /// What is known of it from now on.
    pub info: TokenInfo,
    /// The token, which is shown once and kept nowhere.
    pub secret: String,
}

impl fmt::Debug for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Created").field("info", &self.info).finish_non_exhaustive()
    }
}

/// What cannot be done about tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The name is none that a token or a principal can have.
    #[error("{0:?} is no name: 1 to 64 letters, digits, `.`, `_`, `-` and `@`")]
    Name(String),
    /// There is a token of this name.
    #[error("there is a token {0:?} already; revoke it first, or choose another name")]
    Exists(String),
    /// There is no token of this name.
    #[error("there is no token {0:?}")]
    Unknown(String),
    /// There are too many.
    #[error("there are {MAX_TOKENS} tokens already; revoke some that are not used")]
    TooMany,
    /// It would not count long enough, or too long.
    #[error("a token can expire after 1 minute to 10 years")]
    Expiry,
    /// The file cannot be used.
    #[error("the file of tokens: {0}")]
    File(#[from] std::io::Error),
    /// There is no randomness to be had.
    #[error("the system gives no random bytes")]
    Random,
}

/// Tokens there can be. All are compared with what a request shows, which takes 10 µs at this number.
const MAX_TOKENS: usize = 1_000;

/// What every token begins with, so that people and scanners of secrets know it.
const PREFIX: &str = "cm_";

/// Random bytes of a token.
const RANDOM_BYTES: usize = 32;

const SHORTEST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

impl Tokens {
    /// Those of this state folder.
    pub fn new(state: &Path) -> Self {
        Self { file: Arc::new(File::new(state)), read: Arc::default() }
    }

    /// Whether there ever was one. Where the last was revoked, tokens are asked for all the same.
    pub fn are_used(&self) -> bool {
        self.file.exists()
    }

    /// Makes a token. Without a principal it is of the one of its own name. It counts when this returns.
    ///
    /// # Errors
    ///
    /// [`TokenError`] where nothing was made.
    pub fn create(
        &self,
        name: &str,
        principal: Option<&str>,
        expires_in: Option<Duration>,
    ) -> Result<Created, TokenError> {
        let principal = principal.unwrap_or(name);
        for name in [name, principal] {
            is_name(name).then_some(()).ok_or_else(|| TokenError::Name(name.to_owned()))?;
        }
        if expires_in.is_some_and(|time| !(SHORTEST..=LONGEST).contains(&time)) {
            return Err(TokenError::Expiry);
        }
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random).map_err(|_| TokenError::Random)?;
        let secret = format!("{PREFIX}{}", hex(&random));
        let now = seconds(SystemTime::now());
        let entry = Entry {
            name: name.to_owned(),
            principal: principal.to_owned(),
            sha256: hash(&secret),
            created: now,
            expires: expires_in.map(|time| now.saturating_add(time.as_secs())),
        };
        let info = info(&entry);
        self.file.change(|Record { tokens }| {
            if tokens.iter().any(|known| known.name == name) {
                return Err(TokenError::Exists(name.to_owned()));
            }
            if tokens.len() >= MAX_TOKENS {
                return Err(TokenError::TooMany);
            }
            tokens.push(entry);
            Ok(())
        })?;
        Ok(Created { info, secret })
    }

    /// All of them, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`TokenError::File`] where the file cannot be read.
    pub fn list(&self) -> Result<Vec<TokenInfo>, TokenError> {
        Ok(self.file.read()?.tokens.iter().map(info).collect())
    }

    /// Lets a token count no longer: a server that runs refuses it with the next request.
    ///
    /// # Errors
    ///
    /// [`TokenError::Unknown`] where there is none of this name.
    pub fn revoke(&self, name: &str) -> Result<(), TokenError> {
        self.file.change(|Record { tokens }| {
            let before = tokens.len();
            tokens.retain(|known| known.name != name);
            if tokens.len() < before { Ok(()) } else { Err(TokenError::Unknown(name.to_owned())) }
        })
    }

    /// Whose token this is.
    pub(super) fn verify(&self, token: &str) -> Result<Arc<str>, Refused> {
        let entries = self.current()?;
        let shown = hash(token);
        // Every entry is looked at, and each in the same time: how long it takes tells nothing about any.
        let found = entries.iter().fold(None, |found, entry| match bool::from(entry.sha256.ct_eq(&shown)) {
            true => Some(entry),
            false => found,
        });
        let entry = found.ok_or(Refused::Invalid("the token is unknown or was revoked"))?;
        match entry.expires.is_none_or(|expires| seconds(SystemTime::now()) < expires) {
            true => Ok(entry.principal.as_str().into()),
            false => Err(Refused::Invalid("the token has expired")),
        }
    }

    /// The entries as they are now. The file is read again where it is another than before.
    fn current(&self) -> Result<Arc<[Entry]>, Refused> {
        let refused = |error: std::io::Error| Refused::Unavailable(format!("the file of tokens: {error}"));
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.file.version().map_err(refused)?;
        if version.is_none() || read.version != version {
            // Its version was taken first: what is written meanwhile is read again with the next request.
            read.entries = self.file.read().map_err(refused)?.tokens.into();
            read.version = version;
        }
        Ok(Arc::clone(&read.entries))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

fn info(entry: &Entry) -> TokenInfo {
    let at = |seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH);
    TokenInfo {
        name: entry.name.clone(),
        principal: entry.principal.clone(),
        created: at(entry.created),
        expires: entry.expires.map(at),
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    !name.is_empty() && name.len() <= 64 && name.chars().all(is_part)
}

fn hash(token: &str) -> [u8; SHA256_OUTPUT_LEN] {
    let mut bytes = [0; SHA256_OUTPUT_LEN];
    bytes.iter_mut().zip(digest(&SHA256, token.as_bytes()).as_ref()).for_each(|(to, from)| *to = *from);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
