//! The tools of a runtime: the catalog, where each tool's calls go, and what its arguments must be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use codemode_catalog::{
    Catalog, Declarations, Declared, Definitions, Entry, Index, Listing, Path, Resolved, Tool, Unknown,
    Validator, Warning,
};
use codemode_connect::Connector;
use codemode_isolate::{Names, Request};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::connectors::Listed;
use crate::learned::Learned;
use crate::pins::{Pins, Screened, Why, Withheld};
use crate::policy::ToolPolicy;
use crate::{Policy, Verdict};

/// How long a connector whose list could not be had is left alone: a server that is down costs six attempts a minute at
/// most, and one that is back is found within the time in which a person tries again.
const PAUSE: Duration = Duration::from_secs(10);

/// A tool a program may call.
pub(crate) struct Registered<'a> {
    pub(crate) path: String,
    pub(crate) connector: &'a Arc<dyn Connector>,
    pub(crate) connector_name: &'a str,
    pub(crate) identifier: &'a str,
    pub(crate) tool: &'a Tool,
    pub(crate) validator: &'a Validator,
    pub(crate) policy: &'a ToolPolicy,
}

pub(crate) struct Registry {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) names: Arc<Names>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) members: HashMap<String, Arc<Member>>,
    /// What policy says of the tools, by connector.
    pub(crate) judged: HashMap<String, Arc<Judged>>,
    pub(crate) learned: Arc<Learned>,
    pub(crate) pins: Arc<Pins>,
    /// Of all tools that policy allows; made at the first search.
    pub(crate) index: OnceLock<Arc<Index>>,
    /// What it is a view of: where as many tools are visible there, its index is that one.
    pub(crate) whole: Option<Arc<Registry>>,
    pub(crate) policy: Policy,
}

/// What policy says of each tool of a connector, by identifier, once it was asked.
pub(crate) type Judged = HashMap<String, OnceLock<ToolPolicy>>;

/// A connector with what is made of its tools when it is first needed: a catalog has thousands and a program uses a few.
pub(crate) struct Member {
    pub(crate) connector: Arc<dyn Connector>,
    /// By identifier.
    validators: HashMap<String, OnceLock<Validator>>,
    /// The tools whose declarations here are not their own, which stay uncallable in a run that holds this.
    withheld: Withheld,
    /// With the version of what was learned when they were made.
    declarations: Mutex<Option<(u64, Arc<Declarations>)>>,
    pub(crate) listed: Mutex<Listed>,
    /// When its list was last asked for. What was made of a list begins without.
    asked: Mutex<Option<Instant>>,
}

/// A connector whose list is to be asked for.
pub(crate) struct Due {
    pub(crate) connector: Arc<dyn Connector>,
    /// Whether it has listed tools before, so that a run does well to wait for what has changed.
    pub(crate) known: bool,
}

impl Member {
    pub(crate) fn new(
        catalog: &Catalog,
        connector: Arc<dyn Connector>,
        listed: Listed,
        withheld: Withheld,
    ) -> Arc<Self> {
        let tools = catalog.tools(connector.name()).iter();
        let validators = tools.map(|entry| (entry.identifier.clone(), OnceLock::new())).collect();
        let asked = matches!(listed, Listed::Connecting).then(Instant::now);
        let (declarations, listed, asked) = (Mutex::default(), Mutex::new(listed), Mutex::new(asked));
        Arc::new(Self { connector, validators, withheld, declarations, listed, asked })
    }

    /// Whether its list is to be asked for now; it counts as asked for then.
    fn due(&self, pins: &Pins) -> Option<Due> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let rested = asked.is_none_or(|asked| asked.elapsed() >= PAUSE);
        let known = match self.listed() {
            Listed::Connecting => return None,
            Listed::Ready { .. }
                if asked.is_none()
                    && !self.connector.tools_changed()
                    && !pins.is_outdated(self.connector.name()) =>
            {
                return None;
            }
            Listed::Ready { .. } => true,
            Listed::Failed(_) => false,
        };
        if !rested {
            return None;
        }
        *asked = Some(Instant::now());
        if !known {
            self.set_listed(Listed::Connecting);
        }
        Some(Due { connector: Arc::clone(&self.connector), known })
    }
}

/// Why a name leads to no tool.
pub(crate) enum NotFound {
    Unknown(Unknown),
    /// Its connector has not listed any.
    Unavailable {
        message: String,
    },
}

impl Registry {
    /// Connectors that are being asked for their tools.
    pub(crate) fn new(
        catalog: Catalog,
        connectors: Vec<Arc<dyn Connector>>,
        policy: Policy,
        learned: Learned,
        pins: Pins,
    ) -> Self {
        let members = connectors.into_iter().map(|connector| {
            let member = Member::new(&catalog, Arc::clone(&connector), Listed::Connecting, Withheld::new());
            (connector.name().to_owned(), member)
        });
        Self {
            warnings: Vec::new(),
            members: members.collect(),
            judged: HashMap::new(),
            names: names(&catalog),
            catalog: Arc::new(catalog),
            learned: Arc::new(learned),
            pins: Arc::new(pins),
            index: OnceLock::new(),
            whole: None,
            policy,
        }
    }

