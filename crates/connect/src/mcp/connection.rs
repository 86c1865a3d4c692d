//! One conversation with one server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use codemode_catalog::Tool;
use rmcp::RoleClient;
use rmcp::model::{
    CancelledNotificationParam, ClientRequest, RequestId, RequestMetaObject, ServerPeerInfo, ServerResult,
};
use rmcp::service::{ClientInitializeError, Peer, PeerRequestOptions, RunningService, ServiceError};
use rmcp::transport::{DynamicTransportError, Transport};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::timeout_at;

use super::Command;
use super::failure::{Failure, SendError, refusal};
use super::handshake::{Client, Era, greet};
use super::http::{Http, Params, Sse, Wire};
use super::inbound::Inbound;
use super::input::capabilities;
use super::limits::MAX_ERROR_CHARS;
use super::listen::Subscription;
use super::memory::Memory;
use super::ongoing::OngoingRequest;
use super::options::{Endpoint, Options};
use super::patience::{Extensions, Limit, Patience, Pauses};
use super::process::Process;
use super::stdio::Stdio;
use super::who::Who;
use crate::secret::Redactor;
use crate::{Detail, Error, LogLevel};

/// A server that has been greeted. Dropping it ends the connection; a child process is killed with its group.
pub(super) struct Connection {
    connector: String,
    era: Era,
    far: Far,
    service: RunningService<RoleClient, Client>,
    /// What has the server tell of changes.
    _subscription: Subscription,
    /// How much the server logs, where it was told.
    log_level: Mutex<Option<LogLevel>>,
    response_bytes: usize,
    answered: AtomicBool,
    /// Why it is given up, though nothing has closed it: the server cannot be reached any more.
    lost: OnceLock<(&'static str, Detail)>,
    pauses: Pauses,
    extensions: Extensions,
    redactor: Arc<Redactor>,
}

/// What is at the other end.
enum Far {
    Process(Process),
    Http {
        /// Closed when the conversation has ended.
        end: watch::Receiver<()>,
        /// What calls repeat in headers, in the era that does so.
        params: Option<Params>,
    },
}

/// Why a server could not be connected to.
pub(super) struct StartFailure {
    pub(super) reason: &'static str,
    pub(super) detail: Detail,
    /// Whether it answered the greeting with a refusal, so that it may understand the other one.
    pub(super) refused: bool,
    /// What exactly failed, where that is known.
    pub(super) error: Option<Error>,
}

impl Connection {
    /// Connects to the server and greets it.
    pub(super) async fn open(options: &Options, era: Era, memory: &Memory) -> Result<Self, StartFailure> {
        let inbound = Inbound::new(memory.changed.clone(), options.redactor.clone());
        let client = options.client(inbound.ongoing(), memory.forwarded(), memory.subscribed.subscribe());
        match &options.endpoint {
            Endpoint::Stdio(command) => Self::spawn(options, command, era, inbound, client).await,
            Endpoint::Http(remote) => {
                let http = memory.client(options, remote).await;
                let http = http.map_err(|failure| StartFailure::of(failure.error))?;
                let session = memory.session(options, remote, &http);
                let remote = remote.ready(&options.name).await.map_err(StartFailure::of)?;
                let wire = Wire::new(options, &remote, http, inbound.clone(), memory.params.clone(), session);
                if era == Era::Sse {
                    let (events, timeout) = (options.limits.response_bytes, options.limits.start_timeout);
                    let opening = tokio::time::timeout(timeout, Sse::open(wire, inbound, events));
                    let slow = || StartFailure::slow(timeout);
                    let (sse, end) = opening.await.map_err(|_| slow())?.map_err(StartFailure::of)?;
                    return Self::greet(options, Far::Http { end, params: None }, sse, era, client).await;
                }
                let mut listening = wire.listening();
                let (transport, end) = Http::new(wire, inbound, options.limits.response_bytes);
                let params = (era == Era::Discover).then(|| memory.params.clone());
                let greeted = Self::greet(options, Far::Http { end, params }, transport, era, client).await?;
                if era == Era::Initialize {
                    // What a server asks in the middle of a call it may ask there, and nowhere if nobody listens.
                    let _ = tokio::time::timeout(LISTEN_TIMEOUT, listening.wait_for(|open| *open)).await;
                }
                Ok(greeted)
            }
        }
    }

