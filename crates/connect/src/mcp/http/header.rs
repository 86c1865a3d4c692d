//! Which headers an operator may give a server.

use http::{HeaderName, HeaderValue};

use crate::secret::Revealed;

/// Why a header is not taken. Shows nothing of its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// What is no header's name.
    #[error("{0:?} is no header's name")]
    Name(String),
    /// It is part of how requests travel, and set with each of them.
    #[error("the header {0} is set by the transport itself")]
    Reserved(String),
    /// The value holds what no header can carry.
    #[error("the value of {0} holds characters that no header can carry: use printable ASCII")]
    Value(String),
}

/// Headers that the transport sets, or that say how a message is cut out of the connection.
const RESERVED: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "last-event-id",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whose names the protocol has taken.
const RESERVED_PREFIX: &str = "mcp-";

pub(super) fn name(text: &str) -> Result<HeaderName, HeaderError> {
    let name: HeaderName = text.parse().map_err(|_| HeaderError::Name(text.to_owned()))?;
    if RESERVED.contains(&name.as_str()) || name.as_str().starts_with(RESERVED_PREFIX) {
        return Err(HeaderError::Reserved(name.to_string()));
    }
    Ok(name)
}

/// `prefix` and the secret as a header's value, which `Debug` does not show.
pub(super) fn value(name: &HeaderName, prefix: &str, secret: &Revealed) -> Result<HeaderValue, HeaderError> {
    let refused = || HeaderError::Value(name.to_string());
    let text = zeroize::Zeroizing::new(format!("{prefix}{}", secret.expose()));
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(refused());
    }
    let mut value = HeaderValue::from_str(&text).map_err(|_| refused())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::secret::Redactor;

    #[test]
    fn g62_what_the_transport_sets_is_refused() {
        for text in ["Host", "content-length", "MCP-Session-Id", "mcp-method", "Transfer-Encoding"] {
            assert!(matches!(name(text), Err(HeaderError::Reserved(_))), "{text}");
        }
        for text in ["", "a b", "x:y", "x\r\ny", "é"] {
            assert_eq!(name(text), Err(HeaderError::Name(text.to_owned())), "{text}");
        }
        assert_eq!(name("X-Api-Key").unwrap().as_str(), "x-api-key");
    }

    #[test]
    fn a_value_shows_itself_to_nobody() {
        let name = name("authorization").unwrap();
        let revealed = |text| Redactor::default().known(&Secret::new(text).unwrap()).unwrap();
        let secret = revealed("s3cret-s3cret-s3cret");
        let header = value(&name, "Bearer ", &secret).unwrap();
        assert_eq!(header, "Bearer s3cret-s3cret-s3cret");
        assert!(!format!("{header:?}").contains("s3cret"));
        let umlaut = revealed("schlüsselschlüssel");
        assert_eq!(value(&name, "", &umlaut), Err(HeaderError::Value("authorization".to_owned())));
    }
}
