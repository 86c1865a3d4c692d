//! From what was configured to what connects. Here, and nowhere before, references are looked up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codemode_connect as connect;
use codemode_connect::{Connector, Given, Mcp, Secret, SecretError, Select, Source};

use super::broken::Broken;
use super::entry::{Entry, Http, Kind, OAuth, OpenApi, Stdio};
use super::file::{Operations, Transport};
use super::plain;
use super::text::{Text, TextError};
use super::tuned::Tuned;

/// What a connector may use of the host besides what its entry names.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// Where what can be made again is kept: API documents as they were read.
    pub cache: Option<PathBuf>,
    /// Where state is kept: logins.
    pub state: Option<PathBuf>,
}

/// Why an entry cannot become a connector. Shows no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectorError {
    /// A text of the entry leads to nothing.
    #[error("connector {connector}: {key}: {error}")]
    Text {
        /// The connector.
        connector: String,
        /// The key, such as `env.TOKEN`.
        key: String,
        /// What is wrong.
        error: TextError,
    },
    /// A value is not what it must be once references are looked up.
    #[error("connector {connector}: {key}: {what}")]
    Value {
        /// The connector.
        connector: String,
        /// The key.
        key: String,
        /// What is wrong.
        what: String,
    },
}

impl Entry {
    /// The connector. References are looked up now; nothing is started or sent before its first use. Where one leads to
    /// nothing, the connector is one that is never available and says why.
    pub fn connector(&self, folders: &Folders) -> Arc<dyn Connector> {
        self.try_connector(folders)
            .unwrap_or_else(|error| Arc::new(Broken::new(&self.name, error.to_string())))
    }

    /// The same.
    ///
    /// # Errors
    ///
    /// [`ConnectorError`] where a reference leads to nothing, or to what cannot stand in its place.
    pub fn try_connector(&self, folders: &Folders) -> Result<Arc<dyn Connector>, ConnectorError> {
        let maker = Maker { entry: self, folders };
        let connector: Arc<dyn Connector> = match &self.kind {
            Kind::Stdio(stdio) => Arc::new(maker.stdio(stdio)?),
            Kind::Http(http) => Arc::new(maker.http(http)?),
            Kind::OpenApi(api) => Arc::new(maker.openapi(api)?),
        };
        Ok(Tuned::around(connector, self))
    }

    /// The same where it is an MCP server that is reached over HTTP, which one can log in to; `None` where it is not.
    ///
    /// # Errors
    ///
    /// As [`try_connector`](Self::try_connector).
    pub fn http(&self, folders: &Folders) -> Result<Option<Mcp>, ConnectorError> {
        match &self.kind {
            Kind::Http(http) => Maker { entry: self, folders }.http(http).map(Some),
            Kind::Stdio(_) | Kind::OpenApi(_) => Ok(None),
        }
    }

    /// Every text of the entry that may hold references, with its key.
    pub fn texts(&self) -> Vec<(String, &Text)> {
        let named = |key: &str, name: &str| format!("{key}.{name}");
        match &self.kind {
            Kind::Stdio(stdio) => {
                let mut texts = vec![("command".to_owned(), &stdio.command)];
                let args = stdio.args.iter().enumerate();
                texts.extend(args.map(|(at, arg)| (format!("args[{at}]"), arg)));
                texts.extend(stdio.env.iter().map(|(name, text)| (named("env", name), text)));
                texts.extend(stdio.cwd.iter().map(|cwd| ("cwd".to_owned(), cwd)));
                texts
            }
            Kind::Http(http) => {
                let mut texts = vec![("url".to_owned(), &http.url)];
                texts.extend(http.headers.iter().map(|(name, text)| (named("headers", name), text)));
                let secret = http.oauth.as_ref().and_then(|oauth| oauth.client_secret.as_ref());
                texts.extend(secret.map(|secret| ("oauth.client_secret".to_owned(), secret)));
                texts
            }
            Kind::OpenApi(api) => {
                let mut texts = vec![("openapi".to_owned(), &api.document)];
                texts.extend(api.base_url.iter().map(|url| ("base_url".to_owned(), url)));
                texts.extend(api.credentials.iter().map(|(name, text)| (named("credentials", name), text)));
                texts
            }
        }
    }

