//! Fields by which a request would ask for another method than it has.
//!
//! Rails, Laravel, Symfony and others take a `POST` with `_method=DELETE` for a `DELETE`: rules for the one would be no rules
//! for the other. So such a field is not sent, in any spelling that servers read as this name, unless the document itself
//! declares it as one of the operation's. What is looked at is what is sent, whatever it was made of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::body::Written;
use super::refusal::{Refusal, Result};

/// The name of the field.
const METHOD_FIELD: &str = "_method";

/// Whether a server could read `name` as that field's. PHP ends names at a NUL and takes dots and spaces for underscores;
/// Rack leaves brackets out.
pub(in super::super) fn is_method(name: &str) -> bool {
    let whole = name.split('\0').next().unwrap_or_default();
    let bare = whole.trim().trim_start_matches(['[', ']']);
    let first = bare.split(['[', ']']).next().unwrap_or_default().trim();
    first.replace(['.', ' '], "_").eq_ignore_ascii_case(METHOD_FIELD)
}

/// Refuses a query that has such a field which is not `declared`.
pub(super) fn check_query(query: Option<&str>, declared: impl Fn(&str) -> bool) -> Result<()> {
    check_pairs(query.unwrap_or_default().as_bytes(), declared)
}

/// Refuses an object that has such a field which is not `declared`.
pub(super) fn check_fields(fields: &Map<String, Value>, declared: impl Fn(&str) -> bool) -> Result<()> {
    fields.keys().try_for_each(|name| check(name, &declared))
}

/// Refuses a body that has such a field which is not `declared`, by the media type that it is sent as.
pub(super) fn check_body((bytes, media_type): &Written, declared: impl Fn(&str) -> bool) -> Result<()> {
    let media_type = media_type.to_ascii_lowercase();
    if media_type.contains("urlencoded") {
        check_pairs(bytes, &declared)?;
    }
    if media_type.contains("json") {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let fields: BTreeMap<Cow<'_, str>, IgnoredAny> = serde_json::from_slice(text).unwrap_or_default();
        fields.keys().try_for_each(|name| check(name, &declared))?;
    }
    Ok(())
}

/// Some servers take `;` for `&`.
fn check_pairs(text: &[u8], declared: impl Fn(&str) -> bool) -> Result<()> {
    let pairs = text.split(|byte| matches!(byte, b'&' | b';')).flat_map(url::form_urlencoded::parse);
    pairs.map(|(name, _)| name).try_for_each(|name| check(&name, &declared))
}

fn check(name: &str, declared: impl Fn(&str) -> bool) -> Result<()> {
    if is_method(name) && !declared(name) {
        return Err(Refusal::new(format!("{METHOD_FIELD:?} cannot be sent: say the method as \"method\"")));
    }
    Ok(())
}
