//! What may be said about the surface.

use serde::{Deserialize, Serialize};

/// How a model meets a runtime's tools.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "config", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `execute` alone, with the declarations of all tools in its description, as long as these fit a small budget:
    /// for a handful of tools searching only costs a round trip. Otherwise [`Pair`](Self::Pair).
    #[default]
    Auto,
    /// Two tools, `search` and `execute`.
    Pair,
    /// One tool, `codemode`, in whose programs tools are searched.
    Single,
    /// No programs: what the upstreams have is passed on unchanged, their tools, resources and prompts
    /// ([`Runtime::passed_on`](crate::Runtime::passed_on)).
    Passthrough,
    /// As [`Auto`](Self::Auto), and besides some of the upstreams' tools themselves: those of
    /// [`expose`](SurfaceOptions::expose). Programs can call them all the same.
    Hybrid,
}

/// The shape and the budgets of what a model is given. Tokens are estimated, rather too high than too low.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct SurfaceOptions {
    /// Which tools there are. Default [`Shape::Auto`].
    pub shape: Shape,
    /// Tokens of one result, the list of what was cut included. A larger one is cut and stays reachable whole for a
    /// while. Default 6,000; less than 160 is taken for 160.
    pub result_tokens: u64,
    /// Tokens of all declarations up to which [`Shape::Auto`] puts them into the description of `execute`. Default
    /// 1,500: about what search, a second look and their answers cost in a conversation.
    pub inline_tokens: u64,
    /// Tokens of one answer of `search` as text. Default 2,000: ten full declarations of usual size.
    pub search_tokens: u64,
    /// The tools that a model is given themselves in the shape [`Hybrid`](Shape::Hybrid): `connector.tool`, by either of its
    /// names, with `*` for any characters.
    pub expose: Vec<String>,
}

impl Default for SurfaceOptions {
    fn default() -> Self {
        Self {
            shape: Shape::Auto,
            result_tokens: 6_000,
            inline_tokens: 1_500,
            search_tokens: 2_000,
            expose: Vec::new(),
        }
    }
}

impl SurfaceOptions {
    /// Sets the shape.
    #[must_use]
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// Sets the budget of a result.
    #[must_use]
    pub fn result_tokens(mut self, tokens: u64) -> Self {
        self.result_tokens = tokens;
        self
    }

    /// Sets the budget of declarations in the description of `execute`; 0 for none.
    #[must_use]
    pub fn inline_tokens(mut self, tokens: u64) -> Self {
        self.inline_tokens = tokens;
        self
    }

    /// Adds tools that a model is given themselves in the shape [`Hybrid`](Shape::Hybrid).
    #[must_use]
    pub fn expose(mut self, tools: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.expose.extend(tools.into_iter().map(Into::into));
        self
    }

    /// Sets the budget of an answer of `search`.
    #[must_use]
    pub fn search_tokens(mut self, tokens: u64) -> Self {
        self.search_tokens = tokens;
        self
    }
}
