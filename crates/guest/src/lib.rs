//! The guest: QuickJS-NG as a WebAssembly module, pre-initialised and compiled ahead of time.
//!
//! The build script compiles the C sources in `c/` around the engine's own, runs the guest's init (context,
//! prelude, captured built-ins) once, freezes the memory that leaves, and compiles the result for the target.
//! What ships is [`ARTIFACT`]; loading it takes no compiler.
//!
//! The border between the guest and its host is `c/host.h` (imports) and the end of `c/run.c` (exports). The
//! host's half is the crate `codemode-isolate`.

pub mod engine;

/// The guest compiled ahead of time, to be loaded with an engine configured by [`engine::configure`].
pub static ARTIFACT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guest.cwasm"));

/// The pre-initialised guest as portable WebAssembly, from which [`ARTIFACT`] was compiled. Its imports and
/// exports are the whole border.
#[cfg(feature = "wasm")]
pub static WASM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guest.wasm"));

/// SHA-256 of the pre-initialised guest, lower-case hex: what a journal records to know which guest ran.
pub const FINGERPRINT: &str = env!("CODEMODE_GUEST_SHA256");
