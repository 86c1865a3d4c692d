//! Which tools a rule is about.

use std::fmt;

use codemode_catalog::matches;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// Patterns of tools, of which one has to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patterns(Vec<String>);

impl Patterns {
    pub(super) fn one(pattern: impl Into<String>) -> Self {
        Self(vec![pattern.into()])
    }

    pub(super) fn push(&mut self, pattern: String) {
        self.0.push(pattern);
    }

    pub(super) fn match_any(&self, connector: &str, names: &[&str]) -> bool {
        self.0.iter().any(|pattern| match pattern.split_once('.') {
            Some((its_connector, tool)) => {
                matches(its_connector, connector) && names.iter().any(|name| matches(tool, name))
            }
            None => names.iter().any(|name| matches(pattern, name)),
        })
    }
}

impl fmt::Display for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

impl Serialize for Patterns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [only] => serializer.serialize_str(only),
            all => all.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

struct OneOrMany;

const EXPECTED: &str = "a pattern of tools such as \"github.delete_*\", or a list of patterns";

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Patterns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, pattern: &str) -> Result<Patterns, E> {
        Ok(Patterns(vec![checked(pattern.to_owned())?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Patterns, A::Error> {
        let mut patterns = Vec::new();
        while let Some(pattern) = list.next_element::<String>()? {
            patterns.push(checked(pattern)?);
        }
        if patterns.is_empty() {
            return Err(de::Error::invalid_length(0, &"at least one pattern; \"*\" matches every tool"));
        }
        Ok(Patterns(patterns))
    }
}

/// A pattern that matches no name can only be a mistake.
fn checked<E: de::Error>(pattern: String) -> Result<String, E> {
    let is_empty = pattern.split('.').any(str::is_empty);
    match is_empty || pattern.chars().any(char::is_whitespace) {
        true => Err(E::invalid_value(de::Unexpected::Str(&pattern), &EXPECTED)),
        false => Ok(pattern),
    }
}

#[cfg(feature = "config")]
impl schemars::JsonSchema for Patterns {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Patterns".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
        })
    }
}
