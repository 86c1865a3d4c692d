//! A server's tool list, tolerantly: what is wrong with one tool costs only that tool.

use codemode_catalog::{Annotations, MAX_TOOLS, Schema, Tool};
use rmcp::model::ClientRequest;
use serde_json::{Map, Value};

use super::failure::Failure;
use super::limits::MAX_NOTES;
use super::pages::{self, Listed};

/// All pages of the tool list, and what of them could not be taken over.
pub(super) async fn tools<F>(
    connector: &str,
    send: impl Fn(ClientRequest) -> F,
    admits: impl Fn(&Value) -> bool,
) -> Result<(Vec<Tool>, Vec<String>), Failure>
where
    F: Future<Output = Result<Value, Failure>>,
{
    let listed = pages::all(connector, Listed::Tools, MAX_TOOLS, send).await?;
    let mut notes = Notes::default();
    let tools = listed.into_iter().filter_map(|listed| {
        if admits(&listed) {
            return tool(listed, &mut notes);
        }
        let name = listed.get("name").unwrap_or(&Value::Null);
        notes.add(|| format!("the tool {name} was left out: it marks parameters for headers wrongly"));
        None
    });
    let tools = tools.collect();
    Ok((tools, notes.0))
}

/// One tool; `None` where it has no name to call it by.
fn tool(listed: Value, notes: &mut Notes) -> Option<Tool> {
    let Value::Object(mut listed) = listed else {
        notes.add(|| "a tool that is no object was left out".to_owned());
        return None;
    };
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let Some(name) = text(listed.remove("name")) else {
        notes.add(|| "a tool without a name was left out".to_owned());
        return None;
    };
    let tasks = listed.get("execution").and_then(|execution| execution.get("taskSupport"));
    if tasks.is_some_and(|support| support == "required") {
        notes.add(|| {
            format!("the tool {name:?} was left out: it runs only as a task, which is not supported")
        });
        return None;
    }
    let mut schema = |key: &str| {
        let value = listed.remove(key)?;
        if value.is_object() || value.is_boolean() {
            return Some(Schema::from(value));
        }
        if !value.is_null() {
            notes.add(|| format!("the {key} of the tool {name:?} is no schema and was left out"));
        }
        None
    };
    let (input_schema, output_schema) = (schema("inputSchema"), schema("outputSchema"));
    let mut annotations = match listed.remove("annotations") {
        Some(Value::Object(annotations)) => annotations,
        _ => Map::new(),
    };
    let mut hint = |key: &str| match annotations.get(key) {
        Some(Value::Bool(_)) => annotations.remove(key).and_then(|hint| hint.as_bool()),
        _ => None,
    };
    let claims = Annotations {
        read_only: hint("readOnlyHint"),
        destructive: hint("destructiveHint"),
        idempotent: hint("idempotentHint"),
        open_world: hint("openWorldHint"),
    };
    let mut tool = Tool::new(name, text(listed.remove("description")).unwrap_or_default());
    tool.title = text(listed.remove("title"))
        .or_else(|| annotations.get("title").and_then(Value::as_str).map(str::to_owned));
    if let Some(input_schema) = input_schema {
        tool.input_schema = input_schema;
    }
    tool.output_schema = output_schema;
    tool.annotations = claims;
    // Kept so that no change of it goes unnoticed.
    if !annotations.is_empty() {
        listed.insert("annotations".to_owned(), Value::Object(annotations));
    }
    tool.others = (!listed.is_empty()).then(|| Box::new(listed));
    Some(tool)
}

/// A bounded list of lines.
#[derive(Debug, Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, note: impl FnOnce() -> String) {
        if self.0.len() < MAX_NOTES {
            self.0.push(note());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_odd_field_costs_nothing_else() {
        let odd = json!({"name": "x", "description": 5, "inputSchema": null, "outputSchema": "?", "annotations": []});
        let mut notes = Notes::default();
        assert_eq!(tool(odd, &mut notes), Some(Tool::new("x", "")));
        assert_eq!(notes.0, [r#"the outputSchema of the tool "x" is no schema and was left out"#]);
        let more = json!({"name": "x", "icons": [{"src": "x"}], "annotations": {"readOnlyHint": "yes", "vendor": 1}});
        let others = tool(more, &mut notes).unwrap().others.unwrap();
        assert_eq!(
            Value::Object(*others),
            json!({"icons": [{"src": "x"}], "annotations": {"readOnlyHint": "yes", "vendor": 1}})
        );
        let titled =
            json!({"name": "x", "description": "d", "annotations": {"title": "X", "readOnlyHint": true}});
        let found = tool(titled, &mut notes).unwrap();
        assert_eq!((found.title.as_deref(), found.annotations.read_only), (Some("X"), Some(true)));
        for nameless in [json!({"description": "x"}), json!("x"), json!({"name": 5})] {
            assert_eq!(tool(nameless, &mut notes), None);
        }
        let tasks = json!({"name": "x", "execution": {"taskSupport": "required"}});
        assert_eq!(tool(tasks, &mut notes), None);
        let optional = json!({"name": "x", "execution": {"taskSupport": "optional"}});
        assert!(tool(optional, &mut notes).is_some());
        for _ in 0..MAX_NOTES {
            assert_eq!(tool(json!({}), &mut notes), None);
        }
        assert_eq!(notes.0.len(), MAX_NOTES);
    }
}
