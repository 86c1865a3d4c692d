//! Which hosts a connector may reach.

use std::collections::HashMap;
use std::fmt::{Debug, Formatter};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use ipnet::IpNet;
use url::{Host, Url};

use super::address::{Kind, kind};

/// A host, an address or a range outside the public internet that a connector may reach.
///
/// Written as `intranet.example`, `10.1.2.3` or `10.0.0.0/8`. A host's name covers loopback and private addresses; those
/// that are link-local or reserved, such as where clouds hand out credentials, have to be named as an address or range.
///
/// ```
/// use codemode_connect::Private;
///
/// assert!("10.0.0.0/8".parse::<Private>().is_ok());
/// assert!("10.0.0.0/33".parse::<Private>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private(Allowed);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    Name(String),
    Net(IpNet),
}

/// What names no host, address or range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no host, address or range: write one as intranet.example, 10.1.2.3 or 10.0.0.0/8")]
pub struct PrivateError(String);

impl FromStr for Private {
    type Err = PrivateError;

    fn from_str(text: &str) -> Result<Self, PrivateError> {
        let refused = || PrivateError(text.to_owned());
        if text.contains('/') {
            return text.parse().map(|net| Self(Allowed::Net(net))).map_err(|_| refused());
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(Allowed::Net(address.into())));
        }
        match Host::parse(text).map_err(|_| refused())? {
            Host::Domain(name) if !name.is_empty() => Ok(Self(Allowed::Name(plain(&name)))),
            Host::Domain(_) => Err(refused()),
            Host::Ipv4(address) => Ok(Self(Allowed::Net(IpAddr::V4(address).into()))),
            Host::Ipv6(address) => Ok(Self(Allowed::Net(IpAddr::V6(address).into()))),
        }
    }
}

/// Why a host may not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// It is at an address that is not public.
    #[error("{host} is at {address}, which is not a public address; allow {host} or a range to reach it")]
    NotPublic { host: String, address: IpAddr },
    /// It was at public addresses before, and now is at one that is not: its name server may be lying.
    #[error("{host} has moved from public addresses to {address}; allow {host} or a range if that is meant")]
    Moved { host: String, address: IpAddr },
    /// It has no address.
    #[error("{host} has no address")]
    NoAddress { host: String },
}

/// Decides about each address before anything is sent to it.
#[derive(Default)]
pub(crate) struct Guard {
    allowed: Vec<Allowed>,
    /// Hosts in URLs that the operator gave, and whether they are public: known with the first answer of the resolver,
    /// and not to change from public to private. A handful.
    named: Mutex<HashMap<String, Option<bool>>>,
}

impl Guard {
    pub(crate) fn new(allowed: impl IntoIterator<Item = Private>) -> Self {
        let allowed = allowed.into_iter().map(|private| private.0).collect();
        Self { allowed, named: Mutex::default() }
    }

    /// Allows the host of a URL that the operator gave, wherever its name leads at first.
    pub(crate) fn name(&self, url: &Url) {
        if let Some(host) = url.host() {
            self.named().entry(key(&host)).or_default();
        }
    }

    /// Whether the operator named this host: in a URL, or as one to allow.
    pub(crate) fn is_named(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let name = key(&host);
        self.named().contains_key(&name)
            || self.is_allowed_name(&name)
            || literal(&host).is_some_and(|a| self.is_in_range(a))
    }

    /// Judges a host that is an address itself: no resolver is asked about it.
    pub(super) fn check_literal(&self, url: &Url) -> Result<(), Refusal> {
        match url.host() {
            Some(host) => match literal(&host) {
                Some(address) => self.check(&key(&host), &[address]),
                None => Ok(()),
            },
            None => Err(Refusal::NoAddress { host: String::new() }),
        }
    }

    /// Judges what a name was resolved to: all of it or nothing, so that it does not matter which one is tried.
    pub(super) fn check(&self, host: &str, addresses: &[IpAddr]) -> Result<(), Refusal> {
        let name = plain(host);
        let refused =
            addresses.iter().find(|address| !self.is_in_range(**address) && kind(**address) != Kind::Public);
        let mut named = self.named();
        let before = named.get_mut(&name);
        let Some(&address) = refused else {
            return match addresses {
                [] => Err(Refusal::NoAddress { host: name }),
                _ => {
                    before.map(|before| before.get_or_insert(true));
                    Ok(())
                }
            };
        };
        let is_literal = name.parse::<IpAddr>().is_ok();
        let private =
            addresses.iter().all(|a| kind(*a) != Kind::Special || is_literal || self.is_in_range(*a));
        match before {
            _ if private && self.is_allowed_name(&name) => Ok(()),
            Some(Some(true)) => Err(Refusal::Moved { host: name, address }),
            Some(before) if private => {
                *before = Some(false);
                Ok(())
            }
            _ => Err(Refusal::NotPublic { host: name, address }),
        }
    }

    fn is_allowed_name(&self, name: &str) -> bool {
        self.allowed.iter().any(|allowed| matches!(allowed, Allowed::Name(known) if known == name))
    }

    fn is_in_range(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|allowed| matches!(allowed, Allowed::Net(net) if net.contains(&address)))
    }

    fn named(&self) -> std::sync::MutexGuard<'_, HashMap<String, Option<bool>>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Debug for Guard {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    }
}

fn key(host: &Host<&str>) -> String {
    match host {
        Host::Domain(name) => plain(name),
        Host::Ipv4(address) => Ipv4Addr::to_string(address),
        Host::Ipv6(address) => Ipv6Addr::to_string(address),
    }
}

/// One spelling of a name: lower case, without the dot that makes it absolute.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}
