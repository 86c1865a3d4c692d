//! One tool call on its way out: find the tool, decode and check the arguments, ask the policy. What comes through is
//! exactly what is sent.

use std::fmt;
use std::sync::Arc;

use codemode_catalog::{Path, Tool, single_required};
use codemode_connect::{self as connect, CallError, Caller, Connector, Delivery, Problem, Query, Reply};
use codemode_isolate::{Json, Kind, Rejection, Request};
use serde_json::{Map, Value};

use crate::ask::{self, Asked};
use crate::learned::MAX_OBSERVED_BYTES;
use crate::pins;
use crate::policy::{Arguments, Decision, ToolPolicy};
use crate::registry::{NotFound, Registered, Registry};
use crate::{CallOutcome, Verdict};

/// A call that may be sent, once it is approved where it has to be.
pub(crate) struct Prepared {
    pub(crate) path: String,
    /// Why a person has to approve it first.
    pub(crate) approval: Option<String>,
    connector: Arc<dyn Connector>,
    work: Work,
    learning: Option<Learning>,
}

/// How a call is sent.
pub(crate) struct Sending {
    pub(crate) timeout: std::time::Duration,
    /// The most bytes of what a program is given.
    pub(crate) max_bytes: usize,
    /// Who is asked and told what comes up in the middle of it.
    pub(crate) caller: Option<Arc<dyn Caller>>,
    /// What it is known by there.
    pub(crate) label: String,
}

/// What is sent.
enum Work {
    Call { tool: String, arguments: Value, binary: Vec<String> },
    Ask(Query),
}

/// Where to learn from a result whose type nobody declares.
struct Learning {
    registry: Arc<Registry>,
    connector: String,
    identifier: String,
}

/// A call that is not sent: what the program is told, and what the record says.
pub(crate) struct Refused {
    pub(crate) path: String,
    pub(crate) rejection: Rejection,
    pub(crate) outcome: CallOutcome,
}

/// `None` for a request that is no tool call.
pub(crate) fn prepare(registry: &Arc<Registry>, request: &Request) -> Option<Result<Prepared, Box<Refused>>> {
    let (written, arguments) = match request {
        Request::Tool { connector, tool, arguments } => (format!("{connector}.{tool}"), arguments),
        Request::Named { name, arguments } => (name.clone(), arguments),
        Request::Builtin { name, arguments } => {
            return ask::asked(name, arguments).map(|asked| prepare_ask(registry, asked, name));
        }
        Request::Timer { .. } => return None,
    };
    Some(match registry.find(request)? {
        Ok(found) => prepare_call(registry, found, arguments),
        Err(NotFound::Unknown(unknown)) => {
            Err(Refused::new(written, "UnknownToolError", Kind::GuestError, unknown.message))
        }
        Err(NotFound::Unavailable { message }) => {
            Err(Refused::new(written, "ToolError", Kind::ToolError, message))
        }
    })
}

fn prepare_call(
    registry: &Arc<Registry>,
    found: Registered<'_>,
    arguments: &Json,
) -> Result<Prepared, Box<Refused>> {
    callable(registry, &found)?;
    let invalid =
        |path, message| Refused::new(path, "InvalidArgumentsError", Kind::InvalidArguments, message);
    let (arguments, binary) = match decode(arguments, found.tool) {
        Ok(decoded) => decoded,
        Err(message) => return Err(invalid(found.path, message)),
    };
    if let Err(violations) = found.validator.validate(&arguments) {
        return Err(invalid(found.path, list(&violations)));
    }
    let approval = approved(registry, &found, &arguments, &binary)?;
    pins::used(registry, &found);
    let learning = found.tool.output_schema.is_none().then(|| Learning {
        registry: Arc::clone(registry),
        connector: found.connector_name.to_owned(),
        identifier: found.identifier.to_owned(),
    });
    Ok(Prepared {
        path: found.path,
        approval,
        connector: Arc::clone(found.connector),
        work: Work::Call { tool: found.tool.name.clone(), arguments, binary },
        learning,
    })
}

/// Whether a tool may be called at all.
fn callable(registry: &Registry, found: &Registered<'_>) -> Result<(), Box<Refused>> {
    // Of a tool that no arguments make callable, arguments that do not fit are no news.
    if found.policy.laxest() == Verdict::Deny {
        return Err(denied(found.path.clone(), &found.policy.decide(Arguments::Unknown)));
    }
    if let Some(why) = registry.withheld(found.connector_name, &found.tool.name) {
        let told = why.told(found.connector_name, &found.tool.name);
        let message = format!("this tool may not be called: {told}");
        return Err(Refused::new(found.path.clone(), "DeniedError", Kind::Denied, message));
    }
    Ok(())
}

