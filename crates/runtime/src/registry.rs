//! The tools of a runtime: the catalog, where each tool's calls go, and what its arguments must be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use codemode_catalog::{
    Catalog, Declarations, Declared, Definitions, Index, Path, Resolved, Tool, Unknown, Validator,
};
use codemode_connect::Connector;
use codemode_isolate::{Names, Request};
use tokio::task::JoinSet;

use crate::learned::Learned;
use crate::{Policy, Verdict};

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
    pub(crate) learned: Learned,
    /// Of all tools that policy allows; made at the first search.
    index: OnceLock<Index>,
    policy: Policy,
    /// By connector, with the version of what was learned when they were made.
    declarations: Mutex<HashMap<String, (u64, Arc<Declarations>)>>,
}

impl Registry {
    pub(crate) fn new(
        catalog: Catalog,
        connectors: HashMap<String, Arc<dyn Connector>>,
        policy: Policy,
        learned: Learned,
    ) -> Self {
        let mut names = Names::new();
        let mut validators = HashMap::new();
        for connector in catalog.connectors() {
            let tools = catalog.tools(connector);
            names.insert(connector, tools.iter().map(|entry| entry.identifier.clone()));
            validators.extend(
                tools.iter().map(|entry| (format!("{connector}.{}", entry.identifier), OnceLock::new())),
            );
        }
        Self {
            catalog,
            names: Arc::new(names),
            connectors,
            validators,
            learned,
            index: OnceLock::new(),
            policy,
            declarations: Mutex::default(),
        }
    }

    /// The tool a request means; `None` for requests that mean none.
    pub(crate) fn find(&self, request: &Request) -> Option<Result<Registered<'_>, Unknown>> {
        let path = match request {
            Request::Tool { connector, tool, .. } => Path::member(connector, tool),
            Request::Named { name, .. } => Path::name(name),
            Request::Builtin { .. } | Request::Timer { .. } => return None,
        };
        Some(self.catalog.resolve(&path).and_then(|found| self.registered(found)))
    }

    /// The tool of this own name.
    pub(crate) fn own(&self, connector: &str, tool: &str) -> Result<Registered<'_>, Unknown> {
        self.catalog.resolve(&Path::member(connector, tool)).and_then(|found| self.registered(found))
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
                validator: validator.get_or_init(|| {
                    let definitions = self.catalog.definitions(found.connector);
                    Validator::new(&found.tool.input_schema, definitions.map(Definitions::get))
                }),
            }),
            // The catalog was built from these very connectors; to be answered all the same.
            _ => Err(Unknown {
                kind: codemode_catalog::UnknownKind::Tool,
                message: format!("{path} is not connected"),
                nearest: Vec::new(),
            }),
        }
    }

    /// What finds the tools that policy allows.
    pub(crate) fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut visible = self.catalog.clone();
            visible.retain(|connector, entry| {
                let names = [entry.identifier.as_str(), entry.tool.name.as_str()];
                self.policy.verdict(connector, &names) != Verdict::Deny
            });
            Index::new(&visible)
        })
    }

    /// The declarations of a connector's tools. Made when first asked for, and again once more is learned of results.
    pub(crate) fn declarations(&self, connector: &str) -> Option<Arc<Declarations>> {
        let name = self.catalog.connectors().find(|name| *name == connector)?;
        let version = self.learned.version(name);
        let known = || self.declarations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, declarations)) = known().get(name)
            && *made == version
        {
            return Some(Arc::clone(declarations));
        }
        let observed = self.learned.schemas(name);
        let tools = self
            .catalog
            .tools(name)
            .iter()
            .map(|entry| Declared { observed: observed.get(&entry.tool.name), ..Declared::from(entry) });
        let definitions = self.catalog.definitions(name).map(Definitions::get);
        let declarations = Arc::new(Declarations::new(name, tools, definitions));
        known().insert(name.to_owned(), (version, Arc::clone(&declarations)));
        Some(declarations)
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
