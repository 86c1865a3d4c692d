//! What every kind of connector does.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use codemode_catalog::Listing;
use serde_json::Value;

use crate::{CallError, Error};

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One upstream with its tools.
///
/// A kind of connector of one's own is these four functions:
///
/// ```
/// use codemode_connect::{BoxFuture, Call, CallError, Connector, Error};
/// use codemode_catalog::{Listing, Tool};
/// use serde_json::{Value, json};
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
///     fn call(&self, call: Call) -> BoxFuture<'_, Result<Value, CallError>> {
///         Box::pin(async move {
///             match call.tool.as_str() {
///                 "now" => Ok(json!(std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs())),
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
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Value, CallError>>;

    /// Ends connections and child processes; later calls fail with [`Error::Closed`]. Returns within two seconds.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// Whether the upstream said since the last [`list`](Self::list) that its tools have changed.
    fn tools_changed(&self) -> bool {
        false
    }

    /// The own names of all tools besides the one called that a call may amount to, such as the operations that an API
    /// may take a raw request for. The call is denied if one of them is.
    fn amounts_to(&self, _tool: &str, _arguments: &Value) -> Vec<String> {
        Vec::new()
    }
}

/// One tool call, decoded and allowed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Call {
    /// The tool's own name upstream.
    pub tool: String,
    /// The arguments, as the upstream is to get them.
    pub arguments: Value,
    /// How long the call may take, connecting included. Reaching it ends the call with [`Error::TimedOut`].
    pub timeout: Duration,
}

impl Call {
    /// A call of `tool`, which is its own name upstream.
    pub fn new(tool: impl Into<String>, arguments: Value, timeout: Duration) -> Self {
        Self { tool: tool.into(), arguments, timeout }
    }
}
