//! Finding tools: search over all of them, and declarations of those found.

use codemode_catalog::{Detail, Found, Path, Query, Unknown};
use serde::{Deserialize, Serialize};

use crate::policy::ToolPolicy;
use crate::registry::Registry;
use crate::{Runtime, Verdict};

/// The most characters of declarations that describing one tool gives: some 3,000 tokens, which hold the input and the
/// nearest types of the largest operations. Types that do not fit are declared as `unknown` by name.
const MAX_DESCRIPTION_CHARS: usize = 12_000;

/// The most characters of declarations that all results of one search give.
const MAX_RESULTS_CHARS: usize = 24_000;

/// The most results of one search: what is further down answers no query, and costs a model as much as what answers it.
pub const MAX_RESULTS: usize = 100;

/// How a search is narrowed and what it tells. As JSON: `{limit?, detail?, connector?}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchOptions {
    /// The most results, 1 to [`MAX_RESULTS`]; 10 if nothing is said.
    pub limit: usize,
    /// How much to say of each result.
    pub detail: SearchDetail,
    /// Only tools of this connector.
    pub connector: Option<String>,
}

/// How much a search says of each tool it found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchDetail {
    /// Its path and one line.
    Name,
    /// Also its signature, on one line.
    #[default]
    Signature,
    /// Its declaration instead, with documentation and all types it needs.
    Full,
}

/// What a search found.
///
/// ```ts
/// { results: { path: string; kind: "tool"; description: string; signature?: string; types?: string;
///              requiresApproval?: true; score: number }[];
///   total: number; truncated: boolean; nearest?: string[]; unavailable?: string[] }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// The best tools, best first.
    pub results: Vec<SearchResult>,
    /// How many tools have anything to do with the query.
    pub total: usize,
    /// Whether there are more than the results.
    pub truncated: bool,
    /// Where there is no result: the paths, or connectors, that are nearest to what was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<String>,
    /// The connectors whose tools could not be searched, each with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unavailable: Vec<String>,
}

/// One tool that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchResult {
    /// How a program calls it: `connector.tool`.
    pub path: String,
    /// What it is: `tool`.
    pub kind: String,
    /// What it does, in one line.
    pub description: String,
    /// `github.create_issue(input: {title: string}): Promise<Issue>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Its declaration with the types it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
    /// Whether a person has to approve every call before it is sent.
    #[serde(default, rename = "requiresApproval", skip_serializing_if = "std::ops::Not::not")]
    pub requires_approval: bool,
    /// How well it answers, comparable within one answer only.
    pub score: f64,
}

/// What there is to know of one tool, or of one connector.
///
/// ```ts
/// { path: string; kind: "tool" | "connector"; description: string; types: string; requiresApproval: boolean; denied?: true;
///   quarantined?: true }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// How a program reaches it: `connector.tool`, or `connector`.
    pub path: String,
    /// What it is: `tool` or `connector`.
    pub kind: String,
    /// What it does, in its upstream's words.
    pub description: String,
    /// Of a tool, its TypeScript declaration with all types it needs; of a connector, its tools, one a line.
    pub types: String,
    /// Whether a person has to approve every call before it is sent. Of other tools it may be some calls, by their
    /// arguments.
    pub requires_approval: bool,
    /// Whether policy forbids every call of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub denied: bool,
    /// Whether it is not called before the operator has accepted what it has become.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quarantined: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { limit: Query::DEFAULT_LIMIT, detail: SearchDetail::default(), connector: None }
    }
}

impl SearchOptions {
    /// At most `limit` results.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// So much of each.
    #[must_use]
    pub fn detail(self, detail: SearchDetail) -> Self {
        Self { detail, ..self }
    }

    /// Only tools of this connector.
    #[must_use]
    pub fn connector(self, connector: impl Into<String>) -> Self {
        Self { connector: Some(connector.into()), ..self }
    }
}

impl Runtime {
    /// The tools that do what `query` asks for, best first: what `codemode.search` gives a program.
    ///
    /// A text that is a tool's name or path puts that tool first. Tools that policy forbids are not found. The first
    /// search reads all tools, which for a few thousand takes about a tenth of a second; it does not hold up the thread.
    ///
    /// # Errors
    ///
    /// [`Unknown`] where there is no such connector as the options name.
    pub async fn search(&self, query: &str, options: SearchOptions) -> Result<Search, Unknown> {
        self.refresh_if_changed().await;
        let (registry, query) = (self.registry(), query.to_owned());
        off_thread(move || registry.search(&query, &options)).await.unwrap_or_else(|| Err(failed()))
    }

    /// What there is to know of the tool, or connector, at `path`: what `codemode.describe` gives a program.
    ///
    /// # Errors
    ///
    /// [`Unknown`] names what is nearest to a path that leads nowhere.
    pub async fn describe(&self, path: &str) -> Result<Description, Unknown> {
        self.refresh_if_changed().await;
        let (registry, path) = (self.registry(), path.to_owned());
        off_thread(move || registry.describe(&path)).await.unwrap_or_else(|| Err(failed()))
    }
}

