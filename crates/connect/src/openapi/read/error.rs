//! Why a document is none.

use super::limits::MAX_DOCUMENT_BYTES;

/// Why nothing can be read of a document. For the operator who named it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::openapi) enum ReadError {
    /// Longer than [`MAX_DOCUMENT_BYTES`], or longer than that once its aliases are written out.
    #[error("the document is longer than {MAX_DOCUMENT_BYTES} bytes")]
    TooLong,
    /// Empty.
    #[error("the document is empty: an OpenAPI document in JSON or YAML was expected")]
    Empty,
    /// Not UTF-8.
    #[error("the document is not UTF-8 text: an OpenAPI document in JSON or YAML was expected")]
    NotText,
    /// Begins as JSON does and is none.
    #[error("the document is not valid JSON: {0}")]
    Json(String),
    /// Neither JSON nor YAML.
    #[error("the document is neither JSON nor valid YAML: {0}")]
    Yaml(String),
    /// JSON or YAML, but of something else.
    #[error("the document is {found}, not an OpenAPI document: one has `openapi: 3.x` or `swagger: \"2.0\"`")]
    Other {
        /// What it is.
        found: String,
    },
    /// An OpenAPI document of a version that is not known.
    #[error("the document is of OpenAPI version {0:?}: 2.0, 3.0, 3.1 and 3.2 can be read")]
    Version(String),
}
