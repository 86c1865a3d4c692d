//! From an API's answer to a result or a failure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::api::Answer;
use super::cut::cut;
use crate::depth::{MAX_DEPTH, exceeds};
use crate::http::Response;
use crate::secret::Redactor;
use crate::{CallError, Error, Problem, Reply};

/// Bytes of a failed call's body that a program gets to see: every validation message of a form, not a page of HTML.
const PROBLEM_BYTES: usize = 4 * 1024;

/// Characters of an upstream's own words in an error's message; the body beside it has the rest.
const MAX_WORDS: usize = 500;

/// The result of a call: JSON as it is, text as a string, other bytes as `{contentType, data}`, and nothing as `null`.
/// A status that is no success is the tool's error, with what the answer says about it. Secrets are taken out first, so
/// that no cut can leave half of one.
pub(super) fn result(
    connector: &str,
    response: Response,
    expected: Answer,
    redactor: &Redactor,
) -> Result<Reply, CallError> {
    let too_deep = || Error::Answer { connector: connector.to_owned(), what: "it is nested too deeply" };
    if response.status.is_success() && expected == Answer::Nothing {
        return Ok(Value::Null.into());
    }
    let Reply { value, binary } = value(&response).ok_or_else(|| CallError::maybe_sent(too_deep()))?;
    let value = redactor.value(value);
    if response.status.is_success() {
        // Bytes with a mark in the place of a secret are no base64 any more, and stay text.
        Ok(Reply::with_binary(value, binary).checked())
    } else {
        Err(failure(&response, value, redactor))
    }
}

/// `None`: nested too deeply.
fn value(response: &Response) -> Option<Reply> {
    let body = response.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&response.body);
    if body.is_empty() {
        return Some(Value::Null.into());
    }
    let media_type = response.media_type();
    if is_json(&media_type) {
        return json_value(body).map(Reply::from);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(&media_type) => Some(Value::from(text).into()),
        _ if is_text(&media_type) && !media_type.is_empty() => {
            Some(Value::from(decoded(response.content_type(), body)).into())
        }
        _ => {
            let value = json!({"contentType": content_type(&media_type), "data": STANDARD.encode(body)});
            Some(Reply::with_binary(value, vec!["/data".to_owned()]))
        }
    }
}

/// The parser stops at 128 levels by itself. What says it is JSON and is not stays the text it is: the call was executed,
/// and a program that is told of a failure would make it again.
fn json_value(body: &[u8]) -> Option<Value> {
    match serde_json::from_slice(body) {
        Ok(value) if exceeds(&value, MAX_DEPTH) => None,
        Ok(value) => Some(value),
        Err(error) if error.to_string().starts_with("recursion limit") => None,
        Err(_) => Some(String::from_utf8_lossy(body).into()),
    }
}

fn is_json(media_type: &str) -> bool {
    matches!(media_type, "application/json" | "text/json") || media_type.ends_with("+json")
}

/// Whether bytes of this type are for reading, provided that they are text. No type at all may be anything.
fn is_text(media_type: &str) -> bool {
    const NAMES: [&str; 8] = [
        "application/x-www-form-urlencoded",
        "application/javascript",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/sql",
        "application/graphql",
        "application/jwt",
    ];
    media_type.is_empty()
        || media_type.starts_with("text/")
        || NAMES.contains(&media_type)
        || ["xml", "json", "jsonl", "ndjson", "yaml", "json-seq"].iter().any(|end| media_type.ends_with(end))
}

/// Text that is not UTF-8: Latin-1 where it says so, else with a mark for what cannot be read.
fn decoded(content_type: &str, body: &[u8]) -> String {
    let content_type = content_type.to_ascii_lowercase();
    if content_type.contains("iso-8859-1") || content_type.contains("latin1") {
        return body.iter().map(|byte| char::from(*byte)).collect();
    }
    String::from_utf8_lossy(body).into_owned()
}

fn content_type(media_type: &str) -> &str {
    if media_type.is_empty() { "application/octet-stream" } else { media_type }
}

fn failure(response: &Response, body: Value, redactor: &Redactor) -> CallError {
    let status = response.status;
    let reason = status.canonical_reason().map_or(String::new(), |reason| format!(" {reason}"));
    let words = match (&response.elsewhere, status.is_redirection()) {
        (Some(host), _) => Some(format!("it leads to {host}, where a call does not follow")),
        (None, true) => Some("it leads elsewhere, where a call does not follow".to_owned()),
        _ => words(&body).map(|words| one_line(&words)),
    };
    let message = match words {
        Some(words) if !words.is_empty() => format!("{}{reason}: {words}", status.as_u16()),
        _ => format!("{}{reason}", status.as_u16()),
    };
    let problem = Problem {
        status: Some(status.as_u16()),
        body: (!body.is_null()).then(|| cut(body, PROBLEM_BYTES)),
        retry_after: response.retry_after(),
    };
    CallError::Tool { message: redactor.text(&message).into_owned(), problem }
}

/// What a body says went wrong: the words that RFC 9457, OAuth and the large APIs use.
fn words(body: &Value) -> Option<String> {
    match body {
        Value::String(text) if text.trim_start().starts_with('<') => title(text),
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.first().and_then(in_object),
        other => in_object(other),
    }
}

fn in_object(value: &Value) -> Option<String> {
    let object = match value {
        Value::String(text) => return Some(text.clone()),
        Value::Object(object) => object,
        _ => return None,
    };
    let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let pair = |first: &str, second: &str| Some(format!("{}: {}", text(first)?, text(second)?));
    let inner = |name: &str| match object.get(name)? {
        Value::Array(items) => items.first().and_then(in_flat_object),
        inner @ Value::Object(_) => in_flat_object(inner),
        _ => None,
    };
    pair("title", "detail")
        .or_else(|| pair("error", "error_description"))
        .or_else(|| WORDS.iter().find_map(|name| text(name)).map(str::to_owned))
        .or_else(|| ["error", "errors", "fault", "detail"].iter().find_map(|name| inner(name)))
        .or_else(|| {
            ["title", "error", "reason", "code"].iter().find_map(|name| text(name)).map(str::to_owned)
        })
}

/// Where a sentence is most often found.
const WORDS: [&str; 7] =
    ["detail", "message", "Message", "error_description", "errorMessage", "error_message", "description"];

/// One level down and no further.
fn in_flat_object(value: &Value) -> Option<String> {
    let text = |name: &&str| value.get(*name).and_then(Value::as_str);
    value
        .as_str()
        .or_else(|| WORDS.iter().chain(&["msg", "title", "reason", "code"]).find_map(text))
        .map(str::to_owned)
}

fn title(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("<title>")?;
    Some(rest.split_once("</title>")?.0.to_owned())
}

fn one_line(words: &str) -> String {
    let mut line = String::new();
    for word in words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > MAX_WORDS {
            return line.chars().take(MAX_WORDS).chain(['…']).collect();
        }
    }
    line
}