/// Why a person has to approve a call with these very arguments, if one has to.
fn approved(
    registry: &Registry,
    found: &Registered<'_>,
    arguments: &Value,
    binary: &[String],
) -> Result<Option<String>, Box<Refused>> {
    let mut approval = judged(&found.path, found.policy, Arguments::Are(arguments, binary))?;
    // No call is a way around the rules for a tool that it may amount to. Its arguments are not that tool's.
    for tool in found.connector.amounts_to(&found.tool.name, arguments) {
        let Ok(other) = registry.own(found.connector_name, &tool) else { continue };
        let decision = other.policy.decide(Arguments::Unknown);
        match decision.verdict {
            Verdict::Allow => {}
            Verdict::Ask => {
                approval.get_or_insert_with(|| format!("it is a call of {}: {decision}", other.path));
            }
            Verdict::Deny => return Err(denied_as(found.path.clone(), &other.path, &decision)),
        }
        if let Some(why) = registry.withheld(other.connector_name, &other.tool.name) {
            let told = why.told(other.connector_name, &other.tool.name);
            let message =
                format!("this request is a call of {}, which may not be called: {told}", other.path);
            return Err(Refused::new(found.path.clone(), "DeniedError", Kind::Denied, message));
        }
    }
    Ok(approval)
}

/// Whether a call that is passed on as it is may be made: as a program's, but for whether its arguments fit, which its
/// upstream says.
pub(crate) fn judge(
    registry: &Arc<Registry>,
    found: Registered<'_>,
    arguments: &Value,
) -> Result<(), Box<Refused>> {
    callable(registry, &found)?;
    if let Some(why) = approved(registry, &found, arguments, &[])? {
        return Err(unapproved(found.path, &why));
    }
    pins::used(registry, &found);
    Ok(())
}

/// The same of a question that is passed on.
pub(crate) fn judged_question(
    path: &str,
    policy: &ToolPolicy,
    asked: Arguments<'_>,
) -> Result<(), Box<Refused>> {
    judged(path, policy, asked)?.map_or(Ok(()), |why| Err(unapproved(path.to_owned(), &why)))
}

/// What becomes of a call that `why` a person has to approve, where nobody can wait for one.
fn unapproved(path: String, why: &str) -> Box<Refused> {
    let message = format!(
        "a person has to approve this call ({why}), and this run cannot wait for that. Nothing was sent; do without \
         it, and say what has to be approved"
    );
    Refused::new(path, "ApprovalRequiredError", Kind::Denied, message)
}

/// Why a person has to approve a call, if one has to.
fn judged(path: &str, policy: &ToolPolicy, arguments: Arguments<'_>) -> Result<Option<String>, Box<Refused>> {
    let decision = policy.decide(arguments);
    match decision.verdict {
        Verdict::Allow => Ok(None),
        Verdict::Ask => Ok(Some(decision.to_string())),
        Verdict::Deny => Err(denied(path.to_owned(), &decision)),
    }
}

fn denied(path: String, decision: &Decision<'_>) -> Box<Refused> {
    let message =
        format!("this call may not be made: policy forbids it ({decision}). Nothing was sent; do without it");
    Refused::new(path, "DeniedError", Kind::Denied, message)
}

fn denied_as(path: String, other: &str, decision: &Decision<'_>) -> Box<Refused> {
    let message = format!(
        "this request is a call of {other}, which policy forbids ({decision}). Nothing was sent; do without it"
    );
    Refused::new(path, "DeniedError", Kind::Denied, message)
}

/// A question for resources or prompts: policy knows it as the tool `resources.read` and its like.
fn prepare_ask(
    registry: &Registry,
    asked: Result<Asked, Box<Rejection>>,
    function: &str,
) -> Result<Prepared, Box<Refused>> {
    let refused =
        |path, rejection: Rejection| Box::new(Refused { path, outcome: CallOutcome::NotStarted, rejection });
    let asked = asked.map_err(|rejection| refused(function.to_owned(), *rejection))?;
    let found = registry.catalog.connector_name(&asked.connector);
    let name = found.map_err(|unknown| refused(asked.path(), ask::unknown(unknown)))?;
    let path = format!("{name}.{}", asked.function);
    let policy = registry.policy_of_question(name, asked.function);
    let approval = judged(&path, &policy, Arguments::Are(&asked.arguments(), &[]))?;
    match registry.member(name) {
        Some(member) => Ok(Prepared {
            path,
            approval,
            connector: Arc::clone(&member.connector),
            work: Work::Ask(asked.query),
            learning: None,
        }),
        // The catalog was built from these very connectors; to be answered all the same.
        None => Err(Refused::new(path, "ToolError", Kind::ToolError, format!("{name} is not connected"))),
    }
}

/// From what the guest sent to the value that is validated, judged and sent, and where in it bytes are. Where the schema requires
/// exactly one property, something that is not an object is taken as that property.
fn decode(arguments: &Json, tool: &Tool) -> Result<(Value, Vec<String>), String> {
    let value = serde_json::from_str(&arguments.text)
        .map_err(|error| format!("the arguments are not JSON: {error}"))?;
    Ok(wrapped(value, arguments.binary.clone(), tool))
}

