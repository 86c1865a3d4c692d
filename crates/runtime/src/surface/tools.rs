//! The tools that a model is given, and the text that goes with them.

use std::sync::{Arc, PoisonError};

use codemode_catalog::{Annotations, Catalog};
use serde::Serialize;
use serde_json::Value;

use super::{Shape, inline, schemas, words};
use crate::Runtime;
use crate::registry::Registry;

/// The names of the tools.
pub(super) const SEARCH: &str = "search";
pub(super) const DOCS: &str = "docs";
pub(super) const EXECUTE: &str = "execute";
pub(super) const SINGLE: &str = "codemode";

/// All of them, in whatever shape, and what else may come to be: no other tool beside them bears such a name.
pub(crate) const OWN_NAMES: [&str; 4] = [SEARCH, EXECUTE, SINGLE, "docs"];

/// A tool that a model is given. As JSON it is a tool of an MCP server: `{name, title, description, inputSchema,
/// outputSchema, annotations}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelTool {
    /// What a model calls it by: `search`, `docs`, `execute` or `codemode`.
    pub name: &'static str,
    /// A name for people.
    pub title: &'static str,
    /// What it does and how to use it, for the model.
    pub description: String,
    /// JSON Schema of its arguments.
    pub input_schema: Value,
    /// JSON Schema of its answer.
    pub output_schema: Value,
    /// What a call does, as clients ask a person about it.
    pub annotations: Annotations,
}

/// What is made once a catalog.
pub(super) struct Made {
    catalog: Arc<Catalog>,
    tools: Arc<[ModelTool]>,
    system_prompt: String,
    inlined: bool,
}

impl Runtime {
    /// The tools to give a model: three at most, whatever the size of the catalog; none where everything is [passed
    /// on](Self::passed_on). They are the same, to the byte, until a
    /// connector's tools change. [`call`](Self::call) answers them.
    ///
    /// An agent is a loop around the two, whatever speaks to the model:
    ///
    /// ```
    /// use codemode::Runtime;
    /// use serde_json::{Value, json};
    ///
    /// /// Stands for a client of a model's API: it writes one program, then answers from what came back.
    /// fn complete(request: &Value) -> Value {
    ///     assert!(request["tools"].to_string().contains("declare namespace host"));
    ///     match request["messages"].as_array().and_then(|messages| messages.last()) {
    ///         Some(last) if last["role"] == "tool" => json!({ "text": format!("It said {}", last["content"]["result"]) }),
    ///         _ => json!({ "tool": "execute", "arguments": { "code": "return (await host.add({ a: 1, b: 2 })).sum" } }),
    ///     }
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let numbers = json!({
    ///     "type": "object",
    ///     "properties": { "a": { "type": "number" }, "b": { "type": "number" } },
    ///     "required": ["a", "b"],
    /// });
    /// let add = |input: Value| async move {
    ///     let sum = input["a"].as_f64().zip(input["b"].as_f64()).map(|(a, b)| a + b);
    ///     Ok::<_, String>(json!({ "sum": sum }))
    /// };
    /// let runtime = Runtime::builder().tool("add", "Adds two numbers", numbers, add).build().await?;
    ///
    /// let mut messages = vec![
    ///     json!({ "role": "system", "content": runtime.system_prompt() }),
    ///     json!({ "role": "user", "content": "What is 1 + 2?" }),
    /// ];
    /// let text = loop {
    ///     let reply = complete(&json!({ "tools": runtime.tools(), "messages": messages }));
    ///     let Some(tool) = reply["tool"].as_str() else { break reply["text"].clone() };
    ///     let content = match runtime.call(tool, reply["arguments"].clone()).await {
    ///         Ok(answer) => answer.structured,
    ///         Err(misuse) => json!(misuse.to_string()), // says what would be right
    ///     };
    ///     messages.push(json!({ "role": "tool", "content": content }));
    /// };
    /// assert_eq!(text, "It said 3");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tools(&self) -> Vec<ModelTool> {
        self.made().tools.to_vec()
    }

    /// The same without a copy: as long as none of them changes, it is the same list in memory. What may have changed it is
    /// told by [`listed`](Self::listed).
    pub fn shared_tools(&self) -> Arc<[ModelTool]> {
        Arc::clone(&self.made().tools)
    }

    /// What to add to the system prompt of a model that is given [`tools`](Self::tools).
    pub fn system_prompt(&self) -> String {
        self.made().system_prompt.clone()
    }

    fn made(&self) -> Arc<Made> {
        let registry = self.registry();
        let mut kept = self.inner.surface.made.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(made) if Arc::ptr_eq(&made.catalog, &registry.catalog) => Arc::clone(made),
            before => {
                let mut made = self.make(&registry, before.as_ref().map(|made| made.inlined));
                if let Some(before) = before.as_ref().filter(|before| before.tools == made.tools) {
                    made.tools = Arc::clone(&before.tools);
                }
                let made = Arc::new(made);
                *kept = Some(Arc::clone(&made));
                made
            }
        }
    }

