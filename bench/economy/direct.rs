//! Tools as a model calls them itself: one call a tool, all of every result in the context.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codemode::Connector;
use codemode::connect::Call;
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::tasks::{self, Task};

const TIMEOUT: Duration = Duration::from_secs(60);

pub struct Direct {
    connectors: BTreeMap<String, Arc<dyn Connector>>,
}

/// One conversation.
pub struct Conversation<'a> {
    direct: &'a Direct,
    ledger: &'a mut Ledger,
    pub root: &'a str,
}

impl Direct {
    pub fn new(connectors: Vec<Arc<dyn Connector>>) -> Self {
        let by_name = connectors.into_iter().map(|connector| (connector.name().to_owned(), connector));
        Self { connectors: by_name.collect() }
    }

    pub async fn answer(&self, task: &Task, root: &str, ledger: &mut Ledger) -> Value {
        let mut conversation = Conversation { direct: self, ledger, root };
        let result = tasks::directly(task, &mut conversation).await;
        ledger.answer(&result);
        result
    }

    pub async fn close(&self) {
        for connector in self.connectors.values() {
            connector.close().await;
        }
    }
}

impl Conversation<'_> {
    /// Calls that are made in one reply of the model, each `connector.tool`.
    pub async fn round(&mut self, calls: Vec<(&str, Value)>) -> Vec<Value> {
        let written: Vec<String> = calls
            .iter()
            .map(|(path, arguments)| {
                json!({ "name": path.replace('.', "__"), "arguments": arguments }).to_string()
            })
            .collect();
        let begun = Instant::now();
        let calling: Vec<_> = calls
            .into_iter()
            .map(|(path, arguments)| {
                let (connector, tool) = path.split_once('.').unwrap();
                let (connector, tool) = (Arc::clone(&self.direct.connectors[connector]), tool.to_owned());
                tokio::spawn(async move {
                    connector.call(Call::new(tool, arguments, TIMEOUT)).await.unwrap().value
                })
            })
            .collect();
        let mut results = Vec::new();
        for call in calling {
            results.push(call.await.unwrap());
        }
        let texts: Vec<String> = results.iter().map(text).collect();
        self.ledger.trip(&written.join("\n"), &texts.join("\n"), begun.elapsed());
        results
    }

    pub async fn one(&mut self, path: &str, arguments: Value) -> Value {
        self.round(vec![(path, arguments)]).await.remove(0)
    }
}

/// What a model reads of a result: the text of it where that is all there is.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(object) if object.len() == 1 && object.contains_key("content") => {
            text(&object["content"])
        }
        value => value.to_string(),
    }
}
