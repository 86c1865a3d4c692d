//! One request on its way to its upstream: whose it is, and whether it may be sent.

use std::sync::Arc;
use std::time::Duration;

use codemode_connect::{Call, CallError, Connector, Delivery, Error, Relay, RelayError, Reply};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::call::{self, Refused};
use crate::policy::Arguments;
use crate::registry::Registry;
use crate::{Runtime, Shape};

/// JSON-RPC's code for parameters that are not what they have to be; MCP's for what there is not.
const INVALID_PARAMS: i32 = -32602;

/// JSON-RPC's code for a method that there is not.
const METHOD_NOT_FOUND: i32 = -32601;

/// JSON-RPC's first code of a server's own: what may not be done.
const DENIED: i32 = -32000;

/// What a client says that lets a call become a task.
const TASKS: &str = "io.modelcontextprotocol/tasks";

/// How long telling an upstream how much to log may take: it has nothing to do for it.
const TELLING: Duration = Duration::from_secs(5);

/// What there is nobody for.
const NOBODY: &str = "nobody here has it";

impl Runtime {
    /// Sends on a request for what is [passed on](Self::passed_on), under the names it has here: `tools/call`, `prompts/get`,
    /// `resources/read`, `completion/complete`, `logging/setLevel`, and those of tasks. Lists are
    /// [`passed_on`](Self::passed_on) and [`passed_on_offer`](Self::passed_on_offer), subscriptions
    /// [`subscribe`](Self::subscribe). It may take as long as a program's call, or less if it says so.
    ///
    /// A tool that policy denies, that has changed unnoticed, or whose call a person would have to approve, is not called: the
    /// result says so, as an error of the tool. A tool of what is no MCP server is called all the same, with a result made of
    /// what it brought.
    ///
    /// # Errors
    ///
    /// The upstream's own, and [`RelayError::Refused`] for what is not there (-32602), not sent on (-32601) or denied (-32000).
    pub async fn pass_on_request(&self, mut relay: Relay) -> Result<Value, RelayError> {
        relay.timeout = relay.timeout.min(self.inner.limits.call);
        self.refresh_if_changed().await;
        let registry = self.registry();
        let only = self.whose_tasks_pass(&registry);
        if let (None, Some(capabilities)) = (&only, &mut relay.capabilities)
            && let Some(Value::Object(extensions)) = capabilities.get_mut("extensions")
        {
            // It would begin one that nobody can be asked about.
            extensions.shift_remove(TASKS);
        }
        match relay.method.as_str() {
            "tools/call" => return self.pass_on_call(&registry, relay).await,
            _ if self.inner.surface.options().shape != Shape::Passthrough => {}
            "prompts/get" => return self.pass_on_prompt(&registry, relay).await,
            "resources/read" => return self.pass_on_read(&registry, relay).await,
            "completion/complete" => return self.pass_on_completion(&registry, relay).await,
            "logging/setLevel" => return self.pass_on_level(&registry, relay).await,
            "tasks/get" | "tasks/update" | "tasks/cancel" | "tasks/list" | "tasks/result" => {
                if let Some(only) = only {
                    return only.relay(relay).await;
                }
            }
            _ => {}
        }
        let message = format!("{} is not sent on", relay.method);
        Err(RelayError::Refused { code: METHOD_NOT_FOUND, message, data: None })
    }

    /// The connector whose tasks a client can ask about: an id says nothing of whose it is, so there may be no other.
    fn whose_tasks_pass(&self, registry: &Registry) -> Option<Arc<dyn Connector>> {
        let mut members = registry.members_in_order().map(|(_, member)| &member.connector);
        match (self.inner.surface.options().shape, members.next(), members.next()) {
            (Shape::Passthrough, Some(only), None) => Some(Arc::clone(only)),
            _ => None,
        }
    }

    async fn pass_on_call(&self, registry: &Arc<Registry>, mut relay: Relay) -> Result<Value, RelayError> {
        let passed = self.passed_on_tools(registry);
        let name = text(&relay.params, "name")?.to_owned();
        let Some((connector, tool)) = passed.find(&name) else {
            let message = format!("Unknown tool: {name}");
            return Err(RelayError::Refused { code: INVALID_PARAMS, message, data: None });
        };
        let found = registry.own(connector, tool).map_err(|unknown| refused(unknown.message))?;
        let arguments = relay.params.get("arguments").cloned().unwrap_or_else(|| json!({}));
        if let Err(refused) = call::judge(registry, found, &arguments) {
            return Ok(failed(&refused.rejection.message));
        }
        let Some(member) = registry.member(connector) else { return Err(unavailable(connector)) };
        let upstream = Arc::clone(&member.connector);
        relay.params.insert("name".to_owned(), json!(tool));
        let mut call = Call::new(tool, arguments, relay.timeout);
        (call.label, call.caller) = (relay.label.clone(), relay.caller.clone());
        match upstream.relay(relay).await {
            Err(RelayError::Failed(CallError::Connector {
                error: Error::Unsupported { .. },
                delivery: Delivery::NotSent,
            })) => Ok(called(&*upstream, call).await),
            answer => answer,
        }
    }

    async fn pass_on_prompt(&self, registry: &Arc<Registry>, mut relay: Relay) -> Result<Value, RelayError> {
        let looking = Looking::new(relay.timeout);
        let prompt = text(&relay.params, "name")?.to_owned();
        let found = self.owner_of_prompt(registry, &prompt, looking.each).await;
        let (owner, own) = found.ok_or_else(|| unknown("prompt", &prompt))?;
        relay.timeout = looking.left();
        let arguments = relay.params.get("arguments").cloned().unwrap_or_else(|| json!({}));
        self.judge_question(
            registry,
            &owner,
            "prompts.get",
            &json!({ "name": own, "arguments": arguments }),
        )?;
        relay.params.insert("name".to_owned(), json!(own));
        send(registry, &owner, relay).await
    }

