//! Reads an OpenAPI document: 2.0, 3.0, 3.1 or 3.2, in JSON or YAML.
//!
//! Real documents are large and a little wrong. So nothing here is one typed structure that either fits or does not: the
//! document stays text ([`source`]), is cut into parts, and each operation and each shared schema is parsed, lowered and
//! dropped by itself ([`parse`], [`operation`], [`schema`]). What is wrong in one costs that one, with a note.
//!
//! A document is untrusted. [`limits`] names how large, how deep and how many of everything it may be, and how much work
//! its references may cause; a reference that leaves the document is never followed.

mod answer;
mod body;
mod error;
mod form;
mod limits;
mod lower;
mod media;
mod name;
mod operation;
mod parameter;
mod parse;
mod path;
mod pointer;
mod raw;
mod schema;
mod security;
mod server;
mod shared;
mod source;
mod swagger;
#[cfg(test)]
mod tests;
mod text;
mod version;
mod yaml;

pub(super) use error::ReadError;
use lower::Lower;

use super::api::Api;

/// A document as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    /// The API it describes.
    pub(super) api: Api,
    /// The schemas that the tools refer to, `{"$defs": {name: schema}}`, as JSON text.
    pub(super) definitions: Box<str>,
}

/// Reads a document. Only what is no OpenAPI document at all is an error; all else is in [`Api::notes`].
pub(super) fn read(bytes: &[u8]) -> Result<Document, ReadError> {
    let text = text::json(bytes)?;
    let source = source::Source::new(&text)?;
    let version = version::Version::of(&source)?;
    Ok(Lower::new(source, version).document())
}
