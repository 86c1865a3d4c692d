//! Secrets: how they come in, and how they are kept from going out.
//!
//! A [`Secret`] shows itself to nobody and is wiped when the last copy goes. Its text can be had only by way of a
//! [`Redactor`], which from then on takes it out of whatever leaves a connector. Parts of secrets that had to be put into
//! requests are held by the HTTP library while it sends them, and the redactor's search tables hold them as long as it
//! lives; neither is wiped.

mod error;
mod forms;
mod given;
mod hide;
mod public;
mod redact;
mod reference;
mod source;
mod stream;
mod template;
mod wrapped;

use std::fmt::{Debug, Formatter};
use std::sync::Arc;

use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use reference::Dialect;
use template::Template;

pub use error::SecretError;
pub use given::Given;
#[cfg_attr(not(feature = "openapi"), allow(unused_imports, reason = "what no connector uses then"))]
pub(crate) use hide::client_pair;
pub use redact::Redactor;
pub use stream::RedactingStream;

/// A credential, or where to find one.
///
/// ```
/// use codemode_connect::Secret;
///
/// let secret = Secret::new("correct horse battery staple").unwrap();
/// assert_eq!(format!("{secret:?}"), "[redacted]");
/// assert!(Secret::new("hunter2").is_err());
/// assert!(Secret::template("Bearer ${env:EXAMPLE_TOKEN}").is_ok());
/// ```
///
/// A reference is read at once and followed when the secret is first needed; what it led to is kept from then on. After a
/// failure the next use follows it again. Every secret has 12 bytes to 16 KiB and no control characters; white space around
/// it, such as the line break at the end of a file, is not part of it.
///
/// | reference | where the secret is |
/// | --- | --- |
/// | `${env:NAME}` | a variable of the environment |
/// | `${file:PATH}` | a regular file that holds nothing else, in UTF-8; `~/` is the home folder. Who else may read the file is not asked: secrets are mounted into containers as files that all in there may read |
/// | `${keyring:NAME}` | the system's keyring: service `codemode`, user `NAME` (feature `keyring`) |
/// | `${command:PROGRAM ARGUMENTS}` | the first line that a program prints. Split as a shell does, started without one and with few variables, in the current folder; it has 30 s, and must succeed |
///
/// Braces within a reference come in pairs.
#[derive(Clone)]
pub struct Secret(Arc<Inner>);

struct Inner {
    /// `None` where it was given as it is.
    template: Option<Template>,
    known: OnceCell<Revealed>,
}

/// The least bytes of a secret. Shorter words occur by chance; taking them out would change results that are none of
/// the secret's business.
pub(crate) const MIN_BYTES: usize = 12;

/// The most bytes of a secret. Signed tokens reach a few kibibytes; servers refuse headers over 8 to 16.
const MAX_BYTES: usize = 16 * 1024;

impl Secret {
    /// A secret of at least 12 bytes. White space around it, such as the line break at the end of a file, is not part of it.
    pub fn new(text: impl Into<String>) -> Result<Self, SecretError> {
        let text = check(&Zeroizing::new(text.into()))?;
        let revealed = Revealed { hidden: vec![text.clone()], text };
        Ok(Self(Arc::new(Inner { template: None, known: OnceCell::new_with(Some(revealed)) })))
    }

    /// The secret that one reference leads to.
    ///
    /// # Errors
    ///
    /// [`SecretError::NoReference`] for what is none, or has text around it.
    pub fn reference(reference: &str) -> Result<Self, SecretError> {
        let template = Template::parse(reference.trim(), Dialect::Own)?.ok();
        template.and_then(Template::alone).map(Self::following).ok_or(SecretError::NoReference)
    }

    /// Text with references in it, such as `Bearer ${env:TOKEN}`; `$${` stands for `${`. The whole is a secret, and so is
    /// what each reference leads to.
    ///
    /// # Errors
    ///
    /// [`SecretError::NoReference`] for text without any, and for a reference that cannot be read.
    pub fn template(text: &str) -> Result<Self, SecretError> {
        Template::parse(text.trim(), Dialect::Own)?.map(Self::following).map_err(|_| SecretError::NoReference)
    }

    /// Follows the references, if there are any and it was not done before. Tells whether the secret can be had, and
    /// nothing of it.
    pub async fn resolve(&self) -> Result<(), SecretError> {
        self.known().await.map(drop)
    }

    fn following(template: Template) -> Self {
        Self(Arc::new(Inner { template: Some(template), known: OnceCell::new() }))
    }

    fn already_known(&self) -> Option<&Revealed> {
        self.0.known.get()
    }

    async fn known(&self) -> Result<&Revealed, SecretError> {
        let resolving = || async {
            match &self.0.template {
                Some(template) => template.resolve().await,
                None => Err(SecretError::NoReference),
            }
        };
        self.0.known.get_or_try_init(resolving).await
    }
}

impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A secret that a redactor knows, for the request that needs it. Wiped when the last copy goes.
#[derive(Clone)]
pub(crate) struct Revealed {
    text: Zeroizing<String>,
    /// What must not be seen of it: nothing where it turned out to be no secret.
    hidden: Vec<Zeroizing<String>>,
}

impl Revealed {
    /// The text.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }
}

impl Debug for Revealed {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What of `text` may be a secret.
fn check(text: &str) -> Result<Zeroizing<String>, SecretError> {
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
    Ok(Zeroizing::new(trimmed.to_owned()))
}

#[cfg(test)]
mod tests;
