//! What passes between an isolate and its driver. All of it serialises, so that an isolate can live in another
//! process.

use serde::{Deserialize, Serialize};

use crate::{Ended, Json};

/// One host call of one isolate. The guest chooses ids and may use one again once its call is completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u32);

/// What an isolate did until it stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What the program printed during this step, in order.
    pub printed: Vec<Print>,
    /// Host calls made during this step, in the order the program made them. When the program has ended these are
    /// calls it did not wait for.
    pub calls: Vec<HostCall>,
    /// Timers of earlier steps that are no longer wanted: no longer outstanding, and not to be completed.
    pub cancelled: Vec<CallId>,
    /// How the program ended; `None` while it waits for completions.
    pub ended: Option<Ended>,
}

/// A piece of console output, usually a line with its line break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    /// Where it goes.
    pub stream: Stream,
    /// The text.
    pub text: String,
}

/// Where console output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// `console.log`, `info`, `debug` and their like.
    Stdout,
    /// `console.warn`, `error`, `trace`, and the engine's own warnings.
    Stderr,
}

/// Something the program waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCall {
    /// Names this call in its [`Completion`].
    pub id: CallId,
    /// What is asked for.
    pub request: Request,
}

/// What a host call asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// `connector.tool(arguments)`. Names are as the program wrote them and may exist nowhere.
    Tool {
        /// The connector's name.
        connector: String,
        /// The tool's name.
        tool: String,
        /// From the guest: untrusted.
        arguments: Json,
    },
    /// `callBinding(name, arguments)`, `codemode.name(arguments)`: a tool by its bare or its dotted name.
    Named {
        /// The name as the program wrote it.
        name: String,
        /// As in [`Request::Tool`].
        arguments: Json,
    },
    /// A function of `codemode`, such as `codemode.search(query, options)`.
    Builtin {
        /// The function's name.
        name: String,
        /// JSON text of the array of its arguments: untrusted.
        arguments: String,
    },
    /// A timer. Its completion's value is ignored.
    Timer {
        /// How long to wait, in milliseconds.
        ms: u32,
    },
}

/// The outcome of a host call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// Which call.
    pub id: CallId,
    /// The result, or why there is none.
    pub outcome: Result<Json, Rejection>,
}

/// Why a host call failed: an `Error` in the program, with these as its properties.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// The error's `name`, such as `ToolError`.
    pub name: String,
    /// The error's `message`. The program and the model read it.
    pub message: String,
    /// What a run fails with when the program does not catch the error.
    pub kind: crate::Kind,
    /// The tool's path, such as `github.create_issue`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Whether the call may have had an effect: `not_started`, `maybe_executed` or `executed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The HTTP status that the tool answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the tool answered with instead of a result, as far as it is worth reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// How many seconds the tool asked to wait before another attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<f64>,
}

impl Rejection {
    /// An error of this name, message and kind that says nothing else.
    pub fn new(name: impl Into<String>, message: impl Into<String>, kind: crate::Kind) -> Self {
        Self {
            name: name.into(),
            message: message.into(),
            kind,
            tool: None,
            outcome: None,
            status: None,
            body: None,
            retry_after: None,
        }
    }
}
