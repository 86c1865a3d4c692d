//! What is counted.

use std::fmt;
use std::time::Duration;

use codemode::{CallOutcome, ConnectorStatus, Runtime};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::{labels, machine, seconds};

/// The upper ends of the classes of run times, in seconds: from a program that calls nothing to the longest default time.
const RUN_SECONDS: [f64; 12] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0];

/// Why a request or a connection was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Refusal {
    /// Its `Host` is none of ours.
    Host,
    /// Its `Origin` may not use us.
    Origin,
    /// It does not show who it is from, or not rightly.
    Unauthenticated,
    /// Whoever it is from may not.
    Forbidden,
    /// Its principal asks too often.
    Rate,
    /// Its principal has too many requests under way.
    Concurrency,
    /// There are too many connections.
    Connections,
    /// It is too large, or comes too slowly.
    Size,
    /// It is no message of the protocol.
    Malformed,
}

impl Refusal {
    fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Origin => "origin",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Rate => "rate",
            Self::Concurrency => "concurrency",
            Self::Connections => "connections",
            Self::Size => "size",
            Self::Malformed => "malformed",
        }
    }
}

/// All metrics of a gateway.
pub(super) struct Metrics {
    registry: Registry,
    runs: Family<labels::Run, Counter>,
    run_seconds: Histogram,
    pub(super) runs_in_flight: Gauge,
    calls: Family<labels::Call, Counter>,
    call_seconds: Family<labels::Connector, Histogram>,
    pub(super) calls_in_flight: Gauge,
    connectors: Family<labels::State, Gauge>,
    up: Family<labels::Connector, Gauge>,
    isolates_in_use: Gauge,
    isolates: Gauge,
    requests: Family<labels::Status, Counter>,
    refused: Family<labels::Reason, Counter>,
    received: Counter,
    sent: Counter,
    reloads: Family<labels::Reload, Counter>,
    resident: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(RUN_SECONDS);
        let mut all = Self {
            registry: Registry::with_prefix("codemode"),
            runs: Family::default(),
            run_seconds: histogram(),
            runs_in_flight: Gauge::default(),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(histogram),
            calls_in_flight: Gauge::default(),
            connectors: Family::default(),
            up: Family::default(),
            isolates_in_use: Gauge::default(),
            isolates: Gauge::default(),
            requests: Family::default(),
            refused: Family::default(),
            received: Counter::default(),
            sent: Counter::default(),
            reloads: Family::default(),
            resident: Gauge::default(),
        };
        all.register();
        all
    }
}

impl Metrics {
    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("runs", "Programs that were run, by how they ended", self.runs.clone());
        let help = "How long programs ran, waiting for tools included";
        to.register_with_unit("run", help, Unit::Seconds, self.run_seconds.clone());
        to.register("runs_in_flight", "Programs that run now", self.runs_in_flight.clone());
        to.register("calls", "Tool calls, by connector and how they went", self.calls.clone());
        let help = "How long tool calls that were sent took, by connector";
        to.register_with_unit("call", help, Unit::Seconds, self.call_seconds.clone());
        to.register("calls_in_flight", "Tool calls that are under way now", self.calls_in_flight.clone());
        to.register("connectors", "Connectors, by how they are", self.connectors.clone());
        to.register("connector_up", "Whether a connector's tools can be called", self.up.clone());
        to.register("isolates_in_use", "Isolates that run a program now", self.isolates_in_use.clone());
        to.register("isolates", "Isolates that there can be at once", self.isolates.clone());
        to.register(
            "http_requests",
            "Requests over HTTP, by the status of the answer",
            self.requests.clone(),
        );
        to.register("refused", "Requests and connections that were refused, by why", self.refused.clone());
        let help = "Bytes of bodies of requests over HTTP";
        to.register_with_unit("http_received", help, Unit::Bytes, self.received.clone());
        let help = "Bytes of bodies of answers over HTTP";
        to.register_with_unit("http_sent", help, Unit::Bytes, self.sent.clone());
        to.register(
            "reloads",
            "Changed configurations, by whether they were taken over",
            self.reloads.clone(),
        );
        let help = "Memory that is resident; 0 where the system does not tell";
        to.register_with_unit("resident", help, Unit::Bytes, self.resident.clone());
    }

    pub(super) fn run_ended(&self, outcome: &'static str, took: Duration) {
        self.runs.get_or_create(&labels::Run { outcome }).inc();
        self.run_seconds.observe(seconds(took));
    }

    /// `took` of a call that was sent.
    pub(super) fn call_ended(&self, connector: &str, outcome: CallOutcome, took: Option<Duration>) {
        let connector = connector.to_owned();
        let outcome = word(outcome);
        self.calls.get_or_create(&labels::Call { connector: connector.clone(), outcome }).inc();
        if let Some(took) = took {
            self.call_seconds.get_or_create(&labels::Connector { connector }).observe(seconds(took));
        }
    }

    pub(super) fn answered(&self, status: u16) {
        self.requests.get_or_create(&labels::Status { status }).inc();
    }

    pub(super) fn refused(&self, why: Refusal) {
        self.refused.get_or_create(&labels::Reason { reason: why.as_str() }).inc();
    }

    pub(super) fn transferred(&self, received: u64, sent: u64) {
        self.received.inc_by(received);
        self.sent.inc_by(sent);
    }

    pub(super) fn reloaded(&self, ok: bool) {
        let outcome = if ok { "ok" } else { "error" };
        self.reloads.get_or_create(&labels::Reload { outcome }).inc();
    }

    /// Everything as text, in the format of OpenMetrics 1.0.
    pub(super) fn text(&self, runtime: Option<&Runtime>) -> String {
        if let Some(runtime) = runtime {
            self.take_stock(runtime);
        }
        self.resident.set(i64::try_from(machine::resident_bytes()).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    fn take_stock(&self, runtime: &Runtime) {
        let connectors = runtime.connectors();
        for state in [
            ConnectorStatus::Connecting,
            ConnectorStatus::Ready,
            ConnectorStatus::Unavailable,
            ConnectorStatus::LoginRequired,
        ] {
            let count = connectors.iter().filter(|one| one.status == state).count();
            let state = labels::State { state: state_word(state) };
            self.connectors.get_or_create(&state).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        // One that is gone from the configuration is gone from here.
        self.up.clear();
        for one in connectors {
            let up = i64::from(one.status == ConnectorStatus::Ready);
            self.up.get_or_create(&labels::Connector { connector: one.name }).set(up);
        }
        let isolates = runtime.isolates();
        self.isolates_in_use.set(i64::from(isolates.in_use));
        self.isolates.set(i64::from(isolates.total));
    }
}

pub(super) fn word(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Ok => "ok",
        CallOutcome::Error => "error",
        CallOutcome::Denied => "denied",
        CallOutcome::NotStarted => "not_started",
        CallOutcome::MaybeExecuted => "maybe_executed",
    }
}

pub(super) fn state_word(state: ConnectorStatus) -> &'static str {
    match state {
        ConnectorStatus::Connecting => "connecting",
        ConnectorStatus::Ready => "ready",
        ConnectorStatus::LoginRequired => "login_required",
        _ => "unavailable",
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
