//! What a runtime is made of.

use std::fmt::Display;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use codemode_catalog::{Catalog, Listing, Tool, Warning};
use codemode_connect::{self as connect, Connector, Host};
use codemode_isolate::PoolSize;
use serde::Serialize;
use serde_json::Value;

use crate::discover::off_thread;
use crate::learned::Learned;
use crate::machine::Machine;
use crate::registry::Registry;
use crate::runtime::Inner;
use crate::surface::{ResultStore, Surface};
use crate::{Limits, Policy, Runtime, SurfaceOptions};

/// The connector of tools that are registered without one.
const HOST: &str = "host";

/// Why a runtime could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A connector could not be reached or did not list its tools.
    #[error("connector {name}: {}", error.operator_message())]
    Connector {
        /// The connector.
        name: String,
        /// What went wrong.
        error: connect::Error,
    },
    /// A connector's name or tools cannot be in the catalog.
    #[error(transparent)]
    Catalog(#[from] codemode_catalog::Error),
    /// A limit cannot be honoured.
    #[error(transparent)]
    Limit(#[from] crate::InvalidLimit),
    /// A connector panicked while it listed its tools.
    #[error("connector {0}: it panicked while it listed its tools")]
    Panicked(String),
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
}

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

    /// Adds a connector: its tools become `<connector>.<tool>`.
    #[must_use]
    pub fn connector(mut self, connector: impl Connector) -> Self {
        self.connectors.push(Arc::new(connector));
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
    /// declares none. Without one they are forgotten when it ends.
    #[must_use]
    pub fn state(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = Some(folder.into());
        self
    }

    /// Sets the shape and the budgets of what a model is given.
    #[must_use]
    pub fn surface(mut self, options: SurfaceOptions) -> Self {
        self.surface = options;
        self
    }

    /// Connects all connectors at once and lists their tools.
    ///
    /// # Errors
    ///
    /// [`Error::Connector`] when one cannot be reached, [`Error::Catalog`] for a name that cannot be a global. What
    /// was connected by then is closed.
    pub async fn build(self) -> Result<Runtime, Error> {
        let Self { host, mut connectors, policy, limits, pool, state, surface } = self;
        limits.check()?;
        if let Some(host) = host {
            connectors.insert(0, Arc::new(host));
        }
        let machine = match pool {
            Some(pool) => Machine::new(pool)?,
            None => Machine::shared()?,
        };
        let listed = list(&connectors).await;
        match catalog(listed) {
            Ok((catalog, warnings)) => {
                let names: Vec<String> = catalog.connectors().map(str::to_owned).collect();
                let surface = Surface::new(surface, state.as_deref());
                let folder = state.map(|folder| folder.join("learned"));
                let learned = off_thread(move || Learned::load(folder, names.into_iter())).await;
                let registry =
                    Registry::new(catalog, connectors, policy.clone(), learned.unwrap_or_default());
                let registry = RwLock::new(Arc::new(registry));
                let (refreshing, results) = (tokio::sync::Mutex::default(), ResultStore::new());
                let inner =
                    Inner { machine, registry, refreshing, policy, limits, warnings, surface, results };
                Ok(Runtime { inner: Arc::new(inner) })
            }
            Err(error) => {
                for connector in connectors {
                    connector.close().await;
                }
                Err(error)
            }
        }
    }
}

type Listed = (String, Result<Listing, Error>);

/// The tools of all connectors, in the connectors' order.
async fn list(connectors: &[Arc<dyn Connector>]) -> Vec<Listed> {
    let listing: Vec<_> = connectors
        .iter()
        .map(|connector| {
            let listed = Arc::clone(connector);
            (connector.name().to_owned(), tokio::spawn(async move { listed.list().await }))
        })
        .collect();
    let mut listed = Vec::new();
    for (name, task) in listing {
        let tools = match task.await {
            Ok(tools) => tools.map_err(|error| Error::Connector { name: name.clone(), error }),
            Err(_) => Err(Error::Panicked(name.clone())),
        };
        listed.push((name, tools));
    }
    listed
}

fn catalog(listed: Vec<Listed>) -> Result<(Catalog, Vec<Warning>), Error> {
    let mut catalog = Catalog::default();
    let mut warnings = Vec::new();
    for (name, tools) in listed {
        warnings.extend(catalog.insert(&name, tools?)?);
    }
    Ok((catalog, warnings))
}
