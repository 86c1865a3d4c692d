//! Whoever makes a call, as far as an upstream has something to ask or tell in its middle.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::BoxFuture;

/// Whoever makes a call: is asked and told what comes up in its middle.
///
/// An upstream's question reaches nobody but the caller of the request in whose middle it is asked. Servers of the older era
/// of MCP (to 2025-11-25) do not always say which request that is. Then it reaches the one principal who has requests under
/// way on that connection; where several have, nobody.
///
/// The methods besides [`input`](Self::input) are called where messages of the upstream are read, and must not block.
pub trait Caller: Send + Sync {
    /// Tells callers apart: what comes up for one is never answered by another.
    fn principal(&self) -> &str;

    /// What [`input`](Self::input) can answer. An upstream of the newer era is told so with every request.
    fn accepts(&self) -> Accepts {
        Accepts::default()
    }

    /// The `traceparent` (W3C Trace Context) of the call that it knows by this label, which an MCP server is handed with it in
    /// the request's `_meta`. Default: none.
    fn trace(&self, _label: &str) -> Option<String> {
        None
    }

    /// Answers what the upstream asks for: of what [`accepts`](Self::accepts) says, and nothing else. Dropping the future
    /// means that the answer is not waited for any more. Default: nobody is there to ask.
    fn input(&self, _input: Input) -> BoxFuture<'static, InputReply> {
        Box::pin(async { InputReply::Cancel })
    }

    /// Is told how far a call is, as far as its upstream says so: twenty times a second and call in the long run, what comes
    /// in between is left out.
    fn progress(&self, _progress: Progress) {}

    /// Is told what the upstream logs in the middle of a request: as often as progress.
    fn log(&self, _log: Log) {}
}

/// Something an MCP server asks for in the middle of a request. All of it is untrusted text.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Input {
    /// The connector.
    pub connector: String,
    /// The [`label`](crate::Call::label) of the call in whose middle it is asked, where that is known.
    pub label: Option<String>,
    /// What it asks for.
    pub asked: Asked,
    /// The same as it came, without secrets: the parameters of the request, for whoever hands it on.
    pub params: Value,
}

impl Input {
    /// What a connector asks for, with the parameters of MCP's request as they came.
    pub fn new(connector: impl Into<String>, asked: Asked, params: Value) -> Self {
        Self { connector: connector.into(), label: None, asked, params }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Asked {
    /// A form for a person to fill in. A good answer is the object of its fields.
    Form {
        /// What it is about.
        message: String,
        /// The fields: a JSON Schema of an object with plain properties.
        schema: Value,
    },
    /// A web page for a person to visit, such as one to log in to a third party's service. A good answer, whatever its
    /// value, says that the person agreed to visit it; what comes of it the server learns by itself. Where a server refused
    /// a call until then, the call is made again right after the answer, so that it should come when the person is done.
    Url {
        /// What it is about.
        message: String,
        /// The page: `http` or `https`. It must be shown to the person before it is opened.
        url: String,
    },
    /// What a model says to messages: the parameters of `sampling/createMessage`. A good answer is its result: `{role,
    /// content, model, stopReason?}`.
    Sampling {
        /// The parameters.
        params: Value,
    },
    /// The folders that the server may work in. A good answer is `[{uri, name?}]` of `file://` URIs.
    Roots,
}

/// The answer to an [`Input`].
#[derive(Debug, Clone, PartialEq)]
pub enum InputReply {
    /// What was asked for.
    Give(Value),
    /// The person says no.
    Decline,
    /// The person says nothing, or nobody is there to ask.
    Cancel,
}

/// What a caller can answer; servers are told of nothing else, and get nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepts {
    /// [`Asked::Form`].
    pub form: bool,
    /// [`Asked::Url`].
    pub url: bool,
    /// [`Asked::Sampling`].
    pub sampling: bool,
    /// [`Asked::Roots`].
    pub roots: bool,
}

impl Accepts {
    /// Everything.
    pub const ALL: Self = Self { form: true, url: true, sampling: true, roots: true };

    /// What either can answer.
    pub fn or(self, other: Self) -> Self {
        Self {
            form: self.form || other.form,
            url: self.url || other.url,
            sampling: self.sampling || other.sampling,
            roots: self.roots || other.roots,
        }
    }
}

/// How far a call is, as its upstream says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The connector.
    pub connector: String,
    /// The call's [`label`](crate::Call::label).
    pub label: Option<String>,
    /// What has been done, in a unit of the upstream's own; it only grows.
    pub progress: f64,
    /// What there is to do in all, if that is known.
    pub total: Option<f64>,
    /// What is being done now: untrusted text, cut to a readable length.
    pub message: Option<String>,
}

impl Progress {
    /// How far a call of a connector is.
    pub fn new(connector: impl Into<String>, progress: f64) -> Self {
        Self { connector: connector.into(), label: None, progress, total: None, message: None }
    }
}

/// A message that an upstream logs in the middle of a request (`notifications/message`).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Log {
    /// The connector.
    pub connector: String,
    /// The call's [`label`](crate::Call::label), where it is known which call it is.
    pub label: Option<String>,
    /// How grave it is.
    pub level: LogLevel,
    /// Which part of the upstream says it.
    pub logger: Option<String>,
    /// What it says: untrusted JSON without secrets, of 64 KiB at most.
    pub data: Value,
}

impl Log {
    /// What a connector logs.
    pub fn new(connector: impl Into<String>, level: LogLevel, data: Value) -> Self {
        Self { connector: connector.into(), label: None, level, logger: None, data }
    }
}

/// How grave a message is, from the least to the most: the levels of RFC 5424.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are those of the RFC")]
pub enum LogLevel {
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Critical,
    Alert,
    Emergency,
}
