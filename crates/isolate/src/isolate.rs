//! One run's instance and how it is driven.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use wasmtime::{Store, Trap, TypedFunc, UpdateDeadline};

use crate::border::{DEADLOCK, Host, Stop};
use crate::end::{End, Ended, Failure, Frame, Kind, Usage};
use crate::engine::MEMORY_OVERHEAD_BYTES;
use crate::{Completion, Engine, Error, Interrupt, Limits, Meter, Names, Rejection, Step};

/// What a run starts from. All of it is in the run's header, so the run can be started again.
#[derive(Debug, Clone)]
pub struct Start<'a> {
    /// JavaScript: one expression whose value is an async function of one parameter, the input.
    pub javascript: &'a str,
    /// The input as JSON text; empty for `undefined`.
    pub input: &'a str,
    /// What `Date.now()` gives until the first completion, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// Where all randomness comes from.
    pub seed: [u8; 32],
}

/// One program in one instance. Dropping it frees the instance, also while a step's future is suspended.
pub struct Isolate {
    store: Store<Host>,
    start: TypedFunc<u32, i32>,
    resume: TypedFunc<u32, i32>,
    heap_peak: TypedFunc<(), u32>,
    waiting_at: TypedFunc<(), u64>,
    clock: Arc<CpuClock>,
    meter: Arc<dyn Meter>,
    state: State,
}

/// Ticks that a call into the guest may take that runs none of the program. It takes none; but the guest's memory is the
/// program's, and what the call walks there may be a circle.
const A_MOMENT: u64 = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Waiting,
    Over,
}

impl std::fmt::Debug for Isolate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Isolate")
            .field("outstanding", &self.store.data().outstanding.len())
            .finish_non_exhaustive()
    }
}

impl Isolate {
    /// Takes a fresh instance from the pool. Nothing runs yet.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] for limits that cannot be enforced, [`Error::Exhausted`] when the pool is empty.
    pub fn new(
        engine: &Engine,
        names: Arc<Names>,
        limits: Limits,
        meter: Arc<dyn Meter>,
    ) -> Result<Self, Error> {
        limits.check()?;
        let clock = Arc::new(CpuClock::default());
        let host = Host {
            memory_limit_bytes: limits.heap_bytes + limits.heap_bytes / 4 + MEMORY_OVERHEAD_BYTES,
            limits,
            names,
            random: ChaCha20Rng::from_seed([0; 32]),
            answer: Vec::new(),
            printed: Vec::new(),
            printed_bytes: 0,
            calls: Vec::new(),
            cancelled: Vec::new(),
            outstanding: HashMap::new(),
            argument_bytes: 0,
            timers: HashSet::new(),
            call_count: 0,
            end: None,
            stop: None,
        };
        let mut store = Store::new(engine.wasmtime(), host);
        store.limiter(|host| host);
        let instance = engine.guest().instantiate(&mut store).map_err(|error| {
            if error.is::<wasmtime::PoolConcurrencyLimitError>() {
                Error::Exhausted(engine.pool().isolates)
            } else {
                Error::Engine(error)
            }
        })?;
        store.set_epoch_deadline(A_MOMENT);
        let stop_address = engine.stop_address(&mut store, &instance).map_err(Error::Engine)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or(Error::State("it has no memory"))?;
        let (at_tick, tick_meter) = (Arc::clone(&clock), Arc::clone(&meter));
        let mut asked = false;
        store.epoch_deadline_callback(move |mut context| {
            let limit = context.data().limits.cpu;
            at_tick.account(&*tick_meter);
            if context.data().stop.is_none() {
                context.data_mut().stop = at_tick.stop(&*tick_meter, limit);
            }
            if let Some(failure) = context.data().stop.clone() {
                if asked {
                    // It was asked a tick ago and has not stopped: it is inside a built-in function.
                    return Err(Stop::Failed(failure).into());
                }
                asked = true;
                memory.write(&mut context, stop_address, &1_u32.to_le_bytes())?;
            }
            Ok(UpdateDeadline::Yield(1))
        });
        let start = instance.get_typed_func(&mut store, "start").map_err(Error::Engine)?;
        let resume = instance.get_typed_func(&mut store, "resume").map_err(Error::Engine)?;
        let heap_peak = instance.get_typed_func(&mut store, "heap_peak").map_err(Error::Engine)?;
        let waiting_at = instance.get_typed_func(&mut store, "waiting_at").map_err(Error::Engine)?;
        Ok(Self { store, start, resume, heap_peak, waiting_at, clock, meter, state: State::Fresh })
    }

