//! What of a connector's schemas could not be said in TypeScript.

/// Something in the schemas of one tool, or of one type that tools share, that its declaration leaves `unknown`.
///
/// None of it makes a tool unreachable: its arguments are still validated, and the upstream judges them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{connector}.{at}: {flaw}")]
pub struct Unclear {
    /// The connector.
    pub connector: String,
    /// The tool's identifier, or the reference by which the type was reached, shortened.
    pub at: String,
    /// What is wrong.
    pub flaw: Flaw,
}

/// What is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A `$ref` to another document. None is ever fetched.
    #[error("the reference {0:?} leads to another document, which is never fetched")]
    Remote(String),
    /// A `$ref` to nothing.
    #[error("the reference {0:?} leads nowhere")]
    Dangling(String),
    /// References that lead only to each other.
    #[error("the reference {0:?} leads back to itself")]
    Circular(String),
    /// Nested too deeply; the inner part is `unknown`.
    #[error("schemas are nested more than {limit} deep")]
    TooDeep {
        /// The deepest that is followed.
        limit: usize,
    },
    /// Too many parts; the whole is `unknown`.
    #[error("the schema has more than {limit} parts")]
    TooManyParts {
        /// The most that are followed.
        limit: usize,
    },
    /// Too much text; the whole is `unknown`.
    #[error("the type takes {observed} characters, more than {limit}")]
    TooLong {
        /// About how many it takes.
        observed: usize,
        /// The most that are kept.
        limit: usize,
    },
    /// Too many shared types in the connector; this one is `unknown`.
    #[error("the connector has more than {limit} shared types")]
    TooManyTypes {
        /// The most that are kept.
        limit: usize,
    },
}
