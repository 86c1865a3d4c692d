//! Parts of content that a program returned, such as an image: taken out of the result to be shown beside it.
//!
//! A part is what MCP calls one, `{type: "image" | "audio", data, mimeType}` with the bytes as a `Uint8Array` or as base64,
//! `{type: "resource", resource: {uri, text | blob, mimeType?}}` or `{type: "resource_link", uri, name}`. It is one where
//! it is the result, an element of a list that is the result, a value of an object that is the result, or an element of a
//! list that such a value is. Elsewhere it stays what it is.

use serde_json::{Map, Value};

/// The most parts of one answer. A model looks at a few images; more are data, and say so by staying in the result.
const MAX_PARTS: usize = 16;

/// The most bytes that the parts of one answer have as text. An answer is held in memory until it is sent; a screenshot has
/// one or two million. A result has at most 1 MiB unless the operator says otherwise.
const MAX_BYTES: usize = 16 << 20;

/// Takes the parts out of a result. What they leave behind says what was there.
pub(super) fn taken(result: &mut Value) -> Vec<Value> {
    let mut taker = Taker { parts: Vec::new(), bytes: 0 };
    taker.take(result, 0);
    taker.parts
}

struct Taker {
    parts: Vec<Value>,
    bytes: usize,
}

impl Taker {
    /// `depth` counts the lists and objects around the value: an object as the result, and in it a list.
    fn take(&mut self, value: &mut Value, depth: usize) {
        if let Value::Object(object) = value
            && let Some(kind) = kind(object)
        {
            self.take_part(kind, object);
            return;
        }
        match value {
            Value::Array(elements) if depth < 2 => {
                for element in elements.iter_mut().filter(|element| element.is_object()) {
                    self.take(element, 2);
                }
            }
            Value::Object(entries) if depth == 0 => {
                for value in entries.values_mut() {
                    self.take(value, 1);
                }
            }
            _ => {}
        }
    }

    fn take_part(&mut self, kind: Kind, object: &mut Map<String, Value>) {
        let shown = object.clone();
        let bytes = kind.payload(object).map_or(0, |(_, payload)| payload.as_str().map_or(0, str::len));
        if self.parts.len() >= MAX_PARTS || self.bytes + bytes > MAX_BYTES {
            return;
        }
        if let Some((is_base64, payload)) = kind.payload(object) {
            let bytes = if is_base64 { decoded_len(payload.as_str().unwrap_or_default()) } else { bytes };
            *payload = Value::String(format!("({bytes} bytes, shown beside this)"));
        }
        self.bytes += bytes;
        self.parts.push(Value::Object(shown));
    }
}

#[derive(Clone, Copy)]
enum Kind {
    /// An image, or sound.
    Media,
    Resource,
    Link,
}

/// What kind of part an object is, if it is one.
fn kind(object: &Map<String, Value>) -> Option<Kind> {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let is_media = |family: &str| {
        let is_of_family = text("mimeType").is_some_and(|mime| mime.starts_with(family));
        (is_of_family && text("data").is_some_and(is_base64)).then_some(Kind::Media)
    };
    match text("type")? {
        "image" => is_media("image/"),
        "audio" => is_media("audio/"),
        "resource" => {
            let resource = object.get("resource")?.as_object()?;
            let text = |key: &str| resource.get(key).and_then(Value::as_str);
            let is_one = text("text").is_some() != text("blob").is_some_and(is_base64);
            (text("uri").is_some() && is_one).then_some(Kind::Resource)
        }
        "resource_link" => (text("uri").is_some() && text("name").is_some()).then_some(Kind::Link),
        _ => None,
    }
}

