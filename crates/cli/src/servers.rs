//! The MCP servers that a run connects to.

use std::str::FromStr;

use anyhow::Context as _;
use codemode::Catalog;
use codemode::connect::{Command, Mcp};

/// What `--demo` connects to: the name in the program, and the groups of tools of our own example server.
const DEMO: [(&str, &[&str]); 3] =
    [("demo", &["weather", "trouble"]), ("orders", &["orders"]), ("customers", &["customers"])];

/// A server as it is written on the command line: `name=command argument …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    name: String,
    program: String,
    arguments: Vec<String>,
}

impl Server {
    /// The server that these words start.
    ///
    /// # Errors
    ///
    /// Why it cannot bear the name, or that there are no words.
    pub(crate) fn started_by(name: &str, words: Vec<String>) -> Result<Self, String> {
        check_name(name)?;
        let mut words = words.into_iter();
        let program = words.next().ok_or("the command is empty")?;
        Ok(Self { name: name.to_owned(), program, arguments: words.collect() })
    }
}

impl FromStr for Server {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, command) = text
            .split_once('=')
            .ok_or("write NAME=COMMAND: the name that the server has in the program, and what starts it")?;
        Self::started_by(name, shlex::split(command).ok_or("a quote in the command is not closed")?)
    }
}

/// Whether a connector can bear this name: an empty catalog refuses exactly the names that the run's would.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    Catalog::default().insert(name, Vec::new()).map(drop).map_err(|error| error.to_string())
}

/// The connectors for the servers, and for our own example server with `demo`; their names are taken in `names`. Nothing
/// is started yet.
pub(crate) fn connectors(
    servers: &[Server],
    variables: &[String],
    demo: bool,
    names: &mut Catalog,
) -> anyhow::Result<Vec<Mcp>> {
    let mut connectors = Vec::new();
    if demo {
        let program =
            std::env::current_exe().context("cannot find the program that serves --demo: this one")?;
        for (name, groups) in DEMO {
            names.insert(name, Vec::new())?;
            let command = Command::new(&program).arg("example-server").args(groups.iter().copied());
            connectors.push(Mcp::stdio(name, command));
        }
    }
    for server in servers {
        // Two of a name are refused here, before either is started.
        names.insert(&server.name, Vec::new())?;
        let command = Command::new(&server.program).args(&server.arguments);
        let command = variables.iter().fold(command, |command, variable| command.inherit(variable));
        connectors.push(Mcp::stdio(&server.name, command));
    }
    Ok(connectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_name_and_a_command() {
        let server: Server = "files='my server' --root \"a b\" c=d".parse().unwrap();
        assert_eq!(server.name, "files");
        assert_eq!(server.program, "my server");
        assert_eq!(server.arguments, ["--root", "a b", "c=d"]);
        for (text, expected) in [
            ("files", "NAME=COMMAND"),
            ("files=", "the command is empty"),
            ("files=  ", "the command is empty"),
            ("files='a", "not closed"),
            ("my-files=a", "my-files"),
            ("=a", "identifier"),
            ("console=a", "console"),
        ] {
            let error = text.parse::<Server>().unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