    /// Runs the program until it waits or ends.
    ///
    /// The future never waits for anything. It yields at every epoch tick, so that a long computation does not keep
    /// its thread from other tasks, and may go on on another thread. Dropping it stops the program where it is;
    /// the isolate is then good for nothing but being dropped.
    ///
    /// # Errors
    ///
    /// [`Error::State`] unless the isolate is fresh; [`Error::Engine`] when something broke that is not the
    /// program's doing. Whatever the program does, its end is a [`Step`].
    pub async fn start(&mut self, start: Start<'_>) -> Result<Step, Error> {
        if self.state != State::Fresh {
            return Err(Error::State("it was started before"));
        }
        let host = self.store.data_mut();
        host.random = ChaCha20Rng::from_seed(start.seed);
        let random_state = host.random.next_u64();
        host.answer = start_parameters(&start, random_state, &host.limits, &host.names.connectors())?;
        let function = self.start.clone();
        let end = self.enter(&function).await;
        Ok(self.step(end))
    }

    /// Settles completions, one at a time in the order given, and runs the program until it waits or ends.
    ///
    /// `now_ms` is what `Date.now()` gives from here on. As with [`start`](Self::start) the future yields but never
    /// waits.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`] when a completion's call is not outstanding or is completed twice; nothing of the
    /// whole batch is settled then. [`Error::State`] unless the program waits.
    pub async fn resume(&mut self, completions: Vec<Completion>, now_ms: u64) -> Result<Step, Error> {
        if self.state != State::Waiting {
            return Err(Error::State("it is not waiting"));
        }
        let host = self.store.data_mut();
        let mut settling = HashSet::with_capacity(completions.len());
        for Completion { id, .. } in &completions {
            if !host.outstanding.contains_key(id) || !settling.insert(*id) {
                return Err(Error::UnknownCall(id.0));
            }
        }
        let function = self.resume.clone();
        let mut end = None;
        for completion in completions {
            let host = self.store.data_mut();
            // One that was settled before it may have withdrawn it, if it is a timer.
            if !host.settled(completion.id) {
                continue;
            }
            host.answer = resume_parameters(completion, now_ms, host.limits.completion_bytes)?;
            end = self.enter(&function).await;
            if end.is_some() {
                break;
            }
        }
        Ok(self.step(end))
    }

    /// Host calls that were made and not completed.
    pub fn outstanding(&self) -> usize {
        self.store.data().outstanding.len()
    }

    /// CPU time used by all steps so far.
    pub fn cpu(&self) -> Duration {
        self.clock.used()
    }

    /// What the run has used so far; for a driver that stops a program while it waits.
    pub fn usage(&mut self) -> Usage {
        self.store.set_epoch_deadline(A_MOMENT);
        let heap_peak = self.heap_peak.call(&mut self.store, ()).unwrap_or_default();
        Usage {
            cpu_us: u64::try_from(self.clock.used().as_micros()).unwrap_or(u64::MAX),
            heap_peak_bytes: u64::from(heap_peak),
            calls: self.store.data().call_count,
        }
    }

    /// The `await` at which the program is suspended; for a driver that stops it while it waits.
    pub fn waiting_at(&mut self) -> Option<Frame> {
        if self.state != State::Waiting {
            return None;
        }
        self.store.set_epoch_deadline(A_MOMENT);
        let site = self.waiting_at.call(&mut self.store, ()).unwrap_or_default();
        let [line, column] =
            [site >> 32, site & u64::from(u32::MAX)].map(|half| u32::try_from(half).unwrap_or(0));
        Frame::at(line, column)
    }

