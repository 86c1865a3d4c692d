//! Two tools that every introduction to tool calling has: the weather, and a calculator.

use rmcp::model::{JsonObject, Tool};
use serde_json::{Value, json};

use super::arithmetic::evaluate;
use super::group::reader;
use super::reply::Reply;

pub(super) fn tools() -> Vec<Tool> {
    vec![
        reader(
            "get-weather",
            "Look up the current temperature for a city",
            json!({
                "type": "object",
                "properties": { "city": { "type": "string", "description": "The city's name, for example Tokyo" } },
                "required": ["city"]
            }),
            json!({
                "type": "object",
                "properties": {
                    "temp_f": {
                        "anyOf": [{ "type": "number" }, { "type": "null" }],
                        "description": "Degrees Fahrenheit; null for a city that is not known"
                    }
                },
                "required": ["temp_f"]
            }),
        ),
        reader(
            "calculate",
            "Evaluate a simple arithmetic expression",
            json!({
                "type": "object",
                "properties": {
                    "expression": { "type": "string", "description": "Numbers, + - * / and parentheses" }
                },
                "required": ["expression"]
            }),
            json!({ "type": "object", "properties": { "result": { "type": "number" } }, "required": ["result"] }),
        ),
    ]
}

pub(super) fn call(tool: &str, arguments: &JsonObject) -> Option<Reply> {
    let text = |key: &str| arguments.get(key).and_then(Value::as_str);
    Some(match tool {
        "get-weather" => match text("city") {
            Some(city) => Reply::Structured(json!({ "temp_f": temperature(city) })),
            None => Reply::Failure("city must be a string".to_owned()),
        },
        "calculate" => match text("expression").map(evaluate) {
            Some(Ok(result)) => Reply::Structured(json!({ "result": number(result) })),
            Some(Err(reason)) => Reply::Failure(reason),
            None => Reply::Failure("expression must be a string".to_owned()),
        },
        _ => return None,
    })
}

fn temperature(city: &str) -> Option<u32> {
    match city {
        "San Francisco" => Some(61),
        "Tokyo" => Some(75),
        _ => None,
    }
}

/// A number as JavaScript would write it: without a fraction where it has none.
fn number(result: f64) -> Value {
    /// Beyond this a double no longer holds every integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if result.fract() == 0.0 && result.abs() <= EXACT { json!(result as i64) } else { json!(result) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (expression, written) in [
            ("14*5/9", "7.777777777777778"),
            ("70", "70"),
            ("0.1+0.2", "0.30000000000000004"),
            ("-0", "0"),
            ("1/4", "0.25"),
        ] {
            assert_eq!(number(evaluate(expression).unwrap()).to_string(), written, "{expression}");
        }
    }
}
