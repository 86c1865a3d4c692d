//! What `codemode.toml` may hold. These types are read from it, its JSON Schema is derived from them, and so is
//! `docs/configuration.md`: what a key is for, its unit, default and range are said here and nowhere else.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::amount::{Size, Time};
use super::serve::ServeTable;
use crate::{Rule, Shape};

/// A file `codemode.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "codemode.toml")]
pub struct File {
    /// The servers and APIs that programs can call, each under the name that it has in programs. A name is a JavaScript
    /// identifier: `[connectors.github]` is called as `github.create_issue({…})`.
    pub connectors: BTreeMap<String, ConnectorTable>,
    /// What a run may use. A key that is not given keeps its default.
    pub limits: LimitsTable,
    /// Rules for calls, of which the last that matches decides. A call that no rule matches is allowed; only of a tool that is
    /// said to be destructive it is asked about.
    pub policy: Vec<Rule>,
    /// What a model is given, where codemode serves one.
    pub surface: SurfaceTable,
    /// Long-form text that a model can search.
    pub docs: DocsTable,
    /// How `codemode serve` serves over HTTP, and whom. On standard input and output only `wait` counts. A file in the current
    /// folder has no say in it: its `[serve]` is not used.
    pub serve: ServeTable,
}

/// One connector. Exactly one of `command`, `url` and `openapi` says what kind it is.
///
/// In `command`, `args`, `env`, `cwd`, `url`, `headers`, `openapi`, `base_url` and `credentials`, `${env:NAME}` stands for
/// a variable of the environment. Where a secret belongs (`env`, `headers`, `credentials`, `oauth.client_secret`) so do
/// `${file:PATH}`, `${keyring:NAME}` and `${command:PROGRAM ARGUMENTS}`. `$${` is a plain `${`. Nothing is looked up
/// before the connector is used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectorTable {
    /// The program of an MCP server that is started here and spoken to over its standard input and output: a name that is
    /// looked for in `PATH`, or a path. One that begins with `./` or `../` is relative to this file, and `~/` is the home
    /// folder. No shell is involved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The program's arguments, one string each. With `command` only. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Variables of the program's environment, which otherwise has `PATH`, `HOME` and little else. With `command` only. What
    /// a reference leads to is a secret of 12 bytes at least, which is taken out of whatever the program answers. Example:
    /// `env = { GITHUB_TOKEN = "${env:GITHUB_TOKEN}", LOG = "debug" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Names of variables of codemode's own environment that the program gets as they are, none of them secret, such as
    /// `["KUBECONFIG"]`. With `command` only. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inherit: Vec<String>,
    /// The folder the program is started in, relative to this file. With `command` only. Default: the folder of this file,
    /// wherever codemode is used: package runners such as `npx` run what lies in the folder they are started in, which may
    /// be a repository of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// The time the program may take until it can be used. With `command` only. Default `60s`: a server that a package
    /// runner fetches first needs most of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_timeout: Option<Time>,
    /// The URL of an MCP server that is reached over HTTP. Its host may be at a private address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Headers sent with every request. With `url` only. What holds a reference is a secret, as in `env`. Example:
    /// `headers = { Authorization = "Bearer ${env:TOKEN}" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// How the server is spoken to. With `url` only. Default `http`, which falls back to `sse` for a server that knows
    /// nothing newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// How to log in to the server, where it wants that and its own description of it does not suffice. With `url` only.
    /// `codemode login NAME` logs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OAuthTable>,
    /// The OpenAPI document of an HTTP API: a file, relative to this one, or a URL. Every operation is a tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openapi: Option<String>,
    /// Where the API is, instead of what its document says. Its host may be at a private address. With `openapi` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Credentials of the API by the security scheme of its document; `"*"` serves every scheme it fits. With `openapi`
    /// only. Each is a reference, never the secret itself, which has 12 bytes at least. Example:
    /// `credentials = { "*" = "${env:GITHUB_TOKEN}" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub credentials: BTreeMap<String, String>,
    /// Where `client_id:client_secret` is exchanged for a token, if that is another host than the API's. With `openapi`
    /// only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// Values of the variables in the document's server URL. With `openapi` only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub server_variables: BTreeMap<String, String>,
    /// Only the operations that any of these describes become tools. In patterns `*` stands for any characters. With
    /// `openapi` only. Default: all.
    #[serde(skip_serializing_if = "Operations::is_empty")]
    pub include: Operations,
    /// The operations that any of these describes do not become tools. With `openapi` only. Default: none.
    #[serde(skip_serializing_if = "Operations::is_empty")]
    pub exclude: Operations,
    /// Whether there is a tool `request` that sends any other request to the API. With `openapi` only. Default `true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_requests: Option<bool>,
    /// Hosts, addresses and ranges that may be reached although they are not public, such as `intranet.example`,
    /// `10.1.2.3` or `10.0.0.0/8`. With `url` and `openapi` only. Default: the host of a URL that is written in this file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_private: Vec<String>,
    /// Whether the connector is there at all. Default `true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What the connector is for, in a sentence that a model reads. Default: what the server or document says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The time one call of its tools may take. `1ms` to `24h`. Default: `call` of `[limits]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Time>,
    /// How many of its calls may be under way at once; more wait within their time. 1 to 1,000. Default: as many as a run
    /// may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u16>,
    /// Whether policy may rely on what the server says of its tools, such as that one only reads. What a server says can
    /// always make policy stricter. Default `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_annotations: Option<bool>,
}