    /// Lets the guest run until it waits or ends.
    async fn enter(&mut self, function: &TypedFunc<u32, i32>) -> Option<End> {
        self.state = State::Over; // also when this future is dropped half-way
        self.store.set_epoch_deadline(1);
        let len = u32::try_from(self.store.data().answer.len()).unwrap_or(u32::MAX);
        let outcome = match self.clock.stop(&*self.meter, self.store.data().limits.cpu) {
            Some(failure) => Err(Stop::Failed(failure).into()),
            None => {
                let meter = Arc::clone(&self.meter);
                let clock = Arc::clone(&self.clock);
                let call = pin!(function.call_async(&mut self.store, len));
                Metered { call, meter, clock }.await
            }
        };
        let end = self.end_of(outcome);
        if end.is_none() {
            self.state = State::Waiting;
        }
        end
    }

    /// What happened since the last step.
    fn step(&mut self, end: Option<End>) -> Step {
        let ended = end.map(|end| Ended { end, usage: self.usage() });
        let host = self.store.data_mut();
        Step {
            printed: std::mem::take(&mut host.printed),
            calls: std::mem::take(&mut host.calls),
            cancelled: std::mem::take(&mut host.cancelled),
            ended,
        }
    }

    /// How the program ended, if it did.
    fn end_of(&mut self, outcome: wasmtime::Result<i32>) -> Option<End> {
        let host = self.store.data_mut();
        let end = host.end.take();
        // What the host wanted stopped is stopped, whatever the guest says came of it; that it stopped for this very
        // reason is the one thing it can add to, with the place.
        if let Some(stop) = host.stop.take() {
            return Some(match end {
                Some(End::Failed(failure)) if failure.kind == stop.kind => End::Failed(failure),
                _ => End::Failed(stop),
            });
        }
        let error = match (outcome, end) {
            (Ok(_), Some(end)) => return Some(end),
            (Ok(0), None) if host.outstanding.is_empty() => {
                // The guest says so itself; this is for one that does not.
                return Some(End::Failed(Failure::new(Kind::Deadlock, DEADLOCK)));
            }
            (Ok(0), None) => return None,
            (Ok(_), None) => Stop::Protocol("ended without saying how").into(),
            // The guest ends itself this way when its heap is full: it says so, then traps.
            (Err(_), Some(end)) => return Some(end),
            (Err(error), None) => error,
        };
        Some(End::Failed(stop_of(&error, &host.limits)))
    }
}

/// What stopped an instance that did not end by itself.
fn stop_of(error: &wasmtime::Error, limits: &Limits) -> Failure {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return match stop {
            Stop::Failed(failure) => failure.clone(),
            Stop::Protocol(_) => Failure::new(Kind::Protocol, stop.to_string()),
        };
    }
    let stack = limits.stack_bytes as u64;
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow | Trap::MemoryOutOfBounds) => Failure::over(
            Kind::StackLimit,
            "the engine ran out of stack inside a built-in function",
            stack,
            stack,
        ),
        Some(trap) => {
            Failure::new(Kind::Internal, format!("the isolate stopped by itself ({trap}); this is our bug"))
        }
        None => Failure::new(Kind::Internal, "the isolate failed; this is our bug"),
    }
}

/// CPU time of one isolate over all its polls, on whatever threads they were.
#[derive(Default)]
struct CpuClock {
    used_ns: AtomicU64,
    poll_started_ns: AtomicU64,
}

