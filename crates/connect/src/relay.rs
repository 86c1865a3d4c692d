//! Requests of MCP that are sent on as they are, for gateways that pass an upstream on unchanged.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::{CallError, Caller, LogLevel};

/// One request of MCP as somebody made it, allowed.
#[derive(Clone)]
#[non_exhaustive]
pub struct Relay {
    /// Its method: `tools/call`, `prompts/get`, `completion/complete`, …
    pub method: String,
    /// Its parameters, names and URIs as the upstream has them. Of `_meta` only what concerns more than one hop is sent on.
    pub params: Map<String, Value>,
    /// How long the answer may take, as [`Call::timeout`](crate::Call::timeout).
    pub timeout: Duration,
    /// Who is asked and told what comes up in its middle, as [`Call::caller`](crate::Call::caller).
    pub caller: Option<Arc<dyn Caller>>,
    /// What the caller knows this request by, as [`Call::label`](crate::Call::label).
    pub label: Option<String>,
    /// Whether whoever made it answers by themselves what the upstream wants first: then its `InputRequiredResult`
    /// (2026-07-28), or its error -32042 (2025-11-25), is the answer. Otherwise the caller is asked.
    pub raw_rounds: bool,
    /// What whoever made it says that it can (`ClientCapabilities`), for an upstream that wants to know with each request.
    /// `None`: what the caller accepts.
    pub capabilities: Option<Map<String, Value>>,
    /// How much is to be logged of it where `_meta` does not say so, for an upstream that is told with each request. One that
    /// is told for all requests of all its clients is told only what `_meta` says.
    pub log_level: Option<LogLevel>,
}

impl Relay {
    /// The request `method` with these parameters.
    pub fn new(method: impl Into<String>, params: Map<String, Value>, timeout: Duration) -> Self {
        Self {
            method: method.into(),
            params,
            timeout,
            caller: None,
            label: None,
            raw_rounds: false,
            capabilities: None,
            log_level: None,
        }
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("method", &self.method)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// Why a relayed request has no result.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// The upstream refused it, by an error of JSON-RPC.
    #[error("{message}")]
    Refused {
        /// Its code.
        code: i32,
        /// Its words, without secrets and cut to a readable length.
        message: String,
        /// What it says besides, without secrets.
        data: Option<Value>,
    },
    /// It was not answered.
    #[error(transparent)]
    Failed(#[from] CallError),
}

/// What an upstream has several of besides tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Offer {
    /// `Resource` of MCP.
    Resources,
    /// `ResourceTemplate` of MCP.
    Templates,
    /// `Prompt` of MCP.
    Prompts,
}

/// Something that an upstream says has changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// Its tools.
    Tools,
    /// Which resources it has.
    Resources,
    /// Its prompts.
    Prompts,
    /// The contents of a resource that was subscribed to.
    Resource {
        /// Its URI.
        uri: String,
    },
}

/// Tells what changes. One that lags behind misses the oldest: then anything may have changed.
pub type Changes = tokio::sync::broadcast::Receiver<Change>;
