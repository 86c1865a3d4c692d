//! From a document and an operator's options to what calls need.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use codemode_catalog::{Definitions, Http, Listing};
use serde_json::Value;
use tokio::task::spawn_blocking;
use url::Url;

use super::api::{Api, Operation, Scheme};
use super::bytes::Takes;
use super::cache;
use super::connector::Options;
use super::oauth::{self, Tokens};
use super::read::Document;
use super::request::{self, Base, Outgoing, Reached};
use super::security::{self, Credentials};
use super::select::Selection;
use super::source::{Bounds, Source, unreadable};
use crate::http::{Client, Guard};
use crate::secret::{Redactor, Revealed};
use crate::{CallError, Detail, Error};

/// Security schemes that an error lists: more than any real document has.
const LISTED: usize = 30;

/// An API that is ready for calls.
pub(super) struct Loaded {
    pub(super) client: Client,
    pub(super) credentials: Credentials,
    pub(super) redactor: Arc<Redactor>,
    api: Api,
    definitions: Definitions,
    base: Base,
    /// Whether the operator selected the operation, for each.
    selected: Vec<bool>,
    /// Operations by the name of their tool.
    index: HashMap<String, usize>,
    /// The name of the tool for requests that no other describes, if there is one.
    raw: Option<String>,
    selection: Selection,
}

/// Reads the document and prepares what calls need.
pub(super) async fn load(
    connector: &str,
    options: &Options,
    redactor: Arc<Redactor>,
) -> Result<Loaded, Error> {
    let document_url = options.source.url().transpose().map_err(|error| unreadable(connector, error))?;
    let guard = Arc::new(guard(options, document_url.as_ref()));
    // Reads the machine's certificates, which takes as long as a document from the cache.
    let client = spawn_blocking({
        let (guard, limits) = (guard.clone(), options.limits.clone());
        move || Client::new(guard, &limits)
    });
    let known = known(options).await;
    let client = client.await.map_err(|_| unreadable(connector, "reading it was interrupted"))?;
    let client = client.map_err(|failure| failure.into_error(connector))?;
    let Document { mut api, definitions } = match known {
        Some(document) => document,
        None => {
            let bounds = Bounds { bytes: options.document_bytes, timeout: options.load_timeout };
            let bytes = options.source.read(connector, &client, bounds).await?;
            parse(connector, bytes, options.cache.clone()).await?
        }
    };
    let base = Base::new(api.servers.first(), document_url.as_ref(), &options.choices).map_err(|error| {
        Error::Unavailable {
            connector: connector.to_owned(),
            reason: "where its API is cannot be told from its document",
            retry_in: None,
            detail: Detail(error.to_string()),
        }
    })?;
    check_names(connector, options, &api)?;
    let given = given(connector, options, &redactor).await?;
    let credentials = credentials(options, given, &mut api, &base, &guard);
    let selected = selected(options, &api);
    let index = api.tools.iter().enumerate().map(|(index, tool)| (tool.name.clone(), index)).collect();
    let raw = options.raw.then(|| request::raw_tool().name);
    let mut loaded = Loaded {
        client,
        credentials,
        redactor,
        definitions: Definitions::from_json(definitions),
        base,
        selected,
        index,
        raw,
        selection: options.selection.clone(),
        api,
    };
    if let Some(taken) = loaded.raw.take_if(|name| loaded.index.contains_key(name)) {
        loaded
            .api
            .notes
            .push(format!("there is no tool for other requests: an operation is called {taken:?}"));
    }
    Ok(loaded)
}

impl Loaded {
    /// The tools of the selected operations, and the one for other requests.
    pub(super) fn listing(&self) -> Listing {
        let tools = self.api.tools.iter().zip(&self.api.operations).zip(&self.selected);
        let tools = tools.filter(|(_, selected)| **selected).map(|((tool, operation), _)| {
            let (method, path) = (operation.method.clone(), operation.path.clone());
            tool.clone().with_http(Http::Operation { method, path })
        });
        let mut listing = Listing::from(tools.collect::<Vec<_>>());
        if self.raw.is_some() {
            listing.tools.push(request::raw_tool());
        }
        listing.definitions = Some(self.definitions.clone());
        listing.base_url = Some(self.base.url().to_string());
        listing.about = self.api.about.clone();
        listing.notes = self.api.notes.clone();
        listing
    }

