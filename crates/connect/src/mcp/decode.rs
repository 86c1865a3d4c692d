//! The result of a tool call, from what MCP wraps it in.

use serde_json::{Map, Value};

use super::content::{self, text};
use super::failure::Failure;
use super::limits::MAX_ERROR_CHARS;
use crate::depth::{MAX_DEPTH, exceeds};
use crate::secret::Redactor;
use crate::{CallError, Error, Reply};

/// Unwraps a `CallToolResult`. In this order: `isError` is the tool's error, with its joined text; `structuredContent`;
/// one text part, or several as an array, each parsed where it is JSON; otherwise the parts in an array, as
/// [`content`] has them. No content at all is `null`.
///
/// Text beside structured content is the same again, as MCP asks of servers, and left out. Other parts beside it, such as
/// images, are no part of what the tool declares, but nothing is lost: an object gets them as one more property,
/// `_content`; where it has that already, or is no object, the result is `{structuredContent, _content}`.
///
/// What the pointers to bytes lead to is not checked yet. `redactor` takes secrets out of what is cut.
pub(super) fn result(connector: &str, result: Value, redactor: &Redactor) -> Result<Reply, CallError> {
    let protocol = |what| {
        CallError::from(Failure::maybe_sent(Error::Protocol { connector: connector.to_owned(), what }))
    };
    let mut result = complete(connector, result)?;
    let parts = match result.remove("content") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(parts)) => parts,
        Some(_) => return Err(protocol("the content of the result is not an array")),
    };
    let structured = result.remove("structuredContent");
    if result.get("isError").and_then(Value::as_bool) == Some(true) {
        return Err(CallError::tool(reason(&parts, structured.as_ref(), redactor)));
    }
    let reply = match structured {
        Some(value) if !value.is_null() => with_parts(value, parts),
        _ => unwrap_parts(parts),
    };
    if exceeds(&reply.value, MAX_DEPTH) {
        return Err(protocol("it is nested too deeply"));
    }
    Ok(reply)
}

/// The fields of a result that is final.
pub(super) fn complete(connector: &str, result: Value) -> Result<Map<String, Value>, Failure> {
    let connector = || connector.to_owned();
    let protocol = |what| Failure::maybe_sent(Error::Protocol { connector: connector(), what });
    let Value::Object(result) = result else { return Err(protocol("the result is not an object")) };
    match result.get("resultType").and_then(Value::as_str) {
        None | Some("complete") => Ok(result),
        Some("input_required") => Err(Failure::maybe_sent(Error::InputRequired { connector: connector() })),
        Some("task") => Err(protocol("it started a task, which was not asked for")),
        Some(_) => Err(protocol("the result is of an unknown type")),
    }
}

fn with_parts(structured: Value, mut parts: Vec<Value>) -> Reply {
    const PARTS: &str = "_content";
    parts.retain(|part| text(part).is_none());
    if parts.is_empty() {
        return structured.into();
    }
    let mut binary = Vec::new();
    let parts = content::parts(parts, "/_content", &mut binary);
    let mut whole = match structured {
        Value::Object(fields) if !fields.contains_key(PARTS) => fields,
        other => Map::from_iter([("structuredContent".to_owned(), other)]),
    };
    whole.insert(PARTS.to_owned(), parts);
    Reply::with_binary(whole.into(), binary)
}

fn unwrap_parts(parts: Vec<Value>) -> Reply {
    let texts: Option<Vec<&str>> = parts.iter().map(text).collect();
    match texts.as_deref() {
        None => {}
        Some([]) => return Value::Null.into(),
        Some([only]) => return parsed(only).into(),
        Some(several) => return several.iter().map(|text| parsed(text)).collect::<Value>().into(),
    }
    let mut binary = Vec::new();
    let value = content::parts(parts, "", &mut binary);
    Reply::with_binary(value, binary)
}

/// `text` as JSON, where it is JSON and loses nothing by it: a long number, say an id of 20 digits, stays text.
fn parsed(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Number(number)) if number.to_string() != text.trim() => Value::String(text.to_owned()),
        Ok(value) if !exceeds(&value, MAX_DEPTH) => value,
        _ => Value::String(text.to_owned()),
    }
}

fn reason(parts: &[Value], structured: Option<&Value>, redactor: &Redactor) -> String {
    let joined = parts.iter().filter_map(text).collect::<Vec<_>>().join("\n");
    let reason = match structured {
        Some(value) if joined.trim().is_empty() && !value.is_null() => value.to_string(),
        _ => joined,
    };
    let reason = redactor.start(&reason, MAX_ERROR_CHARS);
    if reason.trim().is_empty() { "the tool failed and gave no reason".to_owned() } else { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results() {
        let cases = include_str!("../../../../cases/connect/results.json");
        for case in serde_json::from_str::<Vec<Value>>(cases).unwrap() {
            let found = match result("up", case["result"].clone(), &Redactor::default()).map(Reply::checked) {
                Ok(Reply { value, binary }) if binary.is_empty() => serde_json::json!({ "value": value }),
                Ok(Reply { value, binary }) => serde_json::json!({ "value": value, "bytes": binary }),
                Err(error) => serde_json::json!({ "error": error.to_string() }),
            };
            assert_eq!(found, case["is"], "{}", case["result"]);
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| (0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        let found = |depth| {
            result("up", serde_json::json!({ "structuredContent": nested(depth) }), &Redactor::default())
        };
        assert!(found(MAX_DEPTH).is_ok());
        assert!(found(MAX_DEPTH + 1).is_err());
    }

    #[test]
    fn g69_no_half_of_a_secret_is_left_where_a_reason_is_cut() {
        let redactor = Redactor::default();
        redactor.add_token("canary-0123456789");
        let text = format!("{}canary-0123456789", "x".repeat(MAX_ERROR_CHARS - 8));
        let failed = serde_json::json!({ "isError": true, "content": [{ "type": "text", "text": text }] });
        let error = result("up", failed, &redactor).unwrap_err().to_string();
        assert!(error.ends_with("x[redacte"), "{}", &error[error.len() - 20..]);
        assert!(!error.contains("canary"));
    }
}
