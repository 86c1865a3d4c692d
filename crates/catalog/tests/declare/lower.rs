//! OpenAPI operations as tools, crudely: enough to get at the schemas of real documents.

use codemode_catalog::Tool;
use serde_json::{Map, Value, json};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

pub(crate) fn operations(document: &Value) -> Vec<Tool> {
    let mut tools = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let item = followed(document, item);
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let name =
                operation["operationId"].as_str().map_or_else(|| format!("{method}{path}"), str::to_owned);
            let text = ["summary", "description"].iter().find_map(|key| operation[*key].as_str());
            let mut tool = Tool::new(name, text.unwrap_or_default());
            tool.input_schema = input(document, item, operation);
            tool.output_schema = output(document, operation);
            tools.push(tool);
        }
    }
    tools
}

fn input(document: &Value, item: &Value, operation: &Value) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let shared = item["parameters"].as_array().into_iter().flatten();
    for parameter in shared.chain(operation["parameters"].as_array().into_iter().flatten()) {
        let parameter = followed(document, parameter);
        let Some(name) = parameter["name"].as_str() else { continue };
        let json = &parameter["content"]["application/json"]["schema"];
        let mut schema =
            [&parameter["schema"], json].into_iter().find(|s| !s.is_null()).cloned().unwrap_or_else(|| {
                let mut plain = parameter.as_object().cloned().unwrap_or_default();
                plain.retain(|key, _| !["name", "in", "required"].contains(&key.as_str()));
                Value::Object(plain)
            });
        if let (Value::Object(schema), Some(text)) = (&mut schema, parameter["description"].as_str()) {
            schema.entry("description").or_insert(json!(text));
        }
        if parameter["required"] == json!(true) {
            required.push(json!(name));
        }
        properties.insert(name.to_owned(), schema);
    }
    let body = followed(document, &operation["requestBody"]);
    let schema = json_of(body);
    if !schema.is_null() {
        properties.insert("body".into(), schema.clone());
        if body["required"] == json!(true) {
            required.push(json!("body"));
        }
    }
    json!({"type": "object", "properties": properties, "required": required})
}

fn output(document: &Value, operation: &Value) -> Option<Value> {
    let responses = operation["responses"].as_object()?;
    let (_, response) = responses.iter().find(|(status, _)| status.starts_with('2'))?;
    let response = followed(document, response);
    let schema = [json_of(response), &response["schema"]].into_iter().find(|schema| !schema.is_null());
    schema.cloned()
}

fn json_of(body: &Value) -> &Value {
    let content = body["content"].as_object().into_iter().flatten();
    content
        .filter(|(kind, _)| kind.contains("json"))
        .map(|(_, media)| &media["schema"])
        .next()
        .unwrap_or(&Value::Null)
}

fn followed<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}
