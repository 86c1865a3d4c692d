//! A tool as its upstream describes it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Schema;

/// One tool of one connector, in its upstream's words.
///
/// As JSON: `{"name", "title"?, "description", "inputSchema", "outputSchema"?, "annotations"?, "tags"?, "others"?,
/// "http"?}`, the shape MCP gives a tool, and tags; `annotations` is `{"readOnlyHint"?, "destructiveHint"?, "idempotentHint"?, "openWorldHint"?}`.
/// A missing `description` reads as empty, a missing `inputSchema` as `{"type": "object"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its own name upstream, any text; what is sent when it is called.
    pub name: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does, as the upstream says it: untrusted text.
    #[serde(default)]
    pub description: String,
    /// JSON Schema of its arguments.
    #[serde(default = "Schema::any_object")]
    pub input_schema: Schema,
    /// JSON Schema of its result, where the upstream declares one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Schema>,
    /// The upstream's claims about what a call does.
    #[serde(default, skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
    /// The groups the upstream puts it in, such as the tags of an OpenAPI operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What else the upstream says of it and nobody here understands, such as `icons`, `_meta` or annotations of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Box<Map<String, Value>>>,
    /// The HTTP request that a call is, where the connector knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
}

/// The HTTP request that a call of a tool is. As JSON: `{"operation": {"method": "GET", "path": "/users/{id}"}}`, or
/// `"any"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Http {
    /// Always the same: what an operation of an API does.
    Operation {
        /// In upper case.
        method: String,
        /// The path's template.
        path: String,
    },
    /// One that the arguments `method` and `path` tell.
    Any,
}

/// An upstream's unverified claims about a tool. `None` is "not said".
///
/// A claim may make a default stricter, never laxer, unless the operator trusts this connector's claims.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotations {
    /// A call changes nothing.
    #[serde(default, rename = "readOnlyHint", skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// A call may destroy something.
    #[serde(default, rename = "destructiveHint", skip_serializing_if = "Option::is_none")]
    pub destructive: Option<bool>,
    /// A second call with the same arguments changes nothing more.
    #[serde(default, rename = "idempotentHint", skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// A call reaches beyond the upstream's own data.
    #[serde(default, rename = "openWorldHint", skip_serializing_if = "Option::is_none")]
    pub open_world: Option<bool>,
}

impl Tool {
    /// A tool that takes any object and claims nothing.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            title: None,
            description: description.into(),
            input_schema: Schema::any_object(),
            output_schema: None,
            annotations: Annotations::default(),
            tags: Vec::new(),
            others: None,
            http: None,
        }
    }

    /// The same tool with this schema of its arguments.
    pub fn with_input_schema(mut self, schema: impl Into<Schema>) -> Self {
        self.input_schema = schema.into();
        self
    }

    /// The same tool with this schema of its result.
    pub fn with_output_schema(mut self, schema: impl Into<Schema>) -> Self {
        self.output_schema = Some(schema.into());
        self
    }

    /// The same tool, whose calls are this HTTP request.
    pub fn with_http(mut self, http: Http) -> Self {
        self.http = Some(http);
        self
    }

    /// The same tool with these claims.
    pub fn with_annotations(mut self, annotations: Annotations) -> Self {
        self.annotations = annotations;
        self
    }
}

impl Annotations {
    /// Whether nothing is claimed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The name of the only property that `schema` requires, or `None` where it requires none or several.
///
/// A program may give such a tool the bare value: `customers.batchGet(ids)` for `customers.batchGet({ids})`.
pub fn single_required(schema: &Value) -> Option<&str> {
    match schema.get("required")?.as_array()?.as_slice() {
        [only] => only.as_str(),
        _ => None,
    }
}