    /// Where the arguments of a tool are sent as bytes.
    pub(super) fn takes(&self, tool: &str) -> Takes<'_> {
        if self.raw.as_deref() == Some(tool) {
            return Takes::Raw;
        }
        let operation = self.index.get(tool).and_then(|index| self.api.operations.get(*index));
        operation.and_then(|operation| operation.body.as_ref()).map_or(Takes::Nothing, Takes::Body)
    }

    /// What a call sends, and the operation it is a request of.
    pub(super) fn outgoing(
        &self,
        connector: &str,
        tool: &str,
        arguments: &Value,
    ) -> Result<(Outgoing, Option<&Operation>), CallError> {
        if self.raw.as_deref() == Some(tool) {
            let reached = self.allowed(connector, tool, arguments)?;
            let outgoing = request::raw(&self.base, &self.api.operations, arguments)?;
            return Ok((outgoing, reached.index().and_then(|index| self.api.operations.get(index))));
        }
        let index = self.index.get(tool).copied().filter(|index| self.is_selected(*index));
        let found = index.and_then(|index| Some((index, self.api.operations.get(index)?)));
        let Some((index, operation)) = found else {
            return Err(CallError::not_sent(Error::NoSuchTool {
                connector: connector.to_owned(),
                tool: tool.to_owned(),
            }));
        };
        let outgoing = request::request(&self.base, operation, arguments)?;
        let others = request::reached(&self.base, &self.api.operations, &outgoing).others(index);
        if others.iter().all(|other| self.is_selected(*other)) {
            Ok((outgoing, Some(operation)))
        } else {
            Err(left_out(connector, tool))
        }
    }

    /// The tools of all operations that some server may take a call for, besides the one called: for a raw request, or
    /// with `me` for the `{id}` of `/users/{id}` where there is `/users/me`.
    pub(super) fn amounts_to(&self, tool: &str, arguments: &Value) -> Vec<String> {
        let names = self.others(tool, arguments).into_iter().filter_map(|index| self.api.tools.get(index));
        names.map(|tool| tool.name.clone()).collect()
    }

    fn others(&self, tool: &str, arguments: &Value) -> BTreeSet<usize> {
        let operations = &self.api.operations;
        if self.raw.as_deref() == Some(tool) {
            return request::amounts_to(&self.base, operations, arguments).all();
        }
        let called = self.index.get(tool).and_then(|index| Some((*index, operations.get(*index)?)));
        let Some((index, operation)) = called else { return BTreeSet::new() };
        match request::request(&self.base, operation, arguments) {
            Ok(outgoing) => request::reached(&self.base, operations, &outgoing).others(index),
            // Nothing is sent.
            Err(_) => BTreeSet::new(),
        }
    }

    /// What the operator left out stays out of reach of requests that no tool describes, too.
    fn allowed(&self, connector: &str, tool: &str, arguments: &Value) -> Result<Reached, CallError> {
        let reached = request::amounts_to(&self.base, &self.api.operations, arguments);
        let all = reached.all();
        let allowed = match all.is_empty() {
            true => self.allows_unknown(arguments),
            false => all.iter().all(|index| self.is_selected(*index)),
        };
        if allowed { Ok(reached) } else { Err(left_out(connector, tool)) }
    }

    /// Also not a method that the document does not describe, at the path of an operation that is excluded by its tag or
    /// name: a server that takes PATCH for PUT would do just what that operation does.
    fn allows_unknown(&self, arguments: &Value) -> bool {
        let operations = &self.api.operations;
        // What is not sent for another reason may say so.
        let Some(request) = request::unknown(&self.base, operations, arguments) else { return true };
        let is_excluded = |index: &usize| match (self.api.tools.get(*index), operations.get(*index)) {
            (Some(tool), Some(operation)) => self.selection.excludes_itself(tool, operation),
            _ => false,
        };
        self.selection.allows_unknown(&request) && !request.beside.iter().any(is_excluded)
    }

    fn is_selected(&self, index: usize) -> bool {
        self.selected.get(index).copied().unwrap_or_default()
    }
}

fn left_out(connector: &str, tool: &str) -> CallError {
    let message = format!(
        "{connector}.{tool} may not make this request: the operator has left that operation out; use the other tools"
    );
    CallError::not_sent(Error::InvalidArguments { message })
}

