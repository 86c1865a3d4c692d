//! The upstreams' tools as they are passed on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, Weak};

use codemode_catalog::{Entry, disclose, matches};
use serde_json::{Map, Value, json};

use super::name::name;
use crate::registry::Registry;
use crate::surface::OWN_NAMES;
use crate::{Runtime, Shape};

/// The tools that are passed on, made once a catalog.
pub(super) struct PassedOn {
    /// The tools that these are of, which do not stay for their sake.
    registry: Weak<Registry>,
    tools: Arc<[Value]>,
    /// The connector and the tool's own name, by the name under which it is passed on.
    by_name: HashMap<String, (String, String)>,
}

impl PassedOn {
    /// Where a name leads.
    pub(super) fn find(&self, name: &str) -> Option<(&str, &str)> {
        self.by_name.get(name).map(|(connector, tool)| (connector.as_str(), tool.as_str()))
    }
}

impl Runtime {
    /// The upstreams' tools that a model is given themselves: in the shape [`Shape::Passthrough`] all that policy allows, in
    /// [`Shape::Hybrid`] those of [`SurfaceOptions::expose`](crate::SurfaceOptions::expose) of these, in others none. Each is a
    /// `Tool` of MCP with all that its upstream says of it; only its name may be another: where there are several
    /// connectors, `connector__tool`. In the order of the connectors and their lists.
    ///
    /// They are the same list in memory as long as none of them changes.
    pub fn passed_on(&self) -> Arc<[Value]> {
        Arc::clone(&self.passed_on_tools(&self.registry()).tools)
    }

    /// Whether a tool of this name is [passed on](Self::passed_on).
    pub fn passes_on(&self, name: &str) -> bool {
        self.passed_on_tools(&self.registry()).find(name).is_some()
    }

    /// The shape of what a model is given.
    pub fn shape(&self) -> Shape {
        self.inner.surface.options().shape
    }

    pub(super) fn passed_on_tools(&self, registry: &Arc<Registry>) -> Arc<PassedOn> {
        let is_of = |kept: &&Arc<PassedOn>| std::ptr::eq(kept.registry.as_ptr(), Arc::as_ptr(registry));
        let mut kept = self.inner.relay.tools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(is_of) {
            return Arc::clone(kept);
        }
        let mut made = self.pass_on(registry);
        if let Some(before) = kept.as_ref().filter(|before| before.tools == made.tools) {
            made.tools = Arc::clone(&before.tools);
        }
        let made = Arc::new(made);
        *kept = Some(Arc::clone(&made));
        made
    }

    fn pass_on(&self, registry: &Arc<Registry>) -> PassedOn {
        let options = self.inner.surface.options();
        let (mut tools, mut by_name) = (Vec::new(), HashMap::new());
        // Those of the surface are there in the other shape only.
        let mut taken: HashSet<String> = match options.shape {
            Shape::Hybrid => OWN_NAMES.iter().map(|name| (*name).to_owned()).collect(),
            _ => HashSet::new(),
        };
        let is_exposed = |connector: &str, entry: &Entry| match options.shape {
            Shape::Passthrough => true,
            Shape::Hybrid => [&entry.identifier, &entry.tool.name].into_iter().any(|tool| {
                let path = format!("{connector}.{tool}");
                options.expose.iter().any(|pattern| matches(pattern, &path))
            }),
            Shape::Auto | Shape::Pair | Shape::Single => false,
        };
        let connectors: Vec<&str> = registry.catalog.connectors().collect();
        for connector in &connectors {
            for entry in registry.allowed(connector) {
                let own = &entry.tool.name;
                if !is_exposed(connector, entry) || registry.withheld(connector, own).is_some() {
                    continue;
                }
                let name = name(connector, own, connectors.len() == 1, &mut taken);
                tools.push(listed(registry, connector, entry, &name));
                by_name.insert(name, ((*connector).to_owned(), own.clone()));
            }
        }
        PassedOn { tools: tools.into(), by_name, registry: Arc::downgrade(registry) }
    }
}

