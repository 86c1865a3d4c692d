//! What a model is told when it calls a tool of the surface wrongly.

use codemode_catalog::{Validator, Violation};
use serde_json::{Map, Value};

use super::schemas;
use super::tools::{DOCS, EXECUTE, SEARCH, SINGLE};

/// Why a call of a tool of the surface was not carried out, in words for the model. Nothing has happened.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// There is no tool of this name; most often it is one that only programs can call.
    #[error(
        "there is no tool {name:?} to call directly; there are: {tools}. Tools of connectors are called in a program: \
         {tools_run}({{\"code\": \"return await connector.tool({{…}})\"}})"
    )]
    UnknownTool {
        /// What was called.
        name: String,
        /// What there is.
        tools: String,
        /// The tool that runs programs.
        tools_run: &'static str,
    },
    /// The arguments are not what the tool takes.
    #[error("{tool}: {}. It takes {takes}", .wrong.join("; "))]
    Arguments {
        /// The tool.
        tool: &'static str,
        /// What is wrong, each with its place.
        wrong: Vec<String>,
        /// What would be right, as a TypeScript type.
        takes: &'static str,
    },
    /// There is no such run to wait for.
    #[error("{0}")]
    Run(String),
}

/// Checks the arguments of the surface's tools.
#[derive(Debug)]
pub(super) struct Arguments {
    search: Validator,
    docs: Validator,
    execute: Validator,
}

impl Arguments {
    pub(super) fn new(max_timeout_ms: u64) -> Self {
        Self {
            search: Validator::new(&schemas::search_input(), None),
            docs: Validator::new(&schemas::docs_input(), None),
            execute: Validator::new(&schemas::execute_accepted(max_timeout_ms), None),
        }
    }

    /// The arguments of `tool` if they are what it takes.
    pub(super) fn check(&self, tool: &'static str, arguments: Value) -> Result<Map<String, Value>, Misuse> {
        let (validator, takes) = match tool {
            SEARCH => (&self.search, SEARCH_TAKES),
            DOCS => (&self.docs, DOCS_TAKES),
            _ => (&self.execute, EXECUTE_TAKES),
        };
        let arguments = match arguments {
            Value::Null => Value::Object(Map::new()),
            // Some clients pass on what a model wrote without parsing it.
            Value::String(text) => match serde_json::from_str(&text) {
                Ok(Value::Object(arguments)) => Value::Object(arguments),
                _ => Value::String(text),
            },
            arguments => arguments,
        };
        let wrong = |wrong| Misuse::Arguments { tool, wrong, takes };
        if let Err(violations) = validator.validate(&arguments) {
            return Err(wrong(violations.iter().map(Violation::to_string).collect()));
        }
        match arguments {
            Value::Object(arguments) => match misfit(&arguments) {
                Some(misfit) if tool != SEARCH && tool != DOCS => Err(wrong(vec![misfit.to_owned()])),
                _ => Ok(arguments),
            },
            _ => Err(wrong(vec!["the arguments are not an object".to_owned()])),
        }
    }
}

/// What is wrong with arguments of `execute` that its schema does not say.
fn misfit(arguments: &Map<String, Value>) -> Option<&'static str> {
    let [code, run_id, input] = ["code", "runId", "input"].map(|key| arguments.contains_key(key));
    match (code, run_id) {
        (false, false) => {
            Some("there is neither a program in `code` nor, in `runId`, the id of a run to wait for")
        }
        (true, true) => Some(
            "there are both `code` and `runId`: give the one to start a program, the other to wait for one",
        ),
        (false, true) if input => Some("`input` goes with `code`: a run that was started has its input"),
        _ => None,
    }
}

const SEARCH_TAKES: &str =
    "{query: string; detail?: \"name\" | \"signature\" | \"full\"; limit?: number; connector?: string}";
const DOCS_TAKES: &str = "{query: string; limit?: number}";
const EXECUTE_TAKES: &str = "{code: string; input?: object; timeoutMs?: number} or, to wait for a run, {runId: string; timeoutMs?: number}";

/// The tool that `name` means. All are answered whatever the shape: a client may have an older list.
pub(super) fn known(name: &str) -> Option<&'static str> {
    [SEARCH, DOCS, EXECUTE, SINGLE].into_iter().find(|known| *known == name)
}
