//! Accepts connections: so many in all, so many from an address, and no more.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use crate::ops::{Ops, Refusal};

/// The pause after a connection could not be accepted, such as where there are no more files: others may end meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// What a connection too many is told. It is not waited for that it is read.
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-type: application/json\r\n\
    content-length: 73\r\n\r\n{\"error\":\"connections\",\"message\":\"too many connections; try again later\"}";

/// The connections there are.
pub(super) struct Connections {
    limit: usize,
    limit_per_address: usize,
    open: Mutex<Open>,
    ops: Ops,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place among the connections, until it is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    pub(super) fn new(limit: usize, limit_per_address: usize, ops: Ops) -> Arc<Self> {
        Arc::new(Self { limit, limit_per_address, open: Mutex::default(), ops })
    }

    /// The next connection there is a place for.
    pub(super) async fn accept(self: &Arc<Self>, listener: &TcpListener) -> (TcpStream, Place) {
        loop {
            match listener.accept().await {
                Ok((stream, from)) => match self.take(from) {
                    Some(place) => return (stream, place),
                    None => self.refuse(&stream, from),
                },
                Err(error) if is_of_client(&error) => {}
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn refuse(&self, stream: &TcpStream, from: SocketAddr) {
        tracing::debug!(%from, "refused: too many connections");
        self.ops.refused(Refusal::Connections);
        let _ = stream.try_write(BUSY);
    }

    fn take(self: &Arc<Self>, from: SocketAddr) -> Option<Place> {
        let address = told_apart(from.ip());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.by_address.get(&address).copied().unwrap_or_default();
        if open.all >= self.limit || of_address >= self.limit_per_address {
            return None;
        }
        open.all += 1;
        open.by_address.insert(address, of_address + 1);
        Some(Place { connections: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        match open.by_address.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.by_address.remove(&self.address)),
        }
    }
}

/// Whom an address stands for: of IPv6 one customer has 64 bits of addresses at least.
fn told_apart(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        address => address,
    }
}

/// Whether the client went before it was accepted.
fn is_of_client(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_given_back() {
        let connections = Connections::new(3, 2, Ops::default());
        let from = |text: &str| text.parse::<SocketAddr>().unwrap();
        let first = connections.take(from("10.0.0.1:1")).unwrap();
        let second = connections.take(from("[::ffff:10.0.0.1]:2")).unwrap();
        assert!(connections.take(from("10.0.0.1:3")).is_none(), "two from an address");
        let third = connections.take(from("[2001:db8::1]:1")).unwrap();
        assert!(connections.take(from("10.0.0.2:1")).is_none(), "three in all");
        drop(first);
        let fourth = connections.take(from("[2001:db8::2]:1")).unwrap();
        drop(second);
        assert!(connections.take(from("[2001:db8::3]:1")).is_none(), "one network is one address");
        drop((third, fourth));
        assert!(connections.open.lock().unwrap().by_address.is_empty());
    }

    #[test]
    fn what_is_said_has_the_length_it_says() {
        let text = std::str::from_utf8(BUSY).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}\r\n", body.len()))
                || head.ends_with(&format!("content-length: {}", body.len())),
            "{}",
            body.len()
        );
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    }
}
