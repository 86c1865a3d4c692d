//! Variables of the environment.

use std::env::VarError;

use crate::secret::error::SecretError;
use crate::secret::public::is_public;
use crate::secret::reference::Resolved;

/// A variable of the environment.
pub(in crate::secret) struct Variable {
    name: String,
    /// What counts where it is not set: text of the configuration, and so no secret.
    default: Option<String>,
    /// Whether it may hold what is no secret, as in configurations that know no other way to fill in a folder or a port.
    may_be_public: bool,
}

impl Variable {
    /// `NAME`.
    pub(in crate::secret) fn named(name: &str, may_be_public: bool) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), default: None, may_be_public })
    }

    /// `NAME` or `NAME:-default`, as other programs' configurations have them.
    pub(in crate::secret) fn with_default(text: &str) -> Option<Self> {
        let (name, default) = match text.split_once(":-") {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (text, None),
        };
        Some(Self { default, ..Self::named(name, true)? })
    }

    pub(in crate::secret) fn resolve(&self) -> Result<Resolved, SecretError> {
        let name = || self.name.clone();
        match (std::env::var(&self.name), &self.default) {
            // A shell's `:-` takes the default for an empty variable, too.
            (Ok(text), Some(default)) if text.is_empty() => Ok(Resolved::public(default.clone())),
            (Ok(text), _) if self.may_be_public && is_public(&self.name, &text) => Ok(Resolved::public(text)),
            (Ok(text), _) => Ok(Resolved::secret(text)),
            (Err(VarError::NotPresent), Some(default)) => Ok(Resolved::public(default.clone())),
            (Err(VarError::NotPresent), None) => Err(SecretError::NotSet { name: name() }),
            (Err(VarError::NotUnicode(_)), _) => Err(SecretError::NotText { name: name() }),
        }
    }
}

/// Letters, digits and underscores: what a shell can set, and nothing that [`std::env::var`] would stumble over.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
