//! An MCP server that is connected to when needed, and again when the connection has ended.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use codemode_catalog::Listing;
use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest};
use serde_json::Value;
use tokio::sync::{OnceCell, watch};
use tokio::time::{Instant, timeout_at};

use super::backoff::Backoff;
use super::connection::{Connection, Limit, StartFailure};
use super::failure::Failure;
use super::handshake::Era;
use super::http::{EndpointError, HeaderError, Params, Remote};
use super::limits::SHORT_PAUSE;
use super::{Command, Limits, decode, list};
use crate::http::{self, Client, HttpLimits, Private};
use crate::secret::Redactor;
use crate::{BoxFuture, Call, CallError, Connector, Detail, Error, Reply, Secret};

/// An MCP server.
///
/// - The connection is made at the first use, and again at the next use after it has ended. Between attempts that fail in
///   a row there are pauses, [`Limits::first_pause`] at first and doubling up to [`Limits::longest_pause`]; a pause of up
///   to a second is waited out within a call, for a longer one calls fail with [`Error::Unavailable`] at once.
/// - All calls share the one connection. Both eras of MCP are spoken; which one the server wants is found out once.
/// - What the server asks of a person or a model (elicitation, sampling, roots) is refused.
///
/// A server that runs as a child process ([`stdio`](Self::stdio)) is greeted with `initialize`, and where it refuses
/// that, by a fresh process, with `server/discover` from then on.
///
/// - The process has a minimal environment (see [`Command`]) and a process group of its own. The group is killed when
///   the connector is closed or dropped, when the tokio runtime ends, and, where there is `/bin/sh`, when we are killed.
///   A descendant that leaves the group (`setsid`) is out of reach.
/// - Its standard error never reaches ours; the end of it is in [`Error::operator_message`] and in
///   [`stderr`](Self::stderr), with whatever it prints to standard output that is no message.
///
/// A server that is reached by HTTP ([`http`](Self::http)) is asked by `server/discover`, and where it does not know that,
/// greeted with `initialize` from then on.
///
/// - Its addresses have to be public, unless they are of the host that the URL names, or [allowed](Self::allow).
/// - Redirects are followed for GET within its origin, and nowhere else. There are no cookies and no proxy.
/// - A session that the server has forgotten is begun anew once; the request is repeated then, which the server had
///   refused unread. Closing ends the session.
/// - Parameters that a tool's schema marks by `x-mcp-header` are repeated in headers; a tool that marks them wrongly is left
///   out.
pub struct Mcp {
    options: Arc<Options>,
    shared: Arc<Shared>,
    redactor: Arc<Redactor>,
}

/// What an operator decides.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) name: String,
    pub(super) endpoint: Endpoint,
    pub(super) limits: Limits,
}

/// Where the server is.
#[derive(Debug, Clone)]
pub(super) enum Endpoint {
    /// A child process, to be started.
    Stdio(Command),
    /// A URL.
    Http(Remote),
}

/// What outlives a connection.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) tools_changed: Arc<AtomicBool>,
    /// What calls repeat in headers.
    pub(super) params: Params,
    /// One client for all connections: its guard knows where the server was before.
    client: OnceCell<Client>,
}

struct Shared {
    current: Mutex<Option<Arc<Connection>>>,
    /// Held while a connection is made, so that one is made once.
    starting: tokio::sync::Mutex<Starting>,
    memory: Memory,
    closed: watch::Sender<bool>,
}

#[derive(Default)]
struct Starting {
    backoff: Backoff,
    era: Option<Era>,
    last: Option<(&'static str, Detail)>,
}

impl Mcp {
    /// A connector for the server that `command` starts, over its standard input and output. Nothing is started yet.
    pub fn stdio(name: impl Into<String>, command: Command) -> Self {
        Self::new(name.into(), Endpoint::Stdio(command))
    }

    /// A connector for the server at `url`, over streamable HTTP. Nothing is sent yet.
    pub fn http(name: impl Into<String>, url: &str) -> Result<Self, EndpointError> {
        Ok(Self::new(name.into(), Endpoint::Http(Remote::new(url)?)))
    }

    fn new(name: String, endpoint: Endpoint) -> Self {
        let shared = Shared {
            current: Mutex::new(None),
            starting: tokio::sync::Mutex::default(),
            memory: Memory::default(),
            closed: watch::Sender::new(false),
        };
        Self {
            options: Arc::new(Options { name, endpoint, limits: Limits::default() }),
            shared: Arc::new(shared),
            redactor: Arc::default(),
        }
    }