    async fn spawn(
        options: &Options,
        command: &Command,
        era: Era,
        inbound: Inbound,
        client: Client,
    ) -> Result<Self, StartFailure> {
        let built = command.build(&options.redactor).await.map_err(|unbuilt| {
            StartFailure::of(Error::NoSecret { connector: options.name.clone(), detail: Detail(unbuilt.0) })
        })?;
        let (process, pipes) = Process::spawn(built, &options.redactor).map_err(|error| StartFailure {
            reason: "its program could not be started",
            detail: Detail(format!("{}: {error}", command.program().to_string_lossy())),
            refused: false,
            error: None,
        })?;
        let stdio = Stdio::new(&process, pipes, options.limits.response_bytes, inbound);
        Self::greet(options, Far::Process(process), stdio, era, client).await
    }

    async fn greet(
        options: &Options,
        far: Far,
        transport: impl Transport<RoleClient, Error = SendError> + 'static,
        era: Era,
        client: Client,
    ) -> Result<Self, StartFailure> {
        let limits = &options.limits;
        let (pauses, subscribed) = (client.inputs.pauses.clone(), client.subscribed.clone());
        // Who does not know the question may give any answer to it, or none.
        let is_probe = era == Era::Discover && matches!(far, Far::Http { .. });
        let allowed = if is_probe { limits.start_timeout.min(PROBE_TIMEOUT) } else { limits.start_timeout };
        let greeting = tokio::time::timeout(allowed, greet(transport, era, client)).await;
        let (reason, refused, why) = match greeting {
            Ok(Ok(service)) => {
                return Ok(Self {
                    connector: options.name.clone(),
                    era,
                    far,
                    _subscription: Subscription::begin(service.peer(), era, subscribed),
                    log_level: Mutex::default(),
                    service,
                    response_bytes: limits.response_bytes,
                    answered: AtomicBool::new(false),
                    lost: OnceLock::new(),
                    pauses,
                    extensions: Extensions {
                        asking: limits.input_timeout,
                        progress: limits.progress_timeout,
                    },
                    redactor: options.redactor.clone(),
                });
            }
            Ok(Err(ClientInitializeError::JsonRpcError(error))) => (
                "it refused the handshake",
                true,
                refusal(options.name.clone(), limits.response_bytes, error, &options.redactor).to_string(),
            ),
            Ok(Err(ClientInitializeError::TransportError { error, .. })) => match reported(&error) {
                Some(error) => return Err(StartFailure::of(error)),
                None => (far.end_in_greeting(), false, String::new()),
            },
            Ok(Err(ClientInitializeError::ConnectionClosed(_))) => {
                (far.end_in_greeting(), false, String::new())
            }
            // It knows the question, and wants the other greeting.
            Ok(Err(error @ ClientInitializeError::NoCompatibleProtocolVersion { .. })) => (
                "it speaks no version of MCP that is known here",
                true,
                options.redactor.start(&error.to_string(), MAX_ERROR_CHARS),
            ),
            Ok(Err(_)) => ("its handshake is no valid MCP", is_probe, String::new()),
            Err(_) => ("it did not get ready in time", is_probe, format!("limit: {allowed:?}")),
        };
        let detail = far.detail().await;
        Err(StartFailure { reason, refused, detail: Detail(joined(why, detail.0)), error: None })
    }

    /// Whether a request would reach the server, as far as is known.
    pub(super) fn is_open(&self) -> bool {
        self.lost.get().is_none() && self.far.is_there() && !self.service.peer().is_transport_closed()
    }

    /// The era that is spoken.
    pub(super) fn era(&self) -> Era {
        self.era
    }

    /// How much the server was told to log, if it was.
    pub(super) fn log_level(&self) -> Option<LogLevel> {
        *self.log_level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of how much the server was told to log.
    pub(super) fn logs(&self, level: LogLevel) {
        *self.log_level.lock().unwrap_or_else(PoisonError::into_inner) = Some(level);
    }

    /// What the server said of itself when it was greeted.
    pub(super) fn info(&self) -> Option<Arc<ServerPeerInfo>> {
        self.service.peer().peer_info()
    }

    /// Whether the server has ever answered a request: then its end is no failure to start.
    pub(super) fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Acquire)
    }

