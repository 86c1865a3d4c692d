//! How operations are given to a model where each is a tool of its own.

use codemode::{Listing, Tool};
use serde_json::{Map, Value, json};

/// A tool as MCP lists it, every reference in its input schema written out as far as it is not inside itself.
pub fn full(tool: &Tool, listing: &Listing) -> String {
    let definitions = listing.definitions.as_ref().map(|definitions| definitions.get());
    let schema = written_out(tool.input_schema.get(), definitions, &mut Vec::new());
    json!({ "name": tool.name, "description": tool.description, "inputSchema": schema }).to_string()
}

/// Name, one line, and the required parameters with their types.
pub fn minimal(tool: &Tool, listing: &Listing) -> String {
    let definitions = listing.definitions.as_ref().map(|definitions| definitions.get());
    let line = tool.description.lines().next().unwrap_or_default();
    let schema = tool.input_schema.get();
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let properties: Map<String, Value> = required
        .map(|name| {
            let property = followed(&schema["properties"][name], definitions);
            (name.to_owned(), json!({ "type": property["type"] }))
        })
        .collect();
    let names: Vec<&String> = properties.keys().collect();
    let schema = json!({ "type": "object", "properties": properties, "required": names });
    json!({ "name": tool.name, "description": line, "inputSchema": schema }).to_string()
}

fn written_out<'a>(schema: &'a Value, definitions: Option<&'a Value>, inside: &mut Vec<&'a str>) -> Value {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                if inside.contains(&reference.as_str()) {
                    return json!({ "$ref": reference });
                }
                inside.push(reference);
                let target = written_out(followed(schema, definitions), definitions, inside);
                inside.pop();
                return target;
            }
            let members = object.iter();
            members.map(|(key, value)| (key.clone(), written_out(value, definitions, inside))).collect()
        }
        Value::Array(items) => items.iter().map(|item| written_out(item, definitions, inside)).collect(),
        plain => plain.clone(),
    }
}

fn followed<'a>(schema: &'a Value, definitions: Option<&'a Value>) -> &'a Value {
    let pointer =
        schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| definitions?.pointer(pointer)).unwrap_or(schema)
}