    /// Sends a header with every request, for servers that are reached by HTTP. Its value is hidden in whatever comes
    /// back. The transport's own headers are refused, such as `Host`, `Content-Length` and `Mcp-Session-Id`.
    pub fn header(mut self, name: &str, value: Secret) -> Result<Self, HeaderError> {
        self.set_header(name, "", &value)?;
        Ok(self)
    }

    /// Sends `Authorization: Bearer …` with every request, for servers that are reached by HTTP.
    pub fn bearer(mut self, token: Secret) -> Result<Self, HeaderError> {
        self.set_header("authorization", "Bearer ", &token)?;
        Ok(self)
    }

    /// Allows a host, an address or a range that is not public, besides the host of the server's URL.
    pub fn allow(mut self, private: Private) -> Self {
        if let Endpoint::Http(remote) = &mut self.options_mut().endpoint {
            remote.allow(private);
        }
        self
    }

    fn set_header(&mut self, name: &str, prefix: &str, secret: &Secret) -> Result<(), HeaderError> {
        let redactor = self.redactor.clone();
        match &mut self.options_mut().endpoint {
            Endpoint::Http(remote) => remote.header(name, prefix, secret, &redactor),
            Endpoint::Stdio(_) => Ok(()),
        }
    }

    /// Other limits than the default ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options_mut().limits = limits;
        self
    }

    /// For options, which count from the next connection on.
    fn options_mut(&mut self) -> &mut Options {
        Arc::make_mut(&mut self.options)
    }

    /// The last 16 KiB of the running server's standard error; for the operator.
    pub fn stderr(&self) -> String {
        self.shared.current().map(|connection| connection.stderr()).unwrap_or_default()
    }

    /// A live connection. The start goes on when the caller gives up waiting: otherwise a server that starts more slowly
    /// than a call may take would never be ready.
    async fn connection(&self) -> Result<Arc<Connection>, Error> {
        if let Some(connection) = self.shared.open() {
            return Ok(connection);
        }
        let (shared, options) = (self.shared.clone(), self.options.clone());
        tokio::spawn(async move { shared.connect(&options).await }).await.unwrap_or_else(|_| {
            Err(self.options.unavailable("its start was interrupted", None, Detail::default()))
        })
    }

    async fn request(&self, request: ClientRequest, limit: Limit) -> Result<Value, Failure> {
        let mut again = true;
        loop {
            let connection = timeout_at(limit.deadline, self.connection())
                .await
                .unwrap_or_else(|_| {
                    Err(Error::TimedOut { connector: self.options.name.clone(), limit: limit.allowed })
                })
                .map_err(Failure::not_sent)?;
            match connection.request(request.clone(), limit).await {
                // The server had ended unnoticed before a byte could be sent: a fresh one gets the request.
                Err(failure) if again && failure.is_stale_connection() => again = false,
                outcome => return outcome,
            }
        }
    }

    async fn call_tool(&self, call: Call) -> Result<Reply, CallError> {
        let arguments = match call.arguments {
            Value::Object(arguments) => Some(arguments),
            Value::Null => None,
            _ => {
                let message = format!("{}.{} takes an object of arguments", self.options.name, call.tool);
                return Err(CallError::not_sent(Error::InvalidArguments { message }));
            }
        };
        let mut params = CallToolRequestParams::new(call.tool);
        params.arguments = arguments;
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let result = self.request(request, Limit::of(call.timeout)).await?;
        decode::result(&self.options.name, result).map(Reply::checked)
    }

    async fn list_tools(&self) -> Result<Listing, Error> {
        let connection = self.connection().await?;
        self.shared.memory.tools_changed.store(false, Ordering::Release);
        let listed = list::tools(&self.options.name, &connection, &self.options.limits).await;
        listed.map(Listing::from).map_err(|failure| failure.error)
    }
}

