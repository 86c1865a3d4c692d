//! A model's call of a tool of the surface, and the answer.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::misuse::{Arguments, known};
use super::tools::{DOCS, SEARCH};
use super::{Misuse, content, listing};
use crate::{Output, Run, RunOptions, Runtime, Search, SearchOptions};

/// The answer to a call of a tool of the surface. Its text keeps to the surface's budgets; the JSON of a search says the same
/// with more words around it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The answer as JSON, as the tool's output schema says: of `execute` an [`Output`], of `search` a
    /// [`Search`](crate::Search), of `docs` `{results: Passage[]; total: number}`.
    pub structured: Value,
    /// The answer as text, for a model that is given one: of `execute` the same JSON, of `search` the declarations.
    pub text: String,
    /// What there is to show besides the text: content blocks of MCP (`{type: "image", data, mimeType}` and its like), in
    /// the order in which the program returned them.
    pub content: Vec<Value>,
    /// Whether the program failed. The model reads why, and goes on.
    pub is_error: bool,
}

impl Runtime {
    /// Answers a model's call of one of the [`tools`](Self::tools).
    ///
    /// # Errors
    ///
    /// [`Misuse`] where there is no such tool or it does not take such arguments: its `Display` is for the model, as an
    /// answer like any other. That a program failed is no error of the call.
    pub async fn call(&self, name: &str, arguments: Value) -> Result<Answer, Misuse> {
        self.call_with(name, arguments, RunOptions::default()).await
    }

    /// The same; a program runs with `options` except for what the model says itself, its input and a shorter time.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_with(
        &self,
        name: &str,
        arguments: Value,
        options: RunOptions,
    ) -> Result<Answer, Misuse> {
        let Some(tool) = known(name) else { return Err(self.unknown_tool(name)) };
        let checks = self.inner.surface.arguments.get_or_init(|| Arguments::new(self.max_timeout_ms()));
        let arguments = checks.check(tool, arguments)?;
        Ok(if tool == SEARCH {
            self.answer_search(arguments).await
        } else if tool == DOCS {
            self.answer_docs(&arguments).await
        } else {
            match arguments.get("runId").and_then(Value::as_str) {
                Some(run_id) => self.answer_waiting(run_id, &arguments, options).await?,
                None => self.answer_execute(arguments, options).await,
            }
        })
    }

    async fn answer_search(&self, mut arguments: Map<String, Value>) -> Answer {
        let query = arguments.shift_remove("query");
        let query = query.as_ref().and_then(Value::as_str).unwrap_or_default();
        // They fit the schema, which says what the options are.
        let options: SearchOptions = serde_json::from_value(Value::Object(arguments)).unwrap_or_default();
        let mut found = match self.search(query, options).await {
            Ok(found) => found,
            Err(unknown) => {
                let structured = json(&Search { nearest: unknown.nearest, ..Search::default() });
                return Answer { structured, text: unknown.message, content: Vec::new(), is_error: true };
            }
        };
        let text = listing::fitted(&mut found, self.inner.surface.options.search_tokens);
        Answer { structured: json(&found), text, content: Vec::new(), is_error: false }
    }

    async fn answer_execute(&self, mut arguments: Map<String, Value>, mut options: RunOptions) -> Answer {
        let code = arguments.shift_remove("code");
        if let Some(input) = arguments.shift_remove("input") {
            options.input = Some(input);
        }
        if let Some(ms) = arguments.get("timeoutMs").and_then(Value::as_u64) {
            let limit = options.limits.as_ref().unwrap_or(&self.inner.limits).wall;
            let allowed = options.timeout.unwrap_or(limit);
            options.timeout = Some(Duration::from_millis(ms).min(allowed));
        }
        let code = code.as_ref().and_then(Value::as_str).unwrap_or_default();
        match options.wait.take() {
            Some(wait) => self.run_for(code.to_owned(), options, wait).await,
            None => self.answer(self.run(code, options).await),
        }
    }

    async fn answer_waiting(
        &self,
        run_id: &str,
        arguments: &Map<String, Value>,
        options: RunOptions,
    ) -> Result<Answer, Misuse> {
        let asked = arguments.get("timeoutMs").and_then(Value::as_u64).map(Duration::from_millis);
        let wait = options.wait.into_iter().chain(asked).min();
        self.wait_for(run_id, &options.principal, wait, &options.cancel).await.map_err(Misuse::Run)
    }

    /// What a model is given of a run.
    pub(super) fn answer(&self, mut run: Run) -> Answer {
        let content = match &mut run.output {
            Output::Completed { result, .. } => content::taken(result),
            Output::Running { .. } | Output::Error { .. } => Vec::new(),
        };
        Answer { content, ..Answer::of(&self.present(run)) }
    }

    fn unknown_tool(&self, name: &str) -> Misuse {
        let tools: Vec<_> = self.tools().iter().map(|tool| tool.name).collect();
        let tools_run = tools.last().copied().unwrap_or_default();
        // What a model gives may be of any length.
        let name = name.chars().take(100).collect();
        Misuse::UnknownTool { name, tools: tools.join(", "), tools_run }
    }
}

impl Answer {
    /// The answer of `execute`.
    pub(super) fn of(output: &Output) -> Self {
        let structured = json(output);
        let (text, content) = (structured.to_string(), Vec::new());
        Self { structured, text, content, is_error: matches!(output, Output::Error { .. }) }
    }

    /// About how many bytes it takes to keep.
    pub(crate) fn bytes(&self) -> usize {
        // The JSON is there as text and as a value.
        self.text.len() * 3 + self.content.iter().map(|block| block.to_string().len()).sum::<usize>()
    }
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
