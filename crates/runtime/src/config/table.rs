//! From an entry back to what `codemode.toml` says of it.

use std::collections::BTreeMap;

use super::connector::plain_argument;
use super::entry::{Entry, Kind};
use super::file::{ConnectorTable, OAuthTable};
use super::plain;
use super::text::Text;

/// The most secrets that are looked for in one URL; nobody gives more than two.
const MAX_SECRETS: usize = 8;

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
                table.args = self.args_without_secrets(&stdio.args, &mut moved);
                table.env = self.without_secrets("env", &stdio.env, &mut moved);
                table.inherit.clone_from(&stdio.inherit);
                table.cwd = stdio.cwd.as_ref().map(Text::ours);
                table.start_timeout = stdio.start_timeout.map(Into::into);
            }
            Kind::Http(http) => {
                table.url = Some(self.url_without_secrets(&http.url, &mut moved));
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

    fn args_without_secrets(&self, args: &[Text], moved: &mut Vec<(String, String)>) -> Vec<String> {
        let word = |(at, arg): (usize, &Text)| {
            let Some(secret) = plain_argument(args, at) else { return arg.ours() };
            let variable = variable(&self.name, &format!("arg_{at}"));
            moved.push((format!("args[{at}]"), variable.clone()));
            arg.ours().replace(&secret.replace("${", "$${"), &format!("${{env:{variable}}}"))
        };
        args.iter().enumerate().map(word).collect()
    }

    /// The secrets of the URL, one after the other.
    fn url_without_secrets(&self, url: &Text, moved: &mut Vec<(String, String)>) -> String {
        let mut left = url.shown(false);
        if !url.is_plain() {
            return url.ours();
        }
        let mut found = Vec::new();
        while let Some(secret) =
            plain::in_text(&left).map(str::to_owned).filter(|_| found.len() < MAX_SECRETS)
        {
            // A mark that is no secret, and no part of a URL.
            left = left.replace(&secret, &format!("\0{}\0", found.len()));
            found.push(secret);
        }
        let mut written = left.replace("${", "$${");
        for at in 0..found.len() {
            let variable = variable(&self.name, &format!("url_{at}"));
            written = written.replace(&format!("\0{at}\0"), &format!("${{env:{variable}}}"));
            moved.push(("url".to_owned(), variable));
        }
        written
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn no_secret_of_an_argument_or_url_is_copied() {
        let text = r#"{"mcpServers": {
            "a": {"command": "x", "args": ["--api-key=sk-0123456789abcdefghij", "y"]},
            "b": {"url": "https://a.example/mcp?api_key=0123456789abcdef&x=1&token=fedcba9876543210"}
        }}"#;
        let config = Config::parse(text, Path::new("theirs.json")).unwrap();
        let [a, b] = config.connectors.as_slice() else { panic!("{config:?}") };
        assert_eq!(a.table().0.args, ["--api-key=${env:A_ARG_0}", "y"]);
        assert_eq!(a.table().1, [("args[0]".to_owned(), "A_ARG_0".to_owned())]);
        let url = "https://a.example/mcp?api_key=${env:B_URL_0}&x=1&token=${env:B_URL_1}";
        assert_eq!(b.table().0.url.as_deref(), Some(url));
        assert_eq!(
            (a.secrets_in_plain_text(), b.secrets_in_plain_text()),
            (vec!["args[0]".to_owned()], vec!["url".to_owned()])
        );
    }
}
