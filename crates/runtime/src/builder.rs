//! What a runtime is made of.

use std::fmt::Display;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codemode_catalog::{Catalog, Tool};
use codemode_connect::{Accepts, Connector, Host};
use codemode_isolate::PoolSize;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::discover::off_thread;
use crate::docs::Docs;
use crate::learned::Learned;
use crate::machine::Machine;
use crate::pins::{NewTools, Pins};
use crate::refresh::Connected;
use crate::registry::Registry;
use crate::runs::Runs;
use crate::runtime::Inner;
use crate::surface::{ResultStore, Surface};
use crate::{Limits, Policy, Runtime, SurfaceOptions};

/// The connector of tools that are registered without one.
const HOST: &str = "host";

/// Why a runtime could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A connector's name cannot be that of a global.
    #[error(transparent)]
    Catalog(#[from] codemode_catalog::Error),
    /// A limit cannot be honoured.
    #[error(transparent)]
    Limit(#[from] crate::InvalidLimit),
    /// The isolates could not be set up.
    #[error(transparent)]
    Isolate(#[from] codemode_isolate::Error),
    /// The thread that makes limits take effect could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Collects what a [`Runtime`] is made of.
#[derive(Default)]
pub struct Builder {
    host: Option<Host>,
    connectors: Vec<Arc<dyn Connector>>,
    policy: Policy,
    limits: Limits,
    pool: Option<PoolSize>,
    state: Option<PathBuf>,
    surface: SurfaceOptions,
    patience: Option<Duration>,
    new_tools: NewTools,
    docs: Docs,
    forward: Option<Accepts>,
    #[cfg(any(feature = "mcp", feature = "openapi"))]
    redactor: codemode_connect::Redactor,
}

/// How long building a runtime waits for connectors. Servers that are installed answer in one or two seconds.
const PATIENCE: Duration = Duration::from_secs(10);

impl Builder {
    /// Registers a function as the tool `host.<name>`, reachable also by its bare name: `callHostTool(name, input)`,
    /// `codemode.name(input)`.
    ///
    /// `schema` is the JSON Schema of the input; the function is called only with what fits it. What the function
    /// returns is the tool's result, its error's `Display` the tool's error.
    #[must_use]
    pub fn tool<F, R, T, E>(
        self,
        name: impl Into<String>,
        description: impl Into<String>,
        schema: Value,
        handler: F,
    ) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Display,
    {
        self.tool_as(Tool::new(name, description).with_input_schema(schema), handler)
    }

    /// The same under a whole [`Tool`]: with a title, a schema of its result, and what a call of it does.
    ///
    /// ```
    /// use codemode::{Annotations, Runtime, Tool};
    /// use serde_json::{Value, json};
    ///
    /// let time = Tool::new("time", "The time, in seconds since 1970")
    ///     .with_output_schema(json!({ "type": "integer" }))
    ///     .with_annotations(Annotations { read_only: Some(true), ..Annotations::default() });
    /// let builder = Runtime::builder().tool_as(time, |_: Value| async {
    ///     Ok::<_, std::convert::Infallible>(std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs())
    /// });
    /// ```
    #[must_use]
    pub fn tool_as<F, R, T, E>(mut self, tool: Tool, handler: F) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Display,
    {
        let host = self.host.take().unwrap_or_else(|| Host::new(HOST));
        self.host = Some(host.tool_as(tool, handler));
        self
    }

    /// Registers a function of Rust types as a tool; its schemas are derived from them. Otherwise as
    /// [`tool`](Self::tool).
    #[cfg(feature = "schemars")]
    #[must_use]
    pub fn typed_tool<In, Out, F, R, E>(
        mut self,
        name: impl Into<String>,
        description: impl Into<String>,
        handler: F,
    ) -> Self
    where
        In: serde::de::DeserializeOwned + schemars::JsonSchema,
        Out: Serialize + schemars::JsonSchema,
        F: Fn(In) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Out, E>> + Send + 'static,
        E: Display,
    {
        let host = self.host.take().unwrap_or_else(|| Host::new(HOST));
        self.host = Some(host.typed_tool::<In, Out, F, R, E>(name, description, handler));
        self
    }

    /// Hides the secrets that `redactor` knows in what the functions return that are registered as tools, and in their
    /// errors. Connectors hide their own.
    ///
    /// ```
    /// use codemode::Runtime;
    /// use codemode::connect::{Redactor, Secret};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let redactor = Redactor::default();
    /// redactor.hide(&Secret::new("correct horse battery staple")?).await?;
    /// let builder = Runtime::builder().redactor(redactor);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(any(feature = "mcp", feature = "openapi"))]
    #[must_use]
    pub fn redactor(mut self, redactor: codemode_connect::Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// Adds a connector: its tools become `<connector>.<tool>`.
    #[must_use]
    pub fn connector(mut self, connector: impl Connector) -> Self {
        self.connectors.push(Arc::new(connector));
        self
    }

    /// Adds connectors of whatever kinds, such as those of a configuration.
    #[must_use]
    pub fn connectors(mut self, connectors: impl IntoIterator<Item = Arc<dyn Connector>>) -> Self {
        self.connectors.extend(connectors);
        self
    }

    /// Sets the limits of runs that bring none of their own.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets which tools may be called. Without a policy all may: registering a tool is the grant.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Gives the runtime a pool of isolates of its own. Otherwise all runtimes of a process share one.
    #[must_use]
    pub fn pool(mut self, pool: PoolSize) -> Self {
        self.pool = Some(pool);
        self
    }

    /// Sets the folder in which the runtime keeps what outlives it: types of results that it observed, where a tool
    /// declares none; and what tools were when they were first seen, so that none becomes another unnoticed (see
    /// [`Runtime::quarantined`]). Without one both are forgotten when it ends.
    #[must_use]
    pub fn state(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = Some(folder.into());
        self
    }

    /// Sets what becomes of tools that appear on a connector which was seen without them. Default: they can be called.
    /// It counts only with a [`state`](Self::state) folder.
    #[must_use]
    pub fn new_tools(mut self, new_tools: NewTools) -> Self {
        self.new_tools = new_tools;
        self
    }

    /// Sets the shape and the budgets of what a model is given.
    #[must_use]
    pub fn surface(mut self, options: SurfaceOptions) -> Self {
        self.surface = options;
        self
    }

    /// Says what callers of runs may be able to answer in the middle of a call ([`RunOptions::caller`]). Default: nothing.
    /// Upstreams of the newer era are told with each request what its caller can; older ones once, when they are connected
    /// to, that it may be this much.
    ///
    /// [`RunOptions::caller`]: crate::RunOptions::caller
    #[must_use]
    pub fn forward(mut self, accepts: Accepts) -> Self {
        self.forward = Some(accepts);
        self
    }

    /// Sets the folders of text that a model can search with the tool `docs`, beside what connectors say of themselves at
    /// length. Views have them all.
    #[must_use]
    pub fn docs(mut self, docs: Docs) -> Self {
        self.docs = docs;
        self
    }

    /// Sets how long [`build`](Self::build) waits for connectors to list their tools. Default 10 s. What answers later is
    /// there later; a run waits for connectors that its program names.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Connects all connectors at once and lists their tools.
    ///
    /// A connector that cannot be reached breaks nothing but the calls of its tools, which say so; see
    /// [`Runtime::connectors`]. It is tried again every few seconds, when something is run or searched for.
    ///
    /// # Errors
    ///
    /// [`Error::Catalog`] for a connector's name that cannot be a global, or is there twice.
    pub async fn build(self) -> Result<Runtime, Error> {
        #[cfg(any(feature = "mcp", feature = "openapi"))]
        let host = self.host.map(|host| host.redactor(self.redactor));
        #[cfg(not(any(feature = "mcp", feature = "openapi")))]
        let host = self.host;
        let Self {
            mut connectors,
            policy,
            limits,
            pool,
            state,
            surface,
            patience,
            new_tools,
            docs,
            forward,
            ..
        } = self;
        limits.check()?;
        if let Some(host) = host {
            connectors.insert(0, Arc::new(host));
        }
        let machine = match pool {
            Some(pool) => Machine::new(pool)?,
            None => Machine::shared()?,
        };
        let mut catalog = Catalog::default();
        for connector in &connectors {
            catalog.insert(connector.name(), Vec::new())?;
        }
        let names: Vec<String> = catalog.connectors().map(str::to_owned).collect();
        let surface = Surface::new(surface, state.as_deref());
        let pins = Pins::new(state.as_deref(), new_tools);
        let folder = state.map(|folder| folder.join("learned"));
        let learned = off_thread(move || Learned::load(folder, names.into_iter())).await.unwrap_or_default();
        let registry = Registry::new(catalog, connectors.clone(), policy, learned, pins);
        let inner = Inner {
            machine,
            connected: Arc::new(Connected::new(registry)),
            narrowed: None,
            limits,
            surface,
            relay: crate::relay::Own::default(),
            results: Arc::new(ResultStore::new()),
            runs: Runs::new(),
            docs,
        };
        let runtime = Runtime { inner: Arc::new(inner) };
        if let Some(accepts) = forward {
            let _ = runtime.inner.connected.relay.accepts.set(accepts);
        }
        connectors.iter().for_each(|connector| runtime.introduce(&**connector));
        runtime.list_all(connectors, Instant::now() + patience.unwrap_or(PATIENCE)).await;
        Ok(runtime)
    }
}
