//! Where in a call's arguments a condition looks.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// A place in the arguments: names with dots between them, `payment.amount`, numbers for items of lists, `to.0`; or a
/// JSON Pointer (RFC 6901), `/payment/amount`, for names with dots in them. Empty, it is the arguments as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    text: String,
    tokens: Vec<String>,
}

/// What is at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'a> {
    Value(&'a Value),
    /// Nothing is: a name or an item on the way is not there, or `null`.
    Nothing,
    /// It cannot be told: something on the way is of another type, there are bytes, or the arguments are not known.
    Unsure,
}

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let tokens = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(unescaped).collect::<Result<_, _>>()?,
            None if text.is_empty() => Vec::new(),
            None => text.split('.').map(str::to_owned).collect(),
        };
        if !text.starts_with('/') && tokens.iter().any(String::is_empty) {
            return Err(format!(
                "{text:?} is no place in arguments: names are written with one dot between them, such as \
                 payment.amount, or as a JSON Pointer, such as /payment/amount"
            ));
        }
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// Whether what is at a JSON Pointer is part of what is here, or the other way round.
    pub(super) fn meets(&self, pointer: &str) -> bool {
        let other = pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
        self.tokens.iter().zip(other).all(|(own, other)| *own == other)
    }

    pub(super) fn find<'a>(&self, arguments: &'a Value) -> Found<'a> {
        let mut value = arguments;
        for token in &self.tokens {
            let next = match value {
                Value::Object(members) => members.get(token),
                Value::Array(items) => match index(token) {
                    Some(index) => items.get(index),
                    None => return Found::Unsure,
                },
                Value::Null => None,
                _ => return Found::Unsure,
            };
            match next {
                Some(next) => value = next,
                None => return Found::Nothing,
            }
        }
        Found::Value(value)
    }
}

fn unescaped(token: &str) -> Result<String, String> {
    if token.replace("~0", "").replace("~1", "").contains('~') {
        return Err(format!("{token:?} is no part of a JSON Pointer: ~ is written ~0, and / is written ~1"));
    }
    Ok(token.replace("~1", "/").replace("~0", "~"))
}

/// As JSON Pointer has it: no sign, no leading zero.
fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && digits { token.parse().ok() } else { None }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_empty() { "the argument" } else { &self.text })
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