    /// The same with another list of one connector. What was made for the others stays.
    pub(crate) fn with(
        &self,
        connector: &str,
        listing: Listing,
        took: Duration,
    ) -> Result<Self, codemode_catalog::Error> {
        let mut catalog = Catalog::clone(&self.catalog);
        let mut warnings = self.warnings.clone();
        warnings.retain(|warning| warning.connector() != connector && !warning.is_of_looks());
        let mut members = self.members.clone();
        let by_itself = members.get(connector).filter(|member| member.connector.changes_by_itself());
        let Screened { mut listing, withheld, warning } = match by_itself {
            Some(member) => self.pins.screen(&*member.connector, listing),
            None => Screened { listing, withheld: Withheld::new(), warning: None },
        };
        // Not pinned: it is not the upstream's.
        if let Some(own) = members.get(connector).and_then(|member| member.connector.description()) {
            listing.about = Some(own);
        }
        warnings.extend(warning.filter(|warning| !is_said(&warnings, warning)));
        warnings.extend(catalog.replace(connector, listing)?);
        warnings.extend(catalog.look_alikes());
        if let Some(member) = members.get_mut(connector) {
            let listed = Listed::Ready { took };
            *member = Member::new(&catalog, Arc::clone(&member.connector), listed, withheld);
        }
        let (learned, policy) = (Arc::clone(&self.learned), self.policy.clone());
        let pins = Arc::clone(&self.pins);
        let mut judged = self.judged.clone();
        judged.insert(connector.to_owned(), unjudged(&catalog, connector));
        let (names, catalog, index) = (names(&catalog), Arc::new(catalog), OnceLock::new());
        let mut changed =
            Self { warnings, members, judged, names, catalog, learned, pins, index, whole: None, policy };
        if let Some(index) = self.index.get() {
            let mut index = Index::clone(index);
            index.replace(&changed.visible(), connector);
            changed.index = OnceLock::from(Arc::new(index));
        }
        Ok(changed)
    }

    /// The connectors whose lists are known to have changed or could not be had, but for those that were just asked.
    /// They count as asked from now on.
    pub(crate) fn due(&self) -> Vec<Due> {
        self.members.values().filter_map(|member| member.due(&self.pins)).collect()
    }

    /// The connectors in the order in which they were added.
    pub(crate) fn members_in_order(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.catalog.connectors().filter_map(|name| Some((name, self.member(name)?)))
    }

    pub(crate) fn member(&self, connector: &str) -> Option<&Member> {
        self.members.get(connector).map(Arc::as_ref)
    }

    /// What a program is told of a tool that is not known because its connector has not listed any.
    fn unavailable(&self, path: &Path<'_>) -> Option<String> {
        let connector = match *path {
            Path::Member { connector, .. } => connector,
            Path::Name(name) => name.split_once('.')?.0,
        };
        let name = self.catalog.connector_name(connector).ok()?;
        self.member(name)?.listed().unavailable(name)
    }

    /// Adds that the tool may be one of a connector whose tools are not known.
    fn with_missing(&self, mut unknown: Unknown) -> Unknown {
        if let Some(missing) = self.missing().first() {
            unknown.message = format!("{} ({missing})", unknown.message);
        }
        unknown
    }

    /// The connectors whose tools are not known, each with why, for a model.
    pub(crate) fn missing(&self) -> Vec<String> {
        self.members_in_order().filter_map(|(name, member)| member.listed().unavailable(name)).collect()
    }

