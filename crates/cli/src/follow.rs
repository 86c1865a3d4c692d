//! Where a page of this machine sends the browser, for logins without one.

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The longest head of an answer.
const MAX_HEAD: u64 = 64 * 1024;

/// Asks for a page by plain HTTP, and says where its answer leads.
pub(crate) async fn redirect(url: &str) -> anyhow::Result<String> {
    let rest = url.strip_prefix("http://").context("it is not reached by plain http")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(MAX_HEAD).read_to_string(&mut answer).await?;
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let mut headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    match headers.find(|(name, _)| name.eq_ignore_ascii_case("location")) {
        Some((_, location)) => Ok(location.trim().to_owned()),
        None => bail!("it leads nowhere: {}", head.lines().next().unwrap_or_default()),
    }
}