impl Connector for Mcp {
    fn name(&self) -> &str {
        &self.options.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        Box::pin(async { self.list_tools().await.map_err(|error| self.redactor.error(error)) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async {
            let reply = self.call_tool(call).await.map_err(|error| self.redactor.call_error(error))?;
            Ok(Reply { value: self.redactor.value(reply.value), ..reply })
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.shared.closed.send_replace(true);
        Box::pin(async {
            // A start that is under way ends when it sees this, and lets go of the lock.
            let _starting = self.shared.starting.lock().await;
            if let Some(connection) = self.shared.take() {
                connection.close().await;
            }
        })
    }

    fn tools_changed(&self) -> bool {
        self.shared.memory.tools_changed.load(Ordering::Acquire)
    }
}

impl Drop for Mcp {
    fn drop(&mut self) {
        self.shared.closed.send_replace(true);
        drop(self.shared.take());
    }
}

impl fmt::Debug for Mcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { name, endpoint, limits } = &*self.options;
        f.debug_struct("Mcp")
            .field("name", name)
            .field("endpoint", endpoint)
            .field("limits", limits)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn current(&self) -> Option<Arc<Connection>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn open(&self) -> Option<Arc<Connection>> {
        self.current().filter(|connection| connection.is_open())
    }

    fn take(&self) -> Option<Arc<Connection>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn connect(&self, options: &Options) -> Result<Arc<Connection>, Error> {
        let mut closing = self.closed.subscribe();
        let mut starting = self.starting.lock().await;
        tokio::select! {
            biased;
            _ = closing.wait_for(|closed| *closed) => {
                Err(Error::Closed { connector: options.name.clone() })
            }
            connected = self.connect_once(options, &mut starting) => connected,
        }
    }

    async fn connect_once(
        &self,
        options: &Options,
        starting: &mut Starting,
    ) -> Result<Arc<Connection>, Error> {
        if let Some(connection) = self.open() {
            return Ok(connection);
        }
        if let Some(ended) = self.take() {
            if ended.has_answered() {
                starting.backoff.reset();
            }
            starting.backoff.fail(Instant::now(), &options.limits);
            starting.last = Some((ended.end(), ended.detail().await));
        }
        if let Some(pause) = starting.backoff.remaining(Instant::now()) {
            if pause > SHORT_PAUSE {
                let (reason, detail) = starting.last.clone().unwrap_or_default();
                return Err(options.unavailable(reason, Some(pause), detail));
            }
            tokio::time::sleep(pause).await;
        }
        match self.start(options, starting).await {
            Ok(connection) => {
                let connection = Arc::new(connection);
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
                Ok(connection)
            }
            // Whoever logs in need not wait for a pause to end.
            Err(StartFailure { error: Some(error @ Error::LoginRequired { .. }), .. }) => Err(error),
            Err(StartFailure { reason, detail, .. }) => {
                let pause = starting.backoff.fail(Instant::now(), &options.limits);
                starting.last = Some((reason, detail.clone()));
                Err(options.unavailable(reason, Some(pause), detail))
            }
        }
    }

    async fn start(&self, options: &Options, starting: &mut Starting) -> Result<Connection, StartFailure> {
        let open = |era| Connection::open(options, era, &self.memory);
        let era = starting.era.unwrap_or_else(|| options.endpoint.first_era());
        match open(era).await {
            Err(failure) if failure.refused => {
                // If the other greeting fails as well, the first answer is the one that says more.
                let connection = open(era.other()).await.map_err(|_| failure)?;
                starting.era = Some(era.other());
                Ok(connection)
            }
            Ok(connection) => {
                starting.era = Some(era);
                Ok(connection)
            }
            Err(failure) => Err(failure),
        }
    }
}

impl Memory {
    /// The client for this server, made at the first use.
    pub(super) async fn client(&self, options: &Options, remote: &Remote) -> Result<Client, Failure> {
        let make = async {
            let limits = HttpLimits {
                response_bytes: options.limits.response_bytes,
                connect_timeout: options.limits.connect_timeout,
                ..HttpLimits::default()
            };
            let guard = Arc::new(remote.guard());
            // Reads the machine's certificates.
            let made = tokio::task::spawn_blocking(move || Client::new(guard, &limits)).await;
            made.unwrap_or_else(|_| Err(http::Failure::Broken("its start was interrupted".to_owned())))
                .map_err(|failure| Failure::not_sent(failure.into_error(&options.name)))
        };
        self.client.get_or_try_init(|| make).await.cloned()
    }
}

impl Endpoint {
    /// What is tried first. By HTTP `server/discover` harms nobody; a process may end itself over it.
    fn first_era(&self) -> Era {
        match self {
            Self::Stdio(_) => Era::Initialize,
            Self::Http(_) => Era::Discover,
        }
    }
}

impl Options {
    fn unavailable(
        &self,
        reason: &'static str,
        retry_in: Option<std::time::Duration>,
        detail: Detail,
    ) -> Error {
        Error::Unavailable { connector: self.name.clone(), reason, retry_in, detail }
    }
}
