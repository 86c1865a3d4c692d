//! Text that a person does not see and a model reads.
//!
//! A description is shown to the operator once, if at all, and to the model each time. What only the model sees is where
//! orders to it are hidden: characters without a shape, comments of a markup that renders to nothing, encoded text. The
//! rules are fixed ones, and leave alone what people's scripts and emoji need. They find hiding places, not lies: what is
//! written openly passes.

mod blob;
mod characters;
mod comment;
mod listing;

use std::borrow::Cow;
use std::fmt::{Display, Formatter};

pub use listing::disclose;
pub(crate) use listing::{clean, warnings};

pub use characters::visible;

/// What was hidden in a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hidden {
    /// Characters that take no room.
    Invisible,
    /// Characters that turn the direction of text around, so that it reads otherwise than it is.
    Direction,
    /// Tag characters (U+E0000 and on), which spell words that nothing shows: the words.
    Tags(String),
    /// A comment of HTML: its text.
    Comment(String),
    /// So many characters of base64.
    Encoded(usize),
}

impl Display for Hidden {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invisible => f.write_str("characters that do not show"),
            Self::Direction => f.write_str("characters that turn the direction of text"),
            Self::Tags(words) => write!(f, "invisible tag characters that spell {:?}", visible(words)),
            Self::Comment(text) => write!(f, "an HTML comment: {:?}", visible(text)),
            Self::Encoded(length) => write!(f, "{length} characters of base64"),
        }
    }
}

/// `text` as a person sees it, and what of it no person does.
pub(crate) fn parted(text: &str) -> (Cow<'_, str>, Vec<Hidden>) {
    let mut found = Vec::new();
    let text = characters::strip(text, &mut found);
    let text = then(text, |text| comment::strip(text, &mut found));
    let text = then(text, |text| blob::strip(text, &mut found));
    (text, found)
}

/// `text` as a person sees it.
pub(crate) fn stripped(text: &str) -> Cow<'_, str> {
    parted(text).0
}

fn then<'a>(text: Cow<'a, str>, step: impl FnOnce(&str) -> Option<String>) -> Cow<'a, str> {
    match step(&text) {
        Some(changed) => Cow::Owned(changed),
        None => text,
    }
}

/// As much of what was found as a message shows.
fn shorten(text: &str) -> String {
    const SHOWN_CHARS: usize = 200;
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
