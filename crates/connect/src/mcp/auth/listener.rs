//! Where the browser is sent when somebody has logged in: an address of this machine.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

/// Waits on `127.0.0.1` for the browser to bring the answer to one login (RFC 8252, section 7.3).
#[derive(Debug)]
pub struct LoginListener {
    listener: TcpListener,
    uri: String,
}

/// There is no place to wait.
#[derive(Debug, thiserror::Error)]
#[error("port {port} of 127.0.0.1 cannot be waited on: {source}")]
pub struct ListenerError {
    port: u16,
    source: io::Error,
}

/// The browser with the answer.
pub(super) struct Arrival {
    pub(super) url: String,
    stream: TcpStream,
}

const PATH: &str = "/callback";

/// The longest request head that is read. Codes and states have some hundred bytes.
const MAX_HEAD: usize = 16 * 1024;

/// How long a connection may take to say what it wants. Browsers open some that never do.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause after a connection that could not be taken: none would be a busy loop where files have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Connections at once; more wait.
const MAX_CONNECTIONS: usize = 16;

impl LoginListener {
    /// Waits on this port; on any that is free for 0. Some authorization servers know only the port that was registered.
    pub async fn bind(port: u16) -> Result<Self, ListenerError> {
        let bound = async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
            let uri = format!("http://{}{PATH}", listener.local_addr()?);
            Ok(Self { listener, uri })
        };
        bound.await.map_err(|source| ListenerError { port, source })
    }

    /// Where to send the browser.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The one request that answers the login with this state. Others get nothing.
    pub(super) async fn arrival(self, state: &str) -> Arrival {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                    // Such as a browser that has hung up already, or no more files to open: the next one may do.
                    let Ok((stream, _)) = accepted else {
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                        continue;
                    };
                    let (uri, state) = (self.uri.clone(), state.to_owned());
                    connections.spawn(async move {
                        tokio::time::timeout(HEAD_TIMEOUT, receive(stream, uri, state)).await.ok().flatten()
                    });
                }
                Some(received) = connections.join_next() => {
                    if let Ok(Some(arrival)) = received {
                        return arrival;
                    }
                }
            }
        }
    }
}

impl Arrival {
    /// Tells the person how it went.
    pub(super) async fn answer(mut self, is_logged_in: bool) {
        let text = match is_logged_in {
            true => "You are logged in. This window can be closed.",
            false => "The login failed; codemode says why. This window can be closed.",
        };
        let status = if is_logged_in { "200 OK" } else { "400 Bad Request" };
        // Whoever closed the window already knows.
        let _ = respond(&mut self.stream, status, text).await;
    }
}

/// The answer to the login with this state, if the connection brings it.
async fn receive(mut stream: TcpStream, uri: String, state: String) -> Option<Arrival> {
    let head = head(&mut stream).await?;
    let mut lines = head.lines();
    let target = lines.next()?.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1").map(str::to_owned);
    let hosts: Vec<&str> = lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
        .map(|(_, value)| value.trim())
        .collect();
    let uri = Url::parse(&uri).ok()?;
    // A page of another site that makes its name lead here sends that name.
    let is_us = matches!(*hosts, [host] if is_host_of(&uri, host));
    let found = target.filter(|_| is_us).and_then(|target| uri.join(&target).ok());
    let found = found.filter(|url| url.origin() == uri.origin() && url.path() == PATH).filter(|url| {
        let query: HashMap<_, _> = url.query_pairs().collect();
        query.get("state").is_some_and(|given| *given == state)
    });
    match found {
        Some(url) => Some(Arrival { url: url.into(), stream }),
        None => {
            let _ = respond(&mut stream, "404 Not Found", "There is nothing here.").await;
            None
        }
    }
}

/// Whether `host` is how a browser names the place of `uri`: without the port where that is the scheme's own.
fn is_host_of(uri: &Url, host: &str) -> bool {
    let (Some(name), Some(port)) = (uri.host_str(), uri.port_or_known_default()) else { return false };
    host == format!("{name}:{port}") || (uri.port().is_none() && host == name)
}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(buffer.get(..read)?);
        if head.len() > MAX_HEAD {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

async fn respond(stream: &mut TcpStream, status: &str, text: &str) -> io::Result<()> {
    let body = format!("<!doctype html><meta charset=utf-8><title>codemode</title><p>{text}");
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_leaves_out_the_port_of_the_scheme() {
        for (uri, host, is_us) in [
            ("http://127.0.0.1:8123/callback", "127.0.0.1:8123", true),
            ("http://127.0.0.1:8123/callback", "127.0.0.1", false),
            ("http://127.0.0.1:80/callback", "127.0.0.1", true),
            ("http://127.0.0.1:80/callback", "127.0.0.1:80", true),
            ("http://127.0.0.1:80/callback", "evil.example", false),
        ] {
            assert_eq!(is_host_of(&Url::parse(uri).unwrap(), host), is_us, "{uri} {host}");
        }
    }
}
