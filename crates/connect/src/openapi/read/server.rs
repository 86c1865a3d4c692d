//! Where the API is, and what it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::limits::{MAX_ABOUT_CHARS, MAX_LISTED, MAX_TEXT_CHARS};
use super::lower::{Lower, shortened};
use super::parse::Keys;
use super::version::Version;
use crate::openapi::api::{Server, Variable};

impl Lower<'_> {
    /// Reads the title and the description, and what is said of the groups of operations, under their names.
    pub(super) fn about(&mut self) {
        let Some(text) = self.source.top("info") else { return };
        let Some(info) = self.part(text, Keys::Words) else { return };
        let said = ["title", "description"].into_iter().filter_map(|key| info.get(key)?.as_str());
        let said: Vec<&str> = said.map(str::trim).filter(|text| !text.is_empty()).collect();
        let said = shortened(said.join("\n\n"), MAX_TEXT_CHARS);
        let about: Vec<String> =
            [said].into_iter().filter(|said| !said.is_empty()).chain(self.groups()).collect();
        self.api.about = (!about.is_empty()).then(|| shortened(about.join("\n\n"), MAX_ABOUT_CHARS));
    }

    /// The descriptions of the document's tags that have one, each under a heading.
    fn groups(&mut self) -> Vec<String> {
        let listed = self.source.top("tags").and_then(|text| self.part(text, Keys::Words));
        let tags = listed.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let described = tags.iter().take(MAX_LISTED).filter_map(|tag| {
            let text = |key: &str| tag.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty());
            Some(format!("# {}\n\n{}", text("name")?, text("description")?))
        });
        described.collect()
    }

    /// Reads where the API is.
    pub(super) fn servers(&mut self) {
        self.at = "servers".to_owned();
        self.api.servers = match self.version {
            Version::Two => self.host(self.schemes_of_transport(None)).into_iter().collect(),
            Version::Three => {
                let listed = self.source.top("servers").and_then(|text| self.part(text, Keys::Words));
                self.listed_servers(listed)
            }
        };
        if self.api.servers.is_empty() {
            // What the specification says of a document without any: where the document is.
            self.api.servers.push(Server { url: "/".to_owned(), variables: BTreeMap::new() });
        }
    }

    /// The first server in a list of them, for an operation that has its own.
    pub(super) fn own_server(&mut self, listed: Option<Value>) -> Option<Server> {
        self.listed_servers(listed).into_iter().next()
    }

    /// The server of an operation of 2.0 that has schemes of its own, where that is another than the API's.
    pub(super) fn own_host(&mut self, schemes: Option<&Value>) -> Option<Server> {
        let own = self.host(self.schemes_of_transport(Some(schemes?)))?;
        (self.api.servers.first() != Some(&own)).then_some(own)
    }

    fn listed_servers(&mut self, listed: Option<Value>) -> Vec<Server> {
        let Some(Value::Array(listed)) = listed else { return Vec::new() };
        let mut servers = Vec::new();
        for server in listed.into_iter().take(MAX_LISTED) {
            match server.get("url").and_then(Value::as_str) {
                Some(url) => {
                    let variables = server.get("variables").and_then(Value::as_object);
                    servers.push(Server { url: url.trim().to_owned(), variables: variables_of(variables) });
                }
                None => self.note("a server without a URL"),
            }
        }
        servers
    }

    /// The scheme to use: `https` where there is a choice or nothing is said.
    fn schemes_of_transport(&self, own: Option<&Value>) -> String {
        let listed = own.cloned().or_else(|| serde_json::from_str(self.source.top("schemes")?).ok());
        let listed: Vec<String> = match listed {
            Some(Value::Array(listed)) => {
                listed.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect()
            }
            _ => Vec::new(),
        };
        let plain = !listed.is_empty() && !listed.iter().any(|scheme| scheme == "https");
        let plain = plain && listed.iter().any(|scheme| scheme == "http");
        if plain { "http".to_owned() } else { "https".to_owned() }
    }

    /// The server that 2.0's `host` and `basePath` name.
    fn host(&self, scheme: String) -> Option<Server> {
        let text = |name: &str| serde_json::from_str::<String>(self.source.top(name)?).ok();
        let base = text("basePath").unwrap_or_default();
        let base = base.trim();
        let slash = if base.starts_with('/') || base.is_empty() { "" } else { "/" };
        let url = match text("host") {
            Some(host) if !host.trim().is_empty() => format!("{scheme}://{}{slash}{base}", host.trim()),
            _ if base.is_empty() => return None,
            _ => format!("{slash}{base}"),
        };
        Some(Server { url, variables: BTreeMap::new() })
    }
}

fn variables_of(variables: Option<&Map<String, Value>>) -> BTreeMap<String, Variable> {
    let variables = variables.into_iter().flatten().take(MAX_LISTED);
    variables
        .map(|(name, said)| {
            let values = said.get("enum").and_then(Value::as_array).into_iter().flatten();
            let values = values.take(MAX_LISTED).filter_map(plain).collect();
            let default = said.get("default").and_then(plain);
            (name.clone(), Variable { default, values })
        })
        .collect()
}

/// A value of a variable; a port is a number in some documents.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
