//! What a file says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::amount::{Size, Time};
use crate::{Rule, Shape};

/// How `codemode serve` serves over HTTP, and whom.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServeTable {
    /// Where connections are accepted: an address and a port, such as `127.0.0.1:8931` or `[::1]:8931`, or `localhost` and a
    /// port, which is both. One that others can reach (`0.0.0.0:8931`) is refused where there is no authentication. Port 0
    /// takes a free one. Default `127.0.0.1:8931`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<String>,
    /// Names under which clients reach the server, as they stand in `Host`: `mcp.example.com` for any port,
    /// `mcp.example.com:8443` for this one. A request under another name is refused. Default: `localhost`, `127.0.0.1`,
    /// `[::1]`, the address of `bind` and the host of `resource`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_hosts: Vec<String>,
    /// Origins of web pages that may use the server from a browser, exactly as a browser sends them, such as
    /// `https://app.example.com`. No wildcards. Default: none but the server's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// The time after which `execute` answers that a program is still running, and the client asks again. `1s` to `1h`.
    /// Default `50s`: most clients give up after a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Time>,
    /// What a client may ask for instead of the shape of `[surface]`, by `/mcp?surface=`. Default: nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub surfaces: Vec<Shape>,
    /// How clients show who they are.
    pub auth: AuthTable,
    /// What clients may take. What is over a limit is refused at once, and says so.
    pub limits: ServeLimitsTable,
    /// What each of those who show who they are may use. Where there are none, all of them may use everything; where there
    /// are some, who is none of these is refused.
    pub principals: BTreeMap<String, PrincipalTable>,
}

/// How clients show who they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthTable {
    /// What is asked for. Default: `jwt` where there is an `issuer`, `token` where `codemode token create` was ever used or
    /// there are principals, otherwise `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<AuthMode>,
    /// The authorization server whose tokens count, by the issuer it calls itself: an `https` URL. It is found by that, and
    /// its keys by what it says of itself. With `jwt` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The URL of this server as clients know it, such as `https://mcp.example.com/mcp`. Clients are told of it, and tokens
    /// have to be for it. With `jwt` only, which needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What a token's `aud` has to be or to contain, where the authorization server writes something else there than
    /// `resource`. With `jwt` only. Default: `resource`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Where the issuer's keys are. With `jwt` only. Default: where its metadata says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// Scopes of which a token has to have all. With `jwt` only. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Hosts, addresses and ranges that may be reached for the issuer's metadata and keys although they are not public, such
    /// as `login.intranet.example` or `10.0.0.0/8`. With `jwt` only. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_private: Vec<String>,
}

/// How clients show who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// Not at all: whoever reaches the address may use everything. On loopback addresses only.
    None,
    /// By a token of `codemode token create`, as `Authorization: Bearer …`.
    Token,
    /// By an access token of an OAuth authorization server, a JWT.
    Jwt,
}

/// What clients may take. What is over a limit is refused at once, and says so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServeLimitsTable {
    /// The body of a request. `1KiB` to `64MiB`. Default `4MiB`: a program and its input with room to spare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Size>,
    /// Request line and headers of a request together. `8KiB` to `256KiB`. Default `32KiB`: tokens with many claims have
    /// 10 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Size>,
    /// Connections at once. 1 to 100,000. Default 4,096. The system's limit of open files has to be higher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<u32>,
    /// Connections at once from one address. 1 to 100,000. Default 1,024: behind a proxy all come from its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections_per_address: Option<u32>,
    /// Requests of one principal under way at once. 1 to 100,000. Default 1,024.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
    /// Event streams of one principal that are open at once and tell of changes only. 1 to 100,000. Default 1,024, one for
    /// each session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streams: Option<u32>,
    /// Requests of one principal in a second, in the long run. 1 to 1,000,000. Default: as many as come; what is under way at
    /// once is bounded anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// Requests that may come at once before `rate` counts. 1 to 1,000,000. Default: those of ten seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Sessions of one principal, which clients of protocol versions before 2026-07-28 have. For a new one ends, of those
    /// without an open request or stream, the one that was used longest ago; where there is none, the new one is refused. 1 to
    /// 10,000. Default 1,024: a thousand clients are served also where all of them are one principal, and cost 20 MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u32>,
    /// The time a client may take to send the headers of a request. `100ms` to `10m`. Default `10s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_timeout: Option<Time>,
    /// The time a client may take to send the body of a request. `100ms` to `10m`. Default `30s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_timeout: Option<Time>,
    /// The time after which a connection is closed on which nothing is asked, and one on which nothing that is sent is
    /// taken. `100ms` to `1h`. Default `75s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Time>,
    /// The time after which a session ends that is not used. `1s` to `168h`. Default `1h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_timeout: Option<Time>,
}

