//! What is answered to each request.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams, CompleteRequestParams,
    CompleteResult, CompletionInfo, GetPromptRequestParams, GetPromptResponse, GetPromptResult,
    GetTaskParams, GetTaskResult, Implementation, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, LoggingLevel, PaginatedRequestParams, ProtocolVersion,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, RequestStateCodec,
    ServerCapabilities, ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
    Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use rmcp::task_manager::TaskManager;
use rmcp::{ErrorData, ServerHandler};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;

use crate::offers::{Offer, Offers, fill};
use crate::rounds::{Brought, Outcome, Rounds};
use crate::tasks::{self, Kind};

/// A change that is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Tools,
    Prompts,
}

/// How many changes a slow subscription may be behind; the suite makes a handful.
const CHANGES: usize = 16;

/// What all connections share.
pub(crate) struct Shared {
    offers: Offers,
    newest: ProtocolVersion,
    codec: RequestStateCodec,
    tasks: TaskManager,
    changes: broadcast::Sender<Change>,
    /// Whether the lists have one thing more, by their change.
    has_more: [AtomicBool; 2],
}

impl Shared {
    pub(crate) fn new(newest: ProtocolVersion) -> Result<Self, Box<dyn std::error::Error>> {
        Ok(Self {
            offers: Offers::new()?,
            newest,
            codec: RequestStateCodec::try_new(b"a key that protects nothing but a test".to_vec())?,
            tasks: TaskManager::new(),
            changes: broadcast::channel(CHANGES).0,
            has_more: Default::default(),
        })
    }

    fn more(&self, change: Change) -> &AtomicBool {
        let [tools, prompts] = &self.has_more;
        if change == Change::Tools { tools } else { prompts }
    }
}

/// Answers one connection or, in the newer era over HTTP, one request.
pub(crate) struct Server {
    shared: Arc<Shared>,
    /// What a client of the older era wants to be told; everything until it says.
    level: Mutex<LoggingLevel>,
}

