//! What fuzz targets reach of this module, and nobody else does.

use codemode_catalog::Tool;
use serde_json::Value;
use url::Url;

use super::api::Api;
use super::request::{Base, Choices, raw, request};

/// A document as it was read.
#[derive(Debug)]
pub struct Read {
    api: Api,
    /// The schemas that the tools refer to, as JSON text.
    pub definitions: Box<str>,
}

/// Reads a document; the error is for the operator.
pub fn read(bytes: &[u8]) -> Result<Read, String> {
    let document = super::read::read(bytes).map_err(|error| error.to_string())?;
    Ok(Read { api: document.api, definitions: document.definitions })
}

impl Read {
    /// One tool an operation.
    pub fn tools(&self) -> &[Tool] {
        &self.api.tools
    }

    /// What could not be taken over.
    pub fn notes(&self) -> &[String] {
        &self.api.notes
    }

    /// Whether each tool has an operation, and the cache gives back what is put into it.
    pub fn is_sound(&self) -> bool {
        let kept = serde_json::to_vec(&self.api).ok();
        let kept: Option<Api> = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
        kept.as_ref() == Some(&self.api) && self.api.tools.len() == self.api.operations.len()
    }

    /// Where the calls of all operations with `arguments` would go, and that of the raw tool, for an API at `base`.
    pub fn requests(&self, base: &str, arguments: &Value) -> Vec<Url> {
        let choices = Choices { base_url: Some(base.to_owned()), ..Choices::default() };
        let Ok(base) = Base::new(self.api.servers.first(), None, &choices) else { return Vec::new() };
        let operations = &self.api.operations;
        let sent = operations.iter().map(|operation| request(&base, operation, arguments));
        sent.chain([raw(&base, operations, arguments)]).flatten().map(|outgoing| outgoing.url).collect()
    }
}
