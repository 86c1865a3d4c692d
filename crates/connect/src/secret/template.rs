//! Text of a configuration with references in it.

use zeroize::Zeroizing;

use super::error::SecretError;
use super::reference::{Dialect, Reference, Resolved};
use super::{MAX_BYTES, Revealed, check};

/// Text with references; at least one. Shows nothing.
pub(super) struct Template(Vec<Part>);

enum Part {
    Text(String),
    Reference(Reference),
}

impl Template {
    /// Reads `text`, in which `$${` stands for `${`. What comes back in place of a template is the text where there is no
    /// reference in it.
    pub(super) fn parse(text: &str, dialect: Dialect) -> Result<Result<Self, String>, SecretError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, found) = rest.split_at(at);
            let found = found.strip_prefix("${").unwrap_or_default();
            if let Some(before) = before.strip_suffix('$') {
                plain.push_str(before);
                plain.push_str("${");
                rest = found;
                continue;
            }
            let length = closing(found).ok_or(SecretError::NoReference)?;
            let (inner, after) = found.split_at(length);
            plain.push_str(before);
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Reference(Reference::parse(inner, dialect)?));
            rest = after.strip_prefix('}').unwrap_or_default();
        }
        plain.push_str(rest);
        if parts.is_empty() {
            return Ok(Err(plain));
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Ok(Self(parts)))
    }

    /// The same where it is one reference and nothing else.
    pub(super) fn alone(self) -> Option<Self> {
        matches!(self.0.as_slice(), [Part::Reference(_)]).then_some(self)
    }

    /// What the text comes to now, and what of it is to be hidden: each secret, and the whole.
    pub(super) async fn resolve(&self) -> Result<Revealed, SecretError> {
        let mut text = Zeroizing::new(String::new());
        let mut hidden = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Reference(reference) => {
                    let Resolved { text: found, is_secret } = reference.resolve().await?;
                    if is_secret {
                        let found = check(&found)?;
                        text.push_str(&found);
                        hidden.push(found);
                    } else {
                        text.push_str(&found);
                    }
                }
            }
        }
        if text.len() > MAX_BYTES {
            return Err(SecretError::TooLong { observed: text.len(), limit: MAX_BYTES });
        }
        if text.chars().any(char::is_control) {
            return Err(SecretError::Control);
        }
        if !hidden.is_empty() && !hidden.contains(&text) {
            hidden.push(text.clone());
        }
        Ok(Revealed { text, hidden })
    }
}

/// Where the brace is that closes what is open at the start of `text`. Braces in between come in pairs.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}