    async fn pass_on_read(&self, registry: &Arc<Registry>, mut relay: Relay) -> Result<Value, RelayError> {
        let looking = Looking::new(relay.timeout);
        let uri = text(&relay.params, "uri")?.to_owned();
        let owner = self.owner_of_resource(registry, &uri, looking.each).await;
        let owner = owner.ok_or_else(|| unknown_resource(&uri))?;
        relay.timeout = looking.left();
        self.judge_question(registry, &owner, "resources.read", &json!({ "uri": uri }))?;
        send(registry, &owner, relay).await
    }

    async fn pass_on_completion(
        &self,
        registry: &Arc<Registry>,
        mut relay: Relay,
    ) -> Result<Value, RelayError> {
        let Some(Value::Object(about)) = relay.params.get("ref") else {
            return Err(RelayError::Refused {
                code: INVALID_PARAMS,
                message: "ref is missing".to_owned(),
                data: None,
            });
        };
        let looking = Looking::new(relay.timeout);
        let mut about = about.clone();
        let (owner, function, asked) = if about.contains_key("uri") {
            let uri = text(&about, "uri")?.to_owned();
            let owner = self.owner_of_resource(registry, &uri, looking.each).await;
            let owner = owner.ok_or_else(|| unknown_resource(&uri))?;
            (owner, "resources.read", json!({ "uri": uri }))
        } else {
            let prompt = text(&about, "name")?.to_owned();
            let found = self.owner_of_prompt(registry, &prompt, looking.each).await;
            let (owner, own) = found.ok_or_else(|| unknown("prompt", &prompt))?;
            about.insert("name".to_owned(), json!(own));
            (owner, "prompts.get", json!({ "name": own }))
        };
        relay.timeout = looking.left();
        self.judge_question(registry, &owner, function, &asked)?;
        relay.params.insert("ref".to_owned(), about.into());
        send(registry, &owner, relay).await
    }

    /// Every upstream that logs is told, all at once. One that cannot be told costs nobody the others' logs.
    async fn pass_on_level(&self, registry: &Arc<Registry>, mut relay: Relay) -> Result<Value, RelayError> {
        relay.timeout = relay.timeout.min(TELLING);
        let mut telling = JoinSet::new();
        for (_, member) in registry.members_in_order() {
            if member.connector.capabilities().contains_key("logging") {
                let (connector, relay) = (Arc::clone(&member.connector), relay.clone());
                telling.spawn(async move { drop(connector.relay(relay).await) });
            }
        }
        while telling.join_next().await.is_some() {}
        Ok(json!({}))
    }

    /// Whether policy allows what is no call of a tool.
    pub(super) fn judge_question(
        &self,
        registry: &Registry,
        connector: &str,
        function: &str,
        asked: &Value,
    ) -> Result<(), RelayError> {
        let policy = registry.policy_of_question(connector, function);
        call::judged_question(&format!("{connector}.{function}"), &policy, Arguments::Are(asked, &[]))
            .map_err(|refusal: Box<Refused>| refused(refusal.rejection.message))
    }
}

/// The time of a request, of which finding out whose it is takes a part.
pub(super) struct Looking {
    began: Instant,
    timeout: Duration,
    /// How long a list may take to read. Two are read one after the other, and then there is as much left for the request.
    pub(super) each: Duration,
}

impl Looking {
    pub(super) fn new(timeout: Duration) -> Self {
        Self { began: Instant::now(), timeout, each: timeout / 3 }
    }

    /// What is left.
    pub(super) fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.began.elapsed())
    }
}

async fn send(registry: &Registry, connector: &str, relay: Relay) -> Result<Value, RelayError> {
    let Some(member) = registry.member(connector) else { return Err(unavailable(connector)) };
    member.connector.relay(relay).await
}

/// A call of what is no MCP server, as MCP has its result.
async fn called(connector: &dyn Connector, call: Call) -> Value {
    match connector.call(call).await {
        Ok(Reply { value, .. }) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let mut result = json!({ "content": [{ "type": "text", "text": text }] });
            if let (Value::Object(_), Some(result)) = (&value, result.as_object_mut()) {
                result.insert("structuredContent".to_owned(), value);
            }
            result
        }
        Err(error) => failed(&error.to_string()),
    }
}

/// What a tool says that was not called, or failed.
fn failed(why: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": why }], "isError": true })
}

fn text<'a>(params: &'a Map<String, Value>, key: &str) -> Result<&'a str, RelayError> {
    params.get(key).and_then(Value::as_str).ok_or_else(|| RelayError::Refused {
        code: INVALID_PARAMS,
        message: format!("{key} is missing, or no string"),
        data: None,
    })
}

fn refused(message: String) -> RelayError {
    RelayError::Refused { code: DENIED, message, data: None }
}

fn unknown(kind: &str, name: &str) -> RelayError {
    RelayError::Refused {
        code: INVALID_PARAMS,
        message: format!("Unknown {kind}: {name}: {NOBODY}"),
        data: None,
    }
}

pub(super) fn unknown_resource(uri: &str) -> RelayError {
    let (message, data) = (format!("Resource not found: {uri}: {NOBODY}"), Some(json!({ "uri": uri })));
    RelayError::Refused { code: INVALID_PARAMS, message, data }
}

pub(super) fn unavailable(connector: &str) -> RelayError {
    refused(format!("{connector} is not connected"))
}
