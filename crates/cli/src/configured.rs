//! The configuration that a command works with.

use std::path::{Path, PathBuf};

use codemode::config::{Config, Error, Found, Places, Role, Trust, Trusted};

use crate::args::ConfigArgs;
use crate::folders;
use crate::print::Printer;

/// What was read, and from where.
#[derive(Debug, Default)]
pub(crate) struct Configured {
    pub(crate) config: Config,
    pub(crate) found: Vec<Found>,
}

/// Where the configuration is looked for.
pub(crate) fn places(arguments: &ConfigArgs) -> Places {
    if arguments.no_config {
        return Places::default();
    }
    let named = match arguments.config.as_slice() {
        [] => folders::named_config().into_iter().collect(),
        named => named.to_vec(),
    };
    // A relative path, so that messages show it as the user would write it.
    Places { named, user: folders::config(), folder: Some(PathBuf::new()) }
}

/// Reads what counts; an untrusted file is only warned of.
pub(crate) fn read(arguments: &ConfigArgs, printer: &Printer) -> anyhow::Result<Configured> {
    let (config, found) = places(arguments).read(&trust())?;
    for file in &found {
        match &file.trusted {
            Trusted::Yes if arguments.verbose => {
                printer.note(&format!("note: {} is used: {}", file.path.display(), role(file.role)));
            }
            Trusted::Yes => {}
            untrusted => printer.warning(&not_used(&file.path, untrusted)),
        }
    }
    for note in &config.notes {
        let text = format!("{}: {}", note.file.display(), note.message);
        match (note.is_serious, arguments.verbose) {
            (true, _) => printer.warning(&text),
            (false, true) => printer.note(&format!("note: {text}")),
            (false, false) => {}
        }
    }
    Ok(Configured { config, found })
}

/// The same, with nothing said.
pub(crate) fn read_quietly(arguments: &ConfigArgs) -> Result<Configured, Error> {
    let (config, found) = places(arguments).read(&trust())?;
    Ok(Configured { config, found })
}

/// What was trusted.
pub(crate) fn trust() -> Trust {
    Trust::new(folders::state().as_deref())
}

/// Why a file in the current folder counts for nothing, and what to do.
pub(crate) fn not_used(path: &Path, trusted: &Trusted) -> String {
    let why = match trusted {
        Trusted::Changed { .. } => "it has changed since it was trusted",
        _ => "it lies in this folder and was never trusted",
    };
    format!("{} is not used: {why}; `codemode trust` shows what it would start, and asks", path.display())
}

pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Named => "it was named",
        Role::User => "it is your own",
        _ => "it lies in this folder and is trusted",
    }
}
