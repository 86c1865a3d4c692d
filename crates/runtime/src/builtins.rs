//! The functions of `codemode` that a program calls: `search`, `describe`, `result`.

use std::sync::Arc;

use codemode_isolate::{Kind, Rejection};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::discover::{SearchOptions, off_thread};
use crate::registry::Registry;
use crate::runs::Owner;
use crate::runtime::Inner;
use crate::surface::Part;

/// What the functions work on.
#[derive(Clone)]
pub(crate) struct Builtins {
    pub(crate) registry: Arc<Registry>,
    pub(crate) inner: Arc<Inner>,
    /// Who the run is for.
    pub(crate) owner: Owner,
}

impl Builtins {
    /// The answer of function `name` as JSON text. `arguments` is the JSON array that the program gave.
    pub(crate) async fn call(self, name: String, arguments: String) -> Result<String, Box<Rejection>> {
        let arguments = match serde_json::from_str(&arguments) {
            Ok(Value::Array(arguments)) => arguments,
            _ => return Err(wrong(&name, "the arguments are not a JSON array")),
        };
        match name.as_str() {
            "search" => self.search(arguments).await,
            "describe" => self.describe(&arguments).await,
            "result" => self.result(&arguments).await,
            _ => Err(wrong(&name, "there is no such function")),
        }
    }

    async fn search(self, arguments: Vec<Value>) -> Result<String, Box<Rejection>> {
        let mut arguments = arguments.into_iter();
        // Models also write `search({query, limit})`, as other tools of that name want it.
        let (query, options) = match (arguments.next(), arguments.next()) {
            (Some(Value::String(query)), options) => (query, options),
            (Some(Value::Object(mut named)), None) => match named.shift_remove("query") {
                Some(Value::String(query)) => (query, Some(Value::Object(named))),
                _ => return Err(wrong("search", "`query` must be a string")),
            },
            _ => return Err(wrong("search", "the first argument is what to search for, a string")),
        };
        let options = match options {
            None | Some(Value::Null) => SearchOptions::default(),
            Some(options) => serde_json::from_value(options).map_err(|error| {
                let what =
                    format!("the options are {{limit?: number, detail?: \"name\" | \"signature\" | \"full\", connector?: string}}: {error}");
                wrong("search", &what)
            })?,
        };
        match off_thread(move || self.registry.search(&query, &options)).await {
            Some(Ok(found)) => json(&found),
            Some(Err(unknown)) => {
                Err(Box::new(Rejection::new("UnknownConnectorError", unknown.message, Kind::GuestError)))
            }
            None => Err(Box::new(Rejection::new("InternalError", "the search failed", Kind::Internal))),
        }
    }

    async fn describe(self, arguments: &[Value]) -> Result<String, Box<Rejection>> {
        let Some(path) = arguments.first().and_then(Value::as_str) else {
            let what = "the argument is a path, a string such as \"connector.tool\"";
            return Err(wrong("describe", what));
        };
        let path = path.to_owned();
        match off_thread(move || self.registry.describe(&path)).await {
            Some(Ok(description)) => json(&description),
            Some(Err(unknown)) => {
                Err(Box::new(Rejection::new("UnknownToolError", unknown.message, Kind::GuestError)))
            }
            None => Err(Box::new(Rejection::new("InternalError", "describing it failed", Kind::Internal))),
        }
    }

    async fn result(self, arguments: &[Value]) -> Result<String, Box<Rejection>> {
        let Some(run_id) = arguments.first().and_then(Value::as_str) else {
            return Err(wrong("result", "the first argument is a run's id, a string"));
        };
        let part = match arguments.get(1) {
            None | Some(Value::Null) => None,
            Some(part) => Some(Part::deserialize(part).map_err(|error| {
                let what =
                    format!("the options are {{path?: string, from?: number, count?: number}}: {error}");
                wrong("result", &what)
            })?),
        };
        let kept = self.inner.results.get(&self.owner, run_id).map_err(|missing| {
            Box::new(Rejection::new("UnknownResultError", missing.to_string(), Kind::GuestError))
        })?;
        match part {
            None => Ok(kept.to_string()),
            // Reading what may be megabytes takes a while.
            Some(part) => match off_thread(move || part.of(&kept)).await {
                Some(cut) => cut.map_err(|what| wrong("result", &what)),
                None => Err(Box::new(Rejection::new("InternalError", "reading it failed", Kind::Internal))),
            },
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, Box<Rejection>> {
    serde_json::to_string(value)
        .map_err(|error| Box::new(Rejection::new("InternalError", error.to_string(), Kind::Internal)))
}

fn wrong(function: &str, what: &str) -> Box<Rejection> {
    Box::new(Rejection::new("TypeError", format!("codemode.{function}: {what}"), Kind::InvalidArguments))
}
