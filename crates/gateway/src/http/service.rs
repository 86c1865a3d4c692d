//! What becomes of a request, from the outside in: the name it was sent to, the page it is from, its query, whose it is, what
//! they may take, its session; only then its body.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

use codemode::Shape;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use rmcp::transport::StreamableHttpService;
use tokio_util::sync::CancellationToken;
use tower_service::Service as _;

use super::body::Bodies;
use super::hold::{Answered, Held, Taken};
use super::phase::Phase;
use super::principals::Present;
use super::reply::{self, Body, Refusal};
use super::sessions::{InUse, Opening, Sessions};
use super::site::Site;
use super::{cors, discovery};
use crate::auth::{Identity, Refused};
use crate::mcp::{Server, edge, on_behalf, unread};
use crate::ops::Ops;

/// Where MCP is spoken.
const MCP: &str = "/mcp";

/// What probes ask for. They reach a container by its address, which nobody configures, and learn nothing by it.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Bytes of a page. Metrics of a thousand connectors have 1 MiB.
const MAX_PAGE_BYTES: usize = 8 << 20;

/// The session of a request.
const SESSION: &str = "mcp-session-id";

/// Answers the requests of all connections.
pub(super) struct Service {
    pub(super) site: RwLock<Arc<Site>>,
    pub(super) sessions: Arc<Sessions>,
    pub(super) mcp: StreamableHttpService<Server, Sessions>,
    /// What an operator asks for.
    pub(super) pages: axum::Router,
    pub(super) ops: Ops,
    pub(super) bodies: Bodies,
}

/// An answer, and what is held until it has been sent.
struct Answer {
    response: Response<Body>,
    taken: Option<Arc<Taken>>,
    stop: Option<CancellationToken>,
}

impl From<Response<Body>> for Answer {
    fn from(response: Response<Body>) -> Self {
        Self { response, taken: None, stop: None }
    }
}

impl Service {
    /// Answers a request.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        phase: Arc<Phase>,
    ) -> Result<Response<Body>, Infallible> {
        phase.began();
        let answered = Answered(phase);
        let site = Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner));
        let Answer { response, taken, stop } = match self.judge(&site, request).await {
            Ok(answer) => answer,
            Err(refusal) => self.refuse(refusal),
        };
        self.ops.answered(response.status().as_u16());
        Ok(response.map(|body| Held::around(body, taken, answered, stop, self.ops.clone())))
    }

    async fn judge(&self, site: &Site, request: Request<Incoming>) -> Result<Answer, Refusal> {
        let (parts, body) = request.into_parts();
        if PROBES.contains(&parts.uri.path()) {
            return self.page(parts).await;
        }
        let host = site.names.check_host(&parts.uri, &parts.headers)?;
        let is_mcp = parts.uri.path() == MCP;
        let origin = match site.names.check_origin(&host, &parts.headers) {
            // The other pages are everybody's; a browser shows them to pages of origins that are allowed.
            Err(_) if !is_mcp => None,
            checked => checked?,
        };
        if let (&Method::OPTIONS, Some(origin)) = (&parts.method, &origin) {
            return Ok(cors::preflight(origin, &parts.headers).into());
        }
        let answer = if is_mcp { self.mcp(site, parts, body).await } else { self.other(site, parts).await };
        let mut answer = answer.unwrap_or_else(|refusal| self.refuse(refusal));
        if let Some(origin) = &origin {
            cors::allow(origin, answer.response.headers_mut());
        }
        Ok(answer)
    }

    fn refuse(&self, refusal: Refusal) -> Answer {
        tracing::debug!(status = refusal.status.as_u16(), reason = refusal.reason, "refused");
        if let Some(why) = refusal.why() {
            self.ops.refused(why);
        }
        refusal.respond().into()
    }

    /// What is not MCP. Nothing of a body is read.
    async fn other(&self, site: &Site, parts: Parts) -> Result<Answer, Refusal> {
        if let Some(options) = site.authenticator.jwt_options()
            && discovery::is_at(parts.uri.path(), &options.resource_url)
        {
            return match parts.method {
                Method::GET | Method::HEAD => Ok(discovery::metadata(options).into()),
                _ => Err(method("GET")),
            };
        }
        self.page(parts).await
    }

    /// What an operator asks for.
    async fn page(&self, parts: Parts) -> Result<Answer, Refusal> {
        let not_found =
            || Refusal::new(StatusCode::NOT_FOUND, "path", "there is nothing here; MCP is at /mcp");
        let request = Request::from_parts(parts, axum::body::Body::empty());
        match self.pages.clone().call(request).await {
            Ok(response) if response.status() == StatusCode::NOT_FOUND => Err(not_found()),
            Ok(response) => {
                let (parts, body) = response.into_parts();
                let bytes = axum::body::to_bytes(body, MAX_PAGE_BYTES).await;
                let broken =
                    |_| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "there is no answer");
                Ok(Response::from_parts(parts, Full::new(bytes.map_err(broken)?).boxed()).into())
            }
            Err(never) => match never {},
        }
    }

    async fn mcp(&self, site: &Site, mut parts: Parts, body: Incoming) -> Result<Answer, Refusal> {
        if !matches!(parts.method, Method::POST | Method::GET | Method::DELETE) {
            return Err(method("POST, GET, DELETE"));
        }
        let shape = shape(parts.uri.query(), &site.surfaces)?;
        let identity = site.authenticator.authenticate(&parts.headers).await;
        let identity = identity.map_err(|refused| refusal(site, refused))?;
        let Present { principal, account } = site.principals.of(&identity, shape)?;
        let is_stream = parts.method == Method::GET || is_listening(&parts);
        let permit = if is_stream { account.stream() } else { account.request() };
        let permit = permit.inspect_err(|refusal| {
            tracing::warn!(principal = &*identity.name, reason = refusal.reason, "refused");
        })?;
        let session = self.session(&parts, &identity)?;
        let bytes = match parts.method {
            Method::POST => {
                let bytes = self.bodies.read(&parts.headers, body).await?;
                if let Err(refusal) = edge::check(&bytes) {
                    tracing::debug!(principal = &*identity.name, "refused: {refusal}");
                    self.ops.refused(crate::ops::Refusal::Malformed);
                    return Ok(reply::json(StatusCode::BAD_REQUEST, &refusal.to_json()).into());
                }
                bytes
            }
            _ => bytes::Bytes::new(),
        };
        self.ops.transferred(bytes.len() as u64, 0);
        let bytes = match unread(&bytes, &principal) {
            Cow::Owned(shaped) => shaped.into(),
            Cow::Borrowed(_) => bytes,
        };
        let taken = Taken::new(permit, session);
        parts.extensions.insert(principal.clone());
        parts.extensions.insert(Arc::clone(&taken));
        let opening = Opening::new(account.limits().sessions);
        parts.extensions.insert(opening.clone());
        // What says who somebody is goes no further than this.
        parts.headers.remove(http::header::AUTHORIZATION);
        let handling = self.mcp.handle(Request::from_parts(parts, Full::new(bytes)));
        let response = on_behalf(principal, handling).await;
        if let Some(refusal) = opening.refusal() {
            return Err(refusal);
        }
        Ok(Answer { response, taken: Some(taken), stop: is_stream.then(|| site.stop.clone()) })
    }

    /// The session of a request, if it has one. It is there for whoever opened it.
    fn session(&self, parts: &Parts, identity: &Identity) -> Result<Option<InUse>, Refusal> {
        let mut given = parts.headers.get_all(SESSION).iter();
        let Some(id) = given.next() else { return Ok(None) };
        let id = id.to_str().ok().filter(|_| given.next().is_none());
        id.and_then(|id| self.sessions.of(id, &identity.name)).map(Some).ok_or_else(|| {
            let message = "there is no such session; begin a new one with initialize";
            Refusal::new(StatusCode::NOT_FOUND, "session", message)
        })
    }
}

