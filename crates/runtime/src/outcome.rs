//! What came of a run.

use std::sync::Arc;

use codemode_isolate::{Kind, Stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Truncation;
use crate::drive::Record;

/// A finished run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// How it ended, whole, and what `--json` prints. [`Runtime::present`](crate::Runtime::present) makes of it what a
    /// model is given.
    pub output: Output,
    /// Everything printed to stdout.
    pub stdout: String,
    /// Everything printed to stderr.
    pub stderr: String,
    /// What the run used.
    pub usage: Usage,
    /// Who it is for.
    pub principal: Option<Arc<str>>,
}

/// What a model is given of a run.
///
/// ```ts
/// | { status: "completed"; runId: string; result: unknown; logs?: string[]; calls?: Call[]; leftOut?: LeftOut;
///     truncated?: Truncation }
/// | { status: "running";   runId: string; calls?: Call[]; leftOut?: LeftOut }
/// | { status: "error";     runId: string; error: Failure;  logs?: string[]; calls?: Call[]; leftOut?: LeftOut }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Output {
    /// The program ended with a result.
    Completed {
        /// Names the run.
        run_id: String,
        /// What `__return` was given, else what the program returned, else what it printed, else `null`.
        result: Value,
        /// Lines that were printed, unless they are the result.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        logs: Vec<String>,
        /// The tool calls, in the order the program made them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<Call>,
        /// How many lines and calls there were besides these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<LeftOut>,
        /// How `result` differs from the whole result, where it was cut to a budget.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        truncated: Option<Truncation>,
    },
    /// The program has not ended yet and goes on; see [`RunOptions::wait`](crate::RunOptions). A [`Run`] is never like this.
    Running {
        /// Names the run, and is what it is waited for by.
        run_id: String,
        /// The tool calls so far. One that is under way is among them, as one that may have been executed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<Call>,
        /// How many calls there are besides these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<LeftOut>,
    },
    /// The program failed, or was not one.
    Error {
        /// Names the run.
        run_id: String,
        /// Why.
        error: Failure,
        /// Lines that were printed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        logs: Vec<String>,
        /// The tool calls, in the order the program made them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<Call>,
        /// How many lines and calls there were besides these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<LeftOut>,
    },
}

/// How much of a run's record a model is not given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Lines that were printed before those in the logs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub logs: usize,
    /// Calls that are not listed. All that did not go well are, as far as there is room.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub calls: usize,
}

/// Why a run failed, in words for the model. Positions are those of the program as it was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub kind: Kind,
    /// What happened. A tool's failure begins with the tool's path.
    pub message: String,
    /// Line in the submitted text, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column, from 1, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The lines around it, with a caret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What was used when a limit was hit, in the limit's unit: milliseconds, bytes, levels, or a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<u64>,
    /// The limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// One tool call of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Counts the run's tool calls, from 1, in the order the program made them.
    pub seq: u32,
    /// The tool's path; as the program wrote it when there is no such tool.
    pub tool: String,
    /// How it went.
    pub outcome: CallOutcome,
    /// Milliseconds from sending to the answer; 0 for a call that was not sent.
    pub ms: u64,
}

/// How a tool call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The tool answered.
    Ok,
    /// The tool reported a failure.
    Error,
    /// Policy forbade it; nothing was sent.
    Denied,
    /// Nothing was sent.
    NotStarted,
    /// It was sent and no answer came: it may have taken effect.
    MaybeExecuted,
}

/// What a run used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time of the program, in microseconds.
    pub cpu_us: u64,
    /// The most bytes the program's heap held at once, the engine's own included.
    pub heap_peak_bytes: u64,
    /// Wall time from the call of [`Runtime::run`](crate::Runtime::run) to the end, in microseconds.
    pub wall_us: u64,
    /// Time it took to compile the program, in microseconds.
    pub compile_us: u64,
    /// Time it took to get a fresh isolate, in microseconds; waiting for a free one included.
    pub isolate_start_us: u64,
}

