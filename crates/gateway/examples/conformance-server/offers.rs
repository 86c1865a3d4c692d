//! What the server offers, as data: `offers.json`.

use rmcp::model::{Prompt, Resource, ResourceTemplate, Tool};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Everything that is offered.
#[derive(Debug, Deserialize)]
pub(crate) struct Offers {
    pub(crate) tools: Vec<Offer<Tool>>,
    pub(crate) prompts: Vec<Offer<Prompt>>,
    pub(crate) resources: Vec<Offer<Resource>>,
    pub(crate) templates: Vec<Offer<ResourceTemplate>>,
}

/// One thing that is offered.
#[derive(Debug, Deserialize)]
pub(crate) struct Offer<T> {
    /// As it is listed.
    pub(crate) definition: T,
    /// What the client is asked for before there is an answer: each a map from keys to requests.
    #[serde(default)]
    pub(crate) rounds: Vec<Map<String, Value>>,
    /// Whether a state goes with the rounds, which the client must bring back as it was.
    #[serde(default)]
    pub(crate) sealed: bool,
    /// The result, in which `{name}` stands for what is known under that name.
    #[serde(default)]
    pub(crate) answer: Value,
}

impl Offers {
    pub(crate) fn new() -> serde_json::Result<Self> {
        serde_json::from_str(include_str!("offers.json"))
    }
}

/// Writes what is known in the place of every `{name}`.
pub(crate) fn fill(value: &mut Value, known: &Map<String, Value>) {
    match value {
        Value::String(text) => {
            for (name, value) in known {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                *text = text.replace(&format!("{{{name}}}"), &value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, known)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill(field, known)),
        _ => {}
    }
}