/// Whether a request of the newer era asks to be told of changes: it is answered for as long as the client listens. rmcp
/// refuses one whose body says something else.
fn is_listening(parts: &Parts) -> bool {
    parts.headers.get("mcp-method").is_some_and(|method| method == "subscriptions/listen")
}

/// The shape that a client asks for. Nothing else may stand in a query: tokens do not belong there, whatever the parameter is
/// called, because what is in a URL is written down in many places.
fn shape(query: Option<&str>, allowed: &[Shape]) -> Result<Option<Shape>, Refusal> {
    let refuse = |message: String| Refusal::new(StatusCode::BAD_REQUEST, "query", message);
    let mut shape = None;
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name != "surface" {
            let message = "the query may hold `surface` only; a token goes into the Authorization header";
            return Err(refuse(message.to_owned()));
        }
        let wanted = serde_json::from_value::<Shape>(Cow::into_owned(value).into()).ok();
        let wanted = wanted.filter(|wanted| allowed.contains(wanted) && shape.is_none());
        shape = Some(wanted.ok_or_else(|| {
            let names = serde_json::to_string(allowed).unwrap_or_default();
            refuse(format!("surface may be one of {names}, once; [serve] surfaces says which"))
        })?);
    }
    Ok(shape)
}

/// What is answered to whoever did not show who they are: RFC 6750, section 3, with RFC 9728, section 5.1.
fn refusal(site: &Site, refused: Refused) -> Refusal {
    let metadata = site.metadata_url().map(|url| format!("resource_metadata=\"{url}\""));
    let scopes = site.authenticator.jwt_options().map(|options| options.scopes.join(" ")).unwrap_or_default();
    let scope = (!scopes.is_empty()).then(|| format!("scope=\"{scopes}\""));
    let challenge = |error: Option<&str>, said: Option<&str>| {
        let error = error.map(|error| format!("error=\"{error}\""));
        let said = said.map(|said| format!("error_description=\"{said}\""));
        let parts: Vec<String> =
            [error, said, scope.clone(), metadata.clone()].into_iter().flatten().collect();
        if parts.is_empty() { "Bearer".to_owned() } else { format!("Bearer {}", parts.join(", ")) }
    };
    let unauthorized = |message: &str| Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", message);
    match refused {
        Refused::Missing => unauthorized("say who you are: Authorization: Bearer and a token")
            .challenge(&challenge(None, None)),
        Refused::Malformed(why) => {
            unauthorized(why).challenge(&challenge(Some("invalid_request"), Some(why)))
        }
        Refused::Invalid(why) => {
            tracing::info!(reason = why, "a token was refused");
            unauthorized(why).challenge(&challenge(Some("invalid_token"), Some(why)))
        }
        Refused::Scope => {
            let message = format!("the token lacks a scope; it needs: {scopes}");
            let refusal = Refusal::new(StatusCode::FORBIDDEN, "insufficient_scope", message);
            refusal.challenge(&challenge(Some("insufficient_scope"), None))
        }
        Refused::Unavailable(why) => {
            tracing::warn!("who a request is from cannot be told: {why}");
            let message = "who you are cannot be told at the moment; ask again later";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "authentication", message).retry_after(5)
        }
    }
}

fn method(allowed: &'static str) -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method", format!("allowed here: {allowed}")).allow(allowed)
}
