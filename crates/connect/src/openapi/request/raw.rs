//! The `request` tool: any request below the API's base, for what no operation describes.

use codemode_catalog::{Http, Tool};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::super::api::{Body, BodyForm, Operation, Style};
use super::body;
use super::disguise;
use super::header::{self, Headers};
use super::limits::MAX_URL_BYTES;
use super::matching::{Reached, place};
use super::refusal::{Refusal, Result, cut, shown};
use super::segment;
use super::style::{Manner, Pairs};
use super::template;
use super::text;
use super::value::{Shape, bytes};
use super::{Base, Outgoing};

/// The methods that can be asked for.
pub(super) const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

const ARGUMENTS: [&str; 6] = ["method", "path", "pathParams", "query", "body", "headers"];

/// The media type of what HTML forms send.
const FORM: &str = "application/x-www-form-urlencoded";

/// Where a raw request goes, and what it amounts to.
pub(super) struct Place {
    pub(super) method: String,
    /// From the root of the origin, percent-encoded.
    pub(super) path: String,
    pub(super) reached: Reached,
}

/// The tool, as a model reads it.
pub(super) fn tool() -> Tool {
    Tool::new(
        "request",
        "Sends any request to this API, for what no other tool does. `path` is below the API's base URL, without a query: \
         `request({method: \"GET\", path: \"/users/{id}\", pathParams: {id: 7}, query: {limit: 10, tag: [\"a\", \"b\"]}})`. \
         `body` is sent as JSON; with a `content-type` among `headers` as a form or as text. Credentials are added \
         by themselves.",
    )
    .with_input_schema(json!({
        "type": "object",
        "properties": {
            "method": {"type": "string", "enum": METHODS},
            "path": {
                "type": "string",
                "description": "Begins with /; {x} stands for the value x of pathParams, as one segment."
            },
            "pathParams": {
                "type": "object",
                "additionalProperties": {"type": ["string", "number", "boolean"]}
            },
            "query": {"type": "object", "description": "Lists are repeated; null is left out."},
            "body": {},
            "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
        },
        "required": ["method", "path"],
        "additionalProperties": false
    }))
    .with_http(Http::Any)
}

/// The request that these arguments ask for.
pub(super) fn outgoing(base: &Base, operations: &[Operation], arguments: &Value) -> Result<Outgoing> {
    let arguments = object(arguments)?;
    let place = placed(base, operations, arguments)?;
    if let Some(other) = place.reached.ambiguous() {
        return Err(ambiguous(operations, &place, other));
    }
    let (headers, content_type) = headers(member(arguments, "headers")?)?;
    let body = match arguments.get("body").filter(|value| !value.is_null()) {
        Some(value) => Some(written(value, content_type)?),
        None => None,
    };
    let query = query(member(arguments, "query")?)?;
    disguise::check_query(query.as_deref(), |_| false)?;
    let (body, content_type) = body.unzip();
    Ok(Outgoing {
        method: place.method,
        url: base.at(&place.path, query.as_deref())?,
        headers: headers.into_list(),
        cookie: None,
        content_type,
        body,
    })
}

/// Where these arguments ask to go.
pub(super) fn destination(base: &Base, operations: &[Operation], arguments: &Value) -> Result<Place> {
    placed(base, operations, object(arguments)?)
}

fn placed(base: &Base, operations: &[Operation], arguments: &Map<String, Value>) -> Result<Place> {
    let method = method(arguments)?;
    let path = path(arguments)?;
    let (path, reached) = place(base, operations, &method, &path);
    Ok(Place { method, path, reached })
}

fn ambiguous(operations: &[Operation], place: &Place, other: usize) -> Refusal {
    let template = operations.get(other).map_or("", |operation| operation.path.as_str());
    Refusal::new(format!(
        "the path {:?} could be taken for {template:?}; call the tool of the operation that is meant",
        cut(&place.path)
    ))
}

fn object(arguments: &Value) -> Result<&Map<String, Value>> {
    let Some(arguments) = arguments.as_object() else {
        return Err(Refusal::new(format!("the arguments must be an object, not {}", shown(arguments))));
    };
    match arguments.keys().find(|name| !ARGUMENTS.contains(&name.as_str())) {
        Some(unknown) => Err(Refusal::new(format!(
            "there is no argument {:?}; it takes {}",
            cut(unknown),
            ARGUMENTS.join(", ")
        ))),
        None => Ok(arguments),
    }
}

fn member<'a>(arguments: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Map<String, Value>>> {
    match arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(other) => Err(Refusal::new(format!("{name:?} must be an object, not {}", shown(other)))),
    }
}

fn method(arguments: &Map<String, Value>) -> Result<String> {
    let given = arguments.get("method").unwrap_or(&Value::Null);
    let method = given.as_str().map(str::to_ascii_uppercase).unwrap_or_default();
    if METHODS.contains(&method.as_str()) {
        return Ok(method);
    }
    Err(Refusal::new(format!("\"method\" must be one of {}, not {}", METHODS.join(", "), shown(given))))
}

