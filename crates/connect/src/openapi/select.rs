//! Which operations of a document become tools.

use codemode_catalog::{Tool, matches};

use super::api::Operation;
use super::request::{Unknown, fold};

/// Describes operations of a document.
///
/// In a pattern `*` stands for any characters, also slashes: `/repos/*` is all below `/repos/`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Select {
    /// Those with this tag.
    Tag(String),
    /// Those whose path template is what this pattern describes, such as `/repos/{owner}/*`.
    Path(String),
    /// Those of this HTTP method, in any case.
    Method(String),
    /// Those whose tool has a name that this pattern describes.
    Operation(String),
}

impl Select {
    fn describes(&self, tool: &Tool, operation: &Operation) -> bool {
        match self {
            Self::Tag(tag) => tool.tags.contains(tag),
            Self::Path(pattern) => matches(pattern, &operation.path),
            Self::Method(method) => operation.method.eq_ignore_ascii_case(method),
            Self::Operation(pattern) => matches(pattern, &tool.name),
        }
    }

    /// Whether it describes a request that no operation does; tags and names are an operation's only.
    fn describes_unknown(&self, request: &Unknown) -> bool {
        match self {
            // Servers answer HEAD as they would GET.
            Self::Method(method) => {
                let is = |known: &str| method.eq_ignore_ascii_case(known);
                is(&request.method) || is("GET") && request.method == "HEAD"
            }
            Self::Path(pattern) => {
                let pattern = pattern_of_paths(pattern);
                request.paths.iter().any(|path| matches(&pattern, path))
            }
            Self::Tag(_) | Self::Operation(_) => false,
        }
    }
}

/// What an operator selected: all that is included, or everything where nothing is, without what is excluded.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    pub(super) include: Vec<Select>,
    pub(super) exclude: Vec<Select>,
}

impl Selection {
    pub(super) fn allows(&self, tool: &Tool, operation: &Operation) -> bool {
        let any = |list: &[Select]| list.iter().any(|select| select.describes(tool, operation));
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }

    /// Whether a request that no operation describes is allowed: not where only some operations are included, nor where its
    /// own method or path is excluded.
    pub(super) fn allows_unknown(&self, request: &Unknown) -> bool {
        self.include.is_empty() && !self.exclude.iter().any(|select| select.describes_unknown(request))
    }

    /// Whether an operation is excluded as the one that it is, by its tag or name.
    pub(super) fn excludes_itself(&self, tool: &Tool, operation: &Operation) -> bool {
        let itself = |select: &&Select| matches!(select, Select::Tag(_) | Select::Operation(_));
        self.exclude.iter().filter(itself).any(|select| select.describes(tool, operation))
    }
}

/// The pattern of paths that are made of a pattern of templates, as folded as they are.
fn pattern_of_paths(pattern: &str) -> String {
    let mut paths = String::with_capacity(pattern.len());
    for (index, piece) in pattern.split('{').enumerate() {
        match piece.split_once('}').filter(|_| index > 0) {
            Some((_, after)) => {
                paths.push('*');
                paths.push_str(after);
            }
            None => paths.push_str(piece),
        }
    }
    let path = fold(&paths);
    path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(&path).to_owned()
}