    /// Keys whose value is a secret that stands in the file itself.
    pub fn secrets_in_plain_text(&self) -> Vec<String> {
        let secret = |(key, text): (String, &Text)| {
            let is_secret = match key.split_once('.') {
                Some((_, name)) => matches!(given(self, name, text), Ok(Given::Secret(_))),
                // The arguments follow.
                None => !key.starts_with("args[") && plain::in_text(&text.shown(false)).is_some(),
            };
            (text.is_plain() && is_secret).then_some(key)
        };
        let args = match &self.kind {
            Kind::Stdio(stdio) => stdio.args.as_slice(),
            Kind::Http(_) | Kind::OpenApi(_) => &[],
        };
        let args = (0..args.len()).filter(|at| plain_argument(args, *at).is_some());
        let args = args.map(|at| format!("args[{at}]"));
        self.texts().into_iter().filter_map(secret).chain(args).collect()
    }

    /// The path that a text names, from the folder of the file: `~/` is the home folder.
    ///
    /// # Errors
    ///
    /// [`TextError`] where a reference in it leads to nothing.
    pub fn path(&self, text: &Text) -> Result<PathBuf, TextError> {
        Ok(from(self.folder(), &text.expand()?))
    }
}

/// The value of a variable or header. Nothing is looked up.
fn given(entry: &Entry, name: &str, text: &Text) -> Result<Given, SecretError> {
    match entry.is_foreign {
        true => Given::imported(name, &text.shown(false)),
        false => Given::parse(name, &text.ours()),
    }
}

/// The secret that stands in plain text in the argument at `at`.
pub(super) fn plain_argument(args: &[Text], at: usize) -> Option<String> {
    let word = args.get(at).filter(|word| word.is_plain())?.shown(false);
    let before = at.checked_sub(1).and_then(|at| args.get(at)).map(|before| before.shown(false));
    plain::in_argument(before.as_deref(), &word).map(str::to_owned)
}

struct Maker<'e> {
    entry: &'e Entry,
    folders: &'e Folders,
}