impl Kind {
    /// What is taken out of the result, and whether it is base64. A link is short, and stays.
    fn payload(self, object: &mut Map<String, Value>) -> Option<(bool, &mut Value)> {
        match self {
            Self::Media => object.get_mut("data").map(|data| (true, data)),
            Self::Resource => {
                let resource = object.get_mut("resource")?.as_object_mut()?;
                let key = if resource.contains_key("blob") { "blob" } else { "text" };
                resource.get_mut(key).map(|payload| (key == "blob", payload))
            }
            Self::Link => None,
        }
    }
}

/// Whether a text is base64, with or without its padding: a client that is given another fails on the whole answer.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    !digits.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(is_digit)
}

fn decoded_len(base64: &str) -> usize {
    base64.trim_end_matches('=').len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image() -> Value {
        json!({ "type": "image", "data": "aGVsbG8=", "mimeType": "image/png" })
    }

    fn left() -> Value {
        json!({ "type": "image", "data": "(5 bytes, shown beside this)", "mimeType": "image/png" })
    }

    #[test]
    fn parts_are_taken_from_where_a_program_puts_them() {
        let text = json!({ "type": "text", "text": "hi" });
        let cases = [
            (image(), left(), 1),
            (json!([text, image(), 5]), json!([text, left(), 5]), 1),
            (json!({ "n": 1, "chart": image() }), json!({ "n": 1, "chart": left() }), 1),
            (json!({ "content": [image(), image()] }), json!({ "content": [left(), left()] }), 2),
            (json!({ "a": { "b": image() } }), json!({ "a": { "b": image() } }), 0),
            (json!([[image()]]), json!([[image()]]), 0),
            (json!("aGVsbG8="), json!("aGVsbG8="), 0),
        ];
        for (mut result, expected, count) in cases {
            let parts = taken(&mut result);
            assert_eq!((result, parts), (expected, vec![image(); count]));
        }
    }

    #[test]
    fn resources_and_links_are_parts() {
        let blob = json!({ "type": "resource", "resource": { "uri": "a:b", "blob": "AAAA" } });
        let text = json!({ "type": "resource", "resource": { "uri": "a:b", "text": "long" } });
        let link = json!({ "type": "resource_link", "uri": "a:b", "name": "b" });
        let mut result = json!([blob, text, link]);
        assert_eq!(taken(&mut result), [blob, text, link.clone()]);
        assert_eq!(result[0]["resource"]["blob"], "(3 bytes, shown beside this)");
        assert_eq!(result[1]["resource"]["text"], "(4 bytes, shown beside this)");
        assert_eq!(result[2], link);
    }

    #[test]
    fn what_is_no_part_stays_as_it_is() {
        for other in [
            json!({ "type": "image", "data": "not base64!", "mimeType": "image/png" }),
            json!({ "type": "image", "data": "aGVsbG8", "mimeType": "image/png" }),
            json!({ "type": "image", "data": "aGVsbG8=", "mimeType": "text/html" }),
            json!({ "type": "image", "data": "aGVsbG8=" }),
            json!({ "type": "image", "data": 5, "mimeType": "image/png" }),
            json!({ "type": "resource", "resource": { "uri": "a:b" } }),
            json!({ "type": "resource", "resource": "a:b" }),
            json!({ "type": "resource_link", "uri": "a:b" }),
            json!({ "type": "video", "data": "aGVsbG8=", "mimeType": "image/png" }),
        ] {
            let mut result = other.clone();
            assert!(taken(&mut result).is_empty(), "{other}");
            assert_eq!(result, other);
        }
    }

    #[test]
    fn parts_are_bounded_in_number_and_bytes() {
        let mut many = Value::Array(vec![image(); MAX_PARTS + 3]);
        assert_eq!(taken(&mut many).len(), MAX_PARTS);
        assert_eq!(many[MAX_PARTS], image());
        let large =
            json!({ "type": "image", "data": "A".repeat(MAX_BYTES / 2 + 4), "mimeType": "image/png" });
        let mut two = json!([large, large, image()]);
        assert_eq!(taken(&mut two), [large.clone(), image()]);
        assert_eq!(two[1], large);
    }
}
