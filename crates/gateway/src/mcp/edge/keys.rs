//! The keys of one object.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A key, borrowed from the message unless it is written with escapes.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Key<'de>(pub(super) Cow<'de, str>);

/// Up to so many keys are compared one by one, which is quicker than hashing and takes care of nearly all objects.
const FEW: usize = 16;

/// The keys that were seen.
#[derive(Default)]
pub(super) struct Keys<'de> {
    few: Vec<Key<'de>>,
    many: HashSet<Key<'de>>,
}

impl<'de> Keys<'de> {
    /// Adds a key, unless it is there already.
    pub(super) fn add<E: Error>(&mut self, key: Key<'de>) -> Result<(), E> {
        let twice = self.few.contains(&key) || self.many.contains(&key);
        if twice {
            return Err(E::custom(format_args!("the key {:?} comes twice", shortened(&key.0))));
        }
        if self.few.len() < FEW {
            self.few.push(key);
        } else {
            self.many.insert(key);
        }
        Ok(())
    }
}

/// Refuses a key that is one of `known` but for upper and lower case: other readers take it for that.
pub(super) fn exact<E: Error>(key: &str, known: &[&str]) -> Result<(), E> {
    match known.iter().find(|known| known.eq_ignore_ascii_case(key)) {
        Some(known) if *known != key => {
            Err(E::custom(format_args!("the key {:?} has to be written {known:?}", shortened(key))))
        }
        _ => Ok(()),
    }
}

/// What a message echoes of a client's text.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
