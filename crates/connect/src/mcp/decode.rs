//! The result of a tool call, from what MCP wraps it in.

use serde_json::Value;

use super::failure::Failure;
use super::limits::MAX_ERROR_CHARS;
use crate::depth::{MAX_DEPTH, exceeds};
use crate::{CallError, Error};

/// Unwraps a `CallToolResult`. In this order: `isError` is the tool's error, with its joined text; `structuredContent`;
/// one text part, or several as an array, each parsed where it is JSON; otherwise the parts as they are.
///
/// No content at all is `null`.
pub(super) fn result(connector: &str, result: Value) -> Result<Value, CallError> {
    let protocol = |what| {
        CallError::from(Failure::maybe_sent(Error::Protocol { connector: connector.to_owned(), what }))
    };
    let Value::Object(mut result) = result else { return Err(protocol("the result is not an object")) };
    match result.get("resultType").and_then(Value::as_str) {
        None | Some("complete") => {}
        Some("input_required") => {
            let connector = connector.to_owned();
            return Err(Failure::maybe_sent(Error::InputRequired { connector }).into());
        }
        Some("task") => return Err(protocol("it started a task, which was not asked for")),
        Some(_) => return Err(protocol("the result is of an unknown type")),
    }
    let parts = match result.remove("content") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(parts)) => parts,
        Some(_) => return Err(protocol("the content of the result is not an array")),
    };
    let structured = result.remove("structuredContent");
    if result.get("isError").and_then(Value::as_bool) == Some(true) {
        return Err(CallError::tool(reason(&parts, structured.as_ref())));
    }
    let value = match structured {
        Some(value) if !value.is_null() => value,
        _ => unwrap_parts(parts),
    };
    if exceeds(&value, MAX_DEPTH) {
        return Err(protocol("it is nested too deeply"));
    }
    Ok(value)
}

fn unwrap_parts(mut parts: Vec<Value>) -> Value {
    let texts: Option<Vec<&str>> = parts.iter().map(text).collect();
    match texts.as_deref() {
        None => {}
        Some([]) => return Value::Null,
        Some([only]) => return parsed(only),
        Some(several) => return several.iter().map(|text| parsed(text)).collect(),
    }
    parts.iter_mut().filter_map(Value::as_object_mut).for_each(|part| drop(part.remove("_meta")));
    Value::Array(parts)
}

fn text(part: &Value) -> Option<&str> {
    (part.get("type")?.as_str()? == "text").then(|| part.get("text")?.as_str()).flatten()
}

/// `text` as JSON, where it is JSON and loses nothing by it: a long number, say an id of 20 digits, stays text.
fn parsed(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Number(number)) if number.to_string() != text.trim() => Value::String(text.to_owned()),
        Ok(value) if !exceeds(&value, MAX_DEPTH) => value,
        _ => Value::String(text.to_owned()),
    }
}

fn reason(parts: &[Value], structured: Option<&Value>) -> String {
    let joined = parts.iter().filter_map(text).collect::<Vec<_>>().join("\n");
    let reason = match structured {
        Some(value) if joined.trim().is_empty() && !value.is_null() => value.to_string(),
        _ => joined,
    };
    let reason: String = reason.chars().take(MAX_ERROR_CHARS).collect();
    if reason.trim().is_empty() { "the tool failed and gave no reason".to_owned() } else { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results() {
        let cases = include_str!("../../../../cases/connect/results.json");
        for case in serde_json::from_str::<Vec<Value>>(cases).unwrap() {
            let found = match result("up", case["result"].clone()) {
                Ok(value) => serde_json::json!({ "value": value }),
                Err(error) => serde_json::json!({ "error": error.to_string() }),
            };
            assert_eq!(found, case["is"], "{}", case["result"]);
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| (0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(result("up", serde_json::json!({ "structuredContent": nested(MAX_DEPTH) })).is_ok());
        assert!(result("up", serde_json::json!({ "structuredContent": nested(MAX_DEPTH + 1) })).is_err());
    }
}