    /// How a connection that was open has ended, in words that name nothing of the host.
    pub(super) fn end(&self) -> &'static str {
        match (&self.far, self.lost.get()) {
            (_, Some((reason, _))) => reason,
            (Far::Process(_), None) => "its program ended",
            (Far::Http { .. }, None) => "the connection ended",
        }
    }

    /// What the operator may want to know about how it went.
    pub(super) async fn detail(&self) -> Detail {
        match self.lost.get() {
            Some((_, detail)) => detail.clone(),
            None => self.far.detail().await,
        }
    }

    /// The end of the server's standard error, where it is a process of ours.
    pub(super) fn stderr(&self) -> String {
        match &self.far {
            Far::Process(process) => process.ring().text(),
            Far::Http { .. } => String::new(),
        }
    }

    /// Whether a listed tool is to be used: not one whose parameters cannot be repeated in headers as it wants, where
    /// that is the custom.
    pub(super) fn admits(&self, tool: &Value) -> bool {
        match &self.far {
            Far::Http { params: Some(params), .. } => params.learn(tool),
            _ => true,
        }
    }

    /// Forgets what earlier listings said of tools that are not in this one.
    pub(super) fn listed(&self, tools: &[Tool]) {
        if let Far::Http { params: Some(params), .. } = &self.far {
            params.retain(&tools.iter().map(|tool| tool.name.as_str()).collect());
        }
    }

    /// Sends one request once and waits for its answer. Dropping the future, and the end of its time, tell the server that
    /// the request is cancelled.
    pub(super) async fn request(
        &self,
        mut request: ClientRequest,
        limit: Limit,
        who: &Who,
    ) -> Result<Value, Failure> {
        let timed_out = || Error::TimedOut { connector: self.connector.clone(), limit: limit.allowed };
        let closed = || Error::Disconnected { connector: self.connector.clone(), detail: Detail::default() };
        let peer = self.service.peer();
        let ongoing = OngoingRequest::new(&self.connector, who.clone(), self.redactor.clone());
        ongoing.mark(&mut request);
        let handle = timeout_at(limit.deadline, peer.send_request_with_option(request, self.options(who)))
            .await
            .map_err(|_| Failure::not_sent(timed_out()))?
            .map_err(|_| Failure::not_sent(closed()))?;
        let mut abandoned = CancelOnDrop::new(peer, handle.id.clone());
        let mut patience = Patience::new(limit, self.extensions, &self.pauses, Some(ongoing.progresses()));
        let outcome = tokio::select! {
            biased;
            outcome = handle.rx => outcome.unwrap_or(Err(ServiceError::TransportClosed)),
            () = patience.over() => return Err(Failure::maybe_sent(timed_out())),
            () = self.far.gone() => Err(ServiceError::TransportClosed),
        };
        abandoned.disarm();
        let failure = match outcome {
            Ok(result) => {
                self.answered.store(true, Ordering::Release);
                return untyped(result).ok_or_else(|| {
                    let what = "the result is not JSON";
                    Failure::maybe_sent(Error::Protocol { connector: self.connector.clone(), what })
                });
            }
            Err(error) => Failure::from_service(&self.connector, self.response_bytes, error, &self.redactor),
        };
        match &failure.error {
            Error::Disconnected { .. } => Err(failure.with_detail(self.detail().await)),
            Error::Unavailable { reason, detail, .. } => {
                let _ = self.lost.set((reason, detail.clone()));
                Err(failure)
            }
            _ => {
                self.answered.store(true, Ordering::Release);
                Err(failure)
            }
        }
    }

    /// What goes with a request. In the era in which each says what can be answered, that is what its caller can.
    fn options(&self, who: &Who) -> PeerRequestOptions {
        let options = PeerRequestOptions::default();
        let mut meta = RequestMetaObject::new();
        let trace = who.trace();
        if let Some(trace) = &trace {
            meta.insert("traceparent".to_owned(), Value::String(trace.clone()));
        }
        if self.era != Era::Discover {
            return if trace.is_some() { options.with_meta(meta) } else { options };
        }
        match &who.capabilities {
            Some(said) => {
                meta.insert(CAPABILITIES.to_owned(), Value::Object(Map::clone(said)));
            }
            None => meta.set_client_capabilities(capabilities(who.accepts())),
        }
        options.with_meta(meta)
    }

    /// Ends the conversation and the server.
    pub(super) async fn close(&self) {
        // Ends rmcp's loop, which closes the server's input.
        self.service.cancellation_token().cancel();
        match &self.far {
            Far::Process(process) => process.stop().await,
            Far::Http { end, .. } => drop(tokio::time::timeout(CLOSE, end.clone().changed()).await),
        }
    }
}

