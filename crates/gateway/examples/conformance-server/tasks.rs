//! Tools that go on as tasks where the client knows them (extension `io.modelcontextprotocol/tasks`).

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{
    CallToolResponse, CallToolResult, ClientCapabilities, CreateTaskResult, InputRequest, Task, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::task_manager::{TaskContext, TaskExit, TaskFuture, TaskOptions};
use serde_json::{Map, Value};

use crate::offers::{Offer, fill};
use crate::server::{self, Server, result};

/// How often a client should ask.
const POLL_MS: u64 = 100;

/// How long the task takes that fails.
const FAILS_AFTER: Duration = Duration::from_millis(200);

/// Whether a tool goes on as a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Never,
    /// Where the client knows tasks.
    Where,
    /// A client that knows no tasks cannot call it.
    Always,
}

impl Kind {
    pub(crate) fn of(tool: &str) -> Self {
        match tool {
            "failing_job" | "test_tool_with_task" => Self::Always,
            "slow_compute" | "protocol_error_job" | "confirm_delete" | "multi_input" => Self::Where,
            _ => Self::Never,
        }
    }

    /// Whether this request becomes a task.
    pub(crate) fn applies(self, context: &RequestContext<RoleServer>) -> Result<bool, ErrorData> {
        let is_declared = context.client_capabilities().is_some_and(|declared| declared.supports_tasks());
        if self == Self::Always && !is_declared {
            let required = ClientCapabilities::builder().enable_tasks().build();
            return Err(ErrorData::missing_required_client_capability(required));
        }
        Ok(self != Self::Never && is_declared)
    }
}

impl Server {
    /// Starts the task.
    pub(crate) fn start(&self, offer: &Offer<Tool>, known: Map<String, Value>) -> CallToolResponse {
        let options = TaskOptions::new().with_poll_interval_ms(POLL_MS);
        let (name, answer) = (offer.definition.name.to_string(), offer.answer.clone());
        // What was asked before the task began is known; what is asked as a part of it is not.
        let rounds = if known.contains_key("responses") { Vec::new() } else { offer.rounds.clone() };
        let task: Task = self.tasks().spawn(options, move |context| -> TaskFuture {
            Box::pin(async move {
                let mut known = known;
                for round in rounds {
                    ask(round, &mut known, &context).await?;
                }
                work(&name, &known, &context).await?;
                server::answer::<CallToolResult>(&answer, &known).map_err(TaskExit::Error)
            })
        });
        CreateTaskResult::new(task).into()
    }
}

/// What takes time.
pub(crate) async fn compute(known: &Map<String, Value>) {
    let seconds = known.get("seconds").and_then(Value::as_f64).unwrap_or_default();
    tokio::time::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default()).await;
}

async fn work(tool: &str, known: &Map<String, Value>, context: &TaskContext) -> Result<(), TaskExit> {
    match tool {
        "slow_compute" => tokio::select! {
            () = compute(known) => Ok(()),
            () = context.cancelled() => Err(TaskExit::Cancelled),
        },
        "failing_job" => {
            tokio::time::sleep(FAILS_AFTER).await;
            Ok(())
        }
        "protocol_error_job" => Err(ErrorData::internal_error("this task always breaks", None).into()),
        _ => Ok(()),
    }
}

/// Asks everything of a round at once; the answers may come one by one.
async fn ask(
    round: Map<String, Value>,
    known: &mut Map<String, Value>,
    context: &TaskContext,
) -> Result<(), TaskExit> {
    let mut asked = Vec::new();
    for (key, mut request) in round {
        fill(&mut request, known);
        asked.push(context.request_input(key, result::<InputRequest>(request)?));
    }
    let answers = futures_util::future::try_join_all(asked).await?;
    known.insert("responses".to_owned(), answers.into());
    Ok(())
}
