//! One connector as it was configured.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codemode_catalog::{Catalog, identifier};
use codemode_connect::Private;

use super::error::Flaw;
use super::file::{ConnectorTable, OAuthTable, Operations, Transport};
use super::text::{Dialect, Text};

/// One connector as it was configured. Nothing of it was started, read or looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name that it has in programs.
    pub name: String,
    /// The file it is from.
    pub file: PathBuf,
    /// Whether the file is another program's. What it gives to variables and headers is read more kindly.
    pub is_foreign: bool,
    /// Whether it is there at all.
    pub enabled: bool,
    /// What it is for, where the configuration says it.
    pub description: Option<String>,
    /// The time one call may take, instead of the limit of the run.
    pub timeout: Option<Duration>,
    /// How many calls may be under way at once.
    pub concurrency: Option<u16>,
    /// Whether policy may rely on what the upstream says of its tools.
    pub trust_annotations: bool,
    /// What it is.
    pub kind: Kind,
}

/// What a connector is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// An MCP server that is started here.
    Stdio(Stdio),
    /// An MCP server that is reached over HTTP.
    Http(Http),
    /// An HTTP API.
    OpenApi(OpenApi),
}

/// An MCP server that is started here.
#[derive(Debug, Clone, PartialEq)]
pub struct Stdio {
    /// The program.
    pub command: Text,
    /// Its arguments.
    pub args: Vec<Text>,
    /// Variables of its environment.
    pub env: BTreeMap<String, Text>,
    /// Variables of our own environment that are passed on as they are.
    pub inherit: Vec<String>,
    /// The folder it is started in.
    pub cwd: Option<Text>,
    /// The time it may take until it can be used.
    pub start_timeout: Option<Duration>,
}

/// An MCP server that is reached over HTTP.
#[derive(Debug, Clone, PartialEq)]
pub struct Http {
    /// Where it is.
    pub url: Text,
    /// Headers sent with every request.
    pub headers: BTreeMap<String, Text>,
    /// How it is spoken to; `None` where that is to be found out.
    pub transport: Option<Transport>,
    /// How to log in to it.
    pub oauth: Option<OAuth>,
    /// What else may be reached although it is not public.
    pub allow_private: Vec<Private>,
}

/// How to log in to an MCP server.
#[derive(Debug, Clone, PartialEq)]
pub struct OAuth {
    /// The client that was registered beforehand.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<Text>,
    /// The URL of a client-id metadata document.
    pub client_metadata_url: Option<String>,
    /// The only authorization server to use.
    pub issuer: Option<String>,
    /// What to ask for.
    pub scopes: Vec<String>,
    /// Whether the client logs in as itself, without a person.
    pub client_credentials: bool,
}

/// An HTTP API that an OpenAPI document describes.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenApi {
    /// The document: a file or a URL.
    pub document: Text,
    /// Where the API is, instead of what the document says.
    pub base_url: Option<Text>,
    /// Credentials by security scheme.
    pub credentials: BTreeMap<String, Text>,
    /// Where tokens are got, if it is another host.
    pub token_url: Option<String>,
    /// Values of the variables in the document's server URL.
    pub server_variables: BTreeMap<String, String>,
    /// Which operations become tools.
    pub include: Operations,
    /// Which operations do not become tools.
    pub exclude: Operations,
    /// Whether any other request can be sent.
    pub raw_requests: bool,
    /// What may be reached although it is not public.
    pub allow_private: Vec<Private>,
}

/// The longest time a call may be given: longer than anything a program waits for, short enough that a forgotten one ends.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3600);

impl Entry {
    /// A word for what it is: `stdio`, `http`, `sse`, `openapi`.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Stdio(_) => "stdio",
            Kind::Http(Http { transport: Some(Transport::Sse), .. }) => "sse",
            Kind::Http(_) => "http",
            Kind::OpenApi(_) => "openapi",
        }
    }

    /// The folder of its file, which relative paths in it are relative to.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// Checks a table; `keys` leads to it.
    pub(super) fn check(
        name: &str,
        table: ConnectorTable,
        file: &Path,
        keys: &[&str],
        dialect: Dialect,
    ) -> Result<Self, Flaw> {
        let workspace = (dialect == Dialect::Theirs).then(|| workspace(file)).flatten();
        Checker { keys, dialect, workspace }.entry(name, table, file)
    }
}

/// Why this cannot be a connector's name, and one that could.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let refused = |name: &str| Catalog::default().insert(name, Vec::new()).err();
    let Some(error) = refused(name) else { return Ok(()) };
    let other = identifier(name);
    let mut message = error.to_string();
    if other != name && refused(&other).is_none() {
        message.push_str(&format!("; {other:?} can be one"));
    }
    Err(message)
}

