//! What a tool answers, before it is put into the terms of a protocol revision.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

pub(super) enum Reply {
    /// A value that the tool's output schema describes.
    Structured(Value),
    /// Plain text.
    Text(String),
    /// A failure, in words for whoever called.
    Failure(String),
}

impl Reply {
    /// The result as MCP has it. Until revision 2026-07-28 only an object may be structured; another value goes as the
    /// text of its JSON.
    pub(super) fn into_result(self, any_output: bool) -> CallToolResult {
        match self {
            Self::Structured(value) if any_output || value.is_object() => CallToolResult::structured(value),
            Self::Structured(value) => CallToolResult::success(vec![ContentBlock::text(value.to_string())]),
            Self::Text(text) => CallToolResult::success(vec![ContentBlock::text(text)]),
            Self::Failure(reason) => CallToolResult::error(vec![ContentBlock::text(reason)]),
        }
    }
}
