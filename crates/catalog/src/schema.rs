//! The schema of one side of a tool.

use std::borrow::Cow;
use std::fmt::{Debug, Formatter};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::lazy::Lazy;

/// A JSON Schema: a JSON value that may still be text. As JSON it is that value. Cheap to clone.
///
/// Given as text it is not parsed before it is first needed: of thousands of operations a program uses a few. Equal are
/// schemas of equal values, however they were given.
///
/// Bytes are what says `"tsType": "Uint8Array"`, whatever it says besides, which is how they travel in JSON: for
/// declarations they are a `Uint8Array`, for checking they are what else is said.
///
/// ```
/// use codemode_catalog::Schema;
/// use serde_json::json;
///
/// let schema = Schema::from_json(r#"{"type": "string"}"#);
/// assert_eq!(schema, Schema::from(json!({"type": "string"})));
/// assert_eq!(schema.read()["type"], "string");
/// ```
#[derive(Clone)]
pub struct Schema(Arc<Lazy>);

impl Schema {
    /// The schema in `text`, which is known to be JSON; a text that is not is the value `null`, which is no schema.
    pub fn from_json(text: impl Into<Box<str>>) -> Self {
        Self(Arc::new(Lazy::from_json(text)))
    }

    /// The schema of any object.
    pub fn any_object() -> Self {
        static ANY: LazyLock<Schema> = LazyLock::new(|| json!({ "type": "object" }).into());
        ANY.clone()
    }

    /// The value, which is kept from now on: for what is needed again and again.
    pub fn get(&self) -> &Value {
        self.0.get()
    }

    /// The value, parsed for this once where it is not kept: for whoever looks at the schemas of all tools.
    pub fn read(&self) -> Cow<'_, Value> {
        self.0.read()
    }

    /// The schema as JSON text, without parsing it where it is text.
    pub fn to_json(&self) -> Box<str> {
        self.0.to_json()
    }
}

impl From<Value> for Schema {
    fn from(value: Value) -> Self {
        Self(Arc::new(value.into()))
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.read() == other.read()
    }
}

impl Debug for Schema {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        self.read().fmt(f)
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.read().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_its_value_however_it_was_given() {
        let value = json!({"b": {"type": "string"}, "a": [1.5, null, true]});
        let (text, parsed) = (Schema::from_json(value.to_string()), Schema::from(value.clone()));
        assert_eq!(text, parsed);
        assert_ne!(text, Schema::from(json!({"b": 1})));
        assert_eq!(serde_json::to_string(&text).unwrap(), value.to_string());
        assert_eq!(serde_json::to_string(&parsed).unwrap(), value.to_string());
        assert_eq!(serde_json::from_value::<Schema>(value.clone()).unwrap(), text);
        assert_eq!((&*text.to_json(), &*parsed.to_json()), (&*value.to_string(), &*value.to_string()));
        assert_eq!(format!("{text:?}"), format!("{value:?}"));
    }

    #[test]
    fn clones_share_what_is_parsed() {
        let schema = Schema::from_json("{}");
        let clone = schema.clone();
        assert!(matches!(clone.read(), Cow::Owned(_)));
        assert!(std::ptr::eq(schema.get(), clone.get()));
        assert!(matches!(clone.read(), Cow::Borrowed(_)));
    }
}
