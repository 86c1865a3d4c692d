//! Bodies of several parts (RFC 7578, and the WHATWG's way to write names).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::super::api::{Body, Field};
use super::body::{Written, binary, essence, sendable};
use super::header;
use super::limits::MAX_BODY_BYTES;
use super::refusal::{Refusal, Result};
use super::value::{bytes, text};

/// What every boundary begins with; eight digits follow.
const BOUNDARY: &str = "codemode-part-";
const DIGITS: usize = 8;

/// The parts of a body as they are collected.
#[derive(Debug, Default)]
struct Parts {
    list: Vec<(String, Vec<u8>)>,
    bytes: usize,
}

/// Writes one part a field, several for a list. The same fields give the same bytes.
pub(super) fn write(body: &Body, fields: &Map<String, Value>) -> Result<Written> {
    let mut parts = Parts::default();
    for (name, value) in fields {
        let field = body.fields.get(name);
        parts.field(name, value, field).map_err(|refusal| refusal.of(&format!("field {name:?}")))?;
    }
    let boundary = parts.boundary();
    let kind = essence(&body.media_type);
    let kind = match kind.strip_prefix("multipart/") {
        Some(kin) if header::is_token(kin) && kin != "*" => kind.as_str(),
        _ => "multipart/form-data",
    };
    Ok((parts.into_bytes(&boundary), format!("{kind}; boundary={boundary}")))
}

impl Parts {
    fn field(&mut self, name: &str, value: &Value, field: Option<&Field>) -> Result<()> {
        let is_file = field.is_some_and(|field| field.binary);
        match value {
            Value::Array(_) if is_file && bytes(value).is_some() => self.part(name, value, field),
            Value::Array(items) => items.iter().try_for_each(|item| self.part(name, item, field)),
            one => self.part(name, one, field),
        }
    }

    fn part(&mut self, name: &str, value: &Value, field: Option<&Field>) -> Result<()> {
        if value.is_null() {
            return Ok(());
        }
        let is_file = field.is_some_and(|field| field.binary);
        let otherwise = match value {
            _ if is_file => "application/octet-stream",
            Value::Array(_) | Value::Object(_) => "application/json",
            _ => "text/plain",
        };
        let media_type = field.and_then(|field| field.media_type.as_deref());
        let mut head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        if is_file {
            // Writing to a string does not fail.
            let _ = write!(head, "; filename=\"{}\"", quoted(name));
        }
        if media_type.is_some() || otherwise != "text/plain" {
            let _ = write!(head, "\r\nContent-Type: {}", sendable(media_type.unwrap_or_default(), otherwise));
        }
        let content = if is_file { binary(value)? } else { text(value).unwrap_or_default().into_bytes() };
        self.bytes = self.bytes.saturating_add(head.len() + content.len());
        if self.bytes > MAX_BODY_BYTES {
            return Err(Refusal::new(format!("makes the body longer than {MAX_BODY_BYTES} bytes")));
        }
        self.list.push((head, content));
        Ok(())
    }

    /// The first boundary that no part contains.
    fn boundary(&self) -> String {
        let mut taken = BTreeSet::new();
        for (head, content) in &self.list {
            taken.extend(boundaries(head.as_bytes()));
            taken.extend(boundaries(content));
        }
        let free = (0..).zip(&taken).find(|(number, taken)| number != *taken).map(|(number, _)| number);
        let number = free.unwrap_or_else(|| u32::try_from(taken.len()).unwrap_or(u32::MAX));
        format!("{BOUNDARY}{number:0DIGITS$x}")
    }

    fn into_bytes(self, boundary: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes + (self.list.len() + 1) * (boundary.len() + 10));
        for (head, content) in self.list {
            bytes.extend(format!("--{boundary}\r\n{head}\r\n\r\n").into_bytes());
            bytes.extend(content);
            bytes.extend(b"\r\n");
        }
        bytes.extend(format!("--{boundary}--\r\n").into_bytes());
        bytes
    }
}

/// The numbers of all boundaries that `content` contains.
fn boundaries(content: &[u8]) -> impl Iterator<Item = u32> {
    content.windows(BOUNDARY.len() + DIGITS).filter_map(|window| {
        let digits = window.strip_prefix(BOUNDARY.as_bytes())?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    })
}

/// A name between quotes: what would end it is percent-encoded, as browsers do.
fn quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for character in name.chars() {
        if character == '"' || character.is_ascii_control() {
            // As above.
            let _ = write!(quoted, "%{:02X}", u32::from(character));
        } else {
            quoted.push(character);
        }
    }
    quoted
}
