//! The thread that makes limits take effect while programs compute.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use codemode_isolate::Engine;

/// Time between two ticks: how late a limit or a cancellation takes effect, and how long a program computes before it
/// lets other tasks of its thread run.
const INTERVAL: Duration = Duration::from_millis(5);

/// Ticks without a computing program after which the thread sleeps until the next one begins. Falling asleep and being
/// woken cost a system call each, so a moment between two steps of a run is not worth it.
const IDLE_TICKS: u32 = 20;

/// Ticks an engine every [`INTERVAL`] while any program computes.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    /// Programs that compute now. The thread sleeps only while this is zero.
    computing: AtomicUsize,
    /// Nobody is left whose programs could compute.
    over: AtomicBool,
}

impl Ticker {
    /// Starts the thread, which ends when this is dropped.
    pub(crate) fn start(engine: Engine) -> std::io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let ticking = Arc::clone(&shared);
        let thread =
            thread::Builder::new().name("codemode-ticker".into()).spawn(move || ticking.run(&engine))?;
        Ok(Self { shared, thread: thread.thread().clone() })
    }

    /// Ticks at least until the guard is dropped.
    pub(crate) fn computing(&self) -> Computing<'_> {
        if self.shared.computing.fetch_add(1, Ordering::SeqCst) == 0 {
            // Wakes the thread if it sleeps; if it is about to, its sleep ends at once.
            self.thread.unpark();
        }
        Computing(&self.shared)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl Shared {
    fn run(&self, engine: &Engine) {
        let mut idle = 0;
        while !self.over.load(Ordering::SeqCst) {
            thread::sleep(INTERVAL);
            engine.tick();
            idle = if self.computing.load(Ordering::SeqCst) > 0 { 0 } else { idle + 1 };
            if idle >= IDLE_TICKS {
                while self.computing.load(Ordering::SeqCst) == 0 && !self.over.load(Ordering::SeqCst) {
                    thread::park();
                }
                idle = 0;
            }
        }
    }
}

/// A program computes while this exists.
pub(crate) struct Computing<'a>(&'a Shared);

impl Drop for Computing<'_> {
    fn drop(&mut self) {
        self.0.computing.fetch_sub(1, Ordering::SeqCst);
    }
}
