//! Long work as a task (the extension `io.modelcontextprotocol/tasks`, SEP-2663): the client asks how it is, answers what
//! comes up, and cancels it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rmcp::model::{
    CallToolResult, CancelTaskParams, CreateTaskResult, DetailedTask, ErrorData, GetTaskParams, ServerResult,
    UpdateTaskParams,
};
use rmcp::task_manager::{TaskContext, TaskExit, TaskManager, TaskOptions};

use super::asking::Ask;
use super::client::Client;
use super::exchange::Exchange;
use super::told::Told;
use crate::bounds::{Bounded, Full};

/// How long a task may take, and how long it can be asked for after its end.
const KEPT_FOR: Duration = Duration::from_secs(30 * 60);

/// How many tasks there may be, and of one principal: each may hold an isolate while it runs, and a result after that.
const MAX_OF_PRINCIPAL: usize = 64;
const MAX: usize = 512;

/// How often a client should ask.
const POLL_INTERVAL_MS: u64 = 1_000;

/// The tasks of all principals.
pub(crate) struct Tasks {
    manager: TaskManager,
    /// Whose they are.
    owners: Mutex<Bounded<()>>,
}

impl Tasks {
    pub(super) fn new() -> Self {
        // A task that has ended can be asked for as long again.
        let owners = Mutex::new(Bounded::new(MAX, MAX_OF_PRINCIPAL, KEPT_FOR * 2));
        Self { manager: TaskManager::new(), owners }
    }

    /// Makes a task of work.
    ///
    /// # Errors
    ///
    /// The work, where there are too many.
    pub(super) fn begin(
        &self,
        client: &Client,
        exchange: Exchange,
    ) -> Result<CreateTaskResult, Full<Exchange>> {
        let ttl_ms = u64::try_from(KEPT_FOR.as_millis()).unwrap_or(u64::MAX);
        let options = TaskOptions::new().with_ttl_ms(ttl_ms).with_poll_interval_ms(POLL_INTERVAL_MS);
        let mut owners = self.owners();
        if !owners.has_room(client.principal.name()) {
            return Err(Full(exchange));
        }
        let task = self.manager.spawn(options, |context| Box::pin(run(context, exchange)));
        let _ = owners.add_as(client.principal.name(), &task.task_id, ());
        Ok(CreateTaskResult::new(task))
    }

    pub(super) fn get(&self, client: &Client, params: &GetTaskParams) -> Result<DetailedTask, ErrorData> {
        self.check(client, &params.task_id)?;
        self.manager.get_task(&params.task_id)
    }

    pub(super) fn update(&self, client: &Client, params: UpdateTaskParams) -> Result<(), ErrorData> {
        self.check(client, &params.task_id)?;
        self.manager.update_task(&params.task_id, params.input_responses)
    }

    pub(super) fn cancel(&self, client: &Client, params: &CancelTaskParams) -> Result<(), ErrorData> {
        self.check(client, &params.task_id)?;
        self.manager.cancel_task(&params.task_id)
    }

    /// Whether there is such a task for this principal. Another's is as unknown as one that never was.
    fn check(&self, client: &Client, id: &str) -> Result<(), ErrorData> {
        let unknown = || ErrorData::invalid_params("there is no such task", None);
        self.owners().get(client.principal.name(), id).copied().ok_or_else(unknown)
    }

    fn owners(&self) -> MutexGuard<'_, Bounded<()>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does the work of a task.
async fn run(context: TaskContext, exchange: Exchange) -> Result<CallToolResult, TaskExit> {
    let Exchange { mut work, mut raised, stop, .. } = exchange;
    let tellings = Arc::clone(&raised.tellings);
    tellings.all_progress();
    let mut asked: Vec<Ask> = raised.unasked().collect();
    let mut count = 0;
    let mut answering = FuturesUnordered::new();
    loop {
        for ask in asked.drain(..) {
            count += 1;
            answering.push(answered(&context, format!("question-{count}"), ask));
        }
        tokio::select! {
            biased;
            result = &mut work => {
                return match result {
                    _ if stop.is_cancelled() => Err(TaskExit::Cancelled),
                    Ok(ServerResult::CallToolResult(result)) => Ok(result),
                    Ok(_) => Err(ErrorData::internal_error("the result is of another kind; this is our bug", None).into()),
                    Err(error) => Err(error.into()),
                };
            }
            Some(()) = answering.next() => {}
            Some(ask) = raised.next() => asked.push(ask),
            told = tellings.next() => {
                if let Told::Progress { message: Some(message), .. } = told {
                    context.set_status_message(message);
                }
            }
            () = context.cancelled(), if !stop.is_cancelled() => stop.cancel(),
        }
    }
}

/// Asks until there is an answer, or nobody waits for it any more.
async fn answered(context: &TaskContext, key: String, mut ask: Ask) {
    let Some(request) = ask.input_request() else { return };
    let response = tokio::select! {
        response = context.request_input(key, request) => response,
        () = ask.closed() => return,
    };
    if let Ok(response) = response {
        ask.answer(&response);
    }
}
