//! The connector itself.

use std::fmt::{Debug, Formatter};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use codemode_catalog::Listing;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::timeout_at;
use url::Url;

use super::answer;
use super::api::Answer;
use super::bytes;
use super::exchange::Exchange;
use super::load::{Loaded, load};
use super::request::Choices;
use super::select::{Select, Selection};
use super::source::Source;
use crate::http::{Budget, HttpLimits, Private, Response};
use crate::secret::Redactor;
use crate::{BoxFuture, Call, CallError, Connector, Delivery, Detail, Error, Reply, Secret};

/// An HTTP API that an OpenAPI document describes: one tool an operation, and a tool `request` for what none describes.
///
/// - The document is read once, at the first use; after a failure again at the next.
/// - Requests go to the base URL alone, which is settled with the document: no argument and no redirect leads away from it.
///   Its addresses have to be public, unless the operator wrote down its host (as [`base_url`](Self::base_url), or in the
///   document's URL) or [allows](Self::allow) it.
/// - A request that HTTP calls idempotent is sent again when the upstream is overloaded; one that could not be sent, always;
///   else nothing is sent twice.
/// - The result is JSON as it is, text as a string, `{contentType, data}` with bytes as `data` for
///   anything else, and `null` for none. A status
///   that is no success is the tool's error, with [`Problem`](crate::Problem).
/// - No credential is in a result or an error: `[redacted]` stands in its place.
///
/// ```
/// # use std::time::Duration;
/// use codemode_connect::{Connector, OpenApi, Select, Source};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let document = r#"{
///     "openapi": "3.1.0",
///     "info": {"title": "Pets", "version": "1"},
///     "paths": {"/pets": {"get": {"operationId": "list_pets"}, "delete": {"operationId": "delete_pets"}}}
/// }"#;
/// let pets = OpenApi::new("pets", Source::Bytes(document.into()))
///     .base_url("https://pets.example/v1")
///     .exclude(Select::Method("DELETE".into()));
/// let tools = pets.list().await.unwrap().tools;
/// let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
/// assert_eq!(names, ["list_pets", "request"]);
/// # }
/// ```
pub struct OpenApi {
    name: String,
    options: Options,
    redactor: Arc<Redactor>,
    loaded: Mutex<Option<Arc<Loaded>>>,
    /// Held while the document is read, so that it is read once.
    loading: tokio::sync::Mutex<()>,
    closed: watch::Sender<bool>,
}

/// What an operator decides.
pub(super) struct Options {
    pub(super) source: Source,
    pub(super) choices: Choices,
    pub(super) credentials: Vec<(String, Secret)>,
    pub(super) token_url: Option<Url>,
    pub(super) selection: Selection,
    pub(super) allowed: Vec<Private>,
    pub(super) limits: HttpLimits,
    pub(super) document_bytes: usize,
    pub(super) load_timeout: Duration,
    pub(super) cache: Option<PathBuf>,
    pub(super) raw: bool,
}

/// The largest document, unless the operator says otherwise: five times the largest that is known, GitHub's.
const DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

/// How long fetching a document may take: 64 MiB at 10 Mbit/s.
const LOAD_TIMEOUT: Duration = Duration::from_secs(60);

/// What is decoded in well under a millisecond.
const SMALL_BYTES: usize = 64 * 1024;

impl OpenApi {
    /// A connector for the API that the document at `source` describes. Nothing is read yet.
    pub fn new(name: impl Into<String>, source: impl Into<Source>) -> Self {
        let options = Options {
            source: source.into(),
            choices: Choices::default(),
            credentials: Vec::new(),
            token_url: None,
            selection: Selection::default(),
            allowed: Vec::new(),
            limits: HttpLimits::default(),
            document_bytes: DOCUMENT_BYTES,
            load_timeout: LOAD_TIMEOUT,
            cache: None,
            raw: true,
        };
        Self {
            name: name.into(),
            options,
            redactor: Arc::default(),
            loaded: Mutex::default(),
            loading: tokio::sync::Mutex::default(),
            closed: watch::Sender::new(false),
        }
    }

