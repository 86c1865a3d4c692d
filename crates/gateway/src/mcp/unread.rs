//! Requests that are passed on unread.
//!
//! rmcp reads requests into types of its own and writes results from such types, and what those have no place for is lost. A
//! request of a shape that none of them has it hands on as it is, and takes any JSON as its result. So a request that is to be
//! passed on is given such a shape at the border, and its own again behind rmcp.

use std::borrow::Cow;

use codemode::Shape;
use rmcp::model::{CustomRequest, RequestMetaObject};
use serde_json::{Map, Value, json};

use super::relay;
use crate::Principal;

/// Whether a principal's requests may be ones that are passed on.
fn passes_on(principal: &Principal) -> bool {
    matches!(principal.runtime().shape(), Shape::Passthrough | Shape::Hybrid)
}

/// A parameter that rmcp reads, and not as an array, by the methods whose answers its types have no place for all of.
fn parameter(method: &str) -> Option<&'static str> {
    match method {
        "tools/call" | "prompts/get" | "resources/read" => Some("inputResponses"),
        "prompts/list" | "resources/list" | "resources/templates/list" | "tools/list" => Some("cursor"),
        _ => None,
    }
}

/// A message in the shape in which rmcp hands it on as it is, if it is a request that is to be passed on.
pub(crate) fn unread<'a>(message: &'a [u8], principal: &Principal) -> Cow<'a, [u8]> {
    let shaped = passes_on(principal).then(|| shaped(message, principal)).flatten();
    shaped.map_or(Cow::Borrowed(message), Cow::Owned)
}

fn shaped(message: &[u8], principal: &Principal) -> Option<Vec<u8>> {
    let mut request: Value = serde_json::from_slice(message).ok()?;
    let method = request.get("method")?.as_str()?;
    let (parameter, is_call) = (parameter(method)?, method == "tools/call");
    let params = request.as_object_mut()?.entry("params").or_insert_with(|| json!({})).as_object_mut()?;
    if is_call && !relay::is_passed_on(principal, params.get("name")?.as_str()?) {
        return None;
    }
    let given = params.shift_remove(parameter);
    params.insert(parameter.to_owned(), given.into_iter().collect());
    serde_json::to_vec(&request).ok()
}

/// The parameters of a request that came here unread, as its client sent them.
pub(super) fn read(
    request: &CustomRequest,
    meta: &RequestMetaObject,
    principal: &Principal,
) -> Option<Map<String, Value>> {
    if !passes_on(principal) {
        return None;
    }
    let parameter = parameter(&request.method)?;
    let mut params = request.params.as_ref()?.as_object()?.clone();
    let Some(Value::Array(given)) = params.shift_remove(parameter) else { return None };
    params.extend(given.into_iter().next().map(|given| (parameter.to_owned(), given)));
    relay::with_meta(&mut params, meta);
    Some(params)
}
