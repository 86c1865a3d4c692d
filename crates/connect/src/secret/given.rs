//! What a configuration gives where a secret may stand.

use super::public::is_public;
use super::reference::Dialect;
use super::template::Template;
use super::{MIN_BYTES, Secret, SecretError};

/// The value of a variable or a header, as a configuration gives it.
#[derive(Debug, Clone)]
pub enum Given {
    /// Text that is no secret.
    Plain(String),
    /// A secret, or text with one in it.
    Secret(Secret),
}

impl Given {
    /// The value that our own configuration gives to `name`: text, in which references as [`Secret`] has them may stand and
    /// `$${` stands for `${`. Text without a reference is a secret too if its name or form says so
    /// and it is long enough for one.
    pub fn parse(name: &str, text: &str) -> Result<Self, SecretError> {
        Self::read(name, text, Dialect::Own)
    }

    /// The value that the configuration of another MCP client gives to `name`. Besides ours it may hold `${NAME}`,
    /// `${NAME:-default}` and `${userHome}`; what a variable holds is a secret only if it looks like one. `${command:…}`
    /// and `${input:…}` mean something else there and are refused.
    pub fn imported(name: &str, text: &str) -> Result<Self, SecretError> {
        Self::read(name, text, Dialect::Client)
    }

    fn read(name: &str, text: &str, dialect: Dialect) -> Result<Self, SecretError> {
        match Template::parse(text, dialect)? {
            Ok(template) => Ok(Self::Secret(Secret::following(template))),
            Err(plain) if plain.trim().len() < MIN_BYTES || is_public(name, &plain) => Ok(Self::Plain(plain)),
            // What cannot be one, for its length or a line break, stays what it is.
            Err(plain) => Ok(Secret::new(plain.as_str()).map_or(Self::Plain(plain), Self::Secret)),
        }
    }
}
