//! Where a secret is, in a word that a configuration can hold.

use super::{Secret, SecretError};

/// `${kind:place}`. Files, a keyring or a command would be further kinds.
pub(super) fn resolve(reference: &str) -> Result<Secret, SecretError> {
    let inner = reference.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match inner.and_then(|inner| inner.split_once(':')) {
        Some(("env", name)) if is_variable(name) => environment(name),
        _ => Err(SecretError::NoReference),
    }
}

/// Letters, digits and underscores: what a shell can set, and nothing that [`std::env::var`] would stumble over.
fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn environment(name: &str) -> Result<Secret, SecretError> {
    match std::env::var(name) {
        Ok(text) => Secret::new(text),
        Err(std::env::VarError::NotPresent) => Err(SecretError::NotSet { name: name.to_owned() }),
        Err(std::env::VarError::NotUnicode(_)) => Err(SecretError::NotText { name: name.to_owned() }),
    }
}
