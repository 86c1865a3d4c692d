//! Every setting of the WebAssembly engine that shapes compiled code, in one place: the build script includes
//! this file to compile the guest, the isolate calls it to load what was compiled. They must agree.

use wasmtime::Config;

/// Bytes of native stack that guest code may use. QuickJS measures its own stack, the one in linear memory, and
/// throws a catchable `RangeError` at its limit; the native frames behind it take up to 32 times as much in the
/// worst recursion measured, and running out of those is a trap that ends the run. So this is 32 × the largest
/// [`MAX_JS_STACK_BYTES`].
pub const WASM_STACK_BYTES: usize = 32 * MAX_JS_STACK_BYTES;

/// The largest JavaScript stack that a run may be given, in bytes.
pub const MAX_JS_STACK_BYTES: usize = 512 * 1024;

/// A configuration with everything set that compiled code depends on; the caller adds how to allocate.
///
/// Only what the guest, a core module of one memory and one table, needs is on: each feature left out is code
/// of the engine that no program can reach.
pub fn configure() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .memory_init_cow(true)
        .wasm_backtrace_max_frames(None)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_extended_const(false);
    config
}
