//! Where connections are accepted.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Where connections are accepted: one address, or those of `localhost`. Other names are no places to listen: what they
/// lead to is up to whoever answers for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bind {
    /// `None` for `localhost`.
    address: Option<IpAddr>,
    port: u16,
}

/// What is no place to listen at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an address and a port, such as 127.0.0.1:8931, [::1]:8931 or localhost:8931")]
pub struct BindError;

impl Bind {
    /// The addresses to listen at. The first has to work; another may be missing, as on machines without IPv6.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let local = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        let addresses = match &self.address {
            Some(address) => std::slice::from_ref(address),
            None => local.as_slice(),
        };
        addresses.iter().map(|address| SocketAddr::new(*address, self.port)).collect()
    }

    /// Whether only processes of this machine reach it.
    pub fn is_loopback(&self) -> bool {
        self.address.is_none_or(|address| address.to_canonical().is_loopback())
    }
}

impl Default for Bind {
    fn default() -> Self {
        Self::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 8931)))
    }
}

impl From<SocketAddr> for Bind {
    fn from(address: SocketAddr) -> Self {
        Self { address: Some(address.ip()), port: address.port() }
    }
}

impl FromStr for Bind {
    type Err = BindError;

    fn from_str(text: &str) -> Result<Self, BindError> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(address.into());
        }
        let (name, port) = text.split_once(':').ok_or(BindError)?;
        let port = port.parse().map_err(|_| BindError)?;
        if name.eq_ignore_ascii_case("localhost") { Ok(Self { address: None, port }) } else { Err(BindError) }
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => SocketAddr::new(address, self.port).fmt(f),
            None => write!(f, "localhost:{}", self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_loopback() {
        for (text, is_loopback, addresses) in [
            ("127.0.0.1:1", true, 1),
            ("127.9.9.9:1", true, 1),
            ("[::1]:1", true, 1),
            ("[::ffff:127.0.0.1]:1", true, 1),
            ("LocalHost:1", true, 2),
            ("0.0.0.0:1", false, 1),
            ("[::]:1", false, 1),
            ("[::ffff:10.0.0.1]:1", false, 1),
            ("192.168.1.2:1", false, 1),
        ] {
            let bind: Bind = text.parse().unwrap();
            assert_eq!((bind.is_loopback(), bind.addresses().len()), (is_loopback, addresses), "{text}");
        }
        for text in
            ["", "127.0.0.1", "8931", ":8931", "example.com:8931", "127.0.0.1.evil:1", "localhost:65536"]
        {
            assert_eq!(text.parse::<Bind>(), Err(BindError), "{text}");
        }
    }
}
