//! Texts in which references stand for what is elsewhere.

use std::fmt;

use codemode_connect::{Secret, SecretError};

/// A text with references in it, as a configuration writes it. Nothing is looked up when it is read; `Debug` shows its
/// references and nothing else of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// A variable of the environment, and what stands in its place where it is not set.
    Variable {
        name: String,
        default: Option<String>,
    },
    /// Something only a secret can be: `${file:…}`, `${keyring:…}`, `${command:…}`, as it is written.
    Secret(String),
}

/// How references are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// As in `codemode.toml`.
    Ours,
    /// As other programs' files write them: `${NAME}`, `${NAME:-default}`, `${env:NAME}`.
    Theirs,
}

/// Why a text cannot be used where it stands. Shows nothing of it but names of variables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    /// The variable holds what is no text.
    #[error("the environment variable {0} is not UTF-8")]
    NotText(String),
    /// A file, keyring or command gives secrets, and this is no place for one.
    #[error(
        "only ${{env:NAME}} can stand here: a file, a keyring or a command gives a secret, which would be seen"
    )]
    NoPlaceForSecrets,
    /// There is no such secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

const KINDS: [&str; 3] = ["file:", "keyring:", "command:"];

impl Text {
    pub(super) fn parse(written: &str, dialect: Dialect) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = written;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if dialect == Dialect::Ours && before.ends_with('$') {
                literal(&mut parts, before);
                literal(&mut parts, "{");
                rest = from.get(2..).unwrap_or_default();
                continue;
            }
            literal(&mut parts, before);
            let inner = from.get(2..).unwrap_or_default();
            let Some((inner, after)) = inner.split_once('}') else {
                return Err("a reference ${… is not closed".to_owned());
            };
            parts.push(reference(inner, dialect)?);
            rest = after;
        }
        literal(&mut parts, rest);
        Ok(Self { parts })
    }

    /// Whether it holds no reference at all.
    pub fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Literal(_)))
    }

    /// The references in it, such as `${env:TOKEN}`.
    pub fn references(&self) -> Vec<String> {
        let references = self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Variable { name, default: None } => Some(format!("${{env:{name}}}")),
            Part::Variable { name, .. } => Some(format!("${{env:{name}}} or a default")),
            Part::Secret(written) => Some(written.clone()),
        });
        references.collect()
    }

    /// Whether it is a variable that need not be set, and is not.
    pub(super) fn is_absent(&self) -> bool {
        match self.parts.as_slice() {
            [Part::Variable { name, default: Some(default) }] => {
                default.is_empty() && std::env::var_os(name).is_none()
            }
            _ => false,
        }
    }

    /// The variables in it that are set, with what they hold.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let variables = self.parts.iter().filter_map(|part| match part {
            Part::Variable { name, .. } => Some((name.clone(), std::env::var(name).ok()?)),
            Part::Literal(_) | Part::Secret(_) => None,
        });
        variables.collect()
    }

    /// The text with its literals and, instead of its references, these as they are written: for people. `hide` leaves
    /// the literals out too.
    pub fn shown(&self, hide: bool) -> String {
        let shown = self.parts.iter().map(|part| match part {
            Part::Literal(_) if hide => "…".to_owned(),
            Part::Literal(text) => text.clone(),
            Part::Variable { name, default: None } => format!("${{env:{name}}}"),
            Part::Variable { name, default: Some(_) } if hide => format!("${{env:{name}}}…"),
            Part::Variable { name, default: Some(default) } => format!("${{{name}:-{default}}}"),
            Part::Secret(written) => written.clone(),
        });
        shown.collect()
    }

    /// The text as `codemode.toml` writes it. What stands in place of a variable that is not set is lost.
    pub(super) fn ours(&self) -> String {
        let written = self.parts.iter().map(|part| match part {
            Part::Literal(text) => text.replace("${", "$${"),
            Part::Variable { name, .. } => format!("${{env:{name}}}"),
            Part::Secret(written) => written.clone(),
        });
        written.collect()
    }

    /// What it stands for, looked up now.
    ///
    /// # Errors
    ///
    /// [`TextError::NoPlaceForSecrets`] where it refers to a file, keyring or command.
    pub fn expand(&self) -> Result<String, TextError> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Variable { name, default } => out.push_str(&variable(name, default.as_deref())?),
                Part::Secret(_) => return Err(TextError::NoPlaceForSecrets),
            }
        }
        Ok(out)
    }

    /// The secret it stands for. Where it leads is looked up when the secret is first needed.
    pub fn secret(&self) -> Result<Secret, TextError> {
        let has_default = |part: &Part| matches!(part, Part::Variable { default: Some(_), .. });
        if self.is_plain() || self.parts.iter().any(has_default) {
            return Ok(Secret::new(self.expand()?)?);
        }
        Ok(Secret::template(&self.ours())?)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Text").field(&self.references()).finish()
    }
}

fn literal(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Literal(before)) => before.push_str(text),
        _ => parts.push(Part::Literal(text.to_owned())),
    }
}

