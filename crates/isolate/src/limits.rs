//! What a run may use inside its isolate.

use std::time::Duration;

use codemode_guest::engine::MAX_JS_STACK_BYTES;
use serde::{Deserialize, Serialize};

/// Limits that the isolate enforces. Wall time and calls at once are the driver's: the isolate has no clock and
/// makes no calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// CPU time of all passes of a run together. Time that the thread spent on something else does not count.
    /// Exceeded: [`Kind::CpuLimit`](crate::Kind::CpuLimit), at most one epoch tick late. Default 10 s.
    pub cpu: Duration,
    /// Bytes of the guest's heap, the engine's own 0.5 MB included. Exceeded:
    /// [`Kind::MemoryLimit`](crate::Kind::MemoryLimit), which no program can catch. 2 MiB to 1 GiB, default 64 MiB.
    pub heap_bytes: usize,
    /// Bytes of JavaScript stack. Exceeded: a `RangeError` in the program; when nothing catches it,
    /// [`Kind::StackLimit`](crate::Kind::StackLimit). 16 KiB to 512 KiB, default 512 KiB (about 1,500 plain calls).
    pub stack_bytes: usize,
    /// Tool calls of a run. One more: [`Kind::CallLimit`](crate::Kind::CallLimit). Default 1,000.
    pub calls: u32,
    /// Timers running at once. One more is a `RangeError` in the program. Default 1,000.
    pub timers: u32,
    /// Bytes of one call's arguments as JSON; the calls that wait for their answers may have 16 times as much together.
    /// Exceeded: a `RangeError` in the program. Default 1 MiB.
    pub argument_bytes: usize,
    /// Bytes of one completion as JSON. Exceeded: the call fails in the program. Default 16 MiB.
    pub completion_bytes: usize,
    /// Nesting of arguments and results. Exceeded: a `TypeError` naming the path. At most 120, default 100.
    pub json_depth: usize,
    /// Bytes printed to both streams together. Exceeded: [`Kind::OutputLimit`](crate::Kind::OutputLimit).
    /// Default 256 KiB.
    pub log_bytes: usize,
    /// Bytes of the result as JSON. Exceeded: [`Kind::OutputLimit`](crate::Kind::OutputLimit). Default 1 MiB.
    pub result_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu: Duration::from_secs(10),
            heap_bytes: 64 << 20,
            stack_bytes: MAX_JS_STACK_BYTES,
            calls: 1_000,
            timers: 1_000,
            argument_bytes: 1 << 20,
            completion_bytes: 16 << 20,
            json_depth: 100,
            log_bytes: 256 << 10,
            result_bytes: 1 << 20,
        }
    }
}

/// A limit outside what the isolate can enforce.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("limit {name} is {given}, but must be {min} to {max}")]
pub struct InvalidLimit {
    /// The field of [`Limits`].
    pub name: &'static str,
    /// What it was set to.
    pub given: usize,
    /// The least it may be.
    pub min: usize,
    /// The most it may be.
    pub max: usize,
}

/// The largest heap a run may be given. Every slot of the pool reserves address space for it.
pub(crate) const MAX_HEAP_BYTES: usize = 1 << 30;

impl Limits {
    /// Checks every limit against what the guest can honour.
    pub fn check(&self) -> Result<(), InvalidLimit> {
        // Lengths cross the border as u32, and the guest's size_t is 32 bits.
        const MAX_TEXT: usize = 512 << 20;
        let ranges = [
            ("heap_bytes", self.heap_bytes, 2 << 20, MAX_HEAP_BYTES),
            ("stack_bytes", self.stack_bytes, 16 << 10, MAX_JS_STACK_BYTES),
            ("calls", self.calls as usize, 0, 1_000_000),
            ("timers", self.timers as usize, 0, 10_000),
            ("argument_bytes", self.argument_bytes, 2, MAX_TEXT),
            ("completion_bytes", self.completion_bytes, 2, MAX_TEXT),
            // serde_json reads 128 levels; the few above this one are the envelope's.
            ("json_depth", self.json_depth, 1, 120),
            ("log_bytes", self.log_bytes, 0, MAX_TEXT),
            ("result_bytes", self.result_bytes, 2, MAX_TEXT),
        ];
        for (name, given, min, max) in ranges {
            if given < min || given > max {
                return Err(InvalidLimit { name, given, min, max });
            }
        }
        Ok(())
    }
}
