//! Paths and their operations.

use codemode_catalog::{Annotations, Schema, Tool};
use serde_json::{Map, Value, json};

use super::limits::{MAX_OPERATIONS, MAX_TEXT_CHARS};
use super::lower::{Lower, shortened};
use super::name;
use super::parameter::take_text;
use super::parse::{Keys, tight};
use super::path::Template;
use super::raw;
use super::source::Section;
use super::version::Version;
use crate::openapi::api::{Body, Operation, Parameter, Place, Server, Style};

/// The methods that have a word of their own; others are in 3.2's `additionalOperations`.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// What the operations of one path share.
#[derive(Debug, Default)]
struct Shared {
    parameters: Vec<Value>,
    server: Option<Server>,
}

/// What holds for operations that do not say otherwise.
#[derive(Debug, Default)]
struct Usual {
    security: Vec<Vec<String>>,
    consumes: Vec<String>,
    produces: Vec<String>,
}

impl<'a> Lower<'a> {
    /// Reads all operations.
    pub(super) fn paths(&mut self) {
        self.at = String::new();
        let usual = self.usual();
        let paths = self.source.section(&["paths"]);
        if paths.entries.is_empty() {
            self.note("the document has no paths");
        }
        for (path, text) in &paths.entries {
            if path.starts_with("x-") {
                continue;
            }
            let (found, shared) = self.path(path, text);
            for (method, text) in found {
                if self.api.tools.len() >= MAX_OPERATIONS || self.is_full() {
                    let (read, limit) = (self.api.tools.len(), MAX_OPERATIONS);
                    self.at = String::new();
                    return self.note(format_args!(
                        "only the first {read} operations are taken over: at most {limit} are, and only so much"
                    ));
                }
                self.at = format!("{method} {path}");
                if let Some(Value::Object(operation)) = self.operation_at(text) {
                    self.operation(path, method, operation, &shared, &usual);
                }
            }
        }
        if paths.cut {
            self.at = String::new();
            self.note("the document has more paths than are read");
        }
    }

    fn usual(&mut self) -> Usual {
        let value =
            |lower: &mut Self, name| lower.source.top(name).and_then(|text| lower.part(text, Keys::Any));
        let security = value(self, "security").map(|value| self.security(&value)).unwrap_or_default();
        let [consumes, produces] = ["consumes", "produces"].map(|name| strings(value(self, name).as_ref()));
        Usual { security, consumes: consumes.unwrap_or_default(), produces: produces.unwrap_or_default() }
    }

    /// The operations of a path, as text, and what they share. What a path item refers to is added to what it says.
    fn path(&mut self, path: &str, text: &'a str) -> (Vec<(String, &'a str)>, Shared) {
        self.at = path.to_owned();
        let (mut found, mut shared) = (Vec::new(), Shared::default());
        let own = Section::new(text);
        let referred = own.get("$ref").and_then(|reference| self.referred_path(reference));
        let items = [Some(own), referred];
        let get = |name: &str| items.iter().flatten().find_map(|item| item.get(name));
        if let Some(Value::Array(parameters)) =
            get("parameters").and_then(|text| self.part(text, Keys::Words))
        {
            shared.parameters = parameters;
        }
        let servers = get("servers").and_then(|text| self.part(text, Keys::Words));
        shared.server = self.own_server(servers);
        for item in items.iter().flatten() {
            for (word, text) in &item.entries {
                let methods = match word.as_str() {
                    "additionalOperations" => Section::new(text).entries,
                    word if METHODS.contains(&word) => vec![(word.to_ascii_uppercase(), *text)],
                    _ => continue,
                };
                let new: Vec<_> = methods
                    .into_iter()
                    .filter(|(method, _)| found.iter().all(|(known, _)| known != method))
                    .collect();
                found.extend(new);
            }
        }
        (found, shared)
    }

    fn referred_path(&mut self, reference: &str) -> Option<Section<'a>> {
        let reference: String = serde_json::from_str(reference).ok()?;
        match self.find(&reference) {
            Ok((_, text)) => Some(Section::new(text)),
            Err(lost) => {
                self.note(format_args!("the reference {reference:?} {lost}"));
                None
            }
        }
    }

    fn operation_at(&mut self, text: &str) -> Option<Value> {
        if raw::object(text).is_none() {
            self.note("an operation that is no object");
            return None;
        }
        let value = self.part(text, Keys::Words)?;
        self.follow(value)
    }

    fn operation(
        &mut self,
        path: &str,
        method: String,
        mut value: Map<String, Value>,
        shared: &Shared,
        usual: &Usual,
    ) {
        let template = Template::new(path);
        let own = match value.remove("parameters") {
            Some(Value::Array(own)) => own,
            _ => Vec::new(),
        };
        let mut given = self.parameters([shared.parameters.clone(), own], &template);
        let consumes = strings(value.get("consumes")).unwrap_or_else(|| usual.consumes.clone());
        let produces = strings(value.get("produces")).unwrap_or_else(|| usual.produces.clone());
        let body = match self.version {
            Version::Two => self.body_of_parameters(&mut given, &consumes),
            Version::Three => value.remove("requestBody").and_then(|body| self.body(body)),
        };
        let mut input = Input::default();
        for (parameter, schema) in implied(&template, &given.parameters).into_iter().chain(given.parameters) {
            input.parameter(parameter, schema);
        }
        if let Some((body, schema)) = body {
            input.body(body, schema);
        }
        let (output, answer) = self.answer(value.remove("responses"), &produces);
        let security = match value.get("security") {
            Some(own) => self.security(own),
            None => usual.security.clone(),
        };
        let server = match self.version {
            Version::Two => self.own_host(value.get("schemes")),
            Version::Three => {
                let own = value.remove("servers");
                self.own_server(own).or_else(|| shared.server.clone())
            }
        };
        let mut tool = Tool::new(self.tool_name(&method, path, &value), description(&mut value));
        tool.annotations = annotations(&method);
        tool.tags = strings(value.get("tags")).unwrap_or_default();
        tool.output_schema = output.map(text);
        let (schema, parameters, body) = input.end();
        tool.input_schema = text(schema);
        self.api.tools.push(tool);
        let path = template.path;
        self.api.operations.push(Operation { method, path, parameters, body, security, server, answer });
    }

    fn tool_name(&mut self, method: &str, path: &str, operation: &Map<String, Value>) -> String {
        let said = operation.get("operationId").and_then(Value::as_str);
        if let Some(own) = said.and_then(name::own) {
            if self.names.is_free(own) {
                return self.names.give(own, |_| false);
            }
            self.note(format_args!("the operationId {own:?} is taken by another operation"));
        }
        self.names.give(&name::of(method, path), |_| false)
    }
}

