//! What is answered to each request.

#![expect(deprecated, reason = "clients know logging for some time yet")]

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use codemode::Shape;
use codemode::connect::Offer;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CompleteRequestParams, CompleteResult,
    CreateTaskResult, CustomRequest, CustomResult, DiscoverResult, ErrorCode, ErrorData,
    GetPromptRequestParams, GetPromptResponse, GetPromptResult, GetTaskParams, GetTaskResult, Implementation,
    InitializeRequestParams, InitializeResult, InputRequiredResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ServerConfig, ServerResult,
    SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
    UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, SubscriptionContext};
use serde_json::Value;

use super::client::{Era, level};
use super::principal::asking;
use super::states::{Kept, RequestDigest};
use super::{Server, capabilities, changes, relay, surface, unread};

/// Methods whose parameters are judged before they get here: a request of one that is of no known shape has wrong parameters.
const METHODS: &[&str] = &[
    "completion/complete",
    "logging/setLevel",
    "prompts/get",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/update",
    "tools/call",
];

/// Those of them that the newer era does not have.
const OLD_METHODS: &[&str] = &["logging/setLevel", "resources/subscribe", "resources/unsubscribe"];

impl ServerHandler for Server {
    /// Without what depends on who asks.
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::default();
        info.capabilities = capabilities::all();
        info.server_info = Implementation::new("codemode", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let mut result = self.negotiate_initialize(&request)?;
        let principal = self.principal(&context.extensions)?;
        result.capabilities = relay::capabilities(&principal, capabilities::own()).await;
        // What clients of this era do not know.
        result.capabilities.extensions = None;
        result.instructions = capabilities::instructions(&principal);
        Ok(result)
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let mut info = self.get_info();
        let principal = self.principal(&context.extensions)?;
        info.capabilities = relay::capabilities(&principal, capabilities::own()).await;
        info.instructions = capabilities::instructions(&principal);
        Ok(DiscoverResult::from_server_info(self.supported_protocol_versions().into_owned(), info))
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        if self.greeted.swap(true, Ordering::Relaxed) {
            return;
        }
        let (principal, peer) = (self.principal(&context.extensions), context.peer.clone());
        // This goes on for as long as the session does; what came with the message, and what is held with it, ends here.
        drop(context);
        if let Ok(principal) = principal {
            let subscriptions = Arc::clone(&self.subscriptions);
            changes::tell_session(principal, peer, subscriptions, self.gone.clone()).await;
        }
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        *self.log_level.lock().unwrap_or_else(PoisonError::into_inner) = Some(level(request.level));
        let client = self.client(&context)?;
        if client.principal.runtime().shape() == Shape::Passthrough {
            let params = relay::params(&request, &context.meta);
            self.pass_on(&client, "logging/setLevel", params).await?;
        }
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let mut accepted = SubscriptionFilter::new();
        accepted.tools_list_changed = requested.tools_list_changed;
        // Where nothing but tools is passed on, nothing of these ever changes.
        accepted.prompts_list_changed = requested.prompts_list_changed;
        accepted.resources_list_changed = requested.resources_list_changed;
        accepted.resource_subscriptions.clone_from(&requested.resource_subscriptions);
        Some(accepted)
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let principal = self.principal(&subscription.request_context().extensions)?;
        changes::tell_listener(principal, subscription, self.gone.clone()).await
    }

