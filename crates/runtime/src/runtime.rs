//! The runtime: tools, limits, policy, and programs that run against them.

use std::collections::HashMap;
use std::fmt::{Display, Formatter, Write as _};
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use codemode_catalog::{Catalog, Tool, Warning};
use codemode_connect::{self as connect, Connector, Host};
use codemode_isolate::{End, Ended, Engine, Isolate, Kind, PoolSize, Stream};
use codemode_program as program;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::drive::{Drive, Record};
use crate::meter::RunMeter;
use crate::registry::Registry;
use crate::ticker::Ticker;
use crate::{Failure, Limits, Output, Policy, Run, RunOptions, Usage};

/// The connector of tools that are registered without one.
const HOST: &str = "host";

/// Why a runtime could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A connector could not be reached or did not list its tools.
    #[error("connector {name}: {}", source.operator_message())]
    Connector {
        /// The connector.
        name: String,
        /// What went wrong.
        source: connect::Error,
    },
    /// A connector's name or tools cannot be in the catalog.
    #[error(transparent)]
    Catalog(#[from] codemode_catalog::Error),
    /// The isolates could not be set up.
    #[error(transparent)]
    Isolate(#[from] codemode_isolate::Error),
    /// The thread that makes limits take effect could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Isolates and the thread that makes their limits take effect.
#[derive(Clone)]
struct Machine {
    engine: Engine,
    ticker: Arc<Ticker>,
    /// One permit per isolate of the pool, so that a run waits for a free one instead of failing.
    free: Arc<Semaphore>,
}

impl Machine {
    fn new(pool: PoolSize) -> Result<Self, Error> {
        let engine = Engine::new(pool)?;
        let ticker = Ticker::start(engine.clone())?;
        Ok(Self { engine, ticker, free: Arc::new(Semaphore::new(pool.isolates as usize)) })
    }

    /// The one that all runtimes without a pool of their own share.
    fn shared() -> Result<Self, Error> {
        static SHARED: OnceLock<Machine> = OnceLock::new();
        static CREATING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(machine) = SHARED.get() {
            return Ok(machine.clone());
        }
        let machine = Self::new(PoolSize::default())?;
        Ok(SHARED.get_or_init(|| machine).clone())
    }
}

/// Runs programs against a set of tools. Cheap to clone.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    machine: Machine,
    registry: Registry,
    policy: Policy,
    limits: Limits,
    warnings: Vec<Warning>,
}

/// Collects what a [`Runtime`] is made of.
#[derive(Default)]
pub struct Builder {
    host: Option<Host>,
    connectors: Vec<Arc<dyn Connector>>,
    policy: Policy,
    limits: Limits,
    pool: Option<PoolSize>,
}

impl Builder {
    /// Registers a function as the tool `host.<name>`, reachable also by its bare name: `callHostTool(name, input)`,
    /// `codemode.name(input)`.
    ///
    /// `schema` is the JSON Schema of the input; the function is called only with what fits it. What the function
    /// returns is the tool's result, its error's `Display` the tool's error.
    #[must_use]
    pub fn tool<F, R, T, E>(
        mut self,
        name: impl Into<String>,
        description: impl Into<String>,
        schema: Value,
        handler: F,
    ) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Display,
    {
        let host = self.host.take().unwrap_or_else(|| Host::new(HOST));
        self.host = Some(host.tool(name, description, schema, handler));
        self
    }

    /// Registers a function of Rust types as a tool; its schemas are derived from them. Otherwise as
    /// [`tool`](Self::tool).
    #[cfg(feature = "schemars")]
    #[must_use]
    pub fn typed_tool<In, Out, F, R, E>(
        mut self,
        name: impl Into<String>,
        description: impl Into<String>,
        handler: F,
    ) -> Self
    where
        In: serde::de::DeserializeOwned + schemars::JsonSchema,
        Out: Serialize + schemars::JsonSchema,
        F: Fn(In) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Out, E>> + Send + 'static,
        E: Display,
    {
        let host = self.host.take().unwrap_or_else(|| Host::new(HOST));
        self.host = Some(host.typed_tool::<In, Out, F, R, E>(name, description, handler));
        self
    }

    /// Adds a connector: its tools become `<connector>.<tool>`.
    #[must_use]
    pub fn connector(mut self, connector: impl Connector) -> Self {
        self.connectors.push(Arc::new(connector));
        self
    }

    /// Sets the limits of runs that bring none of their own.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets which tools may be called. Without a policy all may: registering a tool is the grant.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Gives the runtime a pool of isolates of its own. Otherwise all runtimes of a process share one.
    #[must_use]
    pub fn pool(mut self, pool: PoolSize) -> Self {
        self.pool = Some(pool);
        self
    }

    /// Connects all connectors at once and lists their tools.
    ///
    /// # Errors
    ///
    /// [`Error::Connector`] when one cannot be reached, [`Error::Catalog`] for a name that cannot be a global. What
    /// was connected by then is closed.
    pub async fn build(self) -> Result<Runtime, Error> {
        let Self { host, mut connectors, policy, limits, pool } = self;
        limits.isolate.check().map_err(codemode_isolate::Error::from)?;
        if let Some(host) = host {
            connectors.insert(0, Arc::new(host));
        }
        let machine = match pool {
            Some(pool) => Machine::new(pool)?,
            None => Machine::shared()?,
        };
        let listed = list(&connectors).await;
        match catalog(listed) {
            Ok((catalog, warnings)) => {
                let connectors: HashMap<_, _> =
                    connectors.into_iter().map(|connector| (connector.name().to_owned(), connector)).collect();
                let registry = Registry::new(catalog, connectors);
                Ok(Runtime { inner: Arc::new(Inner { machine, registry, policy, limits, warnings }) })
            }
            Err(error) => {
                for connector in connectors {
                    connector.close().await;
                }
                Err(error)
            }
        }
    }
}

type Listed = (String, Result<Vec<Tool>, connect::Error>);

/// The tools of all connectors, in the connectors' order.
async fn list(connectors: &[Arc<dyn Connector>]) -> Vec<Listed> {
    let listing: Vec<_> = connectors
        .iter()
        .map(|connector| {
            let connector = Arc::clone(connector);
            tokio::spawn(async move { (connector.name().to_owned(), connector.tools().await) })
        })
        .collect();
    let mut listed = Vec::new();
    for task in listing {
        if let Ok(tools) = task.await {
            listed.push(tools);
        }
    }
    listed
}

fn catalog(listed: Vec<Listed>) -> Result<(Catalog, Vec<Warning>), Error> {
    let mut catalog = Catalog::default();
    let mut warnings = Vec::new();
    for (name, tools) in listed {
        let tools = tools.map_err(|source| Error::Connector { name: name.clone(), source })?;
        warnings.extend(catalog.insert(&name, tools)?);
    }
    Ok((catalog, warnings))
}

impl Runtime {
    /// A runtime without tools.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Runs one program in a fresh isolate.
    ///
    /// Whatever the program does, there is a [`Run`]: a failure is part of its output. Dropping the future stops the
    /// run; calls that were sent by then may take effect.
    pub async fn run(&self, source: &str, options: RunOptions) -> Run {
        let started = Instant::now();
        let inner = &*self.inner;
        let run_id = random_hex();
        let mut limits = options.limits.clone().unwrap_or_else(|| inner.limits.clone());
        limits.wall = options.timeout.unwrap_or(limits.wall);

        let compiled = program::compile(source, &program_limits(&limits));
        let mut usage = Usage { compile_us: micros(started.elapsed()), ..Usage::default() };
        let program = match compiled {
            Ok(program) => program,
            Err(rejection) => {
                usage.wall_us = micros(started.elapsed());
                return finished(run_id, Err(Failure::rejected(rejection)), Record::default(), usage);
            }
        };
        let mut drive =
            Drive::new(&inner.registry, &inner.policy, &inner.machine.ticker, &limits, &options, started);
        let outcome = match self.isolate(&limits, &options, started).await {
            Ok((isolate, _permit)) => {
                usage.isolate_start_us = micros(started.elapsed()) - usage.compile_us;
                let input = options.input.as_ref().map(Value::to_string).unwrap_or_default();
                let ended = drive.run(isolate, program.javascript(), &input, random_bytes()).await;
                usage.cpu_us = ended.usage.cpu_us;
                usage.heap_peak_bytes = ended.usage.heap_peak_bytes;
                self.outcome(ended, &program)
            }
            Err(failure) => Err(*failure),
        };
        usage.wall_us = micros(started.elapsed());
        finished(run_id, outcome, std::mem::take(&mut drive.record), usage)
    }

    /// A free isolate, and the permit that frees its place when dropped. Waits for one as long as the run may take.
    async fn isolate(
        &self,
        limits: &Limits,
        options: &RunOptions,
        started: Instant,
    ) -> Result<(Isolate, tokio::sync::OwnedSemaphorePermit), Box<Failure>> {
        let machine = &self.inner.machine;
        let internal = |error: &dyn Display| Box::new(Failure::new(Kind::Internal, error.to_string()));
        let permit = tokio::select! {
            permit = Arc::clone(&machine.free).acquire_owned() => permit.map_err(|error| internal(&error))?,
            () = options.cancel.cancelled() => {
                return Err(Box::new(Failure::new(Kind::Cancelled, "the run was cancelled before it started")));
            }
            () = tokio::time::sleep_until((started + limits.wall).into()) => {
                let failure = Failure::new(Kind::Timeout, "all isolates were in use for as long as the run may take");
                return Err(Box::new(failure));
            }
        };
        let meter = RunMeter { started, wall: limits.wall, cancelled: options.cancel.clone() };
        let names = Arc::clone(&self.inner.registry.names);
        let isolate = Isolate::new(&machine.engine, names, limits.isolate.clone(), Arc::new(meter));
        Ok((isolate.map_err(|error| internal(&error))?, permit))
    }

    fn outcome(&self, ended: Ended, program: &program::Program) -> Result<Option<Value>, Failure> {
        match ended.end {
            End::Value(json) => match serde_json::from_str(&json) {
                Ok(value) => Ok(Some(value)),
                Err(error) => Err(Failure::new(Kind::Protocol, format!("the guest's result is not JSON: {error}"))),
            },
            End::Nothing => Ok(None),
            End::Failed(failure) => {
                Err(Failure::in_program(failure, program, &self.inner.registry.connector_names()))
            }
        }
    }

    /// Everything a program can call.
    pub fn catalog(&self) -> &Catalog {
        &self.inner.registry.catalog
    }

    /// What was renamed or left out when the catalog was built.
    pub fn warnings(&self) -> &[Warning] {
        &self.inner.warnings
    }

    /// Closes all connectors: their processes are gone when this returns. Runs that are under way fail at their next
    /// call.
    pub async fn close(&self) {
        self.inner.registry.close().await;
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("tools", &self.catalog().len()).finish_non_exhaustive()
    }
}

fn program_limits(limits: &Limits) -> program::Limits {
    program::Limits { source_bytes: limits.source_bytes, ..program::Limits::default() }
}

fn finished(run_id: String, outcome: Result<Option<Value>, Failure>, record: Record, usage: Usage) -> Run {
    let text = |stream| -> String {
        let of_stream = record.printed.iter().filter(|print| print.stream == stream);
        of_stream.map(|print| print.text.as_str()).collect()
    };
    let (stdout, stderr) = (text(Stream::Stdout), text(Stream::Stderr));
    let logs = || -> Vec<String> {
        record.printed.iter().map(|print| print.text.trim_end_matches('\n').to_owned()).collect()
    };
    let calls = record.calls;
    let output = match outcome {
        Ok(Some(result)) => Output::Completed { run_id, result, logs: logs(), calls },
        // A program that returns nothing and prints is one whose output is its result.
        Ok(None) if !stdout.is_empty() => {
            let result = Value::String(stdout.trim_end_matches('\n').to_owned());
            let errors = record.printed.iter().filter(|print| print.stream == Stream::Stderr);
            let logs = errors.map(|print| print.text.trim_end_matches('\n').to_owned()).collect();
            Output::Completed { run_id, result, logs, calls }
        }
        Ok(None) => Output::Completed { run_id, result: Value::Null, logs: logs(), calls },
        Err(error) => Output::Error { run_id, error, logs: logs(), calls },
    };
    Run { output, stdout, stderr, usage }
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The system's generator fails only before the system has any entropy, at boot. A run must not depend on it then.
    if getrandom::fill(&mut bytes).is_err() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        for (byte, value) in bytes.iter_mut().zip(now.as_nanos().to_le_bytes().into_iter().cycle()) {
            *byte = value;
        }
    }
    bytes
}

fn random_hex() -> String {
    random_bytes::<16>().iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
