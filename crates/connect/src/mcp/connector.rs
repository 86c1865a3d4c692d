//! An MCP server that is connected to when needed, and again when the connection has ended.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use codemode_catalog::Listing;
use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest};
use serde_json::{Map, Value};
use tokio::sync::{SemaphorePermit, watch};
use tokio::time::{Instant, timeout_at};

use super::about::about;
use super::backoff::Backoff;
use super::connection::{Connection, StartFailure};
use super::failure::Failure;
use super::handshake::Era;
use super::limits::SHORT_PAUSE;
use super::memory::Memory;
use super::options::{Endpoint, Options, slots};
use super::patience::{Limit, Pauses};
use super::who::{Hooks, Who};
use super::{Command, Limits, ask, decode, list, relay, rounds};
use crate::{
    Accepts, BoxFuture, Call, CallError, Changes, Connector, Detail, Error, Input, InputReply, Offer,
    Progress, Question, Relay, RelayError, Reply, State,
};

/// An MCP server.
///
/// - The connection is made at the first use, and again at the next use after it has ended. Between attempts that fail in
///   a row there are pauses, [`Limits::first_pause`] at first and doubling up to [`Limits::longest_pause`]; a pause of up
///   to a second is waited out within a call, for a longer one calls fail with [`Error::Unavailable`] at once: with the
///   default pauses, after five failures in a row. [`state`](Connector::state) says so too.
/// - All calls share the one connection. Both eras of MCP are spoken; which one the server wants is found out once.
/// - What the server asks of a person or a model (elicitation, sampling, roots) is refused, unless the call has a
///   [caller](crate::Call::caller) who answers it, or there is a [hook](Self::on_input).
/// - At most [`Limits::concurrency`] calls are under way; more wait, which is part of their time.
/// - A result is the first of: an error with the text of the content, where the server says `isError`; its
///   `structuredContent`; its text, parsed where it is JSON, in an array where there are several; its content as an array of
///   the parts below. Parts besides text that come with structured content are in `_content` beside its properties (or
///   beside `structuredContent`, where that is no object or has a property of this name).
///
/// | part | form |
/// | --- | --- |
/// | text | `{type: "text", text}` |
/// | image, audio | `{type: "image", data: Uint8Array, mimeType}`, `{type: "audio", …}` |
/// | embedded resource | `{type: "resource", resource: {uri, mimeType?, text}}`, or `blob: Uint8Array` for `text` |
/// | link to a resource | `{type: "resource_link", uri, name, …}` |
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
/// greeted with `initialize` from then on; where it refuses that too, by HTTP+SSE, the transport of 2024-11-05.
///
/// - Its addresses have to be public, unless they are of the host that the URL names, or [allowed](Self::allow).
/// - Redirects are followed for GET within its origin, and nowhere else. There are no cookies and no proxy.
/// - A session that the server has forgotten is begun anew once; the request is repeated then, which the server had
///   refused unread. Closing ends the session.
/// - Parameters that a tool's schema marks by `x-mcp-header` are repeated in headers; a tool that marks them wrongly is left
///   out.
pub struct Mcp {
    pub(super) options: Arc<Options>,
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    current: Mutex<Option<Arc<Connection>>>,
    /// What the last attempt to connect failed of, and when the next may be made.
    failed: Mutex<Option<(&'static str, Instant)>>,
    /// Held while a connection is made, so that one is made once.
    starting: tokio::sync::Mutex<Starting>,
    pub(super) memory: Memory,
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

    pub(super) fn new(name: String, endpoint: Endpoint) -> Self {
        let shared = Shared {
            current: Mutex::default(),
            failed: Mutex::default(),
            starting: tokio::sync::Mutex::default(),
            memory: Memory::default(),
            closed: watch::Sender::new(false),
        };
        Self { options: Arc::new(Options::new(name, endpoint)), shared: Arc::new(shared) }
    }

    /// Speaks this era of MCP and no other, instead of finding out which one the server wants.
    pub fn era(mut self, era: Era) -> Self {
        self.options_mut().era = Some(era);
        self
    }

    /// Other limits than the default ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        let options = self.options_mut();
        options.slots = slots(&limits);
        options.limits = limits;
        self
    }

