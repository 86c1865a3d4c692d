//! One server in another program's file.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::file::{ConnectorTable, Transport};
use super::text::sounds_secret;

/// The server as we would write it, and the keys of it that mean nothing to us.
///
/// # Errors
///
/// Why it cannot be used. Shows no value.
pub(super) fn table(server: &Value) -> Result<(ConnectorTable, Vec<String>), String> {
    let Value::Object(server) = server else { return Err("it is no object".to_owned()) };
    let mut table = ConnectorTable::default();
    let mut ignored = Vec::new();
    let mut seconds = None;
    for (key, value) in server {
        match key.as_str() {
            "command" => command(value, &mut table)?,
            "args" => table.args = strings(key, value)?,
            "env" => table.env.extend(texts(key, value)?),
            "cwd" => table.cwd = Some(string(key, value)?),
            "url" | "serverUrl" | "httpUrl" => table.url = Some(string(key, value)?),
            "headers" | "http_headers" => table.headers.extend(texts(key, value)?),
            "env_http_headers" => {
                let variables = texts(key, value)?;
                table
                    .headers
                    .extend(variables.into_iter().map(|(name, variable)| (name, format!("${{{variable}}}"))));
            }
            "bearer_token_env_var" => {
                let variable = string(key, value)?;
                table.headers.insert("Authorization".to_owned(), format!("Bearer ${{{variable}}}"));
            }
            "env_vars" => {
                let names = strings(key, value)?;
                for name in names {
                    match sounds_secret(&name) {
                        true => drop(table.env.insert(name.clone(), format!("${{{name}:-}}"))),
                        false => table.inherit.push(name),
                    }
                }
            }
            "type" | "transport" => transport(value, &mut table, &mut ignored),
            "disabled" => table.enabled = value.as_bool().map(|disabled| !disabled),
            "enabled" => table.enabled = value.as_bool(),
            "description" => table.description = value.as_str().map(str::to_owned),
            "tool_timeout_sec" => seconds = value.as_f64(),
            other => ignored.push(other.to_owned()),
        }
    }
    if table.command.is_some() && table.url.is_some() {
        return Err("it has a command and a URL".to_owned());
    }
    if table.command.is_none() && table.url.is_none() {
        return Err("it has neither a command nor a URL".to_owned());
    }
    // Some programs write all keys of all kinds.
    if table.command.is_some() {
        (table.headers, table.transport) = (BTreeMap::new(), None);
    } else {
        (table.args, table.env, table.cwd) = (Vec::new(), BTreeMap::new(), None);
        table.inherit = Vec::new();
    }
    if let Some(seconds) = seconds {
        table.timeout = serde_json::from_value(Value::String(format!("{seconds}s"))).ok();
    }
    Ok((table, ignored))
}

/// A program, or, as older versions of Zed write it, an object with all that belongs to it.
fn command(value: &Value, table: &mut ConnectorTable) -> Result<(), String> {
    let Value::Object(parts) = value else {
        table.command = Some(string("command", value)?);
        return Ok(());
    };
    let path = parts.get("path").or_else(|| parts.get("command")).ok_or("its command has no path")?;
    table.command = Some(string("command.path", path)?);
    if let Some(args) = parts.get("args").filter(|args| !args.is_null()) {
        table.args = strings("command.args", args)?;
    }
    if let Some(env) = parts.get("env").filter(|env| !env.is_null()) {
        table.env.extend(texts("command.env", env)?);
    }
    Ok(())
}

fn transport(value: &Value, table: &mut ConnectorTable, ignored: &mut Vec<String>) {
    match value.as_str().map(|text| text.to_ascii_lowercase().replace(['-', '_'], "")).as_deref() {
        Some("stdio") => {}
        Some("sse") => table.transport = Some(Transport::Sse),
        Some("http" | "streamablehttp") => table.transport = Some(Transport::Http),
        _ => ignored.push("type".to_owned()),
    }
}

fn string(key: &str, value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{key} is no string"))
}

fn strings(key: &str, value: &Value) -> Result<Vec<String>, String> {
    let array = value.as_array().ok_or_else(|| format!("{key} is no array of strings"))?;
    array.iter().map(|value| scalar(key, value)).collect()
}

fn texts(key: &str, value: &Value) -> Result<BTreeMap<String, String>, String> {
    let empty = Map::new();
    let object = match value {
        Value::Null => &empty,
        value => value.as_object().ok_or_else(|| format!("{key} is no object of strings"))?,
    };
    object.iter().map(|(name, value)| Ok((name.clone(), scalar(key, value)?))).collect()
}

/// Ports and flags are often written without quotes.
fn scalar(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(format!("{key} holds what is no string")),
    }
}
