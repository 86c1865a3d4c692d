//! Drives the real connector through the official conformance suite for clients (`@modelcontextprotocol/conformance`).

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use codemode::connect::{
    Accepts, Asked, Call, CallError, Connector, Era, Error, Input, InputReply, Mcp, OAuth, Query, Question,
    Secret,
};
use serde_json::{Map, Value};

use crate::follow;

/// What stands for a document that describes the client. Nobody fetches it.
const CLIENT_DOCUMENT: &str = "https://conformance-test.local/client-metadata.json";

/// Where the authorization server is to send the browser that we do without.
const REDIRECT: &str = "http://127.0.0.1:8976/callback";

/// Logins in one scenario: the first, one for more scopes, and one more for whoever has changed their mind. A server that
/// still refuses will never stop.
const MAX_LOGINS: usize = 3;

/// The tool that is sent another one's schema, to see whether that has survived.
const SCHEMA_ECHO: &str = "json_schema_echo";

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Does with the server at `url` what a client does: lists and calls its tools, reads its resources and prompts, logs in
/// where it is asked to. What the suite says besides comes in variables of the environment.
pub(crate) async fn run(url: &str) -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(format!("MCP_CONFORMANCE_{name}")).unwrap_or_default();
    let context: Value = serde_json::from_str(&variable("CONTEXT")).unwrap_or_default();
    let folder = std::env::temp_dir().join(format!("codemode-conformance-{}", std::process::id()));
    let is_machine = variable("SCENARIO").contains("client-credentials");
    let mcp = connector(url, &context, &variable("PROTOCOL_VERSION"), &folder, is_machine)?;
    let client = Client { mcp, context };
    let outcome = client.visit().await;
    client.mcp.close().await;
    // What is left in the folder for temporary files harms nobody.
    let _ = std::fs::remove_dir_all(folder);
    outcome
}

struct Client {
    mcp: Mcp,
    context: Value,
}

fn connector(
    url: &str,
    context: &Value,
    revision: &str,
    folder: &Path,
    is_machine: bool,
) -> anyhow::Result<Mcp> {
    let mut oauth = OAuth::new(folder).client_metadata_url(CLIENT_DOCUMENT);
    let text = |name: &str| context.get(name).and_then(Value::as_str);
    if let Some(id) = text("client_id") {
        oauth = oauth.client(id, text("client_secret").map(Secret::new).transpose()?);
    }
    if is_machine {
        oauth = oauth.client_credentials();
    }
    let forms = Accepts { form: true, ..Accepts::default() };
    let mut mcp =
        Mcp::http("server", url)?.oauth(oauth).on_input(forms, |input| async move { filled_in(&input) });
    // The suite runs a scenario in one revision and checks every message against that one's schema.
    if revision < "2026" {
        mcp = mcp.era(Era::Initialize);
    }
    Ok(mcp)
}

impl Client {
    async fn visit(&self) -> anyhow::Result<()> {
        let tools = self.logged_in(|| async { Ok(self.mcp.list().await?) }).await?.tools;
        let calls = match self.context.get("toolCalls").and_then(Value::as_array) {
            Some(calls) => calls.iter().filter_map(given).collect(),
            None => tools
                .iter()
                .map(|tool| (tool.name.clone(), arguments(tool.input_schema.get())))
                .collect::<Vec<_>>(),
        };
        for (name, mut arguments) in calls {
            if name == SCHEMA_ECHO {
                let schema =
                    tools.iter().find(|tool| tool.name != SCHEMA_ECHO).map(|tool| tool.input_schema.get());
                arguments = serde_json::json!({ "schema": schema });
            }
            let call = Call::new(name, arguments, TIMEOUT);
            self.logged_in(|| async { Ok(self.mcp.call(call.clone()).await.map(drop)?) }).await?;
        }
        for (list, key, one) in [
            (Query::Resources, "uri", resource as fn(&str) -> Query),
            (Query::Prompts, "name", prompt as fn(&str) -> Query),
        ] {
            let listed = match self.mcp.ask(Question::new(list, TIMEOUT)).await {
                Ok(reply) => reply.value,
                Err(CallError::Connector { error: Error::Unsupported { .. }, .. }) => continue,
                Err(error) => bail!("{}", error.operator_message()),
            };
            for name in listed.as_array().into_iter().flatten().filter_map(|item| item.get(key)?.as_str()) {
                self.mcp.ask(Question::new(one(name), TIMEOUT)).await?;
            }
        }
        Ok(())
    }

    /// What `work` brings, logging in as often as it takes and may be.
    async fn logged_in<T, F>(&self, work: impl Fn() -> F) -> anyhow::Result<T>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        for _ in 0..MAX_LOGINS {
            match work().await {
                Ok(done) => return Ok(done),
                Err(Trouble::Login) => self.log_in().await?,
                Err(Trouble::Other(message)) => bail!(message),
            }
        }
        bail!("{MAX_LOGINS} logins were not enough")
    }

    async fn log_in(&self) -> anyhow::Result<()> {
        let login = self.mcp.login(REDIRECT).await?;
        let callback = follow::redirect(login.url()).await.context("the authorization endpoint")?;
        Ok(login.finish(&callback).await?)
    }
}

/// Why something was not done.
enum Trouble {
    Login,
    Other(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::LoginRequired { .. } => Self::Login,
            other => Self::Other(other.operator_message()),
        }
    }
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Connector { error, .. } => error.into(),
            other => Self::Other(other.operator_message()),
        }
    }
}

fn resource(uri: &str) -> Query {
    Query::Resource { uri: uri.to_owned() }
}

fn prompt(name: &str) -> Query {
    Query::Prompt { name: name.to_owned(), arguments: Map::new() }
}

fn given(call: &Value) -> Option<(String, Value)> {
    Some((call.get("name")?.as_str()?.to_owned(), call.get("arguments").cloned().unwrap_or_default()))
}

/// Something for each required parameter.
fn arguments(schema: &Value) -> Value {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let value = |name: &str| match schema.pointer(&format!("/properties/{name}/type")).and_then(Value::as_str)
    {
        Some("number" | "integer") => Value::from(1),
        Some("boolean") => Value::from(true),
        Some("array") => Value::Array(Vec::new()),
        Some("object") => Value::Object(Map::new()),
        _ => Value::from("x"),
    };
    required
        .filter_map(Value::as_str)
        .map(|name| (name.to_owned(), value(name)))
        .collect::<Map<_, _>>()
        .into()
}

/// A form with every default it has, and nothing else.
fn filled_in(input: &Input) -> InputReply {
    let Asked::Form { schema, .. } = &input.asked else { return InputReply::Decline };
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let defaults = properties.filter_map(|(name, field)| Some((name.clone(), field.get("default")?.clone())));
    InputReply::Give(defaults.collect::<Map<_, _>>().into())
}