    /// Where the API is, instead of what its document says. Its host may be at a private address.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.options.choices.base_url = Some(url.into());
        self
    }

    /// The value of a variable in the document's server URL: one that the document lists, where it lists some.
    pub fn server_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.choices.variables.insert(name.into(), value.into());
        self
    }

    /// A credential for the security scheme that the document calls `scheme`, or, as `"*"`, for every one that it fits:
    ///
    /// | scheme | secret |
    /// | --- | --- |
    /// | `apiKey` | the key |
    /// | `http` `bearer`, `openIdConnect` | the token |
    /// | `http` `basic` | `user:password` |
    /// | `oauth2` | an access token, or `client_id:client_secret` where the document has client credentials |
    ///
    /// For a document without any scheme, `"*"` is a bearer token. A name that the document does not have is an error at the
    /// first use, [`Error::BadCredential`]. A second credential of one name replaces the first.
    pub fn credential(mut self, scheme: impl Into<String>, secret: Secret) -> Self {
        let scheme = scheme.into();
        self.options.credentials.retain(|(known, _)| *known != scheme);
        self.options.credentials.push((scheme, secret));
        self
    }

    /// Where `client_id:client_secret` is exchanged for tokens. Needed where the document names another host for that
    /// than the API's, because a document is not trusted with where secrets go.
    pub fn token_url(mut self, url: &str) -> Result<Self, url::ParseError> {
        self.options.token_url = Some(Url::parse(url)?);
        Ok(self)
    }

    /// Only these operations become tools, and those of further calls of this. Requests that no operation describes are
    /// refused then.
    pub fn include(mut self, select: Select) -> Self {
        self.options.selection.include.push(select);
        self
    }

    /// These operations become no tools and cannot be reached by `request`, even if they are included.
    ///
    /// Requests that no operation describes are refused if their own method or path is excluded (`{name}` in a pattern is
    /// any text then). With an excluded tag or name they are refused at the paths of the operations that have it, whatever
    /// the method; elsewhere they are allowed, as nothing is known of them that could be compared.
    pub fn exclude(mut self, select: Select) -> Self {
        self.options.selection.exclude.push(select);
        self
    }

    /// No tool `request`.
    pub fn without_raw_requests(mut self) -> Self {
        self.options.raw = false;
        self
    }

    /// Allows a host, an address or a range that is not public.
    pub fn allow(mut self, private: Private) -> Self {
        self.options.allowed.push(private);
        self
    }

    /// Other limits than the default ones.
    pub fn limits(mut self, limits: HttpLimits) -> Self {
        self.options.limits = limits;
        self
    }

    /// The most bytes of the document. Default 64 MiB.
    pub fn document_bytes(mut self, bytes: usize) -> Self {
        self.options.document_bytes = bytes;
        self
    }

    /// How long fetching the document may take. Default 60 s.
    pub fn load_timeout(mut self, timeout: Duration) -> Self {
        self.options.load_timeout = timeout;
        self
    }

    /// A folder to keep what was made of the document, so that the next process need not read it again.
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.cache = Some(folder.into());
        self
    }

    async fn loaded(&self) -> Result<Arc<Loaded>, Error> {
        if let Some(loaded) = self.current() {
            return Ok(loaded);
        }
        let _loading = self.loading.lock().await;
        if let Some(loaded) = self.current() {
            return Ok(loaded);
        }
        let loaded = Arc::new(load(&self.name, &self.options, self.redactor.clone()).await?);
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded.clone());
        Ok(loaded)
    }

    fn current(&self) -> Option<Arc<Loaded>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn call_tool(&self, mut call: Call) -> Result<Reply, CallError> {
        let budget = Budget::new(call.timeout, self.options.limits.response_bytes);
        let loaded = timeout_at(budget.deadline, self.loaded())
            .await
            .unwrap_or_else(|_| Err(Error::TimedOut { connector: self.name.clone(), limit: call.timeout }))
            .map_err(CallError::not_sent)?;
        bytes::decode(&mut call.arguments, &call.binary, loaded.takes(&call.tool))?;
        let (outgoing, operation) = loaded.outgoing(&self.name, &call.tool, &call.arguments)?;
        let parts = loaded.credentials.parts(&self.name, operation).map_err(CallError::not_sent)?;
        let exchange = Exchange {
            connector: &self.name,
            client: &loaded.client,
            limits: &self.options.limits,
            redactor: &loaded.redactor,
            budget,
        };
        let response = exchange.run(outgoing, &parts).await?;
        let expected = operation.map_or_else(Default::default, |operation| operation.answer);
        self.answer(response, expected).await
    }

    /// A large answer is decoded on another thread: it takes long enough for other tasks of this one to notice.
    async fn answer(&self, response: Response, expected: Answer) -> Result<Reply, CallError> {
        let (name, redactor) = (self.name.clone(), self.redactor.clone());
        if response.body.len() <= SMALL_BYTES {
            return answer::result(&name, response, expected, &redactor);
        }
        let decoded =
            tokio::task::spawn_blocking(move || answer::result(&name, response, expected, &redactor)).await;
        decoded.unwrap_or_else(|_| {
            let error = Error::Disconnected { connector: self.name.clone(), detail: Detail::default() };
            Err(CallError::maybe_sent(error))
        })
    }

    /// `work`, unless the connector is closed before it or meanwhile.
    async fn until_closed<T>(
        &self,
        work: impl Future<Output = Result<T, CallError>>,
        delivery: Delivery,
    ) -> Result<T, CallError> {
        let connector = self.name.clone();
        if *self.closed.borrow() {
            return Err(CallError::not_sent(Error::Closed { connector }));
        }
        let mut closing = self.closed.subscribe();
        let outcome = tokio::select! {
            biased;
            _ = closing.wait_for(|closed| *closed) => {
                let error = Error::Disconnected { connector, detail: Detail::default() };
                Err(CallError::Connector { error, delivery })
            }
            outcome = work => outcome,
        };
        outcome.map_err(|error| self.redactor.call_error(error))
    }
}