impl Server {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, level: Mutex::new(LoggingLevel::Debug) }
    }

    pub(crate) fn level(&self) -> Option<LoggingLevel> {
        Some(*self.level.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn tasks(&self) -> &TaskManager {
        &self.shared.tasks
    }

    /// Changes a list and says so.
    pub(crate) async fn change(&self, change: Change, context: &RequestContext<RoleServer>) {
        self.shared.more(change).fetch_xor(true, Ordering::Relaxed);
        // Nobody listens, or the client went away.
        let _ = self.shared.changes.send(change);
        if !is_newer_era(context) {
            let _ = match change {
                Change::Tools => context.peer.notify_tool_list_changed().await,
                Change::Prompts => context.peer.notify_prompt_list_changed().await,
            };
        }
    }

    fn rounds<'a, T>(&'a self, name: &'a str, offer: &'a Offer<T>) -> Rounds<'a> {
        let (rounds, is_sealed) = (&offer.rounds, offer.sealed);
        Rounds { offer: name, rounds, is_sealed, codec: &self.shared.codec }
    }

    fn tool(&self, name: &str) -> Option<&Offer<Tool>> {
        self.shared.offers.tools.iter().find(|offer| offer.definition.name == name)
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::default();
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_completions()
            .enable_logging()
            .enable_tasks()
            .build();
        info.capabilities = capabilities;
        info.protocol_version = self.shared.newest.clone();
        info.server_info = Implementation::new("conformance-server", env!("CARGO_PKG_VERSION"));
        info.instructions = Some("Made for the conformance suite.".to_owned());
        info
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(ProtocolVersion::known_up_to(&self.shared.newest))
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut tools: Vec<_> =
            self.shared.offers.tools.iter().map(|offer| offer.definition.clone()).collect();
        if self.shared.more(Change::Tools).load(Ordering::Relaxed) {
            let more =
                json!({ "name": "one_more", "description": "One more", "inputSchema": { "type": "object" } });
            tools.push(result(more)?);
        }
        Ok(ListToolsResult::with_all_items(tools))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tool(name).map(|offer| offer.definition.clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let offer = self
            .tool(&request.name)
            .ok_or_else(|| ErrorData::invalid_params(format!("there is no tool {}", request.name), None))?;
        let mut known = request.arguments.unwrap_or_default();
        known.insert("arguments".to_owned(), Value::Object(known.clone()));
        let is_task = Kind::of(&request.name).applies(&context)?;
        if !is_task || request.name == "test_tool_with_task" {
            let brought = Brought { responses: request.input_responses, state: request.request_state };
            match self.rounds(&request.name, offer).go_on(known, brought, &context).await? {
                Outcome::Known(more) => known = more,
                Outcome::Wanted(wanted) => return Ok(wanted.into()),
            }
        }
        if is_task {
            return Ok(self.start(offer, known));
        }
        self.act(&request.name, &context).await?;
        if request.name == "slow_compute" {
            tokio::select! {
                () = tasks::compute(&known) => {}
                () = context.ct.cancelled() => {}
            }
        }
        answer::<CallToolResult>(&offer.answer, &known).map(CallToolResponse::from)
    }

    async fn list_prompts(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut prompts: Vec<_> =
            self.shared.offers.prompts.iter().map(|offer| offer.definition.clone()).collect();
        if self.shared.more(Change::Prompts).load(Ordering::Relaxed) {
            prompts.push(result(json!({ "name": "one_more", "description": "One more" }))?);
        }
        Ok(ListPromptsResult::with_all_items(prompts))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let offer = self.shared.offers.prompts.iter().find(|offer| offer.definition.name == request.name);
        let offer = offer
            .ok_or_else(|| ErrorData::invalid_params(format!("there is no prompt {}", request.name), None))?;
        let known = request.arguments.unwrap_or_default();
        let brought = Brought { responses: request.input_responses, state: request.request_state };
        let known = match self.rounds(&request.name, offer).go_on(known, brought, &context).await? {
            Outcome::Known(known) => known,
            Outcome::Wanted(wanted) => return Ok(wanted.into()),
        };
        answer::<GetPromptResult>(&offer.answer, &known).map(GetPromptResponse::from)
    }

    async fn list_resources(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resources = self.shared.offers.resources.iter().map(|offer| offer.definition.clone()).collect();
        Ok(ListResourcesResult::with_all_items(resources))
    }

    async fn list_resource_templates(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = self.shared.offers.templates.iter().map(|offer| offer.definition.clone()).collect();
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let offers = &self.shared.offers;
        let fixed = offers.resources.iter().find(|offer| offer.definition.uri == request.uri);
        let (found, known) = if let Some(offer) = fixed {
            (&offer.answer, Map::new())
        } else {
            let made = offers.templates.iter().find_map(|offer| {
                let (before, after) = offer.definition.uri_template.split_once("{id}")?;
                let id = request.uri.strip_prefix(before)?.strip_suffix(after)?;
                Some((&offer.answer, Map::from_iter([("id".to_owned(), id.into())])))
            });
            made.ok_or_else(|| {
                ErrorData::resource_not_found("Resource not found", Some(json!({ "uri": request.uri })))
            })?
        };
        answer::<ReadResourceResult>(found, &known).map(ReadResourceResponse::from)
    }

    async fn complete(
        &self,
        _request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let values = CompletionInfo::new(vec!["test-1".to_owned(), "test-2".to_owned()]);
        Ok(CompleteResult::new(values.map_err(|error| ErrorData::internal_error(error, None))?))
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner) = request.level;
        Ok(())
    }

    async fn subscribe(
        &self,
        _request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.shared.changes.subscribe();
        loop {
            let change = tokio::select! {
                change = changes.recv() => change,
                () = context.cancelled() => return Ok(()),
            };
            // What was not asked for is refused by the sink, which is what is wanted.
            let _ = match change {
                Ok(Change::Tools) => context.sink().notify_tool_list_changed().await,
                Ok(Change::Prompts) => context.sink().notify_prompt_list_changed().await,
                Err(broadcast::error::RecvError::Lagged(_)) => continue,
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            };
        }
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        self.shared.tasks.get_task(&request.task_id).map(GetTaskResult::new)
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.shared.tasks.update_task(&request.task_id, request.input_responses)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.shared.tasks.cancel_task(&request.task_id)
    }
}

/// Whether the request is one of revision 2026-07-28 or later.
pub(crate) fn is_newer_era(context: &RequestContext<RoleServer>) -> bool {
    context
        .protocol_version()
        .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

/// An answer of `offers.json` with what is known in its place.
pub(crate) fn answer<T: DeserializeOwned>(
    answer: &Value,
    known: &Map<String, Value>,
) -> Result<T, ErrorData> {
    let mut answer = answer.clone();
    fill(&mut answer, known);
    if let Some(fields) = answer.as_object_mut() {
        // rmcp leaves it out again where the client is of the older era.
        fields.insert("resultType".to_owned(), "complete".into());
    }
    result(answer)
}

/// Data as the type that rmcp sends.
pub(crate) fn result<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}