/// Hosts that the operator wrote down may be private: the document's and the base URL's, and that of the token endpoint.
fn guard(options: &Options, document: Option<&Url>) -> Guard {
    let guard = Guard::new(options.allowed.iter().cloned());
    let base = options.choices.base_url.as_deref().and_then(|text| Url::parse(text).ok());
    document.into_iter().chain(&base).chain(&options.token_url).for_each(|url| guard.name(url));
    guard
}

/// What the cache has of the document where that is a file, which then need not be in memory.
async fn known(options: &Options) -> Option<Document> {
    let (Source::File(path), Some(folder)) = (&options.source, &options.cache) else { return None };
    let (path, limit, folder) = (path.clone(), options.document_bytes, folder.clone());
    spawn_blocking(move || cache::known(&path, limit, &folder)).await.ok()?
}

async fn parse(connector: &str, bytes: Vec<u8>, cache: Option<PathBuf>) -> Result<Document, Error> {
    let read = spawn_blocking(move || cache::read_through(bytes, cache.as_deref())).await;
    read.map_err(|_| unreadable(connector, "reading it was interrupted"))?
        .map_err(|error| unreadable(connector, error))
}

/// Refuses a credential for a scheme that the document does not have: it would never be sent, and nothing would say so.
fn check_names(connector: &str, options: &Options, api: &Api) -> Result<(), Error> {
    let names = options.credentials.iter().map(|(name, _)| name);
    let Some(unknown) =
        names.into_iter().find(|name| *name != security::ANY && !api.schemes.contains_key(*name))
    else {
        return Ok(());
    };
    let schemes: Vec<&str> = api.schemes.keys().take(LISTED).map(String::as_str).collect();
    let detail = match (schemes.join(", "), api.schemes.len()) {
        (_, 0) => "the document has no security schemes: give a bearer token under the name \"*\"".to_owned(),
        (listed, count) if count > LISTED => format!("the document's security schemes are {listed}, …"),
        (listed, _) => format!("the document's security schemes are {listed}"),
    };
    Err(Error::BadCredential {
        connector: connector.to_owned(),
        scheme: unknown.clone(),
        reason: "its API's document has no such security scheme",
        detail: Detail(detail),
    })
}

/// The credentials themselves, which are hidden from now on.
async fn given(
    connector: &str,
    options: &Options,
    redactor: &Redactor,
) -> Result<Vec<(String, Revealed)>, Error> {
    let mut given = Vec::with_capacity(options.credentials.len());
    for (scheme, secret) in &options.credentials {
        let revealed = redactor.reveal(secret).await;
        let revealed = revealed.map_err(|error| Error::NoSecret {
            connector: connector.to_owned(),
            detail: Detail(format!("the credential for {scheme:?}: {error}")),
        })?;
        given.push((scheme.clone(), revealed));
    }
    Ok(given)
}

/// The secrets that are to be exchanged for tokens, where they may be sent to; a scheme for which they may not is taken
/// out, with a note: its operations say that they have no credential.
fn credentials(
    options: &Options,
    given: Vec<(String, Revealed)>,
    api: &mut Api,
    base: &Base,
    guard: &Guard,
) -> Credentials {
    let mut tokens = BTreeMap::new();
    for (name, scheme) in &mut api.schemes {
        let Scheme::OAuth2 { token_url, scopes } = scheme else { continue };
        if token_url.is_none() && options.token_url.is_none() {
            // No client credentials: whatever the secret looks like, it is a token.
            continue;
        }
        let Some(secret) = security::client_secret(&given, name) else { continue };
        match oauth::endpoint(options.token_url.as_ref(), token_url.as_deref(), base.url(), guard) {
            Ok(url) => drop(tokens.insert(name.clone(), Tokens::new(url, scopes, secret.clone()))),
            Err(reason) => {
                api.notes.push(format!("the credential for {name:?} is not used: {reason}"));
                *scheme = Scheme::Other("OAuth 2 without a token endpoint".to_owned());
            }
        }
    }
    Credentials::new(given, api.schemes.clone(), tokens, &api.operations)
}

fn selected(options: &Options, api: &Api) -> Vec<bool> {
    let pairs = api.tools.iter().zip(&api.operations);
    pairs.map(|(tool, operation)| options.selection.allows(tool, operation)).collect()
}