impl Maker<'_> {
    fn stdio(&self, stdio: &Stdio) -> Result<Mcp, ConnectorError> {
        let mut limits = self.limits();
        if let Some(start) = stdio.start_timeout {
            limits.start_timeout = start;
        }
        Ok(Mcp::stdio(&self.entry.name, self.command(stdio)?).limits(limits))
    }

    fn command(&self, stdio: &Stdio) -> Result<connect::Command, ConnectorError> {
        let command = self.expand("command", &stdio.command)?;
        // A name without a separator is looked for in PATH.
        let is_path = command.contains(['/', '\\']);
        let program = if is_path { started(self.entry.folder(), &command) } else { PathBuf::from(command) };
        let mut command = connect::Command::new(program);
        for (at, arg) in stdio.args.iter().enumerate() {
            let word = self.expand(&format!("args[{at}]"), arg)?;
            command = match self.argument(&stdio.args, at, arg, &word)? {
                Given::Plain(_) => command.arg(word),
                Given::Secret(secret) => command.secret_arg(secret),
            };
        }
        for (name, text) in stdio.env.iter().filter(|(_, text)| !text.is_absent()) {
            command = match self.given("env", name, text)? {
                Given::Plain(value) => command.env(name, value),
                Given::Secret(secret) => command.secret_env(name, secret),
            };
        }
        command = stdio.inherit.iter().fold(command, |command, name| command.inherit(name));
        // Never the folder where somebody happens to be: `npx` and `python -m` run what lies there.
        let cwd = stdio.cwd.as_ref().map(|cwd| self.expand("cwd", cwd)).transpose()?;
        Ok(command.cwd(started(self.entry.folder(), &cwd.unwrap_or_default())))
    }

    fn http(&self, http: &Http) -> Result<Mcp, ConnectorError> {
        let url = self.expand("url", &http.url)?;
        let made = match http.transport {
            Some(Transport::Sse) => Mcp::sse(&self.entry.name, &url),
            _ => Mcp::http(&self.entry.name, &url),
        };
        let mut connector = made.map_err(|error| self.value("url", error.to_string()))?;
        let secrets = http.url.variables().into_iter().filter(|(name, value)| plain::is_secret(name, value));
        let secrets = secrets.map(|(_, value)| value).chain(plain::in_text(&url).map(str::to_owned));
        // What is too short to be told from other text stays.
        for secret in secrets.filter_map(|secret| Secret::new(secret).ok()) {
            connector = connector.hide(&secret);
        }
        for (name, text) in &http.headers {
            let key = format!("headers.{name}");
            let made = match self.given("headers", name, text)? {
                Given::Plain(value) => connector.plain_header(name, &value),
                Given::Secret(secret) => connector.header(name, secret),
            };
            connector = made.map_err(|error| self.value(&key, error.to_string()))?;
        }
        if let Some(state) = &self.folders.state {
            connector = connector.oauth(self.oauth(http.oauth.as_ref(), &state.join("credentials"))?);
        }
        Ok(http.allow_private.iter().cloned().fold(connector.limits(self.limits()), Mcp::allow))
    }

    fn oauth(&self, given: Option<&OAuth>, folder: &Path) -> Result<connect::OAuth, ConnectorError> {
        let mut oauth = connect::OAuth::new(folder);
        let Some(given) = given else { return Ok(oauth) };
        if let Some(id) = &given.client_id {
            let secret = given.client_secret.as_ref().map(Text::secret).transpose();
            let secret = secret.map_err(|error| self.text("oauth.client_secret", error))?;
            oauth = oauth.client(id, secret);
        }
        if let Some(url) = &given.client_metadata_url {
            oauth = oauth.client_metadata_url(url);
        }
        if let Some(issuer) = &given.issuer {
            oauth = oauth.issuer(issuer);
        }
        if !given.scopes.is_empty() {
            oauth = oauth.scopes(&given.scopes);
        }
        Ok(if given.client_credentials { oauth.client_credentials() } else { oauth })
    }

    /// The limits of an MCP connector.
    fn limits(&self) -> connect::Limits {
        let default = connect::Limits::default();
        let concurrency = self.entry.concurrency.map_or(default.concurrency, usize::from);
        connect::Limits { concurrency, ..default }
    }

    fn openapi(&self, api: &OpenApi) -> Result<connect::OpenApi, ConnectorError> {
        let document = self.expand("openapi", &api.document)?;
        let source = match is_url(&document) {
            true => Source::Url(document),
            false => Source::File(from(self.entry.folder(), &document)),
        };
        let mut connector = connect::OpenApi::new(&self.entry.name, source);
        if let Some(cache) = &self.folders.cache {
            connector = connector.cache(cache.join("openapi"));
        }
        if let Some(url) = &api.base_url {
            connector = connector.base_url(self.expand("base_url", url)?);
        }
        for (scheme, text) in &api.credentials {
            let key = format!("credentials.{scheme}");
            let secret = text.secret().map_err(|error| self.text(&key, error))?;
            connector = connector.credential(scheme, secret);
        }
        if let Some(url) = &api.token_url {
            connector =
                connector.token_url(url).map_err(|error| self.value("token_url", error.to_string()))?;
        }
        for (name, value) in &api.server_variables {
            connector = connector.server_variable(name, value);
        }
        connector = selects(&api.include).fold(connector, connect::OpenApi::include);
        connector = selects(&api.exclude).fold(connector, connect::OpenApi::exclude);
        connector = api.allow_private.iter().cloned().fold(connector, connect::OpenApi::allow);
        Ok(if api.raw_requests { connector } else { connector.without_raw_requests() })
    }

    /// The value of a variable or header: a secret where it is one, so that it is taken out of whatever comes back.
    fn given(&self, key: &str, name: &str, text: &Text) -> Result<Given, ConnectorError> {
        given(self.entry, name, text).map_err(|error| self.text(&format!("{key}.{name}"), error.into()))
    }

    /// An argument that comes to `word`: a secret where a variable in it is one, or what stands in it.
    fn argument(&self, args: &[Text], at: usize, arg: &Text, word: &str) -> Result<Given, ConnectorError> {
        if arg.variables().iter().any(|(name, value)| plain::is_secret(name, value)) {
            // Only what looks like a secret is hidden of what variables hold, for a folder is in many a result.
            let written = if self.entry.is_foreign { arg.shown(false) } else { arg.ours() };
            let given = Given::imported(&format!("args[{at}]"), &written);
            return given.map_err(|error| self.text(&format!("args[{at}]"), error.into()));
        }
        let secret = plain_argument(args, at).and_then(|_| Secret::new(word).ok());
        Ok(secret.map_or_else(|| Given::Plain(word.to_owned()), Given::Secret))
    }

    fn expand(&self, key: &str, text: &Text) -> Result<String, ConnectorError> {
        text.expand().map_err(|error| self.text(key, error))
    }

    fn text(&self, key: &str, error: TextError) -> ConnectorError {
        ConnectorError::Text { connector: self.entry.name.clone(), key: key.to_owned(), error }
    }

    fn value(&self, key: &str, what: impl Into<String>) -> ConnectorError {
        ConnectorError::Value { connector: self.entry.name.clone(), key: key.to_owned(), what: what.into() }
    }
}

