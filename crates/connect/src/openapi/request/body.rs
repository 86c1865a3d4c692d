//! Bodies.

use serde_json::{Map, Value};

use super::super::api::{Body, BodyForm, Field, Style};
use super::limits::{MAX_BODY_BYTES, MAX_BRACKETS};
use super::multipart;
use super::refusal::{Refusal, Result, shown};
use super::style::{Manner, Pairs, Unwritable};
use super::value::{bytes, text};

/// A body and its `Content-Type`.
pub(super) type Written = (Vec<u8>, String);

/// Writes the body of an operation.
pub(super) fn write(body: &Body, value: &Value) -> Result<Written> {
    let (bytes, media_type) = match body.form {
        BodyForm::Json => (value.to_string().into_bytes(), sendable(&body.media_type, "application/json")),
        BodyForm::Form => {
            let fields = object(value)?;
            (form(body, fields)?, sendable(&body.media_type, "application/x-www-form-urlencoded"))
        }
        BodyForm::Multipart => multipart::write(body, object(value)?)?,
        BodyForm::Text => (plain(value)?, sendable(&body.media_type, "text/plain")),
        BodyForm::Binary => (binary(value)?, sendable(&body.media_type, "application/octet-stream")),
    };
    match bytes.len() {
        observed if observed > MAX_BODY_BYTES => Err(Refusal::new(format!(
            "would be sent as {observed} bytes, more than the limit of {MAX_BODY_BYTES}"
        ))),
        _ => Ok((bytes, media_type)),
    }
}

/// A media type as it can be sent: the first where the document lists several, `otherwise` where it says none that could be
/// a header.
pub(super) fn sendable(media_type: &str, otherwise: &str) -> String {
    let first = media_type.split(',').next().unwrap_or_default().trim();
    let usable = first.contains('/') && !first.contains('*') && super::header::check(first).is_ok();
    if usable { first } else { otherwise }.to_owned()
}

fn form(body: &Body, fields: &Map<String, Value>) -> Result<Vec<u8>> {
    let mut pairs = Pairs::new("&", MAX_BODY_BYTES);
    for (name, value) in fields {
        let added = match (body.fields.get(name), value) {
            (None, Value::Object(_)) => pairs.one(name, &value.to_string()),
            (Some(field), value) if is_json(field) && !value.is_null() => pairs.one(name, &value.to_string()),
            (field, value) => pairs.add(name, value, manner(field)),
        };
        added.map_err(|why| unwritable(&why).of(&format!("field {name:?}")))?;
    }
    Ok(pairs.into_text().unwrap_or_default().into_bytes())
}

fn unwritable(why: &Unwritable) -> Refusal {
    match why {
        Unwritable::Full => Refusal::new(format!("makes the body longer than {MAX_BODY_BYTES} bytes")),
        Unwritable::Nested => {
            Refusal::new(format!("is nested deeper than {MAX_BRACKETS} levels, or under too long names"))
        }
    }
}

/// Lists are repeated where the document does not say (its default, `form` and exploded).
fn manner(field: Option<&Field>) -> Manner {
    match field {
        Some(field) => Manner {
            style: field.style,
            explode: field.explode,
            allow_reserved: field.allow_reserved,
            required: false,
        },
        None => Manner { style: Style::Form, explode: true, allow_reserved: false, required: false },
    }
}

fn is_json(field: &Field) -> bool {
    field.media_type.as_deref().is_some_and(|media_type| {
        let essence = essence(media_type);
        essence == "application/json" || essence.ends_with("+json")
    })
}

/// The media type without its parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn object(value: &Value) -> Result<&Map<String, Value>> {
    value.as_object().ok_or_else(|| {
        Refusal::new(format!("must be an object with the fields of the form, not {}", shown(value)))
    })
}

fn plain(value: &Value) -> Result<Vec<u8>> {
    match value {
        Value::Array(_) | Value::Object(_) => None,
        one => text(one),
    }
    .map(String::into_bytes)
    .ok_or_else(|| Refusal::new(format!("must be a string, not {}", shown(value))))
}

/// The bytes of a string, or those that an array lists.
pub(super) fn binary(value: &Value) -> Result<Vec<u8>> {
    bytes(value).ok_or_else(|| {
        Refusal::new(format!("must be a string or an array of bytes (0 to 255), not {}", shown(value)))
    })
}
