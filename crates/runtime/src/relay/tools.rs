//! The upstreams' tools as they are passed on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};

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

/// The lists of a runtime and all its views. Those that are equal are in memory once.
#[derive(Default)]
pub(super) struct SharedLists(Mutex<Vec<Weak<[Value]>>>);

impl SharedLists {
    fn shared(&self, list: Vec<Value>) -> Arc<[Value]> {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.retain(|list| list.strong_count() > 0);
        if let Some(same) = lists.iter().filter_map(Weak::upgrade).find(|known| **known == *list) {
            return same;
        }
        let list: Arc<[Value]> = list.into();
        lists.push(Arc::downgrade(&list));
        list
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
        let made = Arc::new(self.pass_on(registry));
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
        let mut left = MAX_SCHEMAS_BYTES;
        for connector in &connectors {
            for entry in registry.allowed(connector) {
                let own = &entry.tool.name;
                if !is_exposed(connector, entry) || registry.withheld(connector, own).is_some() {
                    continue;
                }
                let name = name(connector, own, connectors.len() == 1, &mut taken);
                tools.push(listed(registry, connector, entry, &name, &mut left));
                by_name.insert(name, ((*connector).to_owned(), own.clone()));
            }
        }
        let tools = self.inner.connected.relay.lists.shared(tools);
        PassedOn { tools, by_name, registry: Arc::downgrade(registry) }
    }
}

/// A tool as MCP lists it, of whose schemas all have so many bytes `left`.
fn listed(registry: &Registry, connector: &str, entry: &Entry, name: &str, left: &mut usize) -> Value {
    let tool = &entry.tool;
    let mut listed = Map::from_iter([("name".to_owned(), json!(name))]);
    listed.extend(tool.title.as_ref().map(|title| ("title".to_owned(), json!(title))));
    if !tool.description.is_empty() {
        listed.insert("description".to_owned(), json!(tool.description));
    }
    let definitions = registry.catalog.definitions(connector).map(|definitions| definitions.get());
    let input = whole(&tool.input_schema.read(), definitions, left);
    // It takes anything: its upstream says what does not fit.
    let input = input.unwrap_or_else(|| json!({ "type": "object", "properties": {} }));
    listed.insert("inputSchema".to_owned(), input);
    // Nothing need be said of results, and a client holds them to whatever is.
    let output = tool.output_schema.as_ref().and_then(|schema| whole(&schema.read(), definitions, left));
    listed.extend(output.map(|output| ("outputSchema".to_owned(), output)));
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

/// The bytes that a schema may have with what it refers to: more than the whole lists of several common MCP servers together, for
/// one tool.
const MAX_SCHEMA_BYTES: usize = 64 * 1024;

/// The bytes of all schemas of a list: five hundred of the largest. No client shows a model as much.
const MAX_SCHEMAS_BYTES: usize = 32 * 1024 * 1024;

/// A schema with what it refers to in the document that its connector's tools have in common: a client has nothing but the
/// schema. `None` where that is too large, because a part of it would refer to what is not there.
fn whole(schema: &Value, definitions: Option<&Value>, left: &mut usize) -> Option<Value> {
    let mut size = bytes(schema, *left)?;
    let mut found = HashMap::new();
    if let (Some(definitions), true) = (definitions, schema.is_object()) {
        let most = MAX_SCHEMA_BYTES.min(*left);
        let mut unread = Vec::new();
        references(schema, &mut unread);
        while let Some(pointer) = unread.pop() {
            // The empty one is the schema itself.
            let target = Some(&pointer).filter(|pointer| !pointer.is_empty());
            let Some(target) = target.and_then(|pointer| definitions.pointer(pointer)) else { continue };
            if found.contains_key(&pointer) {
                continue;
            }
            size += pointer.len() + bytes(target, most.saturating_sub(size))?;
            references(target, &mut unread);
            found.insert(pointer, target);
        }
    }
    *left = left.checked_sub(size)?;
    let mut whole = schema.clone();
    let mut found: Vec<_> = found.into_iter().collect();
    // What is in another comes after it, and is there already.
    found.sort_unstable_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
    for (pointer, target) in found {
        put(&mut whole, &pointer, target);
    }
    Some(whole)
}

/// About how many bytes a value has as JSON, unless these are more than `most`. Iteratively: schemas nest as deep as they like.
fn bytes(value: &Value, most: usize) -> Option<usize> {
    let (mut bytes, mut left) = (0, vec![value]);
    while let Some(value) = left.pop() {
        bytes += match value {
            Value::Object(object) => {
                left.extend(object.values());
                2 + object.keys().map(|key| key.len() + 4).sum::<usize>()
            }
            Value::Array(items) => {
                left.extend(items);
                2 + items.len()
            }
            Value::String(text) => text.len() + 2,
            _ => 5,
        };
        if bytes > most {
            return None;
        }
    }
    Some(bytes)
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
        let mut left = 1000;
        let whole = super::whole(&schema, Some(&definitions), &mut left).unwrap();
        assert_eq!(whole["properties"], schema["properties"]);
        let schemas = &definitions["components"]["schemas"];
        assert_eq!(whole["components"]["schemas"], json!({"A": schemas["A"], "B": schemas["B"]}));
        assert!(left < 1000);
        assert_eq!(super::whole(&schema, None, &mut left), Some(schema.clone()));
        // Too little is left for all of it.
        assert_eq!(super::whole(&schema, Some(&definitions), &mut 100), None);
        assert_eq!(super::whole(&schema, None, &mut 10), None);
    }

    #[test]
    fn schemas_that_refer_to_too_much_are_not_given_in_part() {
        let long = "x".repeat(MAX_SCHEMA_BYTES);
        let definitions = json!({"d": {"long": {"description": long}, "near": {"$ref": "#/d/long"}}});
        let schema = json!({"items": {"$ref": "#/d/near"}});
        let mut left = MAX_SCHEMAS_BYTES;
        assert_eq!(whole(&schema, Some(&definitions), &mut left), None);
        assert_eq!(left, MAX_SCHEMAS_BYTES);
        // Of the schema itself all is there already.
        let own = json!({"description": long, "items": {"$ref": "#"}});
        assert_eq!(whole(&own, Some(&definitions), &mut left), Some(own));
    }

    #[test]
    fn what_is_in_another_definition_leaves_that_whole() {
        let definitions = json!({"A": {"a": {"type": "null"}, "b": {"type": "string"}}});
        for references in [["#/A", "#/A/a"], ["#/A/a", "#/A"]] {
            let schema = json!({"allOf": references.map(|reference| json!({ "$ref": reference }))});
            let whole = whole(&schema, Some(&definitions), &mut 1000).unwrap();
            assert_eq!(whole["A"], definitions["A"]);
        }
    }

    #[test]
    fn equal_lists_are_kept_once() {
        let lists = SharedLists::default();
        let one = lists.shared(vec![json!(1)]);
        let other = lists.shared(vec![json!(2)]);
        assert!(Arc::ptr_eq(&one, &lists.shared(vec![json!(1)])));
        drop(one);
        drop(lists.shared(vec![json!(3)]));
        assert!(Arc::ptr_eq(&other, &lists.shared(vec![json!(2)])));
        assert_eq!(lists.0.lock().unwrap().len(), 1);
    }
}
