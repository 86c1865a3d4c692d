//! Configuration: `codemode.toml`, and the files in which other programs keep their MCP servers.
//!
//! [`Config::parse`] reads either. Nothing is started and no secret looked up by reading: that happens when a connector is
//! used. A configuration that lies in the folder where somebody happens to be is not even read that far until [`Trust`]
//! says so: a repository that is cloned must not run code.
//!
//! ```
//! use std::path::Path;
//! use codemode::config::Config;
//!
//! let text = r#"
//!     [connectors.files]
//!     command = "npx"
//!     args = ["-y", "@modelcontextprotocol/server-filesystem", "."]
//!     timeout = "10s"
//! "#;
//! let config = Config::parse(text, Path::new("codemode.toml")).unwrap();
//! assert_eq!(config.connectors[0].name, "files");
//!
//! let text = text.replace("command", "comand");
//! let error = Config::parse(&text, Path::new("codemode.toml")).unwrap_err();
//! assert_eq!(error.to_string(), r#"codemode.toml:3:5: unknown key "comand"; did you mean "command"?"#);
//! ```

mod amount;
mod broken;
mod client;
mod connector;
mod edit;
mod entry;
mod error;
mod file;
mod foreign;
mod found;
mod known;
mod place;
mod plain;
mod reference;
mod save;
mod serve;
mod server;
mod settings;
mod table;
mod text;
mod trust;
mod tuned;

pub use amount::{Size, Time};
pub use client::{Client, ClientChange, Reach};
pub use connector::{ConnectorError, Folders, is_url};
pub use edit::Edit;
pub use entry::{Entry, Http, Kind, OAuth, OpenApi, Stdio};
pub use error::Error;
pub use file::{ConnectorTable, File, LimitsTable, OAuthTable, Operations, SurfaceTable, Transport};
pub use found::{FILE, Found, Places, Role, parse, read};
pub use known::{Known, known};
pub use place::Place;
pub use reference::{reference, schema};
pub use serve::{
    AuthMode, AuthTable, Bind, BindError, Grant, Jwt, PrincipalLimitsTable, PrincipalTable, Serve,
    ServeError, ServeLimits, ServeLimitsTable, ServeTable,
};
pub use settings::{Config, MAX_BYTES, Note, name};
pub use text::{Text, TextError, sounds_secret};
pub use trust::{Trust, Trusted};

#[cfg(test)]
mod tests;
