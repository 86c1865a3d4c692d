//! The tool calls that a program's text shows.
//!
//! A call counts when its root is a global that is no standard one: `github.create_issue(…)`,
//! `tools["github"].create_issue(…)`, `codemode.search(…)`, `callBinding("create_issue", …)`. Constants that stand for
//! a namespace or a tool are followed. Every other use of such a global makes the list incomplete, and that is said.

mod chain;
mod lister;

use crate::position::{Lines, Position};

pub(crate) use lister::list;

/// How a call names its tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// `github.create_issue(…)`
    Namespace,
    /// `tools.github.create_issue(…)`
    Tools,
    /// `codemode.search(…)`: one of codemode's own functions, or a tool by its bare name.
    Codemode,
    /// `callBinding("create_issue", …)` or `callHostTool(…)`
    ByName,
}

/// A call that can be named without running the program.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StaticCall {
    /// The tool as written, without `tools.` or `codemode.`: `github.create_issue`.
    pub path: String,
    /// How the call names the tool.
    pub via: Via,
    /// Where the call starts in the submitted text.
    pub position: Position,
    /// Where it ends: the place behind its closing parenthesis.
    pub end: Position,
    /// The fields of the argument, when it is an object literal.
    pub fields: Vec<String>,
    /// Whether `fields` is all there is: the argument is an object literal without spread or computed names, or missing.
    pub fields_complete: bool,
}

/// What [`list`] found, with offsets in the code.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) found: Vec<FoundCall>,
    /// Whether tools may be called in a way that `found` does not show.
    pub(crate) dynamic: bool,
}

/// A [`StaticCall`] whose place in the submitted text is not known yet.
#[derive(Debug)]
pub(crate) struct FoundCall {
    offset: usize,
    end: usize,
    path: String,
    via: Via,
    fields: Fields,
}

impl FoundCall {
    /// The call in a text whose code starts at this byte.
    pub(crate) fn at(self, lines: &Lines<'_>, start: usize) -> StaticCall {
        let Fields { names: fields, complete: fields_complete } = self.fields;
        let position = lines.position(start + self.offset);
        let end = lines.position(start + self.end);
        StaticCall { path: self.path, via: self.via, position, end, fields, fields_complete }
    }
}

/// The names in an object literal.
#[derive(Debug)]
struct Fields {
    names: Vec<String>,
    complete: bool,
}