/// A tool as MCP lists it.
fn listed(registry: &Registry, connector: &str, entry: &Entry, name: &str) -> Value {
    let tool = &entry.tool;
    let mut listed = Map::from_iter([("name".to_owned(), json!(name))]);
    listed.extend(tool.title.as_ref().map(|title| ("title".to_owned(), json!(title))));
    if !tool.description.is_empty() {
        listed.insert("description".to_owned(), json!(tool.description));
    }
    let definitions = registry.catalog.definitions(connector).map(|definitions| definitions.get());
    listed.insert("inputSchema".to_owned(), whole(tool.input_schema.read().into_owned(), definitions));
    if let Some(schema) = &tool.output_schema {
        listed.insert("outputSchema".to_owned(), whole(schema.read().into_owned(), definitions));
    }
    let mut others = tool.others.as_deref().cloned().unwrap_or_default();
    let mut annotations = match serde_json::to_value(tool.annotations) {
        Ok(Value::Object(annotations)) => annotations,
        _ => Map::new(),
    };
    if let Some(Value::Object(more)) = others.shift_remove("annotations") {
        annotations.extend(more);
    }
    if !annotations.is_empty() {
        listed.insert("annotations".to_owned(), annotations.into());
    }
    listed.extend(others);
    let mut listed = listed.into();
    disclose(&mut listed);
    listed
}

/// The most definitions that are put into a schema that is passed on: the largest operations of published APIs refer to a few
/// hundred.
const MAX_DEFINITIONS: usize = 500;

/// A schema with what it refers to in the document that its connector's tools have in common: a client has nothing but the
/// schema.
fn whole(mut schema: Value, definitions: Option<&Value>) -> Value {
    let (Some(definitions), true) = (definitions, schema.is_object()) else { return schema };
    let (mut found, mut left) = (HashSet::new(), Vec::new());
    references(&schema, &mut left);
    while let Some(pointer) = left.pop() {
        let Some(target) = definitions.pointer(&pointer) else { continue };
        if found.len() >= MAX_DEFINITIONS || !found.insert(pointer.clone()) {
            continue;
        }
        references(target, &mut left);
        put(&mut schema, &pointer, target);
    }
    schema
}

/// The pointers of what is referred to within the document, iteratively: schemas nest as deep as they like.
fn references(schema: &Value, found: &mut Vec<String>) {
    let mut left = vec![schema];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(object) => {
                let reference = object.get("$ref").and_then(Value::as_str);
                found.extend(reference.and_then(|reference| reference.strip_prefix('#')).map(str::to_owned));
                left.extend(object.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
}

/// Puts `value` where `pointer` leads, unless something is there.
fn put(root: &mut Value, pointer: &str, value: &Value) {
    let mut steps =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).peekable();
    let mut place = root;
    while let Some(step) = steps.next() {
        let Value::Object(object) = place else { return };
        let is_last = steps.peek().is_none();
        place = object.entry(step).or_insert_with(|| if is_last { value.clone() } else { json!({}) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_whole() {
        let definitions = json!({"components": {"schemas": {
            "A": {"properties": {"b": {"$ref": "#/components/schemas/B"}, "a": {"$ref": "#/components/schemas/A"}}},
            "B": {"type": "string"}, "C": {"type": "null"},
        }}});
        let schema = json!({"properties": {"a": {"$ref": "#/components/schemas/A"}}});
        let whole = whole(schema.clone(), Some(&definitions));
        assert_eq!(whole["properties"], schema["properties"]);
        let schemas = &definitions["components"]["schemas"];
        assert_eq!(whole["components"]["schemas"], json!({"A": schemas["A"], "B": schemas["B"]}));
        assert_eq!(super::whole(schema.clone(), None), schema);
    }
}
