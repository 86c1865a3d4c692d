//! A small HTTP API inside the binary, with the OpenAPI document that describes it: a lending library, in memory. What
//! it holds is made up anew whenever it starts, so every run sees the same.

mod authors;
mod books;
mod collection;
mod extract;
mod loans;
mod members;
mod page;
mod problem;
mod routes;

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::Context as _;
use axum::Router;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::interrupt;

/// Its name in a program.
pub(crate) const NAME: &str = "library";

/// The key that changes are made with. It is in the document: this is an example.
pub(crate) const KEY: &str = "example-library-key";

/// The document.
pub(crate) const OPENAPI: &str = include_str!("openapi.json");

/// Where the document is.
pub(crate) const DOCUMENT: &str = "/openapi.json";

/// Serves the library at `address`, whose URL is the only line on standard output, until standard input ends or a signal
/// comes.
pub(crate) async fn run(address: SocketAddr) -> anyhow::Result<()> {
    let (listener, url) = bound(address).await?;
    writeln!(std::io::stdout(), "{url}")?;
    let stop = interrupt::token();
    let ended = stop.clone();
    tokio::spawn(async move {
        let mut input = tokio::io::stdin();
        while input.read(&mut [0; 1024]).await.is_ok_and(|bytes| bytes > 0) {}
        ended.cancel();
    });
    serve(listener, stop).await
}

/// Serves the library at a free port of the loopback interface for as long as this process lives; the URL of its document.
pub(crate) async fn start() -> anyhow::Result<String> {
    let (listener, url) = bound(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    tokio::spawn(serve(listener, CancellationToken::new()));
    Ok(url)
}

/// A listener, and the URL of the document there.
async fn bound(address: SocketAddr) -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen at {address}"))?;
    let url = format!("http://{}{DOCUMENT}", listener.local_addr()?);
    Ok((listener, url))
}

/// Answers until `stop`, then no more: nobody waits for what an example still had to say.
async fn serve(listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let router: Router = routes::router();
    match stop.run_until_cancelled(axum::serve(listener, router).into_future()).await {
        Some(ended) => Ok(ended?),
        None => Ok(()),
    }
}
