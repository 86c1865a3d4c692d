//! From an entry back to what `codemode.toml` says of it.

use std::collections::BTreeMap;

use super::entry::{Entry, Kind};
use super::file::{ConnectorTable, OAuthTable};
use super::text::Text;

impl Entry {
    /// The entry as a table of `codemode.toml`. Where a secret stands in plain text, a reference to a variable of the
    /// environment takes its place, and its key is among those returned with the name of that variable.
    pub fn table(&self) -> (ConnectorTable, Vec<(String, String)>) {
        let mut moved = Vec::new();
        let mut table = ConnectorTable {
            enabled: (!self.enabled).then_some(false),
            description: self.description.clone(),
            concurrency: self.concurrency,
            trust_annotations: self.trust_annotations.then_some(true),
            ..ConnectorTable::default()
        };
        table.timeout = self.timeout.map(Into::into);
        match &self.kind {
            Kind::Stdio(stdio) => {
                table.command = Some(stdio.command.ours());
                table.args = stdio.args.iter().map(Text::ours).collect();
                table.env = self.without_secrets("env", &stdio.env, &mut moved);
                table.inherit.clone_from(&stdio.inherit);
                table.cwd = stdio.cwd.as_ref().map(Text::ours);
                table.start_timeout = stdio.start_timeout.map(Into::into);
            }
            Kind::Http(http) => {
                table.url = Some(http.url.ours());
                table.headers = self.without_secrets("headers", &http.headers, &mut moved);
                table.transport = http.transport;
                table.oauth = http.oauth.as_ref().map(|oauth| OAuthTable {
                    client_id: oauth.client_id.clone(),
                    client_secret: oauth.client_secret.as_ref().map(Text::ours),
                    client_metadata_url: oauth.client_metadata_url.clone(),
                    issuer: oauth.issuer.clone(),
                    client_credentials: oauth.client_credentials.then_some(true),
                    scopes: oauth.scopes.clone(),
                });
            }
            Kind::OpenApi(api) => {
                table.openapi = Some(api.document.ours());
                table.base_url = api.base_url.as_ref().map(Text::ours);
                table.credentials =
                    api.credentials.iter().map(|(scheme, text)| (scheme.clone(), text.ours())).collect();
                table.include = api.include.clone();
                table.exclude = api.exclude.clone();
                table.raw_requests = (!api.raw_requests).then_some(false);
            }
        }
        (table, moved)
    }

    fn without_secrets(
        &self,
        key: &str,
        texts: &BTreeMap<String, Text>,
        moved: &mut Vec<(String, String)>,
    ) -> BTreeMap<String, String> {
        let secrets = self.secrets_in_plain_text();
        let text = |(name, text): (&String, &Text)| {
            let whole = format!("{key}.{name}");
            if !secrets.contains(&whole) {
                return (name.clone(), text.ours());
            }
            let variable = match key {
                "env" => name.clone(),
                _ => variable(&self.name, name),
            };
            // The scheme of an Authorization header is no part of the secret.
            let shown = text.shown(false);
            let scheme = ["Bearer ", "Basic "].into_iter().find(|scheme| shown.starts_with(scheme));
            moved.push((whole, variable.clone()));
            (name.clone(), format!("{}${{env:{variable}}}", scheme.unwrap_or_default()))
        };
        texts.iter().map(text).collect()
    }
}

/// `github` and `Authorization` as `GITHUB_AUTHORIZATION`.
fn variable(connector: &str, name: &str) -> String {
    let upper = format!("{connector}_{name}").to_ascii_uppercase();
    upper.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