/// What a tool is sent for what a program gave.
pub(crate) fn wrapped(value: Value, binary: Vec<String>, tool: &Tool) -> (Value, Vec<String>) {
    match value {
        Value::Object(_) => (value, binary),
        Value::Null => (Value::Object(Map::new()), Vec::new()),
        bare => match single_required(&tool.input_schema.read()) {
            Some(property) => {
                let key = property.replace('~', "~0").replace('/', "~1");
                let binary = binary.iter().map(|pointer| format!("/{key}{pointer}")).collect();
                (Value::Object(Map::from_iter([(property.to_owned(), bare)])), binary)
            }
            None => (bare, binary),
        },
    }
}

fn list(violations: &[impl fmt::Display]) -> String {
    let lines: Vec<_> = violations.iter().map(ToString::to_string).collect();
    format!("the arguments do not fit, nothing was sent: {}", lines.join("; "))
}

impl Prepared {
    /// What becomes of a call that `why` a person has to approve, in a run that cannot wait for one.
    pub(crate) fn unapproved(self, why: &str) -> Box<Refused> {
        unapproved(self.path, why)
    }

    /// Sends the call. What comes back is the result, or what the program is told instead.
    pub(crate) async fn send(self, sending: Sending) -> (Result<Json, Box<Rejection>>, CallOutcome) {
        let Sending { timeout, max_bytes, caller, label } = sending;
        let replied = match self.work {
            Work::Call { tool, arguments, binary } => {
                let mut call = connect::Call::new(tool, arguments, timeout);
                (call.binary, call.caller, call.label) = (binary, caller, Some(label));
                self.connector.call(call).await
            }
            Work::Ask(query) => {
                let mut question = connect::Question::new(query, timeout);
                (question.caller, question.label) = (caller, Some(label));
                self.connector.ask(question).await
            }
        };
        match replied {
            Ok(Reply { value, binary, .. }) => match value.to_string() {
                text if text.len() > max_bytes => {
                    (Err(Box::new(too_large(self.path, text.len(), max_bytes))), CallOutcome::Error)
                }
                text => {
                    // Bytes are no part of what is learned: as text they would pass for a string.
                    if let Some(Learning { registry, connector, identifier }) = self.learning
                        && text.len() <= MAX_OBSERVED_BYTES
                        && binary.is_empty()
                        && let Ok(found) = registry.catalog.resolve(&Path::member(&connector, &identifier))
                    {
                        registry.learned.observe(&connector, found.tool, &value);
                    }
                    (Ok(Json { text, binary }), CallOutcome::Ok)
                }
            },
            Err(error) => {
                let outcome = outcome(&error);
                (Err(Box::new(told(self.path, error, outcome))), outcome)
            }
        }
    }
}

/// What a program is told of a call that failed.
fn told(path: String, error: CallError, outcome: CallOutcome) -> Rejection {
    let message = error.to_string();
    let problem = match error {
        CallError::Tool { problem, .. } => problem,
        _ => Problem::default(),
    };
    Rejection {
        tool: Some(path),
        outcome: Some(executed(outcome).into()),
        status: problem.status,
        body: problem.body,
        retry_after: problem.retry_after.map(|pause| pause.as_secs_f64()),
        ..Rejection::new("ToolError", message, Kind::ToolError)
    }
}

fn outcome(error: &CallError) -> CallOutcome {
    use connect::Error::{InputRequired, Refused, TooLarge};
    match (error, error.delivery()) {
        // The upstream answered; what it answered is of no use.
        (CallError::Tool { .. }, _)
        | (CallError::Connector { error: TooLarge { .. } | Refused { .. } | InputRequired { .. }, .. }, _) => {
            CallOutcome::Error
        }
        (_, Delivery::NotSent) => CallOutcome::NotStarted,
        (_, Delivery::MaybeSent) => CallOutcome::MaybeExecuted,
    }
}

/// What a program reads as an error's `outcome`.
fn executed(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Ok | CallOutcome::Error => "executed",
        CallOutcome::Denied | CallOutcome::NotStarted => "not_started",
        CallOutcome::MaybeExecuted => "maybe_executed",
    }
}

impl Refused {
    fn new(path: String, name: &str, kind: Kind, message: String) -> Box<Self> {
        let outcome = if kind == Kind::Denied { CallOutcome::Denied } else { CallOutcome::NotStarted };
        let rejection = Rejection {
            tool: Some(path.clone()),
            outcome: Some(executed(outcome).into()),
            ..Rejection::new(name, message, kind)
        };
        Box::new(Self { path, rejection, outcome })
    }
}

/// What a program is told of a result that it may not be given.
fn too_large(tool: String, observed: usize, limit: usize) -> Rejection {
    let message =
        format!("the result has {observed} bytes, more than the {limit} that a program may be given");
    Rejection {
        tool: Some(tool),
        outcome: Some(executed(CallOutcome::Error).into()),
        ..Rejection::new("ToolError", message, Kind::ToolError)
    }
}