/// How an MCP server is spoken to over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Streamable HTTP.
    Http,
    /// HTTP with server-sent events, of the protocol's first version.
    Sse,
}

/// How to log in to an MCP server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OAuthTable {
    /// The client that was registered with the authorization server beforehand. Default: one is registered, or
    /// `client_metadata_url` is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The secret of that client, by reference: `${env:NAME}` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The URL of a client-id metadata document, which takes the place of a registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_metadata_url: Option<String>,
    /// The only authorization server to use, by the issuer it calls itself. Default: the one that the server names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Whether the client logs in as itself, with `client_id` and `client_secret` and without a person. Default `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_credentials: Option<bool>,
    /// What to ask for. Default: what the server says it needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// Operations of an OpenAPI document: those that any of these describes. In patterns `*` stands for any characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Operations {
    /// Tags of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Patterns of path templates, such as `/repos/{owner}/*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// HTTP methods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Patterns of tool names, such as `issues_*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl Operations {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a run may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsTable {
    /// CPU time of a run. Default `10s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Time>,
    /// Wall time of a run. Default `60s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall: Option<Time>,
    /// The time one tool call may take, unless its connector has a `timeout`. Default `30s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Time>,
    /// Heap of a program. `2MiB` to `1GiB`. Default `64MiB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heap: Option<Size>,
    /// JavaScript stack of a program. `16KiB` to `512KiB`. Default `512KiB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<Size>,
    /// A program's text. Default `256KiB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Size>,
    /// Tool calls of a run. 0 to 1,000,000. Default 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// Tool calls under way at once; more wait. 1 to 1,000. Default 16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// Timers running at once. 0 to 10,000. Default 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timers: Option<u32>,
    /// Arguments of one call, as JSON. 2 bytes to `512MiB`. Default `1MiB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Size>,
    /// The result of one call, as JSON. 2 bytes to `512MiB`. Default `16MiB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_result: Option<Size>,
    /// Levels of nesting in arguments and results. 1 to 120. Default 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
    /// What a program prints, in all. 0 to `512MiB`. Default `256KiB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<Size>,
    /// The result of a run, as JSON. 2 bytes to `512MiB`. Default `1MiB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Size>,
}

impl LimitsTable {
    /// Those of `over` where it gives them.
    pub(super) fn overlaid(self, over: Self) -> Self {
        Self {
            cpu: over.cpu.or(self.cpu),
            wall: over.wall.or(self.wall),
            call: over.call.or(self.call),
            heap: over.heap.or(self.heap),
            stack: over.stack.or(self.stack),
            source: over.source.or(self.source),
            calls: over.calls.or(self.calls),
            concurrency: over.concurrency.or(self.concurrency),
            timers: over.timers.or(self.timers),
            arguments: over.arguments.or(self.arguments),
            tool_result: over.tool_result.or(self.tool_result),
            depth: over.depth.or(self.depth),
            logs: over.logs.or(self.logs),
            result: over.result.or(self.result),
        }
    }

    /// The limits that are given, by the names of [`Limits::set`](crate::Limits::set), each with its key here.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static str, String)> {
        let time = |time: &Option<Time>| time.as_ref().map(|time| time.as_written().to_owned());
        let size = |size: &Option<Size>| size.as_ref().map(|size| size.as_written().to_owned());
        let count = |count: Option<u32>| count.map(|count| count.to_string());
        let all = [
            ("cpu", time(&self.cpu)),
            ("wall", time(&self.wall)),
            ("call", time(&self.call)),
            ("heap", size(&self.heap)),
            ("stack", size(&self.stack)),
            ("source", size(&self.source)),
            ("calls", count(self.calls)),
            ("concurrency", count(self.concurrency)),
            ("timers", count(self.timers)),
            ("arguments", size(&self.arguments)),
            ("tool_result", size(&self.tool_result)),
            ("depth", count(self.depth)),
            ("logs", size(&self.logs)),
            ("result", size(&self.result)),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key, value?)))
    }
}

/// What a model can search with the tool `docs`, beside what servers and APIs say of themselves at length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocsTable {
    /// Folders of Markdown, relative to this file. All files `*.md` in them and in their folders are searched, up to 2,000
    /// files, 1 MiB each and 16 MiB in all; links are not followed. They are read when codemode starts. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<String>,
}

/// What a model is given. Tokens are estimated, rather too high than too low.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SurfaceTable {
    /// Which tools there are. Default `auto`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// Tokens of one result; a larger one is cut and stays reachable whole. 160 at least. Default 6,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_tokens: Option<u32>,
    /// Tokens of all declarations up to which they are put into the description of `execute`. Default 1,500.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline_tokens: Option<u32>,
    /// Tokens of one answer of `search`. Default 2,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_tokens: Option<u32>,
    /// The tools that a model is given themselves in the shape `hybrid`: `connector.tool`, with `*` for any characters.
    /// Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expose: Vec<String>,
}

impl SurfaceTable {
    /// Those of `over` where it gives them.
    pub(super) fn overlaid(self, over: Self) -> Self {
        Self {
            shape: over.shape.or(self.shape),
            result_tokens: over.result_tokens.or(self.result_tokens),
            inline_tokens: over.inline_tokens.or(self.inline_tokens),
            search_tokens: over.search_tokens.or(self.search_tokens),
            expose: if over.expose.is_empty() { self.expose } else { over.expose },
        }
    }
}