impl Connector for OpenApi {
    fn name(&self) -> &str {
        &self.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let work = async { self.loaded().await.map_err(CallError::not_sent) };
        Box::pin(async {
            match self.until_closed(work, Delivery::NotSent).await {
                Ok(loaded) => Ok(loaded.listing()),
                Err(CallError::Connector { error, .. }) => Err(error),
                Err(_) => Err(Error::Closed { connector: self.name.clone() }),
            }
        })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async { self.until_closed(self.call_tool(call), Delivery::MaybeSent).await })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.closed.send_replace(true);
        drop(self.loaded.lock().unwrap_or_else(PoisonError::into_inner).take());
        Box::pin(async {})
    }

    /// A file is the operator's own.
    fn changes_by_itself(&self) -> bool {
        matches!(self.options.source, Source::Url(_))
    }

    fn identity(&self) -> Option<String> {
        let source = match &self.options.source {
            Source::File(path) => path.to_string_lossy(),
            Source::Url(url) => url.into(),
            // Never pinned: it changes with the program that holds it.
            Source::Bytes(_) => return None,
        };
        let Choices { base_url, variables } = &self.options.choices;
        Some(serde_json::json!([source, base_url, variables]).to_string())
    }

    fn amounts_to(&self, tool: &str, arguments: &Value) -> Vec<String> {
        self.current().map(|loaded| loaded.amounts_to(tool, arguments)).unwrap_or_default()
    }
}

impl Debug for OpenApi {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenApi").field("name", &self.name).finish_non_exhaustive()
    }
}
