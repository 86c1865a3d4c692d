//! Media types, by what a value of them is to a program.

use serde_json::{Map, Value, json};

use super::lower::Lower;

/// What a value of a media type is, the best first where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Media {
    Json,
    Form,
    Multipart,
    Text,
    Binary,
}

impl Media {
    /// What `media_type`, which may have parameters and may be a range, holds.
    pub(super) fn of(media_type: &str) -> Self {
        let essence = essence(media_type);
        match essence.split_once('/') {
            _ if matches!(
                essence.as_str(),
                "application/json" | "text/json" | "*/*" | "application/*" | "*"
            ) =>
            {
                Self::Json
            }
            _ if essence.ends_with("+json") => Self::Json,
            _ if essence == "application/x-www-form-urlencoded" => Self::Form,
            Some(("multipart", _)) => Self::Multipart,
            Some(("text", _)) => Self::Text,
            _ if essence.ends_with("+xml") || essence.ends_with("+yaml") => Self::Text,
            Some((
                "application",
                "xml" | "yaml" | "x-yaml" | "javascript" | "graphql" | "sql" | "jwt" | "toml",
            )) => Self::Text,
            // Many values, one after the other: no JSON as a whole.
            Some(("application", "x-ndjson" | "ndjson" | "jsonl" | "json-lines" | "json-seq")) => Self::Text,
            _ => Self::Binary,
        }
    }
}

/// The media type without its parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The schema of what is sent as bytes: a string's own, or a list of them. A program gives a `Uint8Array`, which is base64
/// where it is checked, and so a string.
pub(super) fn bytes() -> Value {
    json!({"anyOf": [
        {"type": "string"},
        {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 255},
            "tsType": "Uint8Array"
        }
    ]})
}

impl Lower<'_> {
    /// The best entry of a `content`: its media type as the document has it, what that is, and what is said of it. Plain
    /// `application/json` comes before its kin.
    pub(super) fn best(
        &mut self,
        content: Map<String, Value>,
    ) -> Option<(String, Media, Map<String, Value>)> {
        let rank = |name: &str| (Media::of(name), essence(name) != "application/json");
        let (name, value) = content.into_iter().min_by_key(|(name, _)| rank(name))?;
        let media = Media::of(&name);
        let described = match self.follow(value) {
            Some(Value::Object(described)) => described,
            _ => Map::new(),
        };
        Some((name, media, described))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_told_apart() {
        let of = |media: Media, types: &[&str]| {
            types.iter().for_each(|name| assert_eq!(Media::of(name), media, "{name}"))
        };
        of(
            Media::Json,
            &["application/json", "Application/JSON; charset=utf-8", "application/hal+json", "*/*"],
        );
        of(Media::Form, &["application/x-www-form-urlencoded"]);
        of(Media::Multipart, &["multipart/form-data", "multipart/mixed; boundary=x"]);
        of(
            Media::Text,
            &["text/plain", "text/*", "application/xml", "image/svg+xml", "application/x-ndjson"],
        );
        of(Media::Binary, &["application/octet-stream", "image/png", "application/pdf", "", "x"]);
    }
}