    /// `before` says whether declarations were inlined until now, if that was decided.
    fn make(&self, registry: &Registry, before: Option<bool>) -> Made {
        let declarations = match self.inner.surface.options.shape {
            Shape::Auto | Shape::Hybrid => self.inlined(registry, before),
            Shape::Pair | Shape::Single | Shape::Passthrough => None,
        };
        let catalog = Arc::clone(&registry.catalog);
        let (tools, system_prompt) = match (&declarations, self.inner.surface.options.shape) {
            (Some(declarations), _) => (
                vec![self.execute(words::execute_inlined(declarations))],
                words::system_prompt(words::FIND_INLINED, EXECUTE),
            ),
            (None, Shape::Single) => (
                vec![ModelTool {
                    name: SINGLE,
                    input_schema: schemas::single_input(),
                    ..self.execute(words::single(&catalog))
                }],
                words::system_prompt(words::FIND_SINGLE, SINGLE),
            ),
            (None, Shape::Passthrough) => (Vec::new(), words::upstreams(&catalog)),
            (None, Shape::Auto | Shape::Pair | Shape::Hybrid) => (
                vec![search(), self.execute(words::execute(&catalog))],
                words::system_prompt(words::FIND_PAIR, EXECUTE),
            ),
        };
        let mut tools: Vec<ModelTool> = tools;
        if tools.iter().any(|tool| tool.name == EXECUTE) && self.inner.docs.is_worth_searching(&catalog) {
            // The tool that runs programs is the last.
            tools.insert(tools.len() - 1, docs());
        }
        Made { catalog, tools: tools.into(), system_prompt, inlined: declarations.is_some() }
    }

    /// All declarations, if they are to be inlined.
    fn inlined(&self, registry: &Registry, before: Option<bool>) -> Option<String> {
        let surface = &self.inner.surface;
        let file = surface.file.as_deref();
        let before = before.unwrap_or_else(|| file.is_some_and(inline::recall));
        let declarations = inline::inlined(registry, surface.options.inline_tokens, before);
        if let Some(file) = file.filter(|_| before != declarations.is_some()) {
            inline::remember(file, declarations.is_some());
        }
        declarations
    }

    fn execute(&self, description: String) -> ModelTool {
        ModelTool {
            name: EXECUTE,
            title: "Run a program",
            description,
            input_schema: schemas::execute_input(self.max_timeout_ms()),
            output_schema: schemas::execute_output(),
            annotations: Annotations { destructive: Some(true), ..Annotations::default() },
        }
    }

    /// The wall time that a model may ask for is the one that the operator allows.
    pub(super) fn max_timeout_ms(&self) -> u64 {
        u64::try_from(self.inner.limits.wall.as_millis()).unwrap_or(u64::MAX).max(1)
    }
}

fn docs() -> ModelTool {
    ModelTool {
        name: DOCS,
        title: "Search documentation",
        description: words::DOCS.to_owned(),
        input_schema: schemas::docs_input(),
        output_schema: schemas::docs_output(),
        annotations: Annotations { read_only: Some(true), ..Annotations::default() },
    }
}

fn search() -> ModelTool {
    ModelTool {
        name: SEARCH,
        title: "Find tools",
        description: words::SEARCH.to_owned(),
        input_schema: schemas::search_input(),
        output_schema: schemas::search_output(),
        annotations: Annotations { read_only: Some(true), ..Annotations::default() },
    }
}