/// The folder that another program has open when it reads this file, absolute; `None` where that can be any.
fn workspace(file: &Path) -> Option<String> {
    let folder = std::path::absolute(file).ok()?.parent()?.to_owned();
    let is_home = |folder: &Path| std::env::home_dir().is_some_and(|home| home == folder);
    let workspace = match folder.file_name().and_then(|name| name.to_str()) {
        _ if file.file_name().is_some_and(|name| name == ".mcp.json") => folder,
        Some(".vscode" | ".cursor") => folder.parent()?.to_owned(),
        _ => return None,
    };
    let text = workspace.to_str().filter(|text| !text.contains("${"))?;
    (!is_home(&workspace)).then(|| text.to_owned())
}

struct Checker<'k> {
    keys: &'k [&'k str],
    dialect: Dialect,
    /// What `${workspaceFolder}` stands for in another program's file.
    workspace: Option<String>,
}

impl Checker<'_> {
    fn entry(&self, name: &str, mut table: ConnectorTable, file: &Path) -> Result<Entry, Flaw> {
        check_name(name).map_err(|message| self.flaw(&[], message))?;
        let enabled = table.enabled.take().unwrap_or(true);
        let description = table.description.take();
        let timeout = table.timeout.take().map(|time| time.get());
        if timeout.is_some_and(|timeout| timeout.is_zero() || timeout > MAX_TIMEOUT) {
            return Err(self.flaw(&["timeout"], "a timeout is 1ms to 24h"));
        }
        let concurrency = table.concurrency.take();
        if concurrency.is_some_and(|calls| calls == 0 || calls > 1_000) {
            return Err(self.flaw(&["concurrency"], "concurrency is 1 to 1000"));
        }
        let trust_annotations = table.trust_annotations.take().unwrap_or(false);
        let kind = self.kind(table)?;
        let (name, file) = (name.to_owned(), file.to_owned());
        let is_foreign = self.dialect == Dialect::Theirs;
        Ok(Entry {
            name,
            file,
            is_foreign,
            enabled,
            description,
            timeout,
            concurrency,
            trust_annotations,
            kind,
        })
    }

    fn kind(&self, mut table: ConnectorTable) -> Result<Kind, Flaw> {
        let kinds = (table.command.take(), table.url.take(), table.openapi.take());
        let (kind, given, rest) = match kinds {
            (Some(command), None, None) => {
                let (stdio, rest) = self.stdio(command, table)?;
                (Kind::Stdio(stdio), "command", rest)
            }
            (None, Some(url), None) => {
                let (http, rest) = self.http(url, table)?;
                (Kind::Http(http), "url", rest)
            }
            (None, None, Some(document)) => {
                let (api, rest) = self.openapi(document, table)?;
                (Kind::OpenApi(api), "openapi", rest)
            }
            (None, None, None) => {
                let message = "a connector needs one of: command (a server that is started), url (one that is \
                    reached over HTTP), openapi (an HTTP API)";
                return Err(self.flaw(&[], message));
            }
            _ => {
                let message = "a connector has only one of command, url and openapi";
                return Err(self.flaw(&[], message));
            }
        };
        match left_over(&rest) {
            Some(key) => Err(self.flaw(&[&key], format!("{key} does not go with {given}"))),
            None => Ok(kind),
        }
    }

    fn stdio(&self, command: String, mut table: ConnectorTable) -> Result<(Stdio, ConnectorTable), Flaw> {
        if command.trim().is_empty() {
            return Err(self.flaw(&["command"], "the command is empty"));
        }
        let args = std::mem::take(&mut table.args);
        let args = args.iter().enumerate().map(|(at, arg)| self.text(&["args", &at.to_string()], arg));
        let stdio = Stdio {
            command: self.text(&["command"], &command)?,
            args: args.collect::<Result<_, _>>()?,
            env: self.texts("env", std::mem::take(&mut table.env))?,
            inherit: std::mem::take(&mut table.inherit),
            cwd: self.optional("cwd", table.cwd.take())?,
            start_timeout: table.start_timeout.take().map(|time| time.get()),
        };
        if let Some(name) = stdio.env.keys().find(|name| name.is_empty() || name.contains(['=', '\0'])) {
            return Err(self.flaw(&["env", name], "this cannot be the name of a variable"));
        }
        Ok((stdio, table))
    }

    fn http(&self, url: String, mut table: ConnectorTable) -> Result<(Http, ConnectorTable), Flaw> {
        let http = Http {
            url: self.url("url", &url)?,
            headers: self.texts("headers", std::mem::take(&mut table.headers))?,
            transport: table.transport.take(),
            oauth: table.oauth.take().map(|oauth| self.oauth(oauth)).transpose()?,
            allow_private: self.private(&mut table)?,
        };
        Ok((http, table))
    }

    fn oauth(&self, table: OAuthTable) -> Result<OAuth, Flaw> {
        let keys = ["oauth", "client_secret"];
        let client_secret = table.client_secret.map(|secret| self.reference(&keys, &secret)).transpose()?;
        let client_credentials = table.client_credentials.unwrap_or(false);
        if client_credentials && (table.client_id.is_none() || client_secret.is_none()) {
            let message = "client_credentials needs client_id and client_secret";
            return Err(self.flaw(&["oauth", "client_credentials"], message));
        }
        if client_secret.is_some() && table.client_id.is_none() {
            return Err(self.flaw(&keys, "client_secret needs client_id"));
        }
        Ok(OAuth {
            client_id: table.client_id,
            client_secret,
            client_metadata_url: table.client_metadata_url,
            issuer: table.issuer,
            scopes: table.scopes,
            client_credentials,
        })
    }

    fn openapi(
        &self,
        document: String,
        mut table: ConnectorTable,
    ) -> Result<(OpenApi, ConnectorTable), Flaw> {
        if document.trim().is_empty() {
            return Err(self.flaw(&["openapi"], "this is neither a file nor a URL"));
        }
        let credentials = std::mem::take(&mut table.credentials);
        let credentials = credentials
            .iter()
            .map(|(scheme, secret)| Ok((scheme.clone(), self.reference(&["credentials", scheme], secret)?)));
        let api = OpenApi {
            document: self.text(&["openapi"], &document)?,
            base_url: table.base_url.take().map(|url| self.url("base_url", &url)).transpose()?,
            credentials: credentials.collect::<Result<_, Flaw>>()?,
            token_url: table.token_url.take(),
            server_variables: std::mem::take(&mut table.server_variables),
            include: std::mem::take(&mut table.include),
            exclude: std::mem::take(&mut table.exclude),
            raw_requests: table.raw_requests.take().unwrap_or(true),
            allow_private: self.private(&mut table)?,
        };
        Ok((api, table))
    }

    fn private(&self, table: &mut ConnectorTable) -> Result<Vec<Private>, Flaw> {
        let all = std::mem::take(&mut table.allow_private);
        let parsed = all.iter().enumerate().map(|(at, text)| {
            let flaw = |error: codemode_connect::PrivateError| {
                self.flaw(&["allow_private", &at.to_string()], error.to_string())
            };
            text.parse().map_err(flaw)
        });
        parsed.collect()
    }

    fn texts(&self, key: &str, texts: BTreeMap<String, String>) -> Result<BTreeMap<String, Text>, Flaw> {
        texts
            .into_iter()
            .map(|(name, text)| {
                let text = self.text(&[key, &name], &text)?;
                Ok((name, text))
            })
            .collect()
    }

    fn optional(&self, key: &str, text: Option<String>) -> Result<Option<Text>, Flaw> {
        text.map(|text| self.text(&[key], &text)).transpose()
    }

    fn text(&self, keys: &[&str], text: &str) -> Result<Text, Flaw> {
        if text.contains('\0') {
            return Err(self.flaw(keys, "a text may not hold a zero character"));
        }
        let text = match &self.workspace {
            Some(workspace) => Cow::Owned(text.replace("${workspaceFolder}", workspace)),
            None => Cow::Borrowed(text),
        };
        Text::parse(&text, self.dialect).map_err(|message| self.flaw(keys, message))
    }

    fn url(&self, key: &str, url: &str) -> Result<Text, Flaw> {
        let text = self.text(&[key], url)?;
        let starts = ["http://", "https://"];
        let lower = url.trim().to_ascii_lowercase();
        if text.is_plain()
            && !starts.iter().any(|start| lower.starts_with(start) && lower.len() > start.len())
        {
            return Err(self.flaw(&[key], "a URL begins with https:// or http://"));
        }
        Ok(text)
    }

    /// A secret in our own file is never written there.
    fn reference(&self, keys: &[&str], text: &str) -> Result<Text, Flaw> {
        let text = self.text(keys, text)?;
        if self.dialect == Dialect::Ours && text.is_plain() {
            let message = "a secret is given by reference, such as ${env:NAME}; what stands here is not shown, in \
                case it is one";
            return Err(self.flaw(keys, message));
        }
        Ok(text)
    }

    fn flaw(&self, keys: &[&str], message: impl Into<String>) -> Flaw {
        let keys: Vec<&str> = self.keys.iter().chain(keys).copied().collect();
        Flaw::new(&keys, message)
    }
}

/// A key that no part of the kind took.
fn left_over(rest: &ConnectorTable) -> Option<String> {
    match serde_json::to_value(rest) {
        Ok(serde_json::Value::Object(left)) => left.keys().next().cloned(),
        _ => None,
    }
}
