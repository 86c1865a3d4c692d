//! Runs the guest's init once and keeps the memory it leaves; then compiles the result for the target.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wasmtime::{Engine, Instance, Linker, Module, OptLevel, Store, Val};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

/// What `c/run.c` exports its init as.
const INIT: &str = "wizer-initialize";

pub(crate) fn preinitialise(raw: &[u8]) -> super::Result<Vec<u8>> {
    run_init(raw).map_err(|error| format!("the guest's init failed: {error:?}"))
}

fn run_init(raw: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let mut wizer = Wizer::new();
    wizer.init_func(INIT);
    let (context, instrumented) = wizer.instrument(raw)?;

    let mut config = super::engine::configure();
    config.cranelift_opt_level(OptLevel::None).epoch_interruption(false);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, &instrumented)?;
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&module)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;
    for name in ["_initialize", INIT] {
        if let Ok(function) = instance.get_typed_func::<(), ()>(&mut store, name) {
            function.call(&mut store, ())?;
        }
    }
    ready(wizer.snapshot(&context, &mut State { store, instance }))
}

pub(crate) fn compile_ahead_of_time(guest: &[u8], target: &str) -> super::Result<Vec<u8>> {
    let compile = || -> wasmtime::Result<Vec<u8>> {
        let mut config = super::engine::configure();
        // Named even when it is this machine's: without it the features of this very processor are compiled in.
        config.target(target)?;
        // Two machines must not differ in the bits of a NaN: replay compares results.
        config.cranelift_nan_canonicalization(true);
        Engine::new(&config)?.precompile_module(guest)
    };
    compile().map_err(|error| format!("the guest cannot be compiled for {target}: {error:?}"))
}

struct State {
    store: Store<()>,
    instance: Instance,
}

impl InstanceState for State {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        let global = self.instance.get_global(&mut self.store, name).expect("a global that wizer exported");
        match global.get(&mut self.store) {
            Val::I32(value) => SnapshotVal::I32(value),
            Val::I64(value) => SnapshotVal::I64(value),
            Val::F32(value) => SnapshotVal::F32(value),
            Val::F64(value) => SnapshotVal::F64(value),
            other => panic!("a global of an unexpected type: {other:?}"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let memory = self.instance.get_memory(&mut self.store, name).expect("a memory that wizer exported");
        contents(memory.data(&self.store));
    }
}

/// The value of a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("State's methods do not wait"),
    }
}
