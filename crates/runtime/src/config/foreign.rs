//! The files in which other programs keep their MCP servers, read as they are.
//!
//! | program | file | where |
//! | --- | --- | --- |
//! | Claude Desktop, Claude Code, Cursor, Windsurf, Gemini CLI, Cline | JSON | `mcpServers` |
//! | VS Code | JSON with comments | `servers`, in settings `mcp.servers` |
//! | Zed | JSON with comments | `context_servers` |
//! | Codex | TOML | `[mcp_servers.NAME]` |

use std::collections::BTreeSet;
use std::path::Path;

use codemode_catalog::identifier;
use serde_json::{Map, Value};

use super::client::starts_us;
use super::entry::Entry;
use super::place::Place;
use super::settings::{Config, Note};
use super::text::Dialect;
use super::{Error, server};

/// The most servers that are read of one file.
const MAX_SERVERS: usize = 1_000;

/// The names under which servers are kept.
const TABLES: [&[&str]; 5] =
    [&["mcpServers"], &["context_servers"], &["mcp", "servers"], &["servers"], &["mcp_servers"]];

/// The file as another program's; `None` where it is none.
pub(super) fn read(text: &str, path: &Path) -> Option<Result<Config, Error>> {
    let is_json = matches!(text.trim_start().as_bytes(), [b'{', ..] | [b'/', b'/' | b'*', ..]);
    if is_json {
        return Some(json(text, path));
    }
    let document: toml::Table = toml::from_str(text).ok()?;
    let servers = document.get("mcp_servers")?.as_table()?;
    let servers = serde_json::to_value(servers).ok()?;
    Some(Ok(config(servers.as_object()?, path)))
}

fn json(text: &str, path: &Path) -> Result<Config, Error> {
    let invalid = |place, message: String| Error::Invalid { path: path.to_owned(), place, message };
    let document: Value = jsonc_parser::parse_to_serde_value(text, &jsonc_parser::ParseOptions::default())
        .map_err(|error| {
            let place = Place::of(text, error.range().start);
            invalid(Some(place), format!("this is no JSON: {}", error.kind()))
        })?;
    let servers = TABLES.iter().find_map(|keys| {
        keys.iter().try_fold(&document, |value, key| value.get(key)).and_then(Value::as_object)
    });
    let Some(servers) = servers else {
        let message =
            "there are no servers in it: mcpServers, servers (VS Code) or context_servers (Zed) has them";
        return Err(invalid(None, message.to_owned()));
    };
    Ok(config(servers, path))
}

/// The servers, each by itself: one that cannot be used costs nothing but itself.
fn config(servers: &Map<String, Value>, path: &Path) -> Config {
    let mut config = Config::default();
    let mut names = BTreeSet::new();
    // What starts us would be served by itself.
    let others = servers.iter().filter(|(_, server)| !starts_us(server));
    for (own_name, server) in others.take(MAX_SERVERS) {
        let mut note = |message: String, is_serious| {
            config.notes.push(Note { file: path.to_owned(), message, is_serious });
        };
        let name = identifier(own_name);
        if !names.insert(name.clone()) {
            note(format!("server {own_name:?} is left out: there is already one called {name}"), true);
            continue;
        }
        let (table, ignored) = match server::table(server) {
            Ok(read) => read,
            Err(message) => {
                note(format!("server {own_name:?} is left out: {message}"), true);
                continue;
            }
        };
        if !ignored.is_empty() {
            note(
                format!("server {own_name:?}: what has no meaning here is ignored: {}", ignored.join(", ")),
                false,
            );
        }
        match Entry::check(&name, table, path, &[], Dialect::Theirs) {
            Ok(entry) => {
                if name != *own_name {
                    note(format!("server {own_name:?} is called {name} in programs"), false);
                }
                config.connectors.push(entry);
            }
            Err(flaw) => note(format!("server {own_name:?} is left out: {}", flaw.message()), true),
        }
    }
    if servers.len() > MAX_SERVERS {
        let message = format!("it has {} servers; the first {MAX_SERVERS} are used", servers.len());
        config.notes.push(Note { file: path.to_owned(), message, is_serious: true });
    }
    config.connectors.sort_by(|a, b| a.name.cmp(&b.name));
    config
}
