//! The HTTP server as a whole.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use codemode::Runtime;
use codemode::config::{Bind, Serve, ServeLimits};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::accept::{Connections, Place};
use super::body::Bodies;
use super::options::{HttpError, HttpOptions};
use super::phase::Phase;
use super::service::Service;
use super::sessions::Sessions;
use super::site::Site;
use super::stream::TimedStream;
use crate::Gateway;
use crate::mcp::Server;

/// How long requests that are under way may take once the server is to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Header lines of a request. Browsers send twenty.
const MAX_HEADERS: usize = 100;

/// Bytes that are read of a connection before anybody asks for them, beyond the headers.
const READ_BYTES: usize = 64 << 10;

/// Serves MCP at `/mcp` over HTTP. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct HttpServer {
    inner: Arc<Inner>,
}

struct Inner {
    service: Arc<Service>,
    bind: Bind,
    limits: ServeLimits,
    state: Option<PathBuf>,
    grace: Duration,
    /// No more connections, and no more requests of those there are.
    stop: CancellationToken,
    /// No more of anything.
    end: CancellationToken,
}

impl HttpServer {
    /// A server that does not listen yet.
    ///
    /// # Errors
    ///
    /// [`HttpError::Open`] where it could be reached from other machines and would ask nobody who they are; else where who
    /// they are cannot be found out.
    pub fn new(gateway: &Gateway, runtime: &Runtime, options: HttpOptions) -> Result<Self, HttpError> {
        let HttpOptions { serve, state, metrics, grace } = options;
        let (stop, end) = (CancellationToken::new(), CancellationToken::new());
        let site = Site::new(runtime, &serve, state.as_deref(), stop.child_token())?;
        let sessions = Arc::new(Sessions::new(serve.limits.session_timeout));
        // Hosts, origins and the size of bodies are judged before.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .disable_allowed_origins()
            .with_max_request_body_bytes(serve.limits.body_bytes)
            .with_cancellation_token(end.clone());
        let (ops, gateway) = (gateway.ops().clone(), gateway.clone());
        let make = move || Ok(Server::by_request(&gateway));
        let service = Service {
            site: RwLock::new(Arc::new(site)),
            mcp: StreamableHttpService::new(make, Arc::clone(&sessions), config),
            sessions,
            pages: ops.pages(metrics),
            ops,
            bodies: Bodies::new(serve.limits.body_bytes, serve.limits.body_timeout),
        };
        let (bind, limits, grace) = (serve.bind, serve.limits, grace.unwrap_or(GRACE));
        let inner = Inner { service: Arc::new(service), bind, limits, state, grace, stop, end };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Listens at the addresses of the configuration.
    ///
    /// # Errors
    ///
    /// [`HttpError::Bind`] where the first of them cannot be listened at.
    pub async fn bind(&self) -> Result<Vec<TcpListener>, HttpError> {
        let bind = self.inner.bind;
        let mut listeners: Vec<TcpListener> = Vec::new();
        for mut address in bind.addresses() {
            // Where the system chose the port, both have the same.
            if let (0, Some(first)) = (address.port(), listeners.first()) {
                address.set_port(first.local_addr().map_or(0, |address| address.port()));
            }
            match TcpListener::bind(address).await {
                Ok(listener) => listeners.push(listener),
                Err(error) if listeners.is_empty() => return Err(HttpError::Bind { bind, error }),
                Err(error) => tracing::warn!("not listening at {address}: {error}"),
            }
        }
        Ok(listeners)
    }

    /// Serves until `stop` is cancelled, and then until what was asked before is answered or its time has passed.
    pub async fn serve(&self, listeners: Vec<TcpListener>, stop: CancellationToken) {
        let inner = &self.inner;
        let limits = &inner.limits;
        let connections =
            Connections::new(limits.connections, limits.connections_per_address, inner.service.ops.clone());
        let mut accepting = JoinSet::new();
        for listener in listeners {
            accepting.spawn(self.clone().accept(listener, Arc::clone(&connections)));
        }
        stop.cancelled().await;
        inner.stop.cancel();
        let all = async { while accepting.join_next().await.is_some() {} };
        tokio::pin!(all);
        if tokio::time::timeout(inner.grace, all.as_mut()).await.is_ok() {
            return inner.end.cancel();
        }
        tracing::warn!("requests did not end within {:?}; they are given up", inner.grace);
        inner.end.cancel();
        all.await;
    }

    /// Accepts connections until no more are to be, and waits until those there are have ended.
    async fn accept(self, listener: TcpListener, connections: Arc<Connections>) {
        let mut serving = JoinSet::new();
        let stop = &self.inner.stop;
        while let Some((stream, place)) = stop.run_until_cancelled(connections.accept(&listener)).await {
            serving.spawn(self.clone().connection(stream, place));
            // What has ended is forgotten; what goes on is bounded by the number of connections.
            while serving.try_join_next().is_some() {}
        }
        drop(listener);
        while serving.join_next().await.is_some() {}
    }

    /// Serves by another configuration and another runtime from the next request on; streams on which clients listen for
    /// changes end. Where it listens, and the limits of connections, bodies and times, stay as they are.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); then everything stays as it is.
    pub fn reload(&self, runtime: &Runtime, serve: &Serve) -> Result<(), HttpError> {
        let site = Arc::new(self.site(runtime, serve)?);
        let mut current = self.inner.service.site.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, site).stop.cancel();
        Ok(())
    }

    /// Whether [`reload`](Self::reload) would take this configuration over; nothing changes.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn check(&self, runtime: &Runtime, serve: &Serve) -> Result<(), HttpError> {
        self.site(runtime, serve).map(drop)
    }

    fn site(&self, runtime: &Runtime, serve: &Serve) -> Result<Site, HttpError> {
        let mut serve = serve.clone();
        serve.bind = self.inner.bind;
        Site::new(runtime, &serve, self.inner.state.as_deref(), self.inner.stop.child_token())
    }

    async fn connection(self, stream: TcpStream, _place: Place) {
        let Inner { service, limits, stop, end, .. } = &*self.inner;
        let _ = stream.set_nodelay(true);
        let phase = Arc::new(Phase::new(limits.header_timeout, limits.idle_timeout));
        let io = TokioIo::new(TimedStream::new(stream, Arc::clone(&phase)));
        let answer = service_fn(move |request| {
            let (service, phase) = (Arc::clone(service), Arc::clone(&phase));
            async move { service.answer(request, phase).await }
        });
        let mut http = http1::Builder::new();
        // The stream has time limits of its own, which tell a slow client from one that has nothing to ask.
        http.header_read_timeout(None)
            .max_headers(MAX_HEADERS)
            .max_header_size(limits.header_bytes)
            .max_buf_size(limits.header_bytes.max(READ_BYTES));
        let connection = http.serve_connection(io, answer);
        tokio::pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        let _ = end.run_until_cancelled(connection).await;
    }
}

impl std::fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpServer").field("bind", &self.inner.bind).finish_non_exhaustive()
    }
}
