//! Isolates, and the thread that makes their limits take effect.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use codemode_isolate::{Engine, PoolSize};
use tokio::sync::Semaphore;

use crate::ticker::Ticker;
use crate::{Error, Runtime};

/// What runs programs; one is enough for a process.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    pub(crate) ticker: Arc<Ticker>,
    /// One permit per isolate of the pool, so that a run waits for a free one instead of failing.
    pub(crate) free: Arc<Semaphore>,
    isolates: u32,
}

/// How many isolates there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Isolates {
    /// That run a program now.
    pub in_use: u32,
    /// That there can be at once; a run beyond them waits.
    pub total: u32,
}

impl Runtime {
    /// How many isolates there are; with a pool that runtimes share, those of all of them.
    pub fn isolates(&self) -> Isolates {
        let Machine { free, isolates, .. } = &self.inner.machine;
        let free = u32::try_from(free.available_permits()).unwrap_or(u32::MAX);
        Isolates { in_use: isolates.saturating_sub(free), total: *isolates }
    }
}

impl Machine {
    pub(crate) fn new(pool: PoolSize) -> Result<Self, Error> {
        let engine = Engine::new(pool)?;
        let ticker = Arc::new(Ticker::start(engine.clone())?);
        Ok(Self {
            engine,
            ticker,
            free: Arc::new(Semaphore::new(pool.isolates as usize)),
            isolates: pool.isolates,
        })
    }

    /// The one that all runtimes without a pool of their own share.
    pub(crate) fn shared() -> Result<Self, Error> {
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
