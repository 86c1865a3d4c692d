//! How a run ends inside its isolate.

use serde::{Deserialize, Serialize};

/// What kind of failure a run or a call ended with. The words a model and an operator see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The program threw, or a promise it waited for was rejected.
    GuestError,
    /// A tool reported an error and the program did not catch it.
    ToolError,
    /// A call's arguments do not fit the tool's schema. Nothing was sent.
    InvalidArguments,
    /// The program is not one that can run. Nothing was executed.
    SourceRejected,
    /// CPU time is used up.
    CpuLimit,
    /// The heap is full.
    MemoryLimit,
    /// The stack overflowed and the program did not catch the `RangeError`.
    StackLimit,
    /// Too much console output, or too large a result.
    OutputLimit,
    /// Too many tool calls.
    CallLimit,
    /// The run's wall time is over.
    Timeout,
    /// The program waits for a promise that nothing can settle any more.
    Deadlock,
    /// The result cannot be expressed as JSON.
    ResultInvalid,
    /// Policy forbids a call.
    Denied,
    /// A person said no to a call.
    Rejected,
    /// Nobody answered in time.
    Expired,
    /// It is not known whether a call took effect.
    InDoubt,
    /// Somebody cancelled the run.
    Cancelled,
    /// A replay did not do what the journal says.
    ReplayDiverged,
    /// The other side of a border broke its rules.
    Protocol,
    /// A defect of codemode's own.
    Internal,
}

impl Kind {
    /// The word for it, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GuestError => "guest_error",
            Self::ToolError => "tool_error",
            Self::InvalidArguments => "invalid_arguments",
            Self::SourceRejected => "source_rejected",
            Self::CpuLimit => "cpu_limit",
            Self::MemoryLimit => "memory_limit",
            Self::StackLimit => "stack_limit",
            Self::OutputLimit => "output_limit",
            Self::CallLimit => "call_limit",
            Self::Timeout => "timeout",
            Self::Deadlock => "deadlock",
            Self::ResultInvalid => "result_invalid",
            Self::Denied => "denied",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::InDoubt => "in_doubt",
            Self::Cancelled => "cancelled",
            Self::ReplayDiverged => "replay_diverged",
            Self::Protocol => "protocol",
            Self::Internal => "internal",
        }
    }
}

/// The end of a program and what it used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// How it ended.
    pub end: End,
    /// What it used.
    pub usage: Usage,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// With a result: what `__return` was given, else what the program returned. JSON text from the guest.
    Value(String),
    /// It returned `undefined` and never called `__return`.
    Nothing,
    /// It failed.
    Failed(Failure),
}

/// Why a program failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub kind: Kind,
    /// What happened, bounded in length. For an `Error`, its name and message.
    pub message: String,
    /// The program's own frames, innermost first, in lines and columns of the JavaScript that was run.
    pub stack: Vec<Frame>,
    /// What was used when a limit was hit, in the limit's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<u64>,
    /// The limit that was hit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The tool whose failure this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

impl Failure {
    /// A failure without a place and without a limit.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), stack: Vec::new(), observed: None, limit: None, tool: None }
    }

    /// A limit that was hit: what was used, and what was allowed.
    pub fn over(kind: Kind, message: impl Into<String>, observed: u64, limit: u64) -> Self {
        Self { observed: Some(observed), limit: Some(limit), ..Self::new(kind, message) }
    }
}

/// A frame of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The function's name; empty for a nameless one and for the program itself.
    pub function: String,
    /// Line in the JavaScript, from 1.
    pub line: u32,
    /// Column in the JavaScript, from 1, as the engine counts.
    pub column: u32,
}

impl Frame {
    /// The frame of a place the guest named without a function; `None` for line 0, which says that it knows none.
    pub(crate) fn at(line: u32, column: u32) -> Option<Self> {
        (line > 0).then(|| Self { function: String::new(), line, column })
    }
}

/// What a run used inside its isolate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time of all steps, in microseconds, as the meter told it.
    pub cpu_us: u64,
    /// The most bytes the heap held at once.
    pub heap_peak_bytes: u64,
    /// Tool calls made.
    pub calls: u32,
}