    /// The tool a request means; `None` for requests that mean none.
    pub(crate) fn find(&self, request: &Request) -> Option<Result<Registered<'_>, NotFound>> {
        let path = match request {
            Request::Tool { connector, tool, .. } => Path::member(connector, tool),
            Request::Named { name, .. } => Path::name(name),
            Request::Builtin { .. } | Request::Timer { .. } => return None,
        };
        Some(self.named(&path).map_err(|unknown| match self.unavailable(&path) {
            Some(message) => NotFound::Unavailable { message },
            None => NotFound::Unknown(self.with_missing(unknown)),
        }))
    }

    /// Why a tool, by its own name, is not to be called: as it is here, or as was heard of it since.
    pub(crate) fn withheld(&self, connector: &str, tool: &str) -> Option<Why> {
        let here = self.members.get(connector).and_then(|member| member.withheld.get(tool));
        here.copied().or_else(|| self.pins.withheld(connector, tool))
    }

    /// The tool that a path leads to.
    pub(crate) fn named(&self, path: &Path<'_>) -> Result<Registered<'_>, Unknown> {
        self.catalog.resolve(path).and_then(|found| self.registered(found))
    }

    /// The tool of this own name.
    pub(crate) fn own(&self, connector: &str, tool: &str) -> Result<Registered<'_>, Unknown> {
        self.named(&Path::member(connector, tool))
    }

    fn registered<'a>(&'a self, found: Resolved<'a>) -> Result<Registered<'a>, Unknown> {
        let path = found.path();
        let member = self.members.get(found.connector);
        let known = member.and_then(|member| {
            let policy = self.policy_of(found.connector, found.identifier, found.tool)?;
            Some((member, member.validators.get(found.identifier)?, policy))
        });
        match known {
            Some((member, validator, policy)) => Ok(Registered {
                path,
                connector: &member.connector,
                connector_name: found.connector,
                identifier: found.identifier,
                tool: found.tool,
                policy,
                validator: validator.get_or_init(|| {
                    let definitions = self.catalog.definitions(found.connector);
                    Validator::new(&found.tool.input_schema.read(), definitions.map(Definitions::get))
                }),
            }),
            // The catalog was built from these very connectors; to be answered all the same.
            None => Err(Unknown {
                kind: codemode_catalog::UnknownKind::Tool,
                message: format!("{path} is not connected"),
                nearest: Vec::new(),
            }),
        }
    }

    /// The tools of a connector that policy allows.
    pub(crate) fn allowed(&self, connector: &str) -> impl Iterator<Item = &Entry> {
        self.catalog.tools(connector).iter().filter(move |entry| self.is_allowed(connector, entry))
    }

    /// What policy says of a tool.
    pub(crate) fn policy_of(&self, connector: &str, identifier: &str, tool: &Tool) -> Option<&ToolPolicy> {
        let known = self.judged.get(connector)?.get(identifier)?;
        Some(known.get_or_init(|| self.policy.of_named(connector, identifier, tool)))
    }

    /// The same of what is no tool, such as `resources.read`.
    pub(crate) fn policy_of_question(&self, connector: &str, function: &str) -> ToolPolicy {
        self.policy.of(connector, &Tool::new(function, ""))
    }

    pub(crate) fn is_allowed(&self, connector: &str, entry: &Entry) -> bool {
        let policy = self.policy_of(connector, &entry.identifier, &entry.tool);
        policy.is_none_or(|policy| policy.laxest() != Verdict::Deny)
    }

    /// The tools that policy allows, be it once a person has.
    fn visible(&self) -> Catalog {
        let mut visible = Catalog::clone(&self.catalog);
        visible.retain(|connector, entry| self.is_allowed(connector, entry));
        visible
    }

    /// What finds the tools that policy allows.
    pub(crate) fn index(&self) -> &Arc<Index> {
        self.index
            .get_or_init(|| self.index_of_whole().unwrap_or_else(|| Arc::new(Index::new(&self.visible()))))
    }

    /// The declarations of a connector's tools. Made when first asked for, and again once more is learned of results.
    pub(crate) fn declarations(&self, connector: &str) -> Option<Arc<Declarations>> {
        let (name, member) = self.members.get_key_value(connector)?;
        // Held while they are made, so that they are not made twice at once.
        let mut known = member.declarations.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.learned.version(name);
        if let Some((made, declarations)) = &*known
            && *made == version
        {
            return Some(Arc::clone(declarations));
        }
        let tools = self.catalog.tools(name);
        let observed: Vec<Option<Value>> = tools
            .iter()
            .map(|entry| match entry.tool.output_schema {
                Some(_) => None,
                None => self.learned.schema(name, &entry.tool),
            })
            .collect();
        let tools = tools
            .iter()
            .zip(&observed)
            .map(|(entry, observed)| Declared { observed: observed.as_ref(), ..Declared::from(entry) });
        let definitions = self.catalog.definitions(name).map(Definitions::get);
        let declarations = Arc::new(Declarations::new(name, tools, definitions));
        *known = Some((version, Arc::clone(&declarations)));
        Some(declarations)
    }

    /// The names of the connectors, which are globals of a program.
    pub(crate) fn connector_names(&self) -> Vec<&str> {
        self.catalog.connectors().collect()
    }

    pub(crate) async fn close(&self) {
        let closing = self.members.values().map(|member| {
            let connector = Arc::clone(&member.connector);
            async move { connector.close().await }
        });
        closing.collect::<JoinSet<()>>().join_all().await;
    }
}

/// Whether another connector's warning says the same.
fn is_said(warnings: &[Warning], warning: &Warning) -> bool {
    let Warning::Unpinned { note, .. } = warning else { return false };
    warnings.iter().any(|other| matches!(other, Warning::Unpinned { note: other, .. } if other == note))
}

pub(crate) fn unjudged(catalog: &Catalog, connector: &str) -> Arc<Judged> {
    let tools = catalog.tools(connector).iter();
    Arc::new(tools.map(|entry| (entry.identifier.clone(), OnceLock::new())).collect())
}

pub(crate) fn names(catalog: &Catalog) -> Arc<Names> {
    let mut names = Names::new();
    for connector in catalog.connectors() {
        names.insert(connector, catalog.tools(connector).iter().map(|entry| entry.identifier.clone()));
    }
    Arc::new(names)
}