    /// Answers what the server asks for in the middle of a request that brings no [caller](crate::Call::caller), or of none:
    /// of what `accepts` says, and nothing else. Without a hook everything is refused; nothing is ever answered by itself.
    ///
    /// The hook's time is not the call's: see [`Limits::input_timeout`]. Where a server of the newer era asks, the request is
    /// sent again with the answers, at most ten times in all; where something is declined that has no words for it in MCP
    /// (sampling, roots), the call ends with [`Error::InputRequired`].
    pub fn on_input<F>(mut self, accepts: Accepts, hook: impl Fn(Input) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = InputReply> + Send + 'static,
    {
        let hooks = self.hooks_mut();
        hooks.accepts = accepts;
        hooks.input = Some(Arc::new(move |input| Box::pin(hook(input))));
        self
    }

    /// Tells how far calls that bring no [caller](crate::Call::caller) are, as [`Caller::progress`](crate::Caller::progress). The observer is called where messages of the server are read, and must not block.
    pub fn on_progress(mut self, observer: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.hooks_mut().observer = Some(Arc::new(observer));
        self
    }

    fn hooks_mut(&mut self) -> &mut Hooks {
        Arc::make_mut(self.options_mut().hooks.get_or_insert_default())
    }

    /// For options, which count from the next connection on.
    pub(super) fn options_mut(&mut self) -> &mut Options {
        Arc::make_mut(&mut self.options)
    }

    /// The last 16 KiB of the running server's standard error; for the operator.
    pub fn stderr(&self) -> String {
        self.shared.current().map(|connection| connection.stderr()).unwrap_or_default()
    }

    /// A live connection. The start goes on when the caller gives up waiting: otherwise a server that starts more slowly
    /// than a call may take would never be ready.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, Error> {
        if let Some(connection) = self.shared.open() {
            return Ok(connection);
        }
        let (shared, options) = (self.shared.clone(), self.options.clone());
        tokio::spawn(async move { shared.connect(&options).await }).await.unwrap_or_else(|_| {
            Err(self.options.unavailable("its start was interrupted", None, Detail::default()))
        })
    }

    /// A live connection, in time.
    pub(super) async fn connected(&self, limit: Limit) -> Result<Arc<Connection>, Failure> {
        timeout_at(limit.deadline, self.connection())
            .await
            .unwrap_or_else(|_| Err(self.timed_out(limit)))
            .map_err(Failure::not_sent)
    }

    /// Sends a request once.
    pub(super) async fn request(
        &self,
        request: ClientRequest,
        limit: Limit,
        who: &Who,
    ) -> Result<Value, Failure> {
        let mut again = true;
        loop {
            let connection = self.connected(limit).await?;
            match connection.request(request.clone(), limit, who).await {
                // The server had ended unnoticed before a byte could be sent: a fresh one gets the request.
                Err(failure) if again && failure.is_stale_connection() => again = false,
                outcome => return outcome,
            }
        }
    }

    /// Sends a request until its answer is final.
    pub(super) async fn until_final(
        &self,
        request: ClientRequest,
        limit: Limit,
        who: &Who,
    ) -> Result<Value, Failure> {
        let inputs = self.options.inputs(Pauses::default());
        let send = |request, limit| self.request(request, limit, who);
        rounds::until_final(&inputs, who, request, limit, send).await
    }

    /// The time that a call has, and a place among those that are under way.
    pub(super) async fn slot(&self, allowed: Duration) -> Result<(Limit, SemaphorePermit<'_>), Failure> {
        let limit = Limit::of(self.options.limits.call_timeout.unwrap_or(allowed));
        match timeout_at(limit.deadline, self.options.slots.acquire()).await {
            Ok(Ok(slot)) => Ok((limit, slot)),
            Ok(Err(_)) | Err(_) => Err(Failure::not_sent(self.timed_out(limit))),
        }
    }

    /// A reply as it may leave: without secrets, its bytes in the form that bytes have.
    fn told(&self, reply: Result<Reply, CallError>) -> Result<Reply, CallError> {
        let redactor = &self.options.redactor;
        match reply {
            Ok(Reply { value, binary }) => Ok(Reply { value: redactor.value(value), binary }.checked()),
            Err(error) => Err(redactor.call_error(error)),
        }
    }

    fn timed_out(&self, limit: Limit) -> Error {
        Error::TimedOut { connector: self.options.name.clone(), limit: limit.allowed }
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
        let (limit, _slot) = self.slot(call.timeout).await?;
        let who = Who::new(&self.options, call.caller, call.label);
        let result = self.until_final(request, limit, &who).await?;
        decode::result(&self.options.name, result, &self.options.redactor)
    }

