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
pub(crate) use screen::Pins;
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

/// A tool that is not called until the operator accepts what it has become.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quarantined {
    /// `connector.tool`, by the tool's own name; the connector alone where it is what the server says about itself.
    pub tool: String,
    /// What has changed; of a tool that is new, all that it says.
    pub changes: Vec<Change>,
    /// Whether the connector did not have it before.
    pub is_new: bool,
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
        write!(f, "{}{}", codemode_catalog::visible(&self.tool), if self.is_new { " (new)" } else { "" })?;
        self.changes.iter().try_for_each(|change| write!(f, "\n{change}"))
    }
}