    /// For the headers that repeat parameters, which rmcp holds against the tool's schema.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        match &self.local {
            Some(principal) => surface::tool(principal, name),
            None => asking(|principal| surface::tool(principal, name)).flatten(),
        }
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        surface::list(&self.client(&context)?)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let client = self.client(&context)?;
        let _begun = self.begun(&client)?;
        if relay::is_passed_on(&client.principal, &request.name) {
            let params = relay::params(&request, &context.meta);
            let result = self.pass_on(&client, "tools/call", params).await?;
            return match result.get("resultType").and_then(Value::as_str) {
                Some("input_required") => relay::typed::<InputRequiredResult>(result).map(Into::into),
                Some("task") => relay::typed::<CreateTaskResult>(result).map(Into::into),
                _ => relay::called(result).map(Into::into),
            };
        }
        let arguments = request.arguments.map_or(Value::Null, Value::Object);
        // Only a request that may come again has to be told from others.
        let comes_again = client.era == Era::Stateless && client.answers();
        let digest = comes_again.then(|| RequestDigest::of("tools/call", &request.name, &arguments));
        let digest = digest.unwrap_or_default();
        let exchange = match request.request_state {
            Some(state) => match self.shared.states.take(&client, digest, &state)? {
                Kept::Exchange(mut waiting) => {
                    waiting.raised.answer(&request.input_responses.unwrap_or_default());
                    *waiting
                }
                Kept::Upstream(_) => {
                    surface::begin(&self.shared, &client, request.name.into_owned(), arguments)
                }
            },
            None => surface::begin(&self.shared, &client, request.name.into_owned(), arguments),
        };
        let mut exchange = Some(exchange);
        let patience = client.takes_tasks().then_some(self.shared.options.wait);
        match self.drive(&client, digest, &mut exchange, patience).await? {
            ServerResult::CallToolResult(result) => {
                if let Some(exchange) = exchange {
                    surface::keep(&self.shared, &client, exchange, &result);
                }
                Ok(result.into())
            }
            ServerResult::InputRequiredResult(result) => Ok(result.into()),
            ServerResult::CreateTaskResult(result) => Ok(result.into()),
            _ => Err(ErrorData::internal_error("the result is of another kind; this is our bug", None)),
        }
    }

    async fn list_resources(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        relay::typed(relay::list(&self.client(&context)?, Offer::Resources, "resources").await)
    }

    async fn list_resource_templates(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        relay::typed(relay::list(&self.client(&context)?, Offer::Templates, "resourceTemplates").await)
    }

    async fn list_prompts(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        relay::typed(relay::list(&self.client(&context)?, Offer::Prompts, "prompts").await)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let result = self.passed_on("resources/read", &request, &context).await?;
        match result.get("resultType").is_some_and(|kind| kind == "input_required") {
            true => relay::typed::<InputRequiredResult>(result).map(Into::into),
            false => relay::typed::<ReadResourceResult>(result).map(Into::into),
        }
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let result = self.passed_on("prompts/get", &request, &context).await?;
        match result.get("resultType").is_some_and(|kind| kind == "input_required") {
            true => relay::typed::<InputRequiredResult>(result).map(Into::into),
            false => relay::typed::<GetPromptResult>(result).map(Into::into),
        }
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        relay::typed(self.passed_on("completion/complete", &request, &context).await?)
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let client = self.client(&context)?;
        relay::only_passed_on(&client, "resources/subscribe")?;
        self.subscriptions.add(client.principal.runtime(), request.uri).await.map_err(relay::refusal)
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        relay::only_passed_on(&self.client(&context)?, "resources/unsubscribe")?;
        self.subscriptions.remove(&request.uri);
        Ok(())
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let client = self.client(&context)?;
        if relay::is_task_passed_on(&self.shared, &client, &request.task_id) {
            return relay::typed(
                self.pass_on(&client, "tasks/get", relay::params(&request, &context.meta)).await?,
            );
        }
        Ok(GetTaskResult::new(self.shared.tasks.get(&client, &request)?))
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let client = self.client(&context)?;
        if relay::is_task_passed_on(&self.shared, &client, &request.task_id) {
            let params = relay::params(&request, &context.meta);
            return self.pass_on(&client, "tasks/update", params).await.map(drop);
        }
        self.shared.tasks.update(&client, request)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let client = self.client(&context)?;
        if relay::is_task_passed_on(&self.shared, &client, &request.task_id) {
            let params = relay::params(&request, &context.meta);
            return self.pass_on(&client, "tasks/cancel", params).await.map(drop);
        }
        self.shared.tasks.cancel(&client, &request)
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let client = self.client(&context)?;
        if let Some(params) = unread::read(&request, &context.meta, &client.principal) {
            let result = self.answer_unread(&client, &request.method, params).await?;
            return Ok(CustomResult::new(result));
        }
        let method: String = request.method.chars().take(128).collect();
        let is_gone = client.era == Era::Stateless && OLD_METHODS.contains(&method.as_str());
        if METHODS.contains(&method.as_str()) && !is_gone {
            let message = format!("the parameters are not those of {method}");
            return Err(ErrorData::invalid_params(message, None));
        }
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("there is no method {method}"), None))
    }
}