/// Why a run has no value of the wanted type.
#[derive(Debug, thiserror::Error)]
pub enum NoValue {
    /// The run failed.
    #[error("the run failed: {0}")]
    Failed(String),
    /// The result is of another shape.
    #[error("the result does not fit: {0}")]
    Shape(#[from] serde_json::Error),
}

impl Run {
    /// The run's id: 128 random bits.
    pub fn run_id(&self) -> &str {
        match &self.output {
            Output::Completed { run_id, .. }
            | Output::Running { run_id, .. }
            | Output::Error { run_id, .. } => run_id,
        }
    }

    /// The result; `None` when the run failed.
    pub fn value(&self) -> Option<&Value> {
        match &self.output {
            Output::Completed { result, .. } => Some(result),
            Output::Running { .. } | Output::Error { .. } => None,
        }
    }

    /// The result as a Rust type.
    ///
    /// # Errors
    ///
    /// [`NoValue`] when the run failed or the result has another shape.
    pub fn value_as<T: DeserializeOwned>(&self) -> Result<T, NoValue> {
        match &self.output {
            Output::Completed { result, .. } => Ok(T::deserialize(result)?),
            Output::Error { error, .. } => Err(NoValue::Failed(error.message.clone())),
            Output::Running { .. } => Err(NoValue::Failed("it has not ended".to_owned())),
        }
    }

    /// Why the run failed; `None` when it did not.
    pub fn error(&self) -> Option<&Failure> {
        match &self.output {
            Output::Completed { .. } | Output::Running { .. } => None,
            Output::Error { error, .. } => Some(error),
        }
    }

    /// The tool calls, in the order the program made them.
    pub fn calls(&self) -> &[Call] {
        match &self.output {
            Output::Completed { calls, .. } | Output::Running { calls, .. } | Output::Error { calls, .. } => {
                calls
            }
        }
    }

    /// What a process that ran the program would exit with: 0 for a result, and for failures 3 for a program that was
    /// rejected, 4 for a limit, 5 for a call that policy or a person forbade, 124 for a timeout, 130 for a
    /// cancellation, 70 for a defect of ours, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        self.error().map_or(0, |error| match error.kind {
            Kind::SourceRejected => 3,
            Kind::CpuLimit | Kind::MemoryLimit | Kind::StackLimit | Kind::OutputLimit | Kind::CallLimit => 4,
            Kind::Denied | Kind::Rejected | Kind::Expired => 5,
            Kind::Timeout => 124,
            Kind::Cancelled => 130,
            Kind::Internal | Kind::Protocol => 70,
            _ => 1,
        })
    }
}

/// Puts a run together. `outcome` is the result, or `None` when the program returned nothing.
pub(crate) fn finished(
    run_id: String,
    outcome: Result<Option<Value>, Box<Failure>>,
    record: Record,
    usage: Usage,
) -> Run {
    let text = |stream| -> String {
        let of_stream = record.printed.iter().filter(|print| print.stream == stream);
        of_stream.map(|print| print.text.as_str()).collect()
    };
    let (stdout, stderr) = (text(Stream::Stdout), text(Stream::Stderr));
    let logs = || -> Vec<String> {
        record.printed.iter().map(|print| print.text.trim_end_matches('\n').to_owned()).collect()
    };
    let calls = record.calls;
    let output = match outcome {
        Ok(Some(result)) => completed(run_id, result, logs(), calls),
        // A program that returns nothing and prints is one whose output is its result.
        Ok(None) if !stdout.is_empty() => {
            let result = Value::String(stdout.trim_end_matches('\n').to_owned());
            let errors = record.printed.iter().filter(|print| print.stream == Stream::Stderr);
            let logs = errors.map(|print| print.text.trim_end_matches('\n').to_owned()).collect();
            completed(run_id, result, logs, calls)
        }
        Ok(None) => completed(run_id, Value::Null, logs(), calls),
        Err(error) => Output::Error { run_id, error: *error, logs: logs(), calls, left_out: None },
    };
    Run { output, stdout, stderr, usage, principal: None }
}

fn completed(run_id: String, result: Value, logs: Vec<String>, calls: Vec<Call>) -> Output {
    Output::Completed { run_id, result, logs, calls, left_out: None, truncated: None }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
