//! What may be asked of an upstream besides its tools.

use serde_json::{Map, Value};

/// A question about what an upstream has besides tools, as MCP has it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Query {
    /// All resources: `[{uri, name, title?, description?, mimeType?, size?} | {uriTemplate, name, …}]`.
    Resources,
    /// The contents of one: `[{uri, mimeType?, text} | {uri, mimeType?, blob}]`, the blob as bytes.
    Resource {
        /// Which one.
        uri: String,
    },
    /// All prompts: `[{name, title?, description?, arguments?: [{name, description?, required?}]}]`.
    Prompts,
    /// One prompt, filled in: `{description?, messages: [{role, content}]}`.
    Prompt {
        /// Which one.
        name: String,
        /// What it is filled in with.
        arguments: Map<String, Value>,
    },
}

impl Query {
    /// What it asks for, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Resources | Self::Resource { .. } => "resources",
            Self::Prompts | Self::Prompt { .. } => "prompts",
        }
    }
}
