//! The values that the styles of OpenAPI know: one, a list, and names with values.

use serde_json::Value;

/// A value, with the texts that its parts are written as.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    One(String),
    List(Vec<String>),
    Named(Vec<(String, String)>),
}

impl Shape {
    /// What `value` is; `null` is nothing, also inside a list or an object. Where lists and objects are inside others the
    /// specification is silent: they are written as JSON.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Array(items) => Some(Self::List(items.iter().filter_map(text).collect())),
            Value::Object(object) => Some(Self::Named(
                object.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect(),
            )),
            one => text(one).map(Self::One),
        }
    }

    /// The value as JSON.
    pub(super) fn json(value: &Value) -> Option<Self> {
        (!value.is_null()).then(|| Self::One(value.to_string()))
    }

    /// Whether it has no part.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::One(_) => false,
            Self::List(items) => items.is_empty(),
            Self::Named(entries) => entries.is_empty(),
        }
    }

    /// The same with each text, names included, as `write` writes it.
    pub(super) fn map(self, write: impl Fn(&str) -> String) -> Self {
        match self {
            Self::One(one) => Self::One(write(&one)),
            Self::List(items) => Self::List(items.iter().map(|item| write(item)).collect()),
            Self::Named(entries) => {
                Self::Named(entries.iter().map(|(name, value)| (write(name), write(value))).collect())
            }
        }
    }
}

/// A value as text: strings as they are, numbers as exact as they came; nothing for `null`.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The bytes of a file or of a binary body: a string's own in UTF-8, or those that an array lists.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Array(items) => items.iter().map(byte).collect(),
        _ => None,
    }
}

fn byte(value: &Value) -> Option<u8> {
    value.as_u64().and_then(|number| u8::try_from(number).ok())
}
