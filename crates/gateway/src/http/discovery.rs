//! What clients are told about whose tokens to bring: RFC 9728.

use codemode::config::Jwt;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;
use url::Url;

use super::reply::{self, Body};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Where the metadata of a resource is: between its host and its path (RFC 9728, section 3.1).
pub(super) fn url_of(resource: &Url) -> String {
    let mut url = resource.clone();
    url.set_path(&format!("{WELL_KNOWN}{}", resource.path().trim_end_matches('/')));
    url.to_string()
}

/// Whether a path is one at which clients look: with the resource's path, or without, as older ones do.
pub(super) fn is_at(path: &str, resource: &Url) -> bool {
    path.strip_prefix(WELL_KNOWN).is_some_and(|rest| {
        rest.is_empty() || rest == "/mcp" || rest == resource.path().trim_end_matches('/')
    })
}

/// The metadata.
pub(super) fn metadata(options: &Jwt) -> Response<Body> {
    let mut metadata = json!({
        "resource": options.resource,
        "authorization_servers": [options.issuer],
        "bearer_methods_supported": ["header"],
        "resource_name": "codemode",
    });
    if !options.scopes.is_empty()
        && let Some(object) = metadata.as_object_mut()
    {
        object.insert("scopes_supported".to_owned(), json!(options.scopes));
    }
    let mut response = reply::json(StatusCode::OK, &metadata);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    response
}
