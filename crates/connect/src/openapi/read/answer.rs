//! What a good answer is.

use serde_json::{Map, Value, json};

use super::lower::Lower;
use super::media::Media;
use super::version::Version;
use crate::openapi::api::Answer;

impl Lower<'_> {
    /// The schema of an operation's results, where it says one, and what is made of a response.
    ///
    /// The first good status with JSON counts; without one the first with anything, then `default`. A status that never
    /// has a body (204, 205) alone means there is no result; a response that is merely described without content may
    /// have some all the same.
    pub(super) fn answer(
        &mut self,
        responses: Option<Value>,
        produces: &[String],
    ) -> (Option<Value>, Answer) {
        let Some(Value::Object(responses)) = responses else { return (None, Answer::Any) };
        let (mut good, mut other): (Vec<_>, Vec<_>) =
            responses.into_iter().partition(|(status, _)| status.starts_with('2'));
        other.retain(|(status, _)| good.is_empty() && status.eq_ignore_ascii_case("default"));
        let silent =
            !good.is_empty() && good.iter().all(|(status, _)| matches!(status.as_str(), "204" | "205"));
        if silent {
            return (Some(json!({"type": "null"})), Answer::Nothing);
        }
        let mut best: Option<(Media, Option<Value>)> = None;
        good.append(&mut other);
        for (_, response) in good {
            let Some(Value::Object(response)) = self.follow(response) else { continue };
            let Some(found) = self.content(response, produces) else { continue };
            let better = best.as_ref().is_none_or(|(media, _)| found.0 < *media);
            if better {
                best = Some(found);
            }
            if matches!(best, Some((Media::Json, _))) {
                break;
            }
        }
        let schema = best.and_then(|(media, schema)| match media {
            Media::Json => schema.map(|schema| self.schema(schema)),
            Media::Text | Media::Form => Some(json!({"type": "string"})),
            Media::Binary | Media::Multipart => Some(binary()),
        });
        (schema, Answer::Any)
    }

    /// What a response holds, and its schema.
    fn content(
        &mut self,
        mut response: Map<String, Value>,
        produces: &[String],
    ) -> Option<(Media, Option<Value>)> {
        if let Version::Two = self.version {
            let schema = response.remove("schema")?;
            if schema.get("type").and_then(Value::as_str) == Some("file") {
                return Some((Media::Binary, None));
            }
            let media = produces.iter().map(|name| Media::of(name)).min().unwrap_or(Media::Json);
            return Some((media, Some(schema)));
        }
        let Some(Value::Object(content)) = response.remove("content") else { return None };
        let (_, media, mut described) = self.best(content)?;
        Some((media, described.remove("schema")))
    }
}

/// The schema of bytes as a program gets them.
fn binary() -> Value {
    json!({
        "type": "object",
        "properties": {
            "contentType": {"type": "string"},
            "data": {"type": "string", "contentEncoding": "base64", "tsType": "Uint8Array"}
        },
        "required": ["contentType", "data"]
    })
}
