//! Files in TOML. Comments, order and white space stay.

use std::path::Path;

use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table};

use super::super::edit::toml_value;
use super::super::error::of_toml;
use super::{Error, entries};

pub(super) fn read(text: &str, file: &Path, table: &str, name: &str) -> Result<Option<Value>, Error> {
    let document: toml::Table = toml::from_str(text).map_err(|error| of_toml(&error, file, text))?;
    let server = document.get(table).and_then(|servers| servers.get(name));
    Ok(server.and_then(|server| serde_json::to_value(server).ok()))
}

/// Only what [`read`] has read.
pub(super) fn write(
    text: &str,
    file: &Path,
    table: &str,
    name: &str,
    entry: Option<&Value>,
) -> Result<String, Error> {
    let flaw = |message: String| Error::Invalid { path: file.to_owned(), place: None, message };
    let mut document: DocumentMut =
        text.parse().map_err(|error| flaw(format!("this is no TOML: {error}")))?;
    let servers = document.entry(table).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let servers = servers.as_table_like_mut().ok_or_else(|| flaw(format!("{table} in it is no table")))?;
    match entry {
        Some(entry) => {
            let mut server = Table::new();
            for (key, value) in entries(entry) {
                server.extend(toml_value(&value).map(|value| (key, value)));
            }
            servers.insert(name, Item::Table(server));
        }
        None => {
            servers.remove(name);
            if servers.is_empty() {
                document.remove(table);
            }
        }
    }
    // What was before the first table is left when that is taken out.
    Ok(document.to_string().trim_start_matches('\n').to_owned())
}
