//! The WebAssembly engine with the guest loaded, shared by all isolates of a process.

use std::sync::{Arc, OnceLock};

use codemode_guest::engine::WASM_STACK_BYTES;
use wasmtime::{
    Enabled, Instance, InstanceAllocationStrategy, InstancePre, Linker, Module, PoolingAllocationConfig,
    Store,
};

use crate::border::{self, Host};
use crate::limits::MAX_HEAP_BYTES;

/// What can go wrong with the isolate itself, as against the program in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// As many isolates exist as the pool holds. Nothing was started; try again when one has ended.
    #[error("all {0} isolates are in use")]
    Exhausted(u32),
    /// A limit of the run cannot be enforced. Nothing was started.
    #[error(transparent)]
    Limit(#[from] crate::InvalidLimit),
    /// A completion names a call that is not outstanding: unknown, completed before, or forged. Nothing was
    /// settled, and the isolate is as it was.
    #[error("completion for call {0}, which is not outstanding")]
    UnknownCall(u32),
    /// The isolate was started before, or has ended.
    #[error("the isolate cannot take this step: {0}")]
    State(&'static str),
    /// The engine refused; the isolate is gone.
    #[error("the WebAssembly engine failed: {0}")]
    Engine(wasmtime::Error),
}

/// How many isolates a process holds at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSize {
    /// Isolates alive at once, running or waiting for completions. Each reserves 4 GiB of address space for its memory
    /// and 17 MiB for its native stack, and holds what its program has touched of both, about 0.5 MiB at the least. As much
    /// of a slot stays resident after its run, for the next one: a burst of 2,000 leaves 1 GiB. Default 4,096.
    pub isolates: u32,
    /// Unused slots kept warm, so that the next start needs no fresh pages. Default 16.
    pub warm: u32,
}

impl Default for PoolSize {
    fn default() -> Self {
        Self { isolates: 4_096, warm: 16 }
    }
}

/// Bytes of a slot's memory that stay resident between runs and are reset by copying instead of by page faults.
/// The part of a run's memory that nearly every run touches fits; what exceeds it goes back to the system.
const KEEP_RESIDENT_BYTES: usize = 4 << 20;

/// Room above a run's heap for the snapshot, the C stack, and what the allocator needs to place blocks.
pub(crate) const MEMORY_OVERHEAD_BYTES: usize = 16 << 20;

/// The engine with the guest loaded. Cheap to clone; one per process is enough, and sharing one is what makes a
/// start fast.
///
/// Creating it installs Wasmtime's signal handlers for memory faults, process-wide. They pass on what is not
/// theirs. Somebody must call [`Engine::tick`] every few milliseconds while programs run.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    engine: wasmtime::Engine,
    guest: InstancePre<Host>,
    pool: PoolSize,
    /// Where in its memory the guest looks for being stopped. The same in every instance.
    stop_address: OnceLock<usize>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("pool", &self.inner.pool).finish_non_exhaustive()
    }
}

impl Engine {
    /// Loads the guest.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] when the address space for the pool cannot be reserved, or the embedded guest was
    /// compiled for another kind of machine.
    #[allow(unsafe_code)]
    pub fn new(pool: PoolSize) -> Result<Self, Error> {
        let mut allocation = PoolingAllocationConfig::default();
        // Resetting a slot page by page, only where a run wrote, needs Linux 6.7; elsewhere keeping pages resident
        // would copy the whole cold stack each time, which costs more than the page faults it saves.
        let scan = PoolingAllocationConfig::is_pagemap_scan_available();
        allocation
            .total_core_instances(pool.isolates)
            .total_memories(pool.isolates)
            .total_tables(pool.isolates)
            // A waiting isolate keeps the stack it ran on: the engine gives it back with the store.
            .total_stacks(pool.isolates)
            .max_memories_per_module(1)
            .max_tables_per_module(1)
            .max_memory_size(MAX_HEAP_BYTES + MEMORY_OVERHEAD_BYTES)
            .table_elements(4_096)
            .max_unused_warm_slots(pool.warm)
            .pagemap_scan(if scan { Enabled::Yes } else { Enabled::No })
            .linear_memory_keep_resident(if scan { KEEP_RESIDENT_BYTES } else { 0 })
            .table_keep_resident(64 << 10)
            .async_stack_keep_resident(32 << 10);
        let mut config = codemode_guest::engine::configure();
        config
            .allocation_strategy(InstanceAllocationStrategy::Pooling(allocation))
            .max_wasm_stack(WASM_STACK_BYTES)
            .async_stack_size(WASM_STACK_BYTES + (1 << 20))
            .async_stack_zeroing(true);
        let engine = wasmtime::Engine::new(&config).map_err(Error::Engine)?;
        // SAFETY: the bytes were produced by `Engine::precompile_module` of this very version of Wasmtime in the
        // build script of `codemode-guest`, are embedded in this binary, and reach nobody who could change them.
        let module =
            unsafe { Module::deserialize(&engine, codemode_guest::ARTIFACT) }.map_err(Error::Engine)?;
        let mut linker = Linker::new(&engine);
        border::define(&mut linker).map_err(Error::Engine)?;
        let guest = linker.instantiate_pre(&module).map_err(Error::Engine)?;
        Ok(Self { inner: Arc::new(Inner { engine, guest, pool, stop_address: OnceLock::new() }) })
    }

    /// Lets every computing isolate look at its meter. Cheap, and safe to call from a signal handler or any thread.
    /// The time between two ticks is how late a limit or a cancellation can take effect.
    pub fn tick(&self) {
        self.inner.engine.increment_epoch();
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.inner.engine
    }

    pub(crate) fn guest(&self) -> &InstancePre<Host> {
        &self.inner.guest
    }

    /// The address, asked of `instance` when it is not known yet.
    pub(crate) fn stop_address(
        &self,
        store: &mut Store<Host>,
        instance: &Instance,
    ) -> wasmtime::Result<usize> {
        if let Some(address) = self.inner.stop_address.get() {
            return Ok(*address);
        }
        let function = instance.get_typed_func::<(), u32>(&mut *store, "stop_requested")?;
        let address = function.call(store, ())? as usize;
        Ok(*self.inner.stop_address.get_or_init(|| address))
    }

    pub(crate) fn pool(&self) -> PoolSize {
        self.inner.pool
    }
}
