//! The programs that can use an MCP server, and how their files say so.

mod json;
mod toml;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::save::save;
use super::{Error, found, known};

/// A program that can use an MCP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Client {
    /// Claude Code.
    Claude,
    /// Claude Desktop, which starts servers and reaches none by URL in its file.
    ClaudeDesktop,
    /// Cline in VS Code.
    Cline,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// Gemini CLI.
    Gemini,
    /// VS Code.
    Vscode,
    /// Windsurf.
    Windsurf,
    /// Zed.
    Zed,
}

/// How a client gets at a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It starts it.
    Start {
        /// The program.
        command: String,
        /// Its arguments.
        args: Vec<String>,
    },
    /// It finds it at this URL.
    Url(String),
}

/// A client's file, before and after a change that is not written yet.
#[derive(Debug, Clone)]
pub struct ClientChange {
    /// The file.
    pub file: PathBuf,
    /// Its text now; empty where there is none.
    pub before: String,
    /// What it is to be.
    pub after: String,
    /// Whether there is to be no file any more: nothing but the server was in it.
    is_removed: bool,
}

impl Client {
    /// What people call it, as in [`known`].
    pub fn program(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::Cline => "Cline",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::Gemini => "Gemini CLI",
            Self::Vscode => "VS Code",
            Self::Windsurf => "Windsurf",
            Self::Zed => "Zed",
        }
    }

    /// The user's own file of it at its usual place, whether it is there or not.
    pub fn file(self, home: &Path) -> Option<PathBuf> {
        known(home).into_iter().find(|known| known.program == self.program()).map(|known| known.file)
    }

    /// What its file is to be with the server `name`. One of that name that is reached another way is replaced only if it is
    /// one of ours: a `codemode serve`, or a server at the very URL. What else such an entry says, its `env` for one, stays.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is not what it should be; a server of that name that is not ours; a way to reach a
    /// server that the client does not have.
    pub fn install(self, file: PathBuf, name: &str, reach: &Reach) -> Result<ClientChange, Error> {
        let entry = self.entry(reach).ok_or_else(|| {
            let message =
                format!("{} starts servers and reaches none by URL; leave --http out", self.program());
            Error::Invalid { path: file.clone(), place: None, message }
        })?;
        let before = text(&file)?;
        let known = self.read(&before, &file, name)?;
        if let Some(known) = &known
            && !starts_us(known)
            && reach_of(known).as_ref() != Some(reach)
        {
            let message = format!(
                "there is a server {name:?} in it already, which is not codemode; --name gives another"
            );
            return Err(Error::Invalid { path: file, place: None, message });
        }
        // What is there as it is to be stays as it was written.
        let after = match known {
            Some(known) => match merged(&known, &entry) {
                merged if merged == known => before.clone(),
                merged => self.write(&before, &file, name, Some(&merged))?,
            },
            None => self.write(&before, &file, name, Some(&entry))?,
        };
        Ok(ClientChange { file, before, after, is_removed: false })
    }

    /// What its file is to be without the server `name`; `None` where it is not there. One that is reached by URL is ours if
    /// that is `url`, or `/mcp` on this machine.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is not what it should be; a server of that name that is not ours.
    pub fn uninstall(
        self,
        file: PathBuf,
        name: &str,
        url: Option<&str>,
    ) -> Result<Option<ClientChange>, Error> {
        let before = text(&file)?;
        let Some(known) = self.read(&before, &file, name)? else { return Ok(None) };
        let is_at = |known: &str| url.map_or_else(|| is_usual(known), |url| url == known);
        let is_ours =
            starts_us(&known) || matches!(reach_of(&known), Some(Reach::Url(known)) if is_at(&known));
        if !is_ours {
            let how = match reach_of(&known) {
                Some(Reach::Url(_)) => "; --http names the URL of one that is",
                _ => "",
            };
            let message = format!("the server {name:?} in it is not codemode; it is left as it is{how}");
            return Err(Error::Invalid { path: file, place: None, message });
        }
        let after = self.write(&before, &file, name, None)?;
        let is_removed = matches!(after.trim(), "" | "{}");
        let after = if is_removed { String::new() } else { after };
        Ok(Some(ClientChange { file, before, after, is_removed }))
    }

    /// The key of the object that has the servers.
    fn table(self) -> &'static str {
        match self {
            Self::Vscode => "servers",
            Self::Zed => "context_servers",
            Self::Codex => "mcp_servers",
            _ => "mcpServers",
        }
    }

    /// The entry as the client's own commands and documentation write it; `None` where it has no way to.
    fn entry(self, reach: &Reach) -> Option<Value> {
        Some(match (self, reach) {
            (Self::Claude | Self::Vscode, Reach::Start { command, args }) => {
                json!({ "type": "stdio", "command": command, "args": args })
            }
            (Self::Zed, Reach::Start { command, args }) => {
                json!({ "source": "custom", "command": command, "args": args, "env": {} })
            }
            (_, Reach::Start { command, args }) => json!({ "command": command, "args": args }),
            (Self::ClaudeDesktop, Reach::Url(_)) => return None,
            (Self::Claude | Self::Vscode, Reach::Url(url)) => json!({ "type": "http", "url": url }),
            (Self::Cline, Reach::Url(url)) => json!({ "type": "streamableHttp", "url": url }),
            (Self::Gemini, Reach::Url(url)) => json!({ "httpUrl": url }),
            (Self::Windsurf, Reach::Url(url)) => json!({ "serverUrl": url }),
            (_, Reach::Url(url)) => json!({ "url": url }),
        })
    }

    fn read(self, text: &str, file: &Path, name: &str) -> Result<Option<Value>, Error> {
        match self {
            Self::Codex => toml::read(text, file, self.table(), name),
            _ => json::read(text, file, self.table(), name),
        }
    }

    fn write(self, text: &str, file: &Path, name: &str, entry: Option<&Value>) -> Result<String, Error> {
        match self {
            Self::Codex => toml::write(text, file, self.table(), name, entry),
            _ => json::write(text, file, self.table(), name, entry),
        }
    }
}

