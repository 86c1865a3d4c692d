//! Times and sizes as a configuration writes them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::limits::{A_DURATION, A_SIZE, parse_duration, parse_size};

/// A duration such as `500ms`, `30s`, `1.5m` or `1h`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Time {
    written: String,
    #[serde(skip)]
    duration: Duration,
}

impl Time {
    /// The duration.
    pub fn get(&self) -> Duration {
        self.duration
    }

    pub(super) fn as_written(&self) -> &str {
        &self.written
    }
}

impl From<Duration> for Time {
    fn from(duration: Duration) -> Self {
        let written = match duration.subsec_millis() {
            0 => format!("{}s", duration.as_secs()),
            _ => format!("{}ms", duration.as_millis()),
        };
        Self { written, duration }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer).map_err(|_| de::Error::custom(A_DURATION))?;
        let duration = parse_duration(&written).ok_or_else(|| de::Error::custom(A_DURATION))?;
        Ok(Self { written, duration })
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "duration", "pattern": "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$" })
    }
}

/// A size such as `1048576`, `512KiB` or `64MiB`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Size(String);

impl Size {
    /// The bytes.
    pub fn get(&self) -> usize {
        // What is no size was refused when it was read.
        parse_size(&self.0).unwrap_or_default()
    }

    pub(super) fn as_written(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl Visitor<'_> for Written {
            type Value = String;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
                Ok(text.to_owned())
            }

            fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<String, E> {
                Ok(bytes.to_string())
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<String, E> {
                Ok(bytes.to_string())
            }
        }

        let written = deserializer.deserialize_any(Written).map_err(|_| de::Error::custom(A_SIZE))?;
        match parse_size(&written) {
            Some(_) => Ok(Self(written)),
            None => Err(de::Error::custom(A_SIZE)),
        }
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["integer", "string"], "format": "size", "minimum": 0, "pattern": "^[0-9]+(B|KiB|MiB|GiB)?$" })
    }
}