/// The path, percent-encoded.
fn path(arguments: &Map<String, Value>) -> Result<String> {
    let given = arguments.get("path").unwrap_or(&Value::Null);
    let Some(path) = given.as_str().filter(|path| path.starts_with('/')) else {
        return Err(Refusal::new(format!(
            "\"path\" must be a path below the API's base URL that begins with /, not {}",
            shown(given)
        )));
    };
    if path.len() > MAX_URL_BYTES {
        return Err(Refusal::new(format!("\"path\" is longer than {MAX_URL_BYTES} bytes")));
    }
    let wrong = |what: &str| Refusal::new(format!("\"path\" {what}, but is {:?}", cut(path)));
    if path.contains(['?', '#']) {
        return Err(wrong("must not have a query or fragment (use \"query\")"));
    }
    if path.strip_suffix('/').unwrap_or(path).split('/').skip(1).any(str::is_empty) {
        return Err(wrong("must not have empty segments"));
    }
    let none = Map::new();
    let values = member(arguments, "pathParams")?.unwrap_or(&none);
    let mut used = Vec::new();
    let filled = template::fill(
        path,
        |literal| literally(literal).map_err(|refusal| refusal.of(&"\"path\"")),
        |name| {
            used.push(name.to_owned());
            value(name, values.get(name))
        },
    )?;
    // What it is must not depend on how often a server decodes, for then it could be more than one operation.
    if let Some(segment) = filled.split('/').find(|segment| segment::is_encoded_again(segment)) {
        return Err(Refusal::new(format!(
            "the segment {:?} of the path is percent-encoded twice; give \"path\" and \"pathParams\" as plain text",
            cut(segment)
        )));
    }
    match values.keys().find(|name| !used.contains(name)) {
        Some(unused) => Err(Refusal::new(format!(
            "\"pathParams\" has {:?}, and \"path\" no {{{}}}",
            cut(unused),
            cut(unused)
        ))),
        None => Ok(filled),
    }
}

/// A literal text of the path, in one spelling of the many that it may have.
fn literally(literal: &str) -> Result<String> {
    let once = percent_decode_str(literal)
        .decode_utf8()
        .map_err(|_| Refusal::new("must not contain percent-encoded bytes that are no UTF-8"))?;
    let last = segment::decoded(literal).map_err(|fault| Refusal::new(fault.to_string()))?;
    if last.contains(['/', ';']) || once.contains(['{', '}']) {
        return Err(Refusal::new(format!(
            "must not contain a slash, backslash, semicolon or brace inside a segment, as in {:?}; \
             use {{x}} and \"pathParams\"",
            cut(literal)
        )));
    }
    Ok(text::written(&once))
}

fn value(name: &str, value: Option<&Value>) -> Result<String> {
    match value {
        Some(Value::String(_) | Value::Number(_) | Value::Bool(_)) => {}
        Some(other) => {
            return Err(Refusal::new(format!(
                "path parameter {:?} must be a string or a number, not {}",
                cut(name),
                shown(other)
            )));
        }
        None => {
            return Err(Refusal::new(format!("path parameter {:?} is missing in \"pathParams\"", cut(name))));
        }
    }
    match value.and_then(super::value::text) {
        Some(text) if text.len() <= MAX_URL_BYTES => Ok(text::encoded(&text)),
        _ => {
            Err(Refusal::new(format!("path parameter {:?} is longer than {MAX_URL_BYTES} bytes", cut(name))))
        }
    }
}

fn query(members: Option<&Map<String, Value>>) -> Result<Option<String>> {
    let mut pairs = Pairs::new("&", MAX_URL_BYTES);
    for (name, value) in members.into_iter().flatten() {
        let style = if value.is_object() { Style::Deep } else { Style::Form };
        let manner = Manner { style, explode: true, allow_reserved: false, required: false };
        pairs.add(name, value, manner).map_err(|_| {
            Refusal::new(format!(
                "\"query\" is too long with {:?}: a URL may have {MAX_URL_BYTES} bytes",
                cut(name)
            ))
        })?;
    }
    Ok(pairs.into_text())
}

/// The headers, and apart from them the value of `Content-Type`.
fn headers(members: Option<&Map<String, Value>>) -> Result<(Headers, Option<String>)> {
    let mut headers = Headers::default();
    let mut content_type = None;
    for (name, value) in members.into_iter().flatten() {
        let Some(shape) = Shape::of(value) else { continue };
        let text = super::style::in_header(shape, Style::Simple, false);
        if header::is_content_type(name) {
            header::check(&text).map_err(|refusal| refusal.of(&"header \"Content-Type\""))?;
            headers.charge(text.len())?;
            content_type = Some(text);
        } else {
            headers.add(name, text)?;
        }
    }
    Ok((headers, content_type))
}

fn written(value: &Value, content_type: Option<String>) -> Result<body::Written> {
    let media_type = content_type.unwrap_or_else(|| "application/json".to_owned());
    if media_type.contains(',') {
        return Err(Refusal::new("header \"Content-Type\" must be one media type, without a comma"));
    }
    let essence = body::essence(&media_type);
    let is_json = essence == "application/json" || essence.ends_with("+json");
    let form = match value {
        _ if essence.starts_with("multipart/") => {
            return Err(Refusal::new("a multipart \"body\" cannot be sent; call the operation's own tool"));
        }
        // A program that said `JSON.stringify` means what it wrote.
        Value::String(text) if is_json && is_document(text) => BodyForm::Text,
        _ if is_json => BodyForm::Json,
        Value::Object(_) if essence == FORM => BodyForm::Form,
        Value::String(_) => BodyForm::Text,
        other if essence != FORM && bytes(other).is_some() => BodyForm::Binary,
        other => {
            return Err(Refusal::new(format!(
                "\"body\" must be a string to be sent as {media_type}, not {}",
                shown(other)
            )));
        }
    };
    let body =
        Body { property: "body".to_owned(), required: false, media_type, form, fields: Default::default() };
    let written = body::write(&body, value).map_err(|refusal| refusal.of(&"\"body\""))?;
    disguise::check_body(&written, |_| false)?;
    Ok(written)
}

/// Whether a text is a JSON object or array.
fn is_document(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(Value::Object(_) | Value::Array(_)))
}
