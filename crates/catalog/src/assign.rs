//! Which tool of a connector bears which identifier.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::hidden::{Hidden, visible};
use crate::identifier::{identifier, is_identifier};
use crate::{MAX_IDENTIFIER_CHARS, Tool};

/// Something the operator should know about a connector's tools; none of it makes a tool unreachable but
/// [`Warning::Duplicate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The tool's own name is no identifier.
    #[error("tool {tool:?} of {connector} is called {identifier}")]
    Renamed {
        /// The connector.
        connector: String,
        /// The tool's own name, shortened.
        tool: String,
        /// What a program calls it.
        identifier: String,
    },
    /// Another tool has the identifier that this one would have had.
    #[error("tool {tool:?} of {connector} is called {identifier}, because another tool is called {wanted}")]
    Collision {
        /// The connector.
        connector: String,
        /// The tool's own name, shortened.
        tool: String,
        /// The identifier it would have had.
        wanted: String,
        /// What a program calls it.
        identifier: String,
    },
    /// Something of the upstream's offer could not be taken over.
    #[error("{connector}: {note}")]
    LeftOut {
        /// The connector.
        connector: String,
        /// What, and why.
        note: String,
    },
    /// Text that a person does not see and a model would read. It is kept from the model.
    #[error("{connector}{} hides something in its {at}: {what}", of(tool))]
    Hidden {
        /// The connector.
        connector: String,
        /// The tool's own name, shortened; empty where it is what the server says about itself.
        tool: String,
        /// Where: `name`, `title`, `description`, `inputSchema`, `outputSchema`, `about`.
        at: String,
        /// What.
        what: Hidden,
    },
    /// Two names that a person takes for one another.
    #[error("{} looks like {}: make sure that it is the one you mean", visible(name), visible(other))]
    LookAlike {
        /// The connector that has it.
        connector: String,
        /// A connector, or a tool as `connector.tool`.
        name: String,
        /// The one it looks like: one that was there before.
        other: String,
    },
    /// A name of letters from several alphabets, which may be taken for another.
    #[error("{} mixes letters of several alphabets", visible(name))]
    MixedScripts {
        /// The connector that has it.
        connector: String,
        /// A connector, or a tool as `connector.tool`.
        name: String,
    },
    /// Whether its tools have changed cannot be told, or will not be.
    #[error("{connector}: {note}")]
    Unpinned {
        /// The connector.
        connector: String,
        /// Why, and what to do.
        note: String,
    },
    /// The connector listed two tools of one name; the first counts.
    #[error("{connector} lists tool {tool:?} more than once; the first counts")]
    Duplicate {
        /// The connector.
        connector: String,
        /// The tool's own name, shortened.
        tool: String,
    },
}

impl Warning {
    /// Whether it is about how a name looks, beside others or alone: see [`Catalog::look_alikes`](crate::Catalog::look_alikes).
    pub fn is_of_looks(&self) -> bool {
        matches!(self, Self::LookAlike { .. } | Self::MixedScripts { .. })
    }

    /// The connector it is about.
    pub fn connector(&self) -> &str {
        match self {
            Self::Renamed { connector, .. }
            | Self::Collision { connector, .. }
            | Self::LeftOut { connector, .. }
            | Self::Hidden { connector, .. }
            | Self::LookAlike { connector, .. }
            | Self::MixedScripts { connector, .. }
            | Self::Unpinned { connector, .. }
            | Self::Duplicate { connector, .. } => connector,
        }
    }
}

/// Gives each of `tools` its identifier, whatever order they were listed in: names that are identifiers keep
/// theirs, and of the others the first in the order of their own names gets the plain one, the next `_2`.
///
/// The tools come back in the order given, without duplicates.
pub(crate) fn assign(connector: &str, tools: Vec<Tool>) -> (Vec<(String, Tool)>, Vec<Warning>) {
    let mut warnings = Vec::new();
    let mut names: HashSet<String> = HashSet::with_capacity(tools.len());
    let tools: Vec<Tool> = tools
        .into_iter()
        .filter(|tool| {
            let first = names.insert(tool.name.clone());
            if !first {
                warnings.push(Warning::Duplicate { connector: connector.into(), tool: shorten(&tool.name) });
            }
            first
        })
        .collect();

    let mut taken: HashSet<String> = HashSet::with_capacity(tools.len());
    let mut renamed: BTreeMap<&str, String> = BTreeMap::new();
    for tool in &tools {
        if keeps_its_name(&tool.name) {
            taken.insert(tool.name.clone());
        } else {
            renamed.insert(&tool.name, identifier(&tool.name));
        }
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (name, wanted) in &mut renamed {
        let free = first_free(wanted, &taken, counts.entry(wanted.clone()).or_insert(1));
        let (connector, tool) = (connector.to_owned(), shorten(name));
        warnings.push(if free == *wanted {
            Warning::Renamed { connector, tool, identifier: free.clone() }
        } else {
            Warning::Collision { connector, tool, wanted: wanted.clone(), identifier: free.clone() }
        });
        taken.insert(free.clone());
        *wanted = free;
    }
    let identifiers: Vec<String> = tools
        .iter()
        .map(|tool| renamed.remove(tool.name.as_str()).unwrap_or_else(|| tool.name.clone()))
        .collect();
    (identifiers.into_iter().zip(tools).collect(), warnings)
}

/// `.tool`, unless it is of none.
fn of(tool: &str) -> String {
    if tool.is_empty() { String::new() } else { format!(".{}", visible(tool)) }
}

/// The part of an upstream's name that is worth showing.
pub(crate) fn shorten(name: &str) -> String {
    const SHOWN_CHARS: usize = 64;
    match name.char_indices().nth(SHOWN_CHARS) {
        Some((cut, _)) => format!("{}…", name.get(..cut).unwrap_or_default()),
        None => name.to_owned(),
    }
}

fn keeps_its_name(name: &str) -> bool {
    is_identifier(name) && name.chars().nth(MAX_IDENTIFIER_CHARS).is_none()
}

/// `wanted`, or with the first number behind it that is free. `count` is where the search for this name ended before: a
/// server with twenty thousand names made of emoji must not cost the square of that.
fn first_free(wanted: &str, taken: &HashSet<String>, count: &mut usize) -> String {
    let mut candidate = if *count == 1 { wanted.to_owned() } else { format!("{wanted}_{count}") };
    while taken.contains(&candidate) {
        *count += 1;
        candidate = format!("{wanted}_{count}");
    }
    candidate
}
