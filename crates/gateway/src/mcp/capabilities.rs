//! What clients are told that there is.

#![expect(deprecated, reason = "clients know logging for some time yet")]

use rmcp::model::ServerCapabilities;

use crate::Principal;

/// What there is besides what is passed on.
pub(super) fn own() -> ServerCapabilities {
    ServerCapabilities::builder()
        .enable_logging()
        .enable_tools()
        .enable_tool_list_changed()
        .enable_tasks()
        .build()
}

/// All that there may be: what rmcp lets through.
pub(super) fn all() -> ServerCapabilities {
    ServerCapabilities::builder()
        .enable_completions()
        .enable_logging()
        .enable_prompts()
        .enable_prompts_list_changed()
        .enable_resources()
        .enable_resources_list_changed()
        .enable_resources_subscribe()
        .enable_tools()
        .enable_tool_list_changed()
        .enable_tasks()
        .build()
}

/// What a client's model is told of all there is, if anything.
pub(super) fn instructions(principal: &Principal) -> Option<String> {
    Some(principal.runtime().system_prompt()).filter(|text| !text.is_empty())
}
