//! The thread that makes limits take effect while programs compute.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// Programs that compute now. The thread sleeps only while this is zero.
    computing: AtomicUsize,
    thread: std::sync::OnceLock<Thread>,
}

impl Ticker {
    /// Starts the thread. It lives as long as the process, asleep when there is nothing to do.
    pub(crate) fn start(engine: Engine) -> std::io::Result<Arc<Self>> {
        let ticker = Arc::new(Self { computing: AtomicUsize::new(0), thread: std::sync::OnceLock::new() });
        let ticking = Arc::clone(&ticker);
        let thread =
            thread::Builder::new().name("codemode-ticker".into()).spawn(move || ticking.run(&engine))?;
        let _ = ticker.thread.set(thread.thread().clone());
        Ok(ticker)
    }

    /// Ticks at least until the guard is dropped.
    pub(crate) fn computing(&self) -> Computing<'_> {
        if self.computing.fetch_add(1, Ordering::SeqCst) == 0
            && let Some(thread) = self.thread.get()
        {
            // Wakes the thread if it sleeps; if it is about to, its sleep ends at once.
            thread.unpark();
        }
        Computing(self)
    }

    fn run(&self, engine: &Engine) {
        let mut idle = 0;
        loop {
            thread::sleep(INTERVAL);
            engine.tick();
            idle = if self.computing.load(Ordering::SeqCst) > 0 { 0 } else { idle + 1 };
            if idle >= IDLE_TICKS {
                while self.computing.load(Ordering::SeqCst) == 0 {
                    thread::park();
                }
                idle = 0;
            }
        }
    }
}

/// A program computes while this exists.
pub(crate) struct Computing<'a>(&'a Ticker);

impl Drop for Computing<'_> {
    fn drop(&mut self) {
        self.0.computing.fetch_sub(1, Ordering::SeqCst);
    }
}
