//! The runtime: tools, limits, policy, and programs that run against them.

use std::fmt::{Display, Formatter, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use codemode_catalog::{Catalog, Warning};
use codemode_isolate::{End, Ended, Isolate, Kind};
use codemode_program::Program;
use serde_json::Value;

use crate::builtins::Builtins;
use crate::calls::Calls;
use crate::compile::{COMPILE_IN_PLACE_BYTES, compile};
use crate::discover::off_thread;
use crate::docs::Docs;
use crate::drive::{Drive, Record};
use crate::machine::Machine;
use crate::meter::{RunMeter, deadline};
use crate::outcome::finished;
use crate::refresh::Connected;
use crate::registry::Registry;
use crate::runs::Runs;
use crate::surface::{ResultStore, Surface};
use crate::view::Narrowed;
use crate::{Builder, Event, Failure, Limits, Run, RunOptions, Usage, waiting};

/// Runs programs against a set of tools. Cheap to clone.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) inner: Arc<Inner>,
}

/// What one runtime is; a view of it shares everything but the policy, the limits and the surface.
pub(crate) struct Inner {
    pub(crate) machine: Machine,
    pub(crate) connected: Arc<Connected>,
    /// Of what this is a view, and which part of it.
    pub(crate) narrowed: Option<Narrowed>,
    pub(crate) limits: Limits,
    pub(crate) surface: Surface,
    pub(crate) relay: crate::relay::Own,
    pub(crate) results: Arc<ResultStore>,
    pub(crate) runs: Runs,
    pub(crate) docs: Docs,
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
        self.run_as(random_hex(), source, options).await
    }

    /// The same under an id that is known beforehand.
    pub(crate) async fn run_as(&self, run_id: String, source: &str, mut options: RunOptions) -> Run {
        let principal = options.principal.clone();
        let run = match self.inner.runs.active.begin(&run_id, principal.clone(), &options.cancel) {
            Some(begun) => {
                options.cancel.clone_from(&begun.cancel);
                self.run_begun(run_id, source, options).await
            }
            None => {
                let failure = Failure::new(Kind::Cancelled, "this server is shutting down; nothing was run");
                finished(run_id, Err(Box::new(failure)), Record::default(), Usage::default())
            }
        };
        Run { principal, ..run }
    }

    async fn run_begun(&self, run_id: String, source: &str, options: RunOptions) -> Run {
        let started = Instant::now();
        let options = waiting::counted(options);
        let inner = &*self.inner;
        let mut limits = options.limits.clone().unwrap_or_else(|| inner.limits.clone());
        limits.wall = options.timeout.unwrap_or(limits.wall);
        options.notify(Event::RunStarted { run_id: &run_id });

        if let Err(invalid) = limits.check() {
            let failure = Box::new(Failure::new(Kind::Internal, invalid.to_string()));
            return told(&options, finished(run_id, Err(failure), Record::default(), Usage::default()));
        }
        let compiled = compile(source, &limits, &options, started).await;
        let mut usage = Usage { compile_us: micros(started.elapsed()), ..Usage::default() };
        let program = match compiled {
            Ok(program) => program,
            Err(failure) => {
                usage.wall_us = micros(started.elapsed());
                return told(&options, finished(run_id, Err(failure), Record::default(), usage));
            }
        };
        let mut record = Record::default();
        self.refresh_if_changed().await;
        // Half of the time that the run has, so that the program can be told and do something else.
        let patience = deadline(started, limits.wall / 2);
        let named: Vec<&str> = program.calls().iter().map(|call| connector_of(&call.path)).collect();
        self.connected(&named, patience.into()).await;
        let registry = self.registry();
        let outcome = match self.isolate(&registry, &limits, &options, started).await {
            Ok((isolate, _permit)) => {
                usage.isolate_start_us = micros(started.elapsed()) - usage.compile_us;
                let input = options.input.as_ref().map(Value::to_string).unwrap_or_default();
                let builtins = Builtins {
                    registry: Arc::clone(&registry),
                    inner: Arc::clone(&self.inner),
                    owner: options.principal.clone(),
                };
                let calls = Calls::new(builtins, &limits, &options, &run_id);
                let drive = Drive::new(calls, &inner.machine.ticker, &limits, &options, started);
                let (ended, left) = drive.run(isolate, program.javascript(), &input, random_bytes()).await;
                usage.cpu_us = ended.usage.cpu_us;
                usage.heap_peak_bytes = ended.usage.heap_peak_bytes;
                record = left;
                keep_learned(Arc::clone(&registry));
                self.outcome(ended, program, registry).await
            }
            Err(failure) => Err(failure),
        };
        usage.wall_us = micros(started.elapsed());
        told(&options, finished(run_id, outcome, record, usage))
    }

    /// A free isolate, and the permit that frees its place when dropped. Waits for one as long as the run may take.
    async fn isolate(
        &self,
        registry: &Registry,
        limits: &Limits,
        options: &RunOptions,
        started: Instant,
    ) -> Result<(Isolate, tokio::sync::OwnedSemaphorePermit), Box<Failure>> {
        let machine = &self.inner.machine;
        let internal = |error: &dyn Display| Box::new(Failure::new(Kind::Internal, error.to_string()));
        let permit = tokio::select! {
            biased;
            permit = Arc::clone(&machine.free).acquire_owned() => permit.map_err(|error| internal(&error))?,
            () = options.cancel.cancelled() => {
                return Err(Box::new(Failure::new(Kind::Cancelled, "the run was cancelled before it started")));
            }
            () = tokio::time::sleep_until(deadline(started, limits.wall).into()) => {
                let failure = Failure::new(Kind::Timeout, "all isolates were in use for as long as the run may take");
                return Err(Box::new(failure));
            }
        };
        let meter = RunMeter {
            started,
            wall: limits.wall,
            waits: Arc::clone(&options.waits),
            cancelled: options.cancel.clone(),
        };
        let names = Arc::clone(&registry.names);
        let isolate = Isolate::new(&machine.engine, names, limits.isolate.clone(), Arc::new(meter));
        Ok((isolate.map_err(|error| internal(&error))?, permit))
    }

    /// The result; `None` when the program returned nothing.
    async fn outcome(
        &self,
        ended: Ended,
        program: Program,
        registry: Arc<Registry>,
    ) -> Result<Option<Value>, Box<Failure>> {
        let failure = match ended.end {
            End::Value(json) => match serde_json::from_str(&json) {
                Ok(value) => return Ok(Some(value)),
                Err(error) => {
                    Failure::new(Kind::Protocol, format!("the guest's result is not JSON: {error}"))
                }
            },
            End::Nothing => return Ok(None),
            // To place a failure the program is compiled once more.
            End::Failed(failure) if program.source().len() <= COMPILE_IN_PLACE_BYTES => {
                Failure::in_program(failure, &program, &registry.connector_names())
            }
            End::Failed(failure) => {
                let unplaced = Failure::new(failure.kind, failure.message.clone());
                let placing = tokio::task::spawn_blocking(move || {
                    Failure::in_program(failure, &program, &registry.connector_names())
                });
                placing.await.unwrap_or(unplaced)
            }
        };
        Err(Box::new(failure))
    }

    /// Everything a program can call, as it is now.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.registry().catalog)
    }

    /// The folders of text that a model can search, as they were read.
    pub fn docs(&self) -> &Docs {
        &self.inner.docs
    }

    /// What was renamed or left out of what the connectors listed.
    pub fn warnings(&self) -> Vec<Warning> {
        let registry = self.registry();
        let of = |name| registry.warnings.iter().filter(move |warning| warning.connector() == name);
        registry.catalog.connectors().flat_map(of).cloned().collect()
    }

    /// Ends what runs (see [`drain`](Self::drain)) and closes all connectors: their processes are gone when this returns.
    pub async fn close(&self) {
        self.drain(Duration::ZERO).await;
        let registry = self.inner.connected.registry();
        registry.close().await;
        registry.pins.settled().await;
        off_thread(move || registry.learned.save()).await;
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("tools", &self.catalog().len()).finish_non_exhaustive()
    }
}

/// The run, of whose end the observer was told.
fn told(options: &RunOptions, run: Run) -> Run {
    options.notify(Event::RunEnded(&run));
    run
}

/// `shop` of `shop.list`.
fn connector_of(path: &str) -> &str {
    path.split_once('.').map_or(path, |(connector, _)| connector)
}

/// Writes what a run taught, if anything, without holding it up.
fn keep_learned(registry: Arc<Registry>) {
    if registry.learned.is_unsaved() {
        drop(tokio::task::spawn_blocking(move || registry.learned.save()));
    }
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

pub(crate) fn random_hex() -> String {
    random_bytes::<16>().iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
