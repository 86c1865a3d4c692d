//! Conditions as they are written in configuration.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::condition::{Condition, Relation, Test};
use super::whole::Whole;

const TESTS: [&str; 11] =
    ["eq", "ne", "in", "gt", "ge", "lt", "le", "matches", "contains", "length", "exists"];

const EXPECTED: &str = "a value, or tests of it such as { gt = 100 }";

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tests)
    }
}

struct Tests;

impl<'de> Visitor<'de> for Tests {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Condition, E> {
        Ok(Condition::eq(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Condition, E> {
        Ok(Condition::eq(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Condition, E> {
        Ok(Condition::eq(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Condition, E> {
        match serde_json::Number::from_f64(value) {
            Some(number) => Ok(Condition::eq(number)),
            None => Err(E::invalid_value(de::Unexpected::Float(value), &EXPECTED)),
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Condition, E> {
        Ok(Condition::eq(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Condition, A::Error> {
        let mut tests: Vec<Test> = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            let test = test(&name, &mut members)?;
            if tests.iter().any(|known| known.name() == test.name()) {
                return Err(de::Error::custom(format_args!("duplicate test `{name}`")));
            }
            tests.push(test);
        }
        if tests.is_empty() {
            return Err(de::Error::invalid_length(0, &"at least one test, such as { gt = 100 }"));
        }
        Ok(Condition { tests })
    }
}

fn test<'de, A: MapAccess<'de>>(name: &str, members: &mut A) -> Result<Test, A::Error> {
    if let Some(relation) = Relation::ALL.into_iter().find(|relation| relation.name() == name) {
        return Ok(Test::Number(relation, members.next_value()?));
    }
    Ok(match name {
        "eq" => Test::Eq(members.next_value()?),
        "ne" => Test::Ne(members.next_value()?),
        "in" => Test::In(members.next_value()?),
        "matches" => {
            Test::Matches(Whole::parse(&members.next_value::<String>()?).map_err(de::Error::custom)?)
        }
        "contains" => Test::Contains(members.next_value()?),
        "length" => Test::Length(of_length(members.next_value()?).map_err(de::Error::custom)?),
        "exists" => Test::Exists(members.next_value()?),
        _ => return Err(de::Error::unknown_field(name, &TESTS)),
    })
}

/// A length is a number, and nothing that is not about numbers can hold of it.
fn of_length(condition: Condition) -> Result<Condition, String> {
    let is_numeric = |test: &Test| match test {
        Test::Number(..) => true,
        Test::Eq(value) | Test::Ne(value) => value.is_number(),
        Test::In(values) => values.iter().all(Value::is_number),
        _ => false,
    };
    match condition.tests.iter().all(is_numeric) {
        true => Ok(condition),
        false => {
            Err("`length` takes a number, or tests of one with eq, ne, in, gt, ge, lt and le".to_owned())
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(self.tests.len()))?;
        for test in &self.tests {
            match test {
                Test::Eq(value) | Test::Ne(value) | Test::Contains(value) => {
                    members.serialize_entry(test.name(), value)
                }
                Test::In(values) => members.serialize_entry(test.name(), values),
                Test::Number(_, bound) => members.serialize_entry(test.name(), bound),
                Test::Matches(pattern) => members.serialize_entry(test.name(), pattern.as_str()),
                Test::Length(condition) => members.serialize_entry(test.name(), condition),
                Test::Exists(wanted) => members.serialize_entry(test.name(), wanted),
            }?;
        }
        members.end()
    }
}

#[cfg(feature = "config")]
impl schemars::JsonSchema for Condition {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let number = |what: &str| serde_json::json!({"type": "number", "description": what});
        let relations = serde_json::json!({
            "eq": {"type": "number"}, "ne": {"type": "number"},
            "in": {"type": "array", "items": {"type": "number"}},
            "gt": {"type": "number"}, "ge": {"type": "number"}, "lt": {"type": "number"}, "le": {"type": "number"},
        });
        schemars::json_schema!({
            "description": "Tests of one value in a call's arguments, all of which have to hold; a value alone is short for eq.",
            "anyOf": [
                {"type": ["string", "number", "boolean"]},
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": false,
                    "properties": {
                        "eq": {"description": "It is this value."},
                        "ne": {"description": "It is any other value."},
                        "in": {"type": "array", "description": "It is one of these values."},
                        "gt": number("It is a number greater than this one."),
                        "ge": number("It is a number, at least this one."),
                        "lt": number("It is a number less than this one."),
                        "le": number("It is a number, at most this one."),
                        "matches": {"type": "string", "description": "It is a text that matches this regular expression as a whole."},
                        "contains": {"description": "It is a text with this text in it, or a list with this item."},
                        "length": {
                            "description": "It is a text with this many characters, a list with this many items, or an object with this many members.",
                            "anyOf": [{"type": "number"}, {"type": "object", "minProperties": 1, "additionalProperties": false, "properties": relations}],
                        },
                        "exists": {"type": "boolean", "description": "true: it is given; false: it is left out."},
                    },
                },
            ],
        })
    }
}
