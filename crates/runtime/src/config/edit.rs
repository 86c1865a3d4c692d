//! Changing `codemode.toml` without losing what else is in it.

use std::path::PathBuf;

use serde_json::Value;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table};

use codemode_catalog::nearest_name;

use super::save::save;
use super::{Config, ConnectorTable, Error, found};

/// A `codemode.toml` that is being changed. Comments, order and white space stay.
#[derive(Debug)]
pub struct Edit {
    path: PathBuf,
    document: DocumentMut,
}

impl Edit {
    /// The file, or an empty one where there is none yet.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or is no `codemode.toml` as it should be.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::open_read(path.into()).map(|(edit, _)| edit)
    }

    /// The same, with the bytes that were read; `None` where there is no file yet. Whether they are trusted is asked of
    /// these, and of no others.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_read(path: PathBuf) -> Result<(Self, Option<Vec<u8>>), Error> {
        let mut read = None;
        let text = match found::read(&path) {
            Ok(bytes) => {
                found::parse(&path, &bytes)?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                read = Some(bytes);
                text
            }
            Err(Error::File { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let document = text.parse().map_err(|_| Error::Invalid {
            path: path.clone(),
            place: None,
            message: "this is the file of another program; only a codemode.toml can be changed".to_owned(),
        })?;
        Ok((Self { path, document }, read))
    }

    /// The names of the connectors in it.
    pub fn names(&self) -> Vec<String> {
        let table = self.document.get("connectors").and_then(Item::as_table_like);
        table.into_iter().flat_map(|table| table.iter().map(|(name, _)| name.to_owned())).collect()
    }

    /// Adds a connector.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] where there is one of that name; what a file would be refused for.
    pub fn add(&mut self, name: &str, connector: &ConnectorTable) -> Result<(), Error> {
        if self.names().iter().any(|known| known == name) {
            return Err(Error::Duplicate { path: self.path.clone(), name: name.to_owned() });
        }
        let before = self.document.clone();
        let connectors = self.document.entry("connectors").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let Some(connectors) = connectors.as_table_like_mut() else {
            let message = "connectors is no table".to_owned();
            return Err(Error::Invalid { path: self.path.clone(), place: None, message });
        };
        let mut table = Table::new();
        if let Ok(Value::Object(keys)) = serde_json::to_value(connector) {
            for (key, value) in &keys {
                if let Some(value) = toml_value(value) {
                    table.insert(key, Item::Value(value));
                }
            }
        }
        connectors.insert(name, Item::Table(table));
        // What was written is held to what would be read.
        if let Err(error) = Config::parse(&self.document.to_string(), &self.path) {
            self.document = before;
            return Err(match error {
                Error::Invalid { path, message, .. } => Error::Invalid { path, place: None, message },
                other => other,
            });
        }
        Ok(())
    }

    /// Takes a connector out.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchConnector`] where there is none of that name.
    pub fn remove(&mut self, name: &str) -> Result<(), Error> {
        let table = self.document.get_mut("connectors").and_then(Item::as_table_like_mut);
        if table.and_then(|table| table.remove(name)).is_some() {
            return Ok(());
        }
        let names = self.names();
        let nearest = nearest_name(name, names.iter().map(String::as_str)).map(str::to_owned);
        Err(Error::NoSuchConnector { path: self.path.clone(), name: name.to_owned(), nearest })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        // What was before the first connector is left when that is taken out.
        self.document.to_string().trim_start_matches('\n').to_owned()
    }

    /// Writes the file whole or not at all; folders are made where they are missing.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn save(&self) -> Result<(), Error> {
        save(&self.path, &self.text())
    }
}

pub(super) fn toml_value(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => number.as_i64()?.into(),
        Value::String(text) => text.into(),
        Value::Array(values) => values.iter().filter_map(toml_value).collect::<Array>().into(),
        Value::Object(values) => {
            let values = values.iter().filter_map(|(key, value)| Some((key, toml_value(value)?)));
            values.collect::<InlineTable>().into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str =
        "# Mine.\n[connectors.a] # the first\ncommand = \"a\"\n\n# Kept.\n[limits]\ncalls = 3\n";

    #[test]
    fn comments_and_order_stay() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/codemode.toml");
        let mut edit = Edit::open(&file).unwrap();
        edit.save().unwrap();
        std::fs::write(&file, BEFORE).unwrap();
        edit = Edit::open(&file).unwrap();
        let env = [("TOKEN".to_owned(), "${env:TOKEN}".to_owned())].into();
        let args = vec!["x \"y\"".to_owned()];
        let table = ConnectorTable { command: Some("b".to_owned()), args, env, ..ConnectorTable::default() };
        edit.add("b", &table).unwrap();
        assert!(matches!(edit.add("b", &table), Err(Error::Duplicate { .. })));
        let with = edit.text();
        assert!(
            with.contains("[connectors.a] # the first\n") && with.contains("# Kept.\n[limits]"),
            "{with}"
        );
        edit.save().unwrap();
        let config = found::parse(&file, &found::read(&file).unwrap()).unwrap();
        assert_eq!(config.connectors.len(), 2);
        edit.remove("b").unwrap();
        assert_eq!(edit.text(), BEFORE);
        assert!(edit.remove("c").is_err());
    }

    #[test]
    fn what_would_not_be_read_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut edit = Edit::open(folder.path().join("codemode.toml")).unwrap();
        let error = edit.add("a-b", &ConnectorTable { command: Some("x".to_owned()), ..Default::default() });
        assert!(error.unwrap_err().to_string().contains("a_b"));
        assert_eq!(edit.text(), "");
    }
}
