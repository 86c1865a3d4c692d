//! Isolates, and the thread that makes their limits take effect.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use codemode_isolate::{Engine, PoolSize};
use tokio::sync::Semaphore;

use crate::Error;
use crate::ticker::Ticker;

/// What runs programs; one is enough for a process.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    pub(crate) ticker: Arc<Ticker>,
    /// One permit per isolate of the pool, so that a run waits for a free one instead of failing.
    pub(crate) free: Arc<Semaphore>,
}

impl Machine {
    pub(crate) fn new(pool: PoolSize) -> Result<Self, Error> {
        let engine = Engine::new(pool)?;
        let ticker = Arc::new(Ticker::start(engine.clone())?);
        Ok(Self { engine, ticker, free: Arc::new(Semaphore::new(pool.isolates as usize)) })
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