impl ClientChange {
    /// Whether there is nothing to do.
    pub fn is_nothing(&self) -> bool {
        self.before == self.after
    }

    /// Writes the file whole or not at all, unless somebody has changed it since it was read.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::Invalid`] where the file has changed.
    pub fn write(&self) -> Result<(), Error> {
        if text(&self.file)? != self.before {
            let message = "it has changed since it was read; try again".to_owned();
            return Err(Error::Invalid { path: self.file.clone(), place: None, message });
        }
        if self.is_removed {
            let removed = std::fs::remove_file(&self.file);
            return removed.map_err(|error| Error::File { doing: "remove", path: self.file.clone(), error });
        }
        save(&self.file, &self.after)
    }
}

/// The text of a file; that of one that is not there is empty.
fn text(file: &Path) -> Result<String, Error> {
    match found::read(file) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| Error::Invalid {
            path: file.to_owned(),
            place: None,
            message: "it is not UTF-8".to_owned(),
        }),
        Err(Error::File { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
    }
}

fn reach_of(entry: &Value) -> Option<Reach> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    if let Some(command) = text("command") {
        let args = entry.get("args").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let args = args.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        return Some(Reach::Start { command, args });
    }
    ["url", "httpUrl", "serverUrl"].iter().find_map(|key| text(key)).map(Reach::Url)
}

/// Whether an entry starts a `codemode serve`.
pub(super) fn starts_us(entry: &Value) -> bool {
    let Some(Reach::Start { command, args }) = reach_of(entry) else { return false };
    let program = Path::new(&command).file_stem().is_some_and(|stem| stem == "codemode");
    program && args.first().is_some_and(|first| first == "serve")
}

/// Whether a URL is one at which `codemode serve --http` is found on this machine.
fn is_usual(url: &str) -> bool {
    let rest = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp"));
    rest.is_some_and(|authority| {
        let bare = authority.trim_end_matches(|one: char| one.is_ascii_digit()).strip_suffix(':');
        matches!(bare.unwrap_or(authority), "localhost" | "127.0.0.1" | "[::1]")
    })
}

/// An entry of ours as it is to be, with what else was said in it. Of one that is reached in the other way nothing counts.
fn merged(known: &Value, entry: &Value) -> Value {
    let (was, is) = (reach_of(known), reach_of(entry));
    let is_alike = matches!(
        (was, is),
        (Some(Reach::Start { .. }), Some(Reach::Start { .. })) | (Some(Reach::Url(_)), Some(Reach::Url(_)))
    );
    if !is_alike {
        return entry.clone();
    }
    let mut all = entries(known);
    for key in ["url", "httpUrl", "serverUrl"] {
        all.remove(key);
    }
    for (key, value) in entries(entry) {
        // Where a client wants one it is empty.
        if key != "env" || !all.contains_key(&key) {
            all.insert(key, value);
        }
    }
    Value::Object(all)
}

/// An object's entries, for a format that writes them one by one.
fn entries(entry: &Value) -> Map<String, Value> {
    entry.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests;
