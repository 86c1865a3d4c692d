//! By which name the server was reached, and from which page.
//!
//! A page that a browser shows can send requests to any address. That of `evil.example` is told by its `Origin`; and where
//! its name server says that `evil.example` is at 127.0.0.1, by `Host`.

use codemode::config::{Bind, Serve};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use super::reply::Refusal;

/// The names under which the server is reached, and pages that may use it.
#[derive(Debug)]
pub(super) struct Names {
    /// In lower case, with a port where only that port counts.
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Names {
    pub(super) fn new(serve: &Serve) -> Self {
        let mut hosts = serve.allowed_hosts.clone();
        let mut origins = serve.allowed_origins.clone();
        if hosts.is_empty() {
            hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
            hosts.extend(own(&serve.bind));
            hosts.extend(serve.jwt.as_ref().and_then(|jwt| jwt.resource_url.host_str()).map(str::to_owned));
        }
        origins.extend(serve.jwt.as_ref().map(|jwt| jwt.resource_url.origin().ascii_serialization()));
        Self { hosts, origins }
    }

    /// The host by which the server was reached.
    pub(super) fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<String, Refusal> {
        let mut given = headers.get_all(HOST).iter();
        let (Some(host), None) = (given.next(), given.next()) else {
            return Err(refuse("host", "a request needs exactly one Host header"));
        };
        let host = host.to_str().unwrap_or_default().to_ascii_lowercase();
        // A request line with a whole URL names the host as well, and that one would count (RFC 9112, section 3.2.2).
        let is_said_twice =
            uri.authority().is_some_and(|authority| authority.as_str().to_ascii_lowercase() != host);
        match !is_said_twice && self.hosts.iter().any(|known| is_at(known, &host)) {
            true => Ok(host),
            false => {
                let message = "this server is not reached by that name; allowed_hosts in [serve] of its configuration says by which";
                Err(refuse("host", message))
            }
        }
    }

    /// The origin of the page that sent the request, if it was one.
    pub(super) fn check_origin(
        &self,
        host: &str,
        headers: &HeaderMap,
    ) -> Result<Option<HeaderValue>, Refusal> {
        let mut given = headers.get_all(ORIGIN).iter();
        let Some(origin) = given.next() else { return Ok(None) };
        let text = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        // The server's own pages; that it was reached by its own name is known by now.
        let is_own = text.strip_prefix("http://") == Some(host);
        match given.next().is_none() && (is_own || self.origins.contains(&text)) {
            true => Ok(Some(origin.clone())),
            false => {
                let message = "pages of that origin may not use this server; allowed_origins in [serve] of its configuration says which may";
                Err(refuse("origin", message))
            }
        }
    }
}

/// The address that is bound to, as it stands in `Host`. One that stands for all addresses is no name.
fn own(bind: &Bind) -> Vec<String> {
    let host = |address: std::net::SocketAddr| match address.ip() {
        ip if ip.is_unspecified() => None,
        std::net::IpAddr::V4(ip) => Some(ip.to_string()),
        std::net::IpAddr::V6(ip) => Some(format!("[{ip}]")),
    };
    bind.addresses().into_iter().filter_map(host).collect()
}

/// Whether `Host` is the known one, with any port unless that has one.
fn is_at(known: &str, host: &str) -> bool {
    let Some(rest) = host.strip_prefix(known) else { return false };
    let is_port =
        |port: &str| !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| is_port(port) && !has_port(known))
}

fn has_port(known: &str) -> bool {
    known.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn refuse(reason: &'static str, message: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, reason, message)
}

#[cfg(test)]
mod tests {
    use super::is_at;

    #[test]
    fn a_name_is_whole_and_its_port_is_one() {
        for (known, host, expected) in [
            ("localhost", "localhost", true),
            ("localhost", "localhost:8931", true),
            ("localhost", "localhost.evil", false),
            ("localhost", "localhost:", false),
            ("localhost", "localhost:1@evil", false),
            ("127.0.0.1", "127.0.0.1.evil", false),
            ("127.0.0.1", "127.0.0.12", false),
            ("[::1]", "[::1]:8931", true),
            ("[::1]", "[::1]", true),
            ("[::1]", "[::1]evil", false),
            ("a.example:8443", "a.example:8443", true),
            ("a.example:8443", "a.example:84431", false),
            ("a.example:8443", "a.example", false),
            ("a.example:8443", "a.example:8443:1", false),
            ("a.example", "", false),
        ] {
            assert_eq!(is_at(known, host), expected, "{known} {host}");
        }
    }
}
