//! What is kept of an API as JSON: all but the schemas of its tools, and read again as an [`Api`].

use std::collections::BTreeMap;

use codemode_catalog::{Annotations, Tool};
use serde::Serialize;

use crate::openapi::api::{Api, Operation, Scheme, Server};

/// An [`Api`] without schemas.
#[derive(Debug, Serialize)]
pub(super) struct Kept<'a> {
    tools: Vec<KeptTool<'a>>,
    operations: &'a [Operation],
    servers: &'a [Server],
    schemes: &'a BTreeMap<String, Scheme>,
    about: Option<&'a str>,
    notes: &'a [String],
}

/// A [`Tool`] without schemas. An operation has nothing else to it.
#[derive(Debug, Serialize)]
struct KeptTool<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    description: &'a str,
    annotations: Annotations,
    tags: &'a [String],
}

impl<'a> From<&'a Api> for Kept<'a> {
    fn from(api: &'a Api) -> Self {
        let Api { tools, operations, servers, schemes, about, notes } = api;
        let tools = tools.iter().map(KeptTool::from).collect();
        Self { tools, operations, servers, schemes, about: about.as_deref(), notes }
    }
}

impl<'a> From<&'a Tool> for KeptTool<'a> {
    fn from(tool: &'a Tool) -> Self {
        // What request it is its operation says.
        let Tool {
            name,
            title,
            description,
            input_schema: _,
            output_schema: _,
            annotations,
            tags,
            others: _,
            http: _,
        } = tool;
        Self { name, title: title.as_deref(), description, annotations: *annotations, tags }
    }
}
