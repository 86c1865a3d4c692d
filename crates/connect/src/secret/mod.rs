//! Secrets: how they come in, and how they are kept from going out.
//!
//! A [`Secret`] shows itself to nobody and is wiped when the last copy goes. A [`Redactor`] takes secrets out of whatever
//! leaves a connector. Parts of secrets that had to be put into requests are held by the HTTP library while it sends
//! them, and the redactor's search tables hold them as long as it lives; neither is wiped.

mod forms;
mod redact;
mod reference;

use std::fmt::{Debug, Formatter};
use std::sync::Arc;

use zeroize::Zeroizing;

pub(crate) use redact::Redactor;

/// A credential.
///
/// ```
/// use codemode_connect::Secret;
///
/// let secret = Secret::new("correct horse battery staple").unwrap();
/// assert_eq!(format!("{secret:?}"), "[redacted]");
/// assert!(Secret::new("hunter2").is_err());
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

/// Why there is no such secret. Shows nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// What is written is no reference.
    #[error(
        "a secret is given by reference, such as ${{env:NAME}}; what was given is not shown, in case it is one"
    )]
    NoReference,
    /// There is no variable of this name in the environment.
    #[error("the environment variable {name} is not set; it is to hold a secret")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// The variable holds what is no text.
    #[error("the environment variable {name} is not UTF-8")]
    NotText {
        /// The variable.
        name: String,
    },
    /// It is too short to be told from other text, so that it could not be taken out of results without harm.
    #[error("a secret of {observed} bytes is too short: {limit} are the least")]
    TooShort {
        /// Its length.
        observed: usize,
        /// The least.
        limit: usize,
    },
    /// It is longer than any credential.
    #[error("a secret of {observed} bytes is too long: {limit} are the most")]
    TooLong {
        /// Its length.
        observed: usize,
        /// The most.
        limit: usize,
    },
    /// It holds a line break or another control character, which no header can carry.
    #[error("a secret may not hold line breaks or other control characters")]
    Control,
}

/// The least bytes of a secret. Shorter words occur by chance; taking them out would change results that are none of
/// the secret's business.
pub(crate) const MIN_BYTES: usize = 12;

/// The most bytes of a secret. Signed tokens reach a few kibibytes; servers refuse headers over 8 to 16.
const MAX_BYTES: usize = 16 * 1024;

impl Secret {
    /// A secret of at least 12 bytes. White space around it, such as the line break at the end of a file, is not part of it.
    pub fn new(text: impl Into<String>) -> Result<Self, SecretError> {
        let text = Zeroizing::new(text.into());
        let trimmed = text.trim();
        let observed = trimmed.len();
        if observed < MIN_BYTES {
            return Err(SecretError::TooShort { observed, limit: MIN_BYTES });
        }
        if observed > MAX_BYTES {
            return Err(SecretError::TooLong { observed, limit: MAX_BYTES });
        }
        if trimmed.chars().any(char::is_control) {
            return Err(SecretError::Control);
        }
        Ok(Self(Arc::new(Zeroizing::new(trimmed.to_owned()))))
    }

    /// The secret that `reference` leads to, read now. One form exists: `${env:NAME}`, a variable of the environment.
    pub fn reference(reference: &str) -> Result<Self, SecretError> {
        reference::resolve(reference)
    }

    /// The secret itself, for the request that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        assert_eq!(
            Secret::new("  eleven byte\n").unwrap_err(),
            SecretError::TooShort { observed: 11, limit: 12 }
        );
        assert_eq!(Secret::new(" twelve bytes\n").unwrap().expose(), "twelve bytes");
        assert_eq!(Secret::new("two lines\r\nHost: evil").unwrap_err(), SecretError::Control);
        assert!(matches!(Secret::new("x".repeat(MAX_BYTES + 1)).unwrap_err(), SecretError::TooLong { .. }));
    }

    #[test]
    fn references() {
        assert!(Secret::reference("${env:CARGO_MANIFEST_DIR}").is_ok());
        let missing = Secret::reference("${env:CODEMODE_NO_SUCH_VARIABLE}").unwrap_err();
        assert!(missing.to_string().contains("CODEMODE_NO_SUCH_VARIABLE is not set"), "{missing}");
        for wrong in [
            "sk_live_0123456789",
            "${env:}",
            "${env:A=B}",
            "${env:A",
            "${file:/etc/passwd}",
            "$HOME_OF_ME",
            "",
        ] {
            let error = Secret::reference(wrong).unwrap_err();
            assert_eq!(error, SecretError::NoReference, "{wrong}");
            assert!(!error.to_string().contains("0123456789"));
        }
    }
}
