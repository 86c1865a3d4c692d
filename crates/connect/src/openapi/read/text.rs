//! From the bytes of a document to JSON text.

use std::borrow::Cow;

use super::limits::MAX_DOCUMENT_BYTES;
use super::{ReadError, yaml};

/// The document as JSON: as it is where it is JSON, written anew where it is YAML.
pub(super) fn json(bytes: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(ReadError::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().as_bytes().first() {
        None => Err(ReadError::Empty),
        Some(b'<') => Err(ReadError::Other { found: "HTML or XML".into() }),
        Some(b'{' | b'[' | b'"') => match super::raw::object(text).map(|mut entries| entries.next()) {
            // Braces are YAML too: `{openapi: 3.1.0}`.
            Some(Some(Err(json))) => yaml::json(text).map(Cow::Owned).map_err(|_| ReadError::Json(json)),
            _ => Ok(Cow::Borrowed(text)),
        },
        _ => yaml::json(text).map(Cow::Owned),
    }
}
