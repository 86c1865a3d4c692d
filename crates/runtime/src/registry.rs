//! The tools of a runtime: the catalog, where each tool's calls go, and what its arguments must be.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use codemode_catalog::{Catalog, Path, Resolved, Tool, Unknown, Validator};
use codemode_connect::Connector;
use codemode_isolate::{Names, Request};
use tokio::task::JoinSet;

/// A tool a program may call.
pub(crate) struct Registered<'a> {
    pub(crate) path: String,
    pub(crate) connector: &'a Arc<dyn Connector>,
    pub(crate) connector_name: &'a str,
    pub(crate) identifier: &'a str,
    pub(crate) tool: &'a Tool,
    pub(crate) validator: &'a Validator,
}

pub(crate) struct Registry {
    pub(crate) catalog: Catalog,
    pub(crate) names: Arc<Names>,
    connectors: HashMap<String, Arc<dyn Connector>>,
    /// By path. Compiled at a tool's first call: a catalog has thousands and a program uses a few.
    validators: HashMap<String, OnceLock<Validator>>,
}

impl Registry {
    pub(crate) fn new(catalog: Catalog, connectors: HashMap<String, Arc<dyn Connector>>) -> Self {
        let mut names = Names::new();
        let mut validators = HashMap::new();
        for connector in catalog.connectors() {
            let tools = catalog.tools(connector);
            names.insert(connector, tools.iter().map(|entry| entry.identifier.clone()));
            validators.extend(
                tools.iter().map(|entry| (format!("{connector}.{}", entry.identifier), OnceLock::new())),
            );
        }
        Self { catalog, names: Arc::new(names), connectors, validators }
    }

    /// The tool a request means; `None` for requests that mean none.
    pub(crate) fn find(&self, request: &Request) -> Option<Result<Registered<'_>, Unknown>> {
        let path = match request {
            Request::Tool { connector, tool, .. } => Path::member(connector, tool),
            Request::Named { name, .. } => Path::name(name),
            Request::Timer { .. } => return None,
        };
        Some(self.catalog.resolve(&path).and_then(|found| self.registered(found)))
    }

    fn registered<'a>(&'a self, found: Resolved<'a>) -> Result<Registered<'a>, Unknown> {
        let path = found.path();
        let connector = self.connectors.get(found.connector);
        let validator = self.validators.get(&path);
        match (connector, validator) {
            (Some(connector), Some(validator)) => Ok(Registered {
                path,
                connector,
                connector_name: found.connector,
                identifier: found.identifier,
                tool: found.tool,
                validator: validator.get_or_init(|| Validator::new(&found.tool.input_schema)),
            }),
            // The catalog was built from these very connectors; to be answered all the same.
            _ => Err(Unknown {
                kind: codemode_catalog::UnknownKind::Tool,
                message: format!("{path} is not connected"),
                nearest: Vec::new(),
            }),
        }
    }

    /// The names of the connectors, which are globals of a program.
    pub(crate) fn connector_names(&self) -> Vec<&str> {
        self.catalog.connectors().collect()
    }

    pub(crate) async fn close(&self) {
        let closing = self.connectors.values().map(|connector| {
            let connector = Arc::clone(connector);
            async move { connector.close().await }
        });
        closing.collect::<JoinSet<()>>().join_all().await;
    }
}