/// The properties of a tool's input, and what becomes of each.
#[derive(Debug, Default)]
struct Input {
    properties: Map<String, Value>,
    required: Vec<Value>,
    parameters: Vec<Parameter>,
    body: Option<Body>,
}

impl Input {
    fn parameter(&mut self, mut parameter: Parameter, schema: Value) {
        let place = match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
        };
        parameter.property = self.free(&parameter.name, &format!("{}_{place}", parameter.name));
        self.add(&parameter.property, schema, parameter.required);
        self.parameters.push(parameter);
    }

    fn body(&mut self, mut body: Body, schema: Value) {
        body.property = self.free("body", "request_body");
        self.add(&body.property, schema, body.required);
        self.body = Some(body);
    }

    fn add(&mut self, property: &str, schema: Value, required: bool) {
        if required {
            self.required.push(property.into());
        }
        self.properties.insert(property.to_owned(), schema);
    }

    /// The first of the names that no property has.
    fn free(&self, name: &str, other: &str) -> String {
        let numbered = (2..).map(|number| format!("{other}_{number}"));
        let mut names = [name.to_owned(), other.to_owned()].into_iter().chain(numbered);
        names.find(|name| !self.properties.contains_key(name)).unwrap_or_default()
    }

    fn end(self) -> (Value, Vec<Parameter>, Option<Body>) {
        // Not by `json!`, which would copy all that is put into it.
        let mut words = vec![
            ("type".to_owned(), Value::from("object")),
            ("properties".to_owned(), tight(self.properties).into()),
        ];
        if !self.required.is_empty() {
            words.push(("required".to_owned(), self.required.into()));
        }
        words.push(("additionalProperties".to_owned(), Value::Bool(false)));
        let schema = tight(words).into();
        (schema, self.parameters, self.body)
    }
}

/// The parameters that a path has and nobody described: variables, and the query that is part of it.
fn implied(template: &Template, given: &[(Parameter, Value)]) -> Vec<(Parameter, Value)> {
    let known = |name: &String, place| given.iter().any(|(one, _)| one.place == place && one.name == *name);
    let parameter = |name: &String, place, style| Parameter {
        property: String::new(),
        name: name.clone(),
        place,
        required: true,
        style,
        explode: style == Style::Form,
        allow_reserved: false,
        json: false,
    };
    let variables = template.variables.iter().filter(|name| !known(name, Place::Path));
    let variables =
        variables.map(|name| (parameter(name, Place::Path, Style::Simple), json!({"type": "string"})));
    let query = template.query.iter().filter(|(name, _)| !known(name, Place::Query));
    let query =
        query.map(|(name, value)| (parameter(name, Place::Query, Style::Form), json!({ "const": value })));
    variables.chain(query).collect()
}

fn description(operation: &mut Map<String, Value>) -> String {
    let [summary, description] = ["summary", "description"].map(|key| take_text(operation, key));
    let (summary, description) = (summary.trim(), description.trim());
    let said = match (summary, description) {
        (summary, "") => summary.to_owned(),
        (summary, description) if description.starts_with(summary) => description.to_owned(),
        (summary, description) => format!("{summary}\n\n{description}"),
    };
    let old = operation.get("deprecated") == Some(&Value::Bool(true));
    shortened(if old { format!("Deprecated. {said}").trim().to_owned() } else { said }, MAX_TEXT_CHARS)
}

/// What the method says of a call (RFC 9110, section 9.2).
fn annotations(method: &str) -> Annotations {
    let safe = matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY");
    let idempotent = safe || matches!(method, "PUT" | "DELETE");
    Annotations {
        read_only: Some(safe),
        destructive: (method == "DELETE").then_some(true),
        idempotent: Some(idempotent),
        open_world: None,
    }
}

/// The schema as text, which takes a tenth of the memory: few operations are ever called.
fn text(schema: Value) -> Schema {
    Schema::from_json(schema.to_string())
}

fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    let listed = value?.as_array()?.iter();
    Some(listed.filter_map(Value::as_str).take(super::limits::MAX_LISTED).map(str::to_owned).collect())
}
