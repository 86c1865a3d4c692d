//! What a connector offers.

use std::borrow::Cow;
use std::fmt::{Debug, Formatter};
use std::sync::Arc;

use serde_json::Value;

use crate::Tool;
use crate::lazy::Lazy;

/// All that a connector offers: its tools and what belongs to all of them. A plain list of tools converts into it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Listing {
    /// The tools, in the upstream's order.
    pub tools: Vec<Tool>,
    /// What the tools' schemas refer into.
    pub definitions: Option<Definitions>,
    /// Where calls are sent, as a URL without secrets, where the upstream's offer says so.
    pub base_url: Option<String>,
    /// What the upstream says about itself as a whole: untrusted text.
    pub about: Option<String>,
    /// What of the upstream's offer could not be taken over, each in one line for the operator.
    pub notes: Vec<String>,
}

impl From<Vec<Tool>> for Listing {
    fn from(tools: Vec<Tool>) -> Self {
        Self { tools, ..Self::default() }
    }
}

/// A JSON document that the schemas of a connector's tools refer into, such as `{"$defs": {"issue": {…}}}` for
/// `{"$ref": "#/$defs/issue"}`. Cheap to clone.
///
/// Given as text it is not parsed before it is first needed: of thousands of operations a program uses a few.
#[derive(Clone)]
pub struct Definitions(Arc<Lazy>);

impl Definitions {
    /// The document in `text`, which is known to be JSON; in a text that is not, every reference leads nowhere.
    pub fn from_json(text: impl Into<Box<str>>) -> Self {
        Self(Arc::new(Lazy::from_json(text)))
    }

    /// The document.
    pub fn get(&self) -> &Value {
        self.0.get()
    }

    /// The document, read from its text again where it has not been needed yet.
    pub fn read(&self) -> Cow<'_, Value> {
        self.0.read()
    }
}

impl From<Value> for Definitions {
    fn from(value: Value) -> Self {
        Self(Arc::new(value.into()))
    }
}

impl Debug for Definitions {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Definitions").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_parsed_once_when_needed() {
        let definitions = Definitions::from_json(r#"{"$defs": {"a": {"type": "string"}}}"#);
        assert_eq!(definitions.get(), &json!({"$defs": {"a": {"type": "string"}}}));
        assert!(std::ptr::eq(definitions.get(), definitions.clone().get()));
        assert_eq!(Definitions::from_json("{").get(), &Value::Null);
        assert_eq!(Definitions::from(json!(1)).get(), &json!(1));
    }
}
