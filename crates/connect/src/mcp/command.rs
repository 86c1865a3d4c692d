//! How a server's process is started.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;

use crate::Secret;
use crate::environment::INHERITED;
use crate::secret::{self, Redactor};

/// The command line of a server: a program and its arguments, never a shell's text.
///
/// The process gets a minimal environment (`PATH`, `HOME`, `LANG`, `LC_ALL`, `TMPDIR` and `USER`; their like on
/// Windows), the variables named by [`inherit`](Self::inherit) and those given by [`env`](Self::env) and
/// [`secret_env`](Self::secret_env). Secrets are taken out of whatever comes back from the process. `Debug` shows no value of
/// a variable and no secret.
#[derive(Clone)]
pub struct Command {
    program: OsString,
    args: Vec<Word>,
    env: BTreeMap<OsString, Word>,
    inherit: Vec<OsString>,
    cwd: Option<PathBuf>,
}

/// An argument, or the value of a variable.
#[derive(Clone)]
enum Word {
    Plain(OsString),
    Secret(Secret),
}

impl Command {
    /// The program: a path, or a name that is looked for in `PATH`.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            inherit: Vec::new(),
            cwd: None,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(Word::Plain(arg.into()));
        self
    }

    /// Adds an argument that is a secret. Other users of the machine may see what arguments programs have: a variable is
    /// better, where the server takes one. A reference is followed when the server starts.
    pub fn secret_arg(mut self, secret: Secret) -> Self {
        self.args.push(Word::Secret(secret));
        self
    }

    /// Adds arguments.
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| Word::Plain(arg.into())));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.insert(name.into(), Word::Plain(value.into()));
        self
    }

    /// Sets a variable to a secret. A reference is followed when the server starts.
    pub fn secret_env(mut self, name: impl Into<OsString>, secret: Secret) -> Self {
        self.env.insert(name.into(), Word::Secret(secret));
        self
    }

    /// Passes on a variable of our own environment, where it is set when the server starts.
    pub fn inherit(mut self, name: impl Into<OsString>) -> Self {
        self.inherit.push(name.into());
        self
    }

    /// The working directory. Default: ours.
    pub fn cwd(mut self, cwd: impl Into<PathBuf>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }

    /// What is started, without secrets and variables: what [`Connector::identity`](crate::Connector::identity) is to be.
    pub(super) fn identity(&self) -> String {
        let args = self.args.iter().map(|arg| match arg {
            Word::Plain(plain) => Some(plain.to_string_lossy()),
            Word::Secret(_) => None,
        });
        let cwd = self.cwd.as_ref().map(|cwd| cwd.to_string_lossy());
        let args: Vec<_> = args.collect();
        serde_json::json!([self.program.to_string_lossy(), args, cwd]).to_string()
    }

    pub(super) fn program(&self) -> &OsStr {
        &self.program
    }

    /// What starts the process. `redactor` hides the secrets from now on.
    pub(super) async fn build(&self, redactor: &Redactor) -> Result<tokio::process::Command, Unbuilt> {
        let mut command = tokio::process::Command::new(&self.program);
        for (index, arg) in self.args.iter().enumerate() {
            let place = || format!("the argument {}", index + 1);
            command.arg(arg.reveal(redactor, place).await?.as_os_str());
        }
        command.env_clear();
        let inherited = INHERITED.iter().map(OsStr::new).chain(self.inherit.iter().map(OsString::as_os_str));
        command.envs(inherited.filter_map(|name| Some((name, std::env::var_os(name)?))));
        for (name, value) in &self.env {
            let place = || format!("the variable {}", name.to_string_lossy());
            command.env(name, value.reveal(redactor, place).await?.as_os_str());
        }
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        Ok(command)
    }
}

/// Why a process cannot be started: a secret could not be had. For the operator.
#[derive(Debug)]
pub(super) struct Unbuilt(pub(super) String);

/// A word as the process gets it.
enum Revealed<'a> {
    Plain(&'a OsStr),
    Secret(secret::Revealed),
}

impl Revealed<'_> {
    fn as_os_str(&self) -> &OsStr {
        match self {
            Self::Plain(plain) => plain,
            Self::Secret(secret) => OsStr::new(secret.expose()),
        }
    }
}

impl Word {
    async fn reveal(
        &self,
        redactor: &Redactor,
        place: impl FnOnce() -> String,
    ) -> Result<Revealed<'_>, Unbuilt> {
        match self {
            Self::Plain(plain) => Ok(Revealed::Plain(plain)),
            Self::Secret(secret) => match redactor.reveal(secret).await {
                Ok(revealed) => Ok(Revealed::Secret(revealed)),
                Err(error) => Err(Unbuilt(format!("{}: {error}", place()))),
            },
        }
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(plain) => plain.fmt(f),
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("inherit", &self.inherit)
            .field("cwd", &self.cwd)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_started_is_told_apart_and_secrets_are_not_part_of_it() {
        let command = |args: &[&str]| Command::new("server").args(args);
        assert_eq!(command(&["a b"]).identity(), command(&["a b"]).env("X", "y").identity());
        assert_ne!(command(&["a b"]).identity(), command(&["a", "b"]).identity());
        assert_ne!(command(&[]).identity(), command(&[]).cwd("/tmp").identity());
        let secret = |secret| command(&[]).secret_arg(Secret::new(secret).unwrap()).identity();
        assert_eq!(secret("one secret of mine"), secret("another of mine"));
        assert!(!secret("one secret of mine").contains("mine"));
    }
}
