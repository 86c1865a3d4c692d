//! Which connectors a command needs: the others are not started, and nothing is said of them.

use codemode::{Catalog, Unknown, Via};
use codemode_catalog::nearest_name;
use codemode_program::{Limits, compile};

/// Which connectors a command needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    /// Not one: what is asked for is known without them.
    Nothing,
    /// These; one that there is not is an error.
    Named(Vec<String>),
    /// That of the tool at this path, or the connector that it is. A path that names none may be a bare name in any.
    OfPath(String),
    /// Those that this program names, where that can be told for certain.
    OfProgram(String),
}

impl Wanted {
    /// Only these, or all of them where none is named.
    pub(crate) fn named(names: &[String]) -> Self {
        if names.is_empty() { Self::All } else { Self::Named(names.to_vec()) }
    }

    /// What a tool needs, which no connector's name can mean.
    pub(crate) fn of_tool(path: &str) -> Self {
        if path.contains('.') { Self::OfPath(path.to_owned()) } else { Self::All }
    }

    /// The wanted ones of those that there are; `None` for all of them.
    ///
    /// # Errors
    ///
    /// A connector that there is not, with what is near.
    pub(crate) fn among(&self, known: &Catalog) -> anyhow::Result<Option<Vec<String>>> {
        if known.connectors().next().is_none() {
            return Ok(None);
        }
        match self {
            Self::All => Ok(None),
            Self::Nothing => Ok(Some(Vec::new())),
            Self::Named(names) => {
                let found = names.iter().map(|name| {
                    let found = known.connector_name(name).map(str::to_owned);
                    found.map_err(|unknown| explained(name, &unknown, known))
                });
                Ok(Some(found.collect::<anyhow::Result<_>>()?))
            }
            Self::OfPath(path) => of_path(path, known),
            Self::OfProgram(source) => Ok(of_program(source, known)),
        }
    }
}

fn of_path(path: &str, known: &Catalog) -> anyhow::Result<Option<Vec<String>>> {
    let path = path.trim();
    let path = path.strip_prefix("tools.").unwrap_or(path);
    let (name, is_tool) = path.split_once('.').map_or((path, false), |(name, _)| (name, true));
    match known.connector_name(name) {
        Ok(connector) if is_tool || connector == name => Ok(Some(vec![connector.to_owned()])),
        // A tool's own name may have a dot in it; but not where the connector is a slip away.
        Err(unknown) if is_tool && nearest_name(name, known.connectors()).is_some() => {
            Err(explained(name, &unknown, known))
        }
        _ => Ok(None),
    }
}

/// The connectors whose names stand anywhere in the program, if it can reach no other.
fn of_program(source: &str, known: &Catalog) -> Option<Vec<String>> {
    /// What reaches a connector without its name, whatever else the program is; `\u` can spell any name.
    const REACHING: [&str; 8] =
        ["globalThis", "tools", "codemode", "callBinding", "callHostTool", "eval", "Function", "\\u"];
    let program = compile(source, &Limits::default()).ok()?;
    let is_known = |path: &str| {
        let name = path.split_once('.').map_or(path, |(name, _)| name);
        known.connectors().any(|connector| connector == name)
    };
    let is_complete = !program.has_dynamic_calls()
        && program.calls().iter().all(|call| call.via == Via::Namespace && is_known(&call.path))
        && !REACHING.iter().any(|word| source.contains(word));
    let named = known.connectors().filter(|name| source.contains(name));
    is_complete.then(|| named.map(str::to_owned).collect())
}

/// With all connectors that there are where none is near.
fn explained(name: &str, unknown: &Unknown, known: &Catalog) -> anyhow::Error {
    if nearest_name(name, known.connectors()).is_some() {
        return anyhow::anyhow!("{}", unknown.message);
    }
    let subject = unknown.message.split_once("; ").map_or(unknown.message.as_str(), |(subject, _)| subject);
    anyhow::anyhow!("{subject}; there are: {}", known.connectors().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(wanted: &Wanted) -> Result<Option<Vec<String>>, String> {
        let mut known = Catalog::default();
        for name in ["files", "orders", "git_hub"] {
            known.insert(name, Vec::new()).unwrap();
        }
        wanted.among(&known).map_err(|error| error.to_string())
    }

    #[test]
    fn only_the_connector_of_a_path_is_wanted() {
        for (path, expected) in [
            ("files.read", Some(vec!["files"])),
            ("tools.files.read", Some(vec!["files"])),
            ("gitHub.read", Some(vec!["git_hub"])),
            ("git_hub", Some(vec!["git_hub"])),
            ("gitHub", None),
            ("read", None),
            // A tool's own name.
            ("com.example.read", None),
        ] {
            let found = among(&Wanted::OfPath(path.to_owned())).unwrap();
            assert_eq!(found, expected.map(|names| names.into_iter().map(str::to_owned).collect()), "{path}");
        }
        let error = among(&Wanted::OfPath("fils.read".to_owned())).unwrap_err();
        assert_eq!(error, "there is no connector \"fils\"; nearest: files");
        let error = among(&Wanted::Named(vec!["nope".to_owned()])).unwrap_err();
        assert_eq!(error, "there is no connector \"nope\"; there are: files, orders, git_hub");
    }

    #[test]
    fn a_program_wants_what_it_names_where_that_is_certain() {
        for (program, expected) in [
            ("return await files.read({})", Some(vec!["files"])),
            ("return typeof orders + (await files.read({}))", Some(vec!["files", "orders"])),
            ("return 1 + 1", Some(vec![])),
            ("return await files[input.name]({})", None),
            ("return await callHostTool('files.read', {})", None),
            ("return (await codemode.search('x')).total", None),
            ("return globalThis['fil' + 'es'].read({})", None),
            ("return await \\u0066iles.read({})", None),
            ("return await fils.read({})", None),
            ("this is no program", None),
        ] {
            let found = among(&Wanted::OfProgram(program.to_owned())).unwrap();
            let expected: Option<Vec<String>> =
                expected.map(|names: Vec<&str>| names.into_iter().map(str::to_owned).collect());
            assert_eq!(found, expected, "{program}");
        }
    }
}