/// One of those who show who they are. A table without `subject`, `client`, `claims` and `others` is about the principal of
/// its own name: that of a token, or `sub` of a JWT. Of those that fit, the first by name counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrincipalTable {
    /// `sub` of the JWT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// `client_id` of the JWT, or its `azp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Claims of the JWT that are or contain this text, such as `{ groups = "admins" }`. All have to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, String>,
    /// Whether it is about all that no other table is about. Default `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others: Option<bool>,
    /// The connectors that it may use, by name; in patterns `*` stands for any characters. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connectors: Option<Vec<String>>,
    /// Further rules for its calls, of which the last that matches counts. They can only make verdicts stricter: nothing is
    /// allowed here that is not allowed anyway.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<Rule>,
    /// Which tools its models are given. Default: that of `[surface]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface: Option<Shape>,
    /// What it may take instead of `[serve.limits]`.
    pub limits: PrincipalLimitsTable,
}

/// What one principal may take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrincipalLimitsTable {
    /// As in `[serve.limits]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
    /// As in `[serve.limits]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streams: Option<u32>,
    /// As in `[serve.limits]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// As in `[serve.limits]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// As in `[serve.limits]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u32>,
}

impl ServeTable {
    /// Key by key what `over` gives; principals are whole.
    pub(in super::super) fn overlaid(mut self, over: Self) -> Self {
        let auth = over.auth.or(self.auth);
        self.principals.extend(over.principals);
        let list = |mine: Vec<String>, over: Vec<String>| if over.is_empty() { mine } else { over };
        Self {
            bind: over.bind.or(self.bind),
            allowed_hosts: list(self.allowed_hosts, over.allowed_hosts),
            allowed_origins: list(self.allowed_origins, over.allowed_origins),
            wait: over.wait.or(self.wait),
            surfaces: if over.surfaces.is_empty() { self.surfaces } else { over.surfaces },
            auth,
            limits: self.limits.overlaid(over.limits),
            principals: self.principals,
        }
    }
}

impl AuthTable {
    /// Tables that say something are taken whole: of two issuers with one's audience nobody knows what comes.
    fn or(self, under: Self) -> Self {
        if self == Self::default() { under } else { self }
    }
}

impl ServeLimitsTable {
    fn overlaid(self, over: Self) -> Self {
        Self {
            body: over.body.or(self.body),
            headers: over.headers.or(self.headers),
            connections: over.connections.or(self.connections),
            connections_per_address: over.connections_per_address.or(self.connections_per_address),
            requests: over.requests.or(self.requests),
            streams: over.streams.or(self.streams),
            rate: over.rate.or(self.rate),
            burst: over.burst.or(self.burst),
            sessions: over.sessions.or(self.sessions),
            header_timeout: over.header_timeout.or(self.header_timeout),
            body_timeout: over.body_timeout.or(self.body_timeout),
            idle_timeout: over.idle_timeout.or(self.idle_timeout),
            session_timeout: over.session_timeout.or(self.session_timeout),
        }
    }
}