fn reference(inner: &str, dialect: Dialect) -> Result<Part, String> {
    let variable = |name: &str, default: Option<&str>| Part::Variable {
        name: name.to_owned(),
        default: default.map(str::to_owned),
    };
    if let Some(name) = inner.strip_prefix("env:") {
        let (name, default) = match name.split_once(":-") {
            Some((name, default)) if dialect == Dialect::Theirs => (name, Some(default)),
            _ => (name, None),
        };
        return match is_variable(name) {
            true => Ok(variable(name, default)),
            false => {
                Err("the name of a variable has letters, digits and underscores: ${env:NAME}".to_owned())
            }
        };
    }
    match dialect {
        Dialect::Ours if KINDS.iter().any(|kind| inner.starts_with(kind)) => {
            Ok(Part::Secret(format!("${{{inner}}}")))
        }
        Dialect::Ours if is_variable(inner) => {
            Err(format!("${{{inner}}} is no reference: write ${{env:{inner}}}, or $${{{inner}}} for the plain text"))
        }
        Dialect::Ours => {
            Err("a reference is written ${env:NAME}, ${file:PATH}, ${keyring:NAME} or ${command:…}, and $${ is a plain ${"
                .to_owned())
        }
        Dialect::Theirs => match inner.split_once(":-") {
            Some((name, default)) if is_variable(name) => Ok(variable(name, Some(default))),
            _ if inner == "workspaceFolder" => {
                Err("it asks for the folder that its own program has open (${workspaceFolder})".to_owned())
            }
            _ if inner == "userHome" => Ok(variable("HOME", None)),
            _ if inner.starts_with("input:") => {
                Err("it asks for an input (${input:…}), which only its own program can ask for".to_owned())
            }
            _ if is_variable(inner) => Ok(variable(inner, None)),
            _ => Err("it holds a reference that only its own program understands".to_owned()),
        },
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn variable(name: &str, default: Option<&str>) -> Result<String, TextError> {
    match (std::env::var(name), default) {
        // As in a shell, `:-` counts for an empty one too.
        (Ok(value), Some(default)) if value.is_empty() => Ok(default.to_owned()),
        (Ok(value), _) => Ok(value),
        (Err(std::env::VarError::NotPresent), Some(default)) => Ok(default.to_owned()),
        (Err(std::env::VarError::NotPresent), None) => Err(TextError::NotSet(name.to_owned())),
        (Err(std::env::VarError::NotUnicode(_)), _) => Err(TextError::NotText(name.to_owned())),
    }
}

/// Words in the names of variables that hold secrets by custom.
const SECRET_WORDS: [&str; 14] = [
    "auth",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "dsn",
    "key",
    "pass",
    "passwd",
    "password",
    "pat",
    "pwd",
    "secret",
    "token",
];

/// Whether a variable of this name holds a secret by custom. What it holds is not looked at.
pub fn sounds_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        SECRET_WORDS.contains(&word)
            || ["apikey", "secretkey", "accesskey"].iter().any(|end| word.ends_with(end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(text: &str) -> Result<Text, String> {
        Text::parse(text, Dialect::Ours)
    }

    fn theirs(text: &str) -> Result<Text, String> {
        Text::parse(text, Dialect::Theirs)
    }

    #[test]
    fn references_are_looked_up_late() {
        let text = ours("a ${env:CODEMODE_NO_SUCH} b").unwrap();
        assert_eq!(text.expand(), Err(TextError::NotSet("CODEMODE_NO_SUCH".to_owned())));
        assert_eq!(ours("${env:CARGO_PKG_NAME}!").unwrap().expand().unwrap(), "codemode!");
        assert_eq!(ours("x ${file:/etc/passwd}").unwrap().expand(), Err(TextError::NoPlaceForSecrets));
        assert_eq!(theirs("${CODEMODE_NO_SUCH:-d}").unwrap().expand().unwrap(), "d");
        assert_eq!(
            theirs("${env:CARGO_PKG_NAME}${CARGO_PKG_NAME}").unwrap().expand().unwrap(),
            "codemodecodemode"
        );
    }

    #[test]
    fn a_doubled_sign_is_plain() {
        assert_eq!(ours("$${X} $$ $").unwrap().expand().unwrap(), "${X} $$ $");
        assert!(ours("$${X}").unwrap().is_plain());
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for (text, expected) in [
            ("${HOME}", "${env:HOME}"),
            ("${env:A", "not closed"),
            ("${env:}", "letters"),
            ("${env:A-B}", "letters"),
            ("${what:ever}", "${keyring:NAME}"),
        ] {
            let error = ours(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert!(theirs("${input:token}").unwrap_err().contains("input"));
        assert!(theirs("${fileDirname}").is_ok());
        assert!(theirs("${config:x.y}").is_err());
    }

    #[test]
    fn debug_shows_no_text() {
        let shown = format!("{:?}", ours("sk_live_0123 ${env:X}").unwrap());
        assert!(shown.contains("${env:X}") && !shown.contains("0123"), "{shown}");
    }

    #[test]
    fn secrets_are_told_by_name() {
        for name in
            ["GITHUB_TOKEN", "Authorization", "X-Api-Key", "OPENAI_APIKEY", "db.password", "PGPASSWORD_PWD"]
        {
            assert!(sounds_secret(name), "{name}");
        }
        for name in ["HOME", "LOG_LEVEL", "MONKEY", "X-Toolset", "PATH", "AUTHOR"] {
            assert!(!sounds_secret(name), "{name}");
        }
    }
}
