//! What is asked of an index and what it answers.

/// A search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<'a> {
    /// What the tool should do, or its name. Text without a word in it lists tools in the order of their paths.
    pub text: &'a str,
    /// The most results.
    pub limit: usize,
    /// Only tools of this connector, whose name may be written with other case and separators.
    pub connector: Option<&'a str>,
}

/// The answer to a [`Query`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The best tools, best first; equal ones in the order of their paths.
    pub results: Vec<Hit>,
    /// How many tools have anything to do with the query.
    pub total: usize,
    /// Whether there are more than the results.
    pub truncated: bool,
    /// Where there is no result, the paths nearest to the text; or the connectors nearest to the one asked for, where
    /// that is unknown.
    pub nearest: Vec<String>,
}

/// One tool that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// `connector.identifier`.
    pub path: String,
    /// What was found.
    pub kind: Kind,
    /// The tool's title or the beginning of its description, on one line.
    pub description: String,
    /// How well it answers: finite, not negative, comparable within one answer only.
    pub score: f64,
}

/// What a [`Hit`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A tool.
    Tool,
}

impl Kind {
    /// The word a program reads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tool => "tool",
        }
    }
}

impl<'a> Query<'a> {
    /// How many results there are where nobody says: the right tool of labelled queries is among ten in four of
    /// five cases, and ten lines are cheap to read.
    pub const DEFAULT_LIMIT: usize = 10;

    /// The best tools of all connectors for `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, limit: Self::DEFAULT_LIMIT, connector: None }
    }

    /// The same with at most `limit` results.
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// The same within one connector.
    pub fn connector(self, connector: &'a str) -> Self {
        Self { connector: Some(connector), ..self }
    }
}