fn selects(operations: &Operations) -> impl Iterator<Item = Select> + use<> {
    let Operations { tags, paths, methods, names } = operations.clone();
    let tags = tags.into_iter().map(Select::Tag);
    let paths = paths.into_iter().map(Select::Path);
    let methods = methods.into_iter().map(Select::Method);
    tags.chain(paths).chain(methods).chain(names.into_iter().map(Select::Operation))
}

/// Whether a document's place is a URL of HTTP, and no file.
pub fn is_url(text: &str) -> bool {
    let starts = |start: &str| text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    starts("http://") || starts("https://")
}

/// The path that is written in a file of this folder: `~/` is the home folder.
pub(super) fn from(folder: &Path, path: &str) -> PathBuf {
    let in_home = path.strip_prefix("~/").or_else(|| path.strip_prefix("~\\"));
    match (in_home, std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(path),
    }
}

/// The same, absolute: in the folder where a program is started a relative path would mean something else.
fn started(folder: &Path, path: &str) -> PathBuf {
    let path = from(&Path::new(".").join(folder), path);
    std::path::absolute(&path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn command(file: &str, text: &str) -> String {
        let config = Config::parse(text, Path::new(file)).unwrap();
        let entry = &config.connectors[0];
        let Kind::Stdio(stdio) = &entry.kind else { panic!("{entry:?}") };
        format!("{:?}", Maker { entry, folders: &Folders::default() }.command(stdio).unwrap())
    }

    #[test]
    fn secrets_in_arguments_are_given_as_such() {
        let text = r#"[connectors.a]
            command = "x"
            args = ["--api-key", "correct-horse-battery", "-y", "server", "${env:CARGO_PKG_NAME}"]"#;
        let shown = command("codemode.toml", text);
        let args = r#"args: ["--api-key", [redacted], "-y", "server", "codemode"]"#;
        assert!(shown.contains(args), "{shown}");
    }

    #[test]
    fn what_codex_passes_on_is_left_out_where_it_is_not_set() {
        let text = "[mcp_servers.a]\ncommand = 'x'\nenv_vars = ['CODEMODE_NO_SUCH_TOKEN']";
        let shown = command("config.toml", text);
        assert!(shown.contains("env: []"), "{shown}");
    }

    #[cfg(unix)]
    #[test]
    fn a_server_is_started_in_the_folder_of_its_file() {
        let started = |file, keys| command(file, &format!("[connectors.a]\ncommand = 'x'\n{keys}"));
        let here = std::env::current_dir().unwrap();
        for (file, cwd, expected) in [
            ("/config/codemode.toml", "", Path::new("/config/")),
            ("/config/codemode.toml", "cwd = 'x'", Path::new("/config/x")),
            ("/config/codemode.toml", "cwd = '/x'", Path::new("/x")),
            ("codemode.toml", "", &here.join("")),
        ] {
            let shown = started(file, cwd);
            assert!(shown.contains(&format!("cwd: Some({expected:?})")), "{shown}");
        }
    }
}