    async fn list_tools(&self) -> Result<Listing, Error> {
        let Options { name, limits, .. } = &*self.options;
        let connection = self.connection().await?;
        self.shared.memory.changed.tools.store(false, Ordering::Release);
        let nobody = Who::default();
        let send = |request| connection.request(request, Limit::of(limits.list_timeout), &nobody);
        let admitted = |listed: &Value| connection.admits(listed);
        let (tools, notes) = list::tools(name, send, admitted).await.map_err(|failure| failure.error)?;
        connection.listed(&tools);
        let mut listing = Listing::from(tools);
        (listing.about, listing.notes) =
            (connection.info().and_then(|info| about(&info, &self.options.redactor)), notes);
        Ok(listing)
    }
}

impl Connector for Mcp {
    fn name(&self) -> &str {
        &self.options.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        Box::pin(async {
            let redactor = &self.options.redactor;
            let listed = self.list_tools().await.map_err(|error| redactor.error(error))?;
            Ok(redactor.listing(listed))
        })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async { self.told(self.call_tool(call).await) })
    }

    fn identity(&self) -> Option<String> {
        Some(match &self.options.endpoint {
            Endpoint::Stdio(command) => command.identity(),
            Endpoint::Http(remote) => remote.url.to_string(),
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

    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async { self.told(ask::answer(self, question).await) })
    }

    fn relay(&self, relay: Relay) -> BoxFuture<'_, Result<Value, RelayError>> {
        Box::pin(relay::relayed(self, relay))
    }

    fn offer(&self, offer: Offer, timeout: Duration) -> BoxFuture<'_, Result<Vec<Value>, CallError>> {
        Box::pin(relay::offered(self, offer, timeout))
    }

    fn capabilities(&self) -> Map<String, Value> {
        self.shared.memory.capabilities()
    }

    fn changes(&self) -> Option<Changes> {
        Some(self.shared.memory.changed.changes())
    }

    fn forward(&self, accepts: Accepts) {
        self.shared.memory.forward(accepts);
    }

    fn state(&self) -> State {
        self.shared.state()
    }

    fn tools_changed(&self) -> bool {
        self.shared.memory.changed.tools.load(Ordering::Acquire)
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
        let Options { name, endpoint, limits, oauth, .. } = &*self.options;
        f.debug_struct("Mcp")
            .field("name", name)
            .field("endpoint", endpoint)
            .field("limits", limits)
            .field("oauth", oauth)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> State {
        if *self.closed.borrow() {
            return State::Closed;
        }
        if self.memory.needs_login() {
            return State::LoginRequired;
        }
        if self.open().is_some() {
            return State::Ready;
        }
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match (failed, self.current()) {
            // It has ended, which the next use will notice.
            (None, Some(ended)) => State::Unavailable { reason: ended.end(), retry_in: None },
            (Some((reason, until)), _) => {
                let retry_in = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
                State::Unavailable { reason, retry_in }
            }
            (None, None) => State::Idle,
        }
    }

    fn note(&self, failed: Option<(&'static str, Instant)>) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }

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
            let pause = starting.backoff.fail(Instant::now(), &options.limits);
            self.note(Some((ended.end(), Instant::now() + pause)));
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
                self.note(None);
                if let Some(info) = connection.info() {
                    self.memory.can(&info.capabilities);
                }
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
                Ok(connection)
            }
            // Whoever logs in, or mends a reference, need not wait for a pause to end.
            Err(StartFailure {
                error: Some(error @ (Error::LoginRequired { .. } | Error::NoSecret { .. })),
                ..
            }) => Err(error),
            Err(StartFailure { reason, detail, error, .. }) => {
                let pause = starting.backoff.fail(Instant::now(), &options.limits);
                self.note(Some((reason, Instant::now() + pause)));
                starting.last = Some((reason, detail.clone()));
                // It says more than that the server is not there, which later calls within the pause are told.
                match error {
                    Some(error @ Error::BadCredential { .. }) => Err(error),
                    _ => Err(options.unavailable(reason, Some(pause), detail)),
                }
            }
        }
    }

    async fn start(&self, options: &Options, starting: &mut Starting) -> Result<Connection, StartFailure> {
        let mut refused: Option<StartFailure> = None;
        for era in options.eras(starting.era) {
            match Connection::open(options, era, &self.memory).await {
                Ok(connection) => {
                    starting.era = Some(era);
                    return Ok(connection);
                }
                Err(failure) if failure.refused => {
                    refused.get_or_insert(failure);
                }
                Err(failure @ StartFailure { error: Some(Error::LoginRequired { .. }), .. }) => {
                    return Err(failure);
                }
                // If another greeting fails as well, the first answer is the one that says more.
                Err(failure) => return Err(refused.unwrap_or(failure)),
            }
        }
        Err(refused.unwrap_or_else(|| StartFailure::of(Error::Closed { connector: options.name.clone() })))
    }
}
