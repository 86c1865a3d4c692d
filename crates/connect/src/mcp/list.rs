//! A server's tool list, tolerantly: what is wrong with one tool costs only that tool.

use std::collections::HashSet;

use codemode_catalog::{Annotations, MAX_TOOLS, Schema, Tool};
use rmcp::model::{ClientRequest, ListToolsRequest, PaginatedRequestParams};
use serde_json::{Map, Value};

use super::Limits;
use super::connection::{Connection, Limit};
use super::failure::Failure;
use super::limits::MAX_PAGES;
use crate::Error;

/// All pages of the tool list.
pub(super) async fn tools(
    connector: &str,
    connection: &Connection,
    limits: &Limits,
) -> Result<Vec<Tool>, Failure> {
    let protocol = |what| Failure::maybe_sent(Error::Protocol { connector: connector.to_owned(), what });
    let mut tools = Vec::new();
    let mut cursor: Option<String> = None;
    let mut seen = HashSet::new();
    for _ in 0..MAX_PAGES {
        let request = ListToolsRequest::with_param(PaginatedRequestParams::default().with_cursor(cursor));
        let page = connection
            .request(ClientRequest::ListToolsRequest(request), Limit::of(limits.list_timeout))
            .await?;
        let Value::Object(mut page) = page else { return Err(protocol("the tool list is not an object")) };
        let Some(Value::Array(listed)) = page.remove("tools") else {
            return Err(protocol("the tool list has no tools"));
        };
        tools.extend(listed.into_iter().filter(|tool| connection.admits(tool)).filter_map(tool));
        if tools.len() > MAX_TOOLS {
            let connector = connector.to_owned();
            return Err(Failure::maybe_sent(Error::TooManyTools { connector, limit: MAX_TOOLS }));
        }
        cursor = page.get("nextCursor").and_then(Value::as_str).map(str::to_owned);
        match &cursor {
            None => return Ok(tools),
            Some(next) if !seen.insert(next.clone()) => {
                return Err(protocol("the pages of the tool list repeat"));
            }
            Some(_) => {}
        }
    }
    Err(protocol("the tool list has too many pages"))
}

/// One tool; `None` where it has no name to call it by.
fn tool(listed: Value) -> Option<Tool> {
    let Value::Object(mut listed) = listed else { return None };
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let schema = |value: Option<Value>| value.filter(|schema| schema.is_object() || schema.is_boolean());
    let annotations = match listed.remove("annotations") {
        Some(Value::Object(annotations)) => annotations,
        _ => Map::new(),
    };
    let hint = |key: &str| annotations.get(key).and_then(Value::as_bool);
    let mut tool =
        Tool::new(text(listed.remove("name"))?, text(listed.remove("description")).unwrap_or_default());
    tool.title = text(listed.remove("title"))
        .or_else(|| annotations.get("title").and_then(Value::as_str).map(str::to_owned));
    if let Some(input_schema) = schema(listed.remove("inputSchema")) {
        tool.input_schema = input_schema.into();
    }
    tool.output_schema = schema(listed.remove("outputSchema")).map(Schema::from);
    tool.annotations = Annotations {
        read_only: hint("readOnlyHint"),
        destructive: hint("destructiveHint"),
        idempotent: hint("idempotentHint"),
        open_world: hint("openWorldHint"),
    };
    Some(tool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_odd_field_costs_nothing_else() {
        let odd = json!({"name": "x", "description": 5, "inputSchema": null, "outputSchema": "?", "annotations": []});
        assert_eq!(tool(odd), Some(Tool::new("x", "")));
        let titled =
            json!({"name": "x", "description": "d", "annotations": {"title": "X", "readOnlyHint": true}});
        let found = tool(titled).unwrap();
        assert_eq!((found.title.as_deref(), found.annotations.read_only), (Some("X"), Some(true)));
        for nameless in [json!({"description": "x"}), json!("x"), json!({"name": 5})] {
            assert_eq!(tool(nameless), None);
        }
    }
}