impl Runtime {
    /// All tools of a connector in TypeScript, at any length: one line each, or a `declare namespace` that compiles.
    /// `None` where there is no such connector.
    pub async fn declarations(&self, connector: &str, detail: SearchDetail) -> Option<String> {
        self.refresh_if_changed().await;
        let (registry, connector) = (self.registry(), connector.to_owned());
        let detail = match detail {
            SearchDetail::Name => Detail::Name,
            SearchDetail::Signature => Detail::Signature,
            SearchDetail::Full => Detail::Full,
        };
        let declared = off_thread(move || Some(registry.declarations(&connector)?.all(detail, usize::MAX)));
        declared.await.flatten()
    }
}

/// What is said where the work panicked.
fn failed() -> Unknown {
    let message = "looking it up failed; this is our bug".to_owned();
    Unknown { kind: codemode_catalog::UnknownKind::Tool, message, nearest: Vec::new() }
}

/// Reading the schemas of thousands of tools takes long enough to hold up other tasks of the thread.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// As much of a text as a description holds; `docs` finds the rest.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(MAX_DESCRIPTION_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl Registry {
    pub(crate) fn search(&self, query: &str, options: &SearchOptions) -> Result<Search, Unknown> {
        let limit = options.limit.clamp(1, MAX_RESULTS);
        let mut asked = Query::new(query).limit(limit);
        asked.connector =
            options.connector.as_deref().map(|name| self.catalog.connector_name(name)).transpose()?;
        let Found { results, total, truncated, nearest } = self.index().search(&asked);
        let mut room = MAX_RESULTS_CHARS;
        let results = results
            .into_iter()
            .map(|hit| {
                let signature = (options.detail == SearchDetail::Signature)
                    .then(|| self.declared(&hit.path, Detail::Signature, &mut room));
                let types = (options.detail == SearchDetail::Full)
                    .then(|| self.declared(&hit.path, Detail::Full, &mut room));
                let (path, kind) = (hit.path, hit.kind.as_str().to_owned());
                let found = self.named(&Path::name(&path));
                SearchResult {
                    requires_approval: found.is_ok_and(|found| found.policy.laxest() == Verdict::Ask),
                    path,
                    kind,
                    description: hit.description,
                    signature: signature.flatten(),
                    types: types.flatten(),
                    // Two digits order as well as sixteen, and a model reads them.
                    score: (hit.score * 100.0).round() / 100.0,
                }
            })
            .collect();
        Ok(Search { results, total, truncated, nearest, unavailable: self.missing() })
    }

    /// The declaration of a tool; nothing once there is no room for more.
    fn declared(&self, path: &str, detail: Detail, room: &mut usize) -> Option<String> {
        let (connector, identifier) = path.split_once('.')?;
        if *room == 0 {
            return None;
        }
        let text = self.declarations(connector)?.one(identifier, detail, *room)?;
        *room = room.saturating_sub(text.len());
        Some(text)
    }

    pub(crate) fn describe(&self, path: &str) -> Result<Description, Unknown> {
        let path = path.trim();
        let path = path.strip_prefix("tools.").unwrap_or(path);
        if let Some(connector) = self.catalog.connectors().find(|name| *name == path) {
            return Ok(self.describe_connector(connector));
        }
        let found = self.catalog.resolve(&Path::name(path))?;
        let policy = self.policy_of(found.connector, found.identifier, found.tool);
        let laxest = policy.map_or(Verdict::Deny, ToolPolicy::laxest);
        let types = self
            .declarations(found.connector)
            .and_then(|known| known.one(found.identifier, Detail::Full, MAX_DESCRIPTION_CHARS));
        Ok(Description {
            path: found.path(),
            kind: "tool".to_owned(),
            description: found.tool.description.clone(),
            types: types.unwrap_or_default(),
            requires_approval: laxest == Verdict::Ask,
            denied: laxest == Verdict::Deny,
            quarantined: self.withheld(found.connector, &found.tool.name).is_some(),
        })
    }

    fn describe_connector(&self, connector: &str) -> Description {
        let allowed: Vec<&str> = self.allowed(connector).map(|entry| entry.identifier.as_str()).collect();
        let tools = allowed.len();
        let missing = self.member(connector).and_then(|member| member.listed().unavailable(connector));
        let about = missing.or_else(|| Some(beginning(self.catalog.about(connector)?)));
        let declarations = self.declarations(connector);
        Description {
            path: connector.to_owned(),
            kind: "connector".to_owned(),
            description: about
                .unwrap_or_else(|| format!("{tools} {}", if tools == 1 { "tool" } else { "tools" })),
            types: declarations
                .map(|all| all.several(allowed, Detail::Name, MAX_DESCRIPTION_CHARS))
                .unwrap_or_default(),
            requires_approval: false,
            denied: false,
            quarantined: false,
        }
    }
}