impl CpuClock {
    fn used(&self) -> Duration {
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed))
    }

    fn begin(&self, meter: &dyn Meter) {
        self.poll_started_ns.store(nanos(meter.thread_cpu()), Ordering::Relaxed);
    }

    /// Adds what the thread used since the poll began, or since the last call of this.
    fn account(&self, meter: &dyn Meter) {
        let now = nanos(meter.thread_cpu());
        let began = self.poll_started_ns.swap(now, Ordering::Relaxed);
        self.used_ns.fetch_add(now.saturating_sub(began), Ordering::Relaxed);
    }

    /// Why the program must stop now, if it must, by what was accounted so far.
    fn stop(&self, meter: &dyn Meter, limit: Duration) -> Option<Failure> {
        match meter.interrupt() {
            Some(Interrupt::Cancelled) => {
                return Some(Failure::new(Kind::Cancelled, "the run was cancelled"));
            }
            Some(Interrupt::Timeout { limit_ms, observed_ms }) => {
                let message = format!("the run took longer than {limit_ms} ms");
                return Some(Failure::over(Kind::Timeout, message, observed_ms, limit_ms));
            }
            None => {}
        }
        let (used, limit) = (millis(self.used()), millis(limit));
        (used > limit).then(|| {
            Failure::over(
                Kind::CpuLimit,
                format!("the program used more than {limit} ms of CPU time"),
                used,
                limit,
            )
        })
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Counts the CPU time of every poll.
struct Metered<'a, F> {
    call: Pin<&'a mut F>,
    meter: Arc<dyn Meter>,
    clock: Arc<CpuClock>,
}

impl<F: Future> Future for Metered<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.clock.begin(&*self.meter);
        let poll = self.call.as_mut().poll(context);
        self.clock.account(&*self.meter);
        poll
    }
}

/// `StartHeader` of the guest's `c/run.c` and the texts behind it.
fn start_parameters(
    start: &Start<'_>,
    random_state: u64,
    limits: &Limits,
    names: &[u8],
) -> Result<Vec<u8>, Error> {
    let texts = [start.javascript.as_bytes(), start.input.as_bytes(), names];
    let mut out = Vec::with_capacity(64 + texts.iter().map(|text| text.len() + 1).sum::<usize>());
    #[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 53 bits for 285,000 years")]
    out.extend_from_slice(&(start.now_ms as f64).to_le_bytes());
    out.extend_from_slice(&random_state.to_le_bytes());
    let limits = [
        limits.heap_bytes,
        limits.stack_bytes,
        limits.argument_bytes,
        limits.result_bytes,
        limits.json_depth,
    ];
    for number in limits.into_iter().chain(texts.iter().map(|text| text.len())) {
        out.extend_from_slice(&length(number)?.to_le_bytes());
    }
    for text in texts {
        out.extend_from_slice(text);
        out.push(0);
    }
    Ok(out)
}

/// `ResumeHeader` of the guest's `c/run.c` and what comes behind it.
fn resume_parameters(completion: Completion, now_ms: u64, max_bytes: usize) -> Result<Vec<u8>, Error> {
    let (ok, json) = match completion.outcome {
        Ok(json) if json.len() <= max_bytes => (1_u32, json),
        Ok(json) => (0, rejection_json(&too_large(json.len(), max_bytes)).into()),
        Err(rejection) => (0, rejection_json(&rejection).into()),
    };
    let (text, paths) = (&json.text, json.paths());
    let mut out = Vec::with_capacity(32 + text.len() + paths.len());
    #[allow(clippy::cast_precision_loss, reason = "as above")]
    out.extend_from_slice(&(now_ms as f64).to_le_bytes());
    for number in [completion.id.0, ok, length(text.len())?, length(paths.len())?] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for text in [text, &paths] {
        out.extend_from_slice(text.as_bytes());
        out.push(0);
    }
    Ok(out)
}

fn length(bytes: usize) -> Result<u32, Error> {
    u32::try_from(bytes).map_err(|_| Error::State("what it is given is larger than 4 GiB"))
}

fn rejection_json(rejection: &Rejection) -> String {
    serde_json::to_string(rejection)
        .unwrap_or_else(|_| r#"{"name":"Error","message":"","kind":"internal"}"#.into())
}

fn too_large(observed: usize, limit: usize) -> Rejection {
    let message =
        format!("the result has {observed} bytes, more than the {limit} that a program may be given");
    Rejection { outcome: Some("executed".into()), ..Rejection::new("ToolError", message, Kind::ToolError) }
}
