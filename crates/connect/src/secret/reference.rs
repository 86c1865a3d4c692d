//! Where a secret is: what stands between `${` and `}`.

use super::error::SecretError;
use super::source::{Command, File, Keyring, Variable};

/// Where a secret is. Shows nothing: a command's arguments may be somebody's idea of a place for one.
pub(super) enum Reference {
    Variable(Variable),
    File(File),
    Keyring(Keyring),
    Command(Command),
    /// `${userHome}` of other programs' configurations.
    Home,
}

/// Whose configuration it is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Ours.
    Own,
    /// That of another MCP client, which writes `${NAME}` and `${NAME:-default}` and means by `${command:…}` something
    /// that is none of our business to run.
    Client,
}

/// Variables of other programs that have no meaning here; each is followed by its end or a colon.
const FOREIGN: &[&str] = &[
    "input",
    "command",
    "config",
    "workspaceFolder",
    "workspaceFolderBasename",
    "relativeFile",
    "fileBasename",
    "fileDirname",
    "cwd",
    "extensionPath",
    "pathSeparator",
    "/",
];

impl Reference {
    /// Reads what stands between the braces.
    pub(super) fn parse(inner: &str, dialect: Dialect) -> Result<Self, SecretError> {
        let (kind, place) = inner.split_once(':').unwrap_or((inner, ""));
        if dialect == Dialect::Client {
            if let Some(variable) = FOREIGN.iter().find(|word| **word == kind) {
                return Err(SecretError::Foreign { variable });
            }
            if let Some(named) = Variable::with_default(inner) {
                return Ok(if inner == "userHome" { Self::Home } else { Self::Variable(named) });
            }
        }
        let found = match kind {
            "env" => Variable::named(place, dialect == Dialect::Client).map(Self::Variable),
            "file" => File::at(place).map(Self::File),
            "keyring" => Keyring::named(place).map(Self::Keyring),
            "command" => Command::split(place).map(Self::Command),
            _ => None,
        };
        found.ok_or(SecretError::NoReference)
    }

    /// What it leads to now.
    pub(super) async fn resolve(&self) -> Result<Resolved, SecretError> {
        match self {
            Self::Variable(variable) => variable.resolve(),
            Self::File(file) => file.resolve().await.map(Resolved::secret),
            Self::Keyring(keyring) => keyring.resolve().await.map(Resolved::secret),
            Self::Command(command) => command.resolve().await.map(Resolved::secret),
            Self::Home => super::source::home()
                .map(Resolved::public)
                .ok_or_else(|| SecretError::NotSet { name: "HOME".to_owned() }),
        }
    }
}

/// What a reference led to.
pub(super) struct Resolved {
    pub(super) text: zeroize::Zeroizing<String>,
    /// Whether it is to be hidden, and so is held to what is asked of a secret.
    pub(super) is_secret: bool,
}

impl Resolved {
    pub(super) fn secret(text: String) -> Self {
        Self { text: text.into(), is_secret: true }
    }

    pub(super) fn public(text: String) -> Self {
        Self { text: text.into(), is_secret: false }
    }
}
