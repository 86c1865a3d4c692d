//! What tools were when they were first seen, so that none becomes another unnoticed.
//!
//! An operator connects a server because of what its tools say of themselves. A server can say something else tomorrow (a
//! "rug pull"): new orders to the model in a description, a default that points elsewhere, a tool that no longer claims to
//! destroy anything. So everything a tool says of itself is hashed when it is first seen and kept in the state folder. What
//! changes later is quarantined: its calls are refused, and what it says now is withheld from the model, until the operator
//! has looked at the change and accepted it.
//!
//! - [`fields`]: what there is of a tool, each field with its hash;
//! - [`file`]: how that is kept;
//! - [`store`]: the folder, shared by processes;
//! - [`diff`]: what an operator is shown;
//! - [`screen`]: what a runtime does with a connector's offer.

mod diff;
mod fields;
mod file;
mod runtime;
mod screen;
mod store;

use codemode_catalog::matches;

pub use diff::Change;
pub(crate) use runtime::used;
pub(crate) use screen::{Pins, Screened, Withheld};
pub use store::PinStore;

/// What becomes of a tool that a connector did not have when it was first seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NewTools {
    /// It is pinned as it is, and told of by [`PinStore::new_tools`].
    #[default]
    Allow,
    /// It is quarantined like one that has changed.
    Quarantine,
}

/// Why a tool is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Why {
    /// It says something else of itself than what was accepted.
    Changed,
    /// Its connector did not have it before.
    New,
    /// What was accepted cannot be read, or there is no room to keep what it is: the warning about its connector says more.
    Unknown,
}

impl Why {
    /// What a program is told of `connector.tool`, as a sentence's end.
    pub(crate) fn told(self, connector: &str, tool: &str) -> String {
        // A name of anything but plain characters is not for a command line.
        let is_plain = tool.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
        let path = if is_plain { format!("{connector}.{tool}") } else { connector.to_owned() };
        let why = match self {
            Self::Changed => "what it says of itself has changed since the operator accepted it",
            Self::New => "its server did not have it when the operator accepted its tools",
            Self::Unknown => {
                "what the operator accepted of it is not known, so that nobody can tell whether it has changed"
            }
        };
        match self {
            Self::Changed | Self::New => format!(
                "{why}, and the operator has to accept the change first: `codemode trust {path}`. Do without it, and say so"
            ),
            Self::Unknown => {
                format!("{why}; the operator sees why with `codemode doctor`. Do without it, and say so")
            }
        }
    }

    /// What a model reads in place of what the tool says.
    fn withheld(self) -> &'static str {
        match self {
            Self::Changed => WITHHELD,
            Self::New => WITHHELD_NEW,
            Self::Unknown => WITHHELD_UNKNOWN,
        }
    }
}

const WITHHELD: &str = "This tool has changed since the operator accepted it and cannot be called. What it says of itself now is withheld until the operator has looked at the change";

const WITHHELD_NEW: &str = "This tool is new on its server and cannot be called. What it says of itself is withheld until the operator has looked at it";

const WITHHELD_UNKNOWN: &str = "This tool cannot be called: whether it has changed since the operator accepted it is not known. What it says of itself is withheld";

/// A tool that is not called until the operator accepts what it has become.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quarantined {
    /// `connector.tool`, by the tool's own name; the connector alone where it is what the server says about itself.
    pub tool: String,
    /// What has changed; of a tool that is new, all that it says.
    pub changes: Vec<Change>,
    /// Why it is not called.
    pub why: Why,
}

impl Quarantined {
    /// Whether it is this connector, or a tool of it.
    fn is_of(&self, connector: &str) -> bool {
        self.tool.split('.').next() == Some(connector)
    }

    /// Whether `pattern` describes it: its connector, or `connector.tool` with `*` for any characters.
    pub fn is_meant_by(&self, pattern: &str) -> bool {
        let connector = self.tool.split('.').next().unwrap_or_default();
        matches(pattern, &self.tool) || matches(pattern, connector)
    }
}

impl std::fmt::Display for Quarantined {
    /// The tool, and its changes on lines of their own. Characters that do not show are written as `\u{…}`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = match self.why {
            Why::Changed => "",
            Why::New => " (new)",
            Why::Unknown => " (not known)",
        };
        write!(f, "{}{}", codemode_catalog::visible(&self.tool), mark)?;
        self.changes.iter().try_for_each(|change| write!(f, "\n{change}"))
    }
}