impl Far {
    fn is_there(&self) -> bool {
        match self {
            Self::Process(process) => process.is_running(),
            Self::Http { .. } => true,
        }
    }

    /// How a connection ended that was never open.
    fn end_in_greeting(&self) -> &'static str {
        match self {
            Self::Process(_) => "its program ended before it was ready",
            Self::Http { .. } => "the connection ended before it was ready",
        }
    }

    async fn detail(&self) -> Detail {
        match self {
            Self::Process(process) => process.detail().await,
            Self::Http { .. } => Detail::default(),
        }
    }

    /// Returns when the server has ended and what it wrote before has been read. Usually the end of its output says so
    /// earlier; not where a process outside of its group holds the pipe open.
    async fn gone(&self) {
        const READ_THE_REST: std::time::Duration = std::time::Duration::from_millis(500);
        match self {
            Self::Process(process) => {
                process.ended().await;
                tokio::time::sleep(READ_THE_REST).await;
            }
            // Each request has its own connection, whose end rmcp reports.
            Self::Http { .. } => std::future::pending().await,
        }
    }
}

/// Where a request says what its client can.
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// How long a server may take over a question of the newer era before the older one is tried. A server that knows it
/// answers at once: it has no work with it.
const PROBE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// How long the stream for a server's own messages is waited for. Some servers answer only when they have something to
/// say, having taken note of it at once.
const LISTEN_TIMEOUT: std::time::Duration = std::time::Duration::from_millis(500);

/// How long the end of a conversation over HTTP is waited for, which ends the session: less than the two seconds that
/// closing may take.
const CLOSE: std::time::Duration = std::time::Duration::from_millis(1500);

impl StartFailure {
    fn slow(limit: std::time::Duration) -> Self {
        let detail = Detail(format!("limit: {limit:?}"));
        Self { reason: "it did not get ready in time", detail, refused: false, error: None }
    }

    /// The failure that a transport reported.
    pub(super) fn of(error: Error) -> Self {
        let (reason, detail) = match &error {
            Error::Unavailable { reason, detail, .. } => (*reason, detail.clone()),
            Error::Protocol { .. } => ("its handshake is no valid MCP", Detail(error.to_string())),
            Error::Status { .. } => ("it refused the handshake", Detail(error.to_string())),
            Error::BadCredential { reason, .. } => (*reason, Detail(error.to_string())),
            other => ("it could not be reached", Detail(other.operator_message())),
        };
        Self { reason, detail, refused: matches!(error, Error::Status { .. }), error: Some(error) }
    }
}

/// What a transport reported.
fn reported(error: &DynamicTransportError) -> Option<Error> {
    error.error.downcast_ref::<SendError>().and_then(|error| error.error.clone())
}

fn joined(why: String, detail: String) -> String {
    if why.is_empty() || detail.is_empty() { why + &detail } else { format!("{why}; {detail}") }
}

/// Tells the server that nobody waits for the answer any more.
struct CancelOnDrop {
    request: Option<(Peer<RoleClient>, RequestId)>,
    /// A drop may happen outside of the runtime.
    runtime: tokio::runtime::Handle,
}

impl CancelOnDrop {
    fn new(peer: &Peer<RoleClient>, id: RequestId) -> Self {
        Self { request: Some((peer.clone(), id)), runtime: tokio::runtime::Handle::current() }
    }

    fn disarm(&mut self) {
        self.request = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some((peer, id)) = self.request.take() {
            self.runtime.spawn(async move {
                let param =
                    CancelledNotificationParam::new(Some(id), Some("the call was abandoned".to_owned()));
                // If it cannot be said, the server is gone or ignores its input: nobody to tell.
                let _ = peer.notify_cancelled(param).await;
            });
        }
    }
}

/// A result as plain JSON. The transport hands over most results as they are; only typed ones cost a conversion.
fn untyped(result: ServerResult) -> Option<Value> {
    match result {
        ServerResult::CustomResult(result) => Some(result.0),
        typed => serde_json::to_value(typed).ok(),
    }
}
