//! What every kind of connector does.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use codemode_catalog::Listing;
use serde_json::{Map, Value};

use crate::{Accepts, CallError, Caller, Changes, Error, Offer, Query, Relay, RelayError, Reply, State};

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One upstream with its tools.
///
/// A kind of connector of one's own is these four functions:
///
/// ```
/// use codemode_connect::{BoxFuture, Call, CallError, Connector, Error, Reply};
/// use codemode_catalog::{Listing, Tool};
/// use serde_json::json;
///
/// struct Clock;
///
/// impl Connector for Clock {
///     fn name(&self) -> &str {
///         "clock"
///     }
///
///     fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
///         let tool = Tool::new("now", "The time, in seconds since 1970");
///         Box::pin(async { Ok(vec![tool].into()) })
///     }
///
///     fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
///         Box::pin(async move {
///             match call.tool.as_str() {
///                 "now" => Ok(json!(std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()).into()),
///                 other => Err(CallError::tool(format!("there is no tool {other:?}"))),
///             }
///         })
///     }
///
///     fn close(&self) -> BoxFuture<'_, ()> {
///         Box::pin(async {})
///     }
/// }
/// ```
///
/// Methods may be called concurrently and run on the caller's tokio runtime, whose timer must be enabled.
pub trait Connector: Send + Sync + 'static {
    /// The connector's name: the global by which a program reaches its tools.
    fn name(&self) -> &str;

    /// What the upstream offers now. Connects when needed. Of plain tools: `Ok(vec![tool].into())`.
    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>>;

    /// Calls one tool once. Connects when needed.
    ///
    /// Dropping the future cancels the call: the upstream is told so where its protocol can say it, and the request may
    /// have been executed nevertheless.
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>>;

    /// Ends connections and child processes; later calls fail with [`Error::Closed`]. Returns within two seconds.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// Asks for something besides tools: resources, prompts. Connects when needed; dropping the future cancels.
    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Reply, CallError>> {
        let error = Error::Unsupported { connector: self.name().to_owned(), what: question.query.kind() };
        Box::pin(async { Err(CallError::not_sent(error)) })
    }

    /// Sends one request of MCP on as it is. Connects when needed; dropping the future cancels.
    ///
    /// The answer is the result as it came, all that the upstream put into it included, but for secrets. `resources/subscribe`
    /// outlives the connection: what is subscribed to is subscribed to again on the next one.
    fn relay(&self, _relay: Relay) -> BoxFuture<'_, Result<Value, RelayError>> {
        let error = Error::Unsupported { connector: self.name().to_owned(), what: "requests of MCP" };
        Box::pin(async { Err(CallError::not_sent(error).into()) })
    }

    /// All of what the upstream offers of one kind, each as it was listed but for secrets; nothing where it has none.
    /// Connects when needed.
    fn offer(&self, _offer: Offer, _timeout: Duration) -> BoxFuture<'_, Result<Vec<Value>, CallError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// What the upstream said that it can (`ServerCapabilities` of MCP) when it was connected to last.
    fn capabilities(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Tells what changes from now on, as far as the upstream says so.
    fn changes(&self) -> Option<Changes> {
        None
    }

    /// Says, before the first use, what callers may be able to answer in the middle of a call ([`Caller::accepts`]): an
    /// upstream that asks only once what its client can do is told this much.
    fn forward(&self, _accepts: Accepts) {}

    /// How the connection is, without touching it.
    fn state(&self) -> State {
        State::Ready
    }

    /// Whether the upstream said since the last [`list`](Self::list) that its tools have changed.
    fn tools_changed(&self) -> bool {
        false
    }

    /// Whether what its tools say of themselves can change without the operator's doing. Where it can, a runtime with a
    /// state folder calls no tool that has changed before the operator has accepted it.
    fn changes_by_itself(&self) -> bool {
        true
    }

    /// What tells this upstream from another of the same name: its command line, its URL, the source of its document. It has
    /// to be the same whenever the operator connects the same, and so to be without secrets that are exchanged. What a
    /// runtime with a state folder pins of a connector it pins of this name and identity, of which it keeps a hash alone.
    /// Default: the name tells enough.
    fn identity(&self) -> Option<String> {
        None
    }

    /// What the operator says of it, in place of what the upstream says about itself.
    fn description(&self) -> Option<String> {
        None
    }

    /// The own names of all tools besides the one called that a call may amount to, such as the operations that an API
    /// may take a raw request for. The call is denied if one of them is.
    fn amounts_to(&self, _tool: &str, _arguments: &Value) -> Vec<String> {
        Vec::new()
    }
}

/// One tool call, decoded and allowed.
#[derive(Clone)]
#[non_exhaustive]
pub struct Call {
    /// The tool's own name upstream.
    pub tool: String,
    /// The arguments, as the upstream is to get them; bytes as base64.
    pub arguments: Value,
    /// Where in the arguments bytes are: JSON Pointers (RFC 6901) to strings of base64, which an upstream that takes
    /// bytes gets decoded.
    pub binary: Vec<String>,
    /// How long the call may take, connecting included, unless the connector has a time of its own. Reaching it ends the call
    /// with [`Error::TimedOut`].
    pub timeout: Duration,
    /// What the caller knows this call by; whatever is asked or told in its middle comes with it.
    pub label: Option<String>,
    /// Who is asked and told what comes up in its middle; `None`: whoever the connector has for that.
    pub caller: Option<Arc<dyn Caller>>,
}

impl Call {
    /// A call of `tool`, which is its own name upstream.
    pub fn new(tool: impl Into<String>, arguments: Value, timeout: Duration) -> Self {
        Self { tool: tool.into(), arguments, binary: Vec::new(), timeout, label: None, caller: None }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("tool", &self.tool)
            .field("arguments", &self.arguments)
            .field("binary", &self.binary)
            .field("timeout", &self.timeout)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// One question to an upstream about what it has besides tools, allowed.
#[derive(Clone)]
#[non_exhaustive]
pub struct Question {
    /// What is asked.
    pub query: Query,
    /// How long the answer may take, as [`Call::timeout`].
    pub timeout: Duration,
    /// What the caller knows this question by, as [`Call::label`].
    pub label: Option<String>,
    /// Who is asked and told what comes up in its middle, as [`Call::caller`].
    pub caller: Option<Arc<dyn Caller>>,
}

impl Question {
    /// The question `query`.
    pub fn new(query: Query, timeout: Duration) -> Self {
        Self { query, timeout, label: None, caller: None }
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("query", &self.query)
            .field("timeout", &self.timeout)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}
