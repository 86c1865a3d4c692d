//! Functions of the embedding program as tools.

use std::collections::HashMap;
use std::fmt::{Debug, Display, Formatter};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codemode_catalog::{Annotations, Listing, Tool};
use serde::Serialize;
use serde_json::Value;

use crate::{BoxFuture, Call, CallError, Connector, Error, Reply};

mod caught;
#[cfg(feature = "schemars")]
mod typed;

/// Functions of the embedding program, offered as the tools of one connector.
///
/// A function's error reaches the program as the tool's error, by its `Display`. A panic becomes
/// [`CallError::Panicked`] and ends nothing else. A call that reaches its time limit drops the function's future.
pub struct Host {
    name: String,
    tools: Vec<Tool>,
    handlers: HashMap<String, Handler>,
    #[cfg(feature = "http")]
    redactor: crate::Redactor,
    closed: AtomicBool,
}

type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, CallError>> + Send + Sync>;

impl Host {
    /// A connector of this name without tools.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            tools: Vec::new(),
            handlers: HashMap::new(),
            #[cfg(feature = "http")]
            redactor: crate::Redactor::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Adds a function. `input_schema` is the JSON Schema of its argument, checked before it is called by whoever
    /// makes the call. A second function of one name replaces the first.
    pub fn tool<F, R, T, E>(
        self,
        name: impl Into<String>,
        description: impl Into<String>,
        input_schema: Value,
        handler: F,
    ) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Display,
    {
        let tool = Tool::new(name, description).with_input_schema(input_schema);
        self.tool_as(tool, handler)
    }

    /// Adds a function under a whole [`Tool`]: with a title, an output schema and annotations.
    pub fn tool_as<F, R, T, E>(self, tool: Tool, handler: F) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Display,
    {
        let handler: Handler = Arc::new(move |input| {
            let result = handler(input);
            Box::pin(async move { outcome(result.await) })
        });
        self.insert(tool, handler)
    }

    /// Hides the secrets that `redactor` knows, or comes to know, in what functions return and in their errors: those of the
    /// embedding program, which no other part of this crate has heard of.
    #[cfg(feature = "http")]
    pub fn redactor(mut self, redactor: crate::Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// Says of the tool added last what a call of it does.
    pub fn annotated(mut self, annotations: Annotations) -> Self {
        if let Some(tool) = self.tools.last_mut() {
            tool.annotations = annotations;
        }
        self
    }

    fn insert(mut self, tool: Tool, handler: Handler) -> Self {
        self.tools.retain(|known| known.name != tool.name);
        self.handlers.insert(tool.name.clone(), handler);
        self.tools.push(tool);
        self
    }

    async fn run(&self, call: Call) -> Result<Reply, CallError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(CallError::not_sent(Error::Closed { connector: self.name.clone() }));
        }
        let Some(handler) = self.handlers.get(&call.tool).cloned() else {
            return Err(CallError::not_sent(Error::NoSuchTool {
                connector: self.name.clone(),
                tool: call.tool,
            }));
        };
        match tokio::time::timeout(call.timeout, caught::caught(move || handler(call.arguments))).await {
            Ok(Ok(result)) => result.map(Reply::from),
            Ok(Err(detail)) => {
                Err(CallError::Panicked { connector: self.name.clone(), tool: call.tool, detail })
            }
            Err(_) => Err(CallError::maybe_sent(Error::TimedOut {
                connector: self.name.clone(),
                limit: call.timeout,
            })),
        }
    }
}

impl Connector for Host {
    fn name(&self) -> &str {
        &self.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        Box::pin(async { Ok(self.tools.clone().into()) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        #[cfg(feature = "http")]
        return Box::pin(async { self.redactor.reply(self.run(call).await) });
        #[cfg(not(feature = "http"))]
        return Box::pin(self.run(call));
    }

    /// Its tools are part of the embedding program.
    fn changes_by_itself(&self) -> bool {
        false
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.closed.store(true, Ordering::Release);
        Box::pin(async {})
    }
}

impl Debug for Host {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("name", &self.name).field("tools", &self.tools).finish_non_exhaustive()
    }
}

fn outcome<T: Serialize, E: Display>(result: Result<T, E>) -> Result<Value, CallError> {
    let value = result.map_err(|error| CallError::tool(error.to_string()))?;
    serde_json::to_value(value).map_err(|error| CallError::tool(format!("the result is not JSON: {error}")))
}
