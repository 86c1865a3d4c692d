//! The client by which spans are sent: plain HTTP/1.1, a connection a request, which is one in five seconds.

use std::time::Duration;

use async_trait::async_trait;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

/// How long a collector may take. The exporter's own time, which the environment can make shorter, is ten seconds too.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most of an answer that is read: it says how many spans were refused, and why.
const MAX_BYTES: usize = 64 << 10;

/// Sends on the tokio runtime that it was made on: the exporter calls from a thread of its own.
#[derive(Debug)]
pub(super) struct Client {
    tokio: Handle,
}

impl Client {
    pub(super) fn new() -> Self {
        Self { tokio: Handle::current() }
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.tokio.spawn(async { tokio::time::timeout(PATIENCE, send(request)).await }).await??
    }
}

async fn send(mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let uri = request.uri();
    if uri.scheme_str() != Some("http") {
        return Err(
            "a collector is reached by plain http; one that is elsewhere is reached through one that is here"
                .into(),
        );
    }
    let authority = uri.authority().ok_or("the collector's URL has no host")?;
    let (host, port) =
        (authority.host().trim_matches(['[', ']']).to_owned(), authority.port_u16().unwrap_or(80));
    let named = authority.as_str().parse()?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    request.headers_mut().insert(http::header::HOST, named);
    *request.uri_mut() = path;
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request.map(Full::new)).await?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, MAX_BYTES).collect().await?.to_bytes();
    connection.abort();
    Ok(Response::from_parts(parts, body))
}
