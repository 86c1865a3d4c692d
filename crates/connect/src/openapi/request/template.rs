//! Path templates: `/repos/{owner}/compare/{base}...{head}`.

use super::limits::MAX_URL_BYTES;
use super::refusal::{Refusal, Result};
use super::segment;
use super::text;

/// A part of a segment of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Literal(&'a str),
    Parameter(&'a str),
}

/// The parts of one segment. A brace without a partner is a literal.
pub(super) fn parts(segment: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = segment;
    while let Some((before, name, after)) = parameter(rest) {
        if !before.is_empty() {
            parts.push(Part::Literal(before));
        }
        parts.push(Part::Parameter(name));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    parts
}

fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (before, from) = text.split_once('{')?;
    let (name, after) = from.split_once('}')?;
    Some((before, name, after))
}

/// The path of a template: literals as `literal` writes them, parameters as `value` does, both percent-encoded. Each
/// segment stays one segment; empty are only those that the template has empty itself.
pub(super) fn fill(
    template: &str,
    literal: impl Fn(&str) -> Result<String>,
    mut value: impl FnMut(&str) -> Result<String>,
) -> Result<String> {
    let mut path = String::new();
    for raw in template.strip_prefix('/').unwrap_or(template).split('/') {
        path.push('/');
        let start = path.len();
        for part in parts(raw) {
            match part {
                Part::Literal(text) => path += &literal(text)?,
                Part::Parameter(name) => {
                    let value = value(name)?;
                    segment::check(&value).map_err(|fault| {
                        Refusal::new(fault.to_string()).of(&format!("path parameter {name:?}"))
                    })?;
                    path += &value;
                }
            }
        }
        // A name may occur many times, each time with the whole of a long value.
        if path.len() > MAX_URL_BYTES {
            return Err(Refusal::new(format!(
                "the path would be longer than {MAX_URL_BYTES} bytes; give shorter values"
            )));
        }
        let filled = path.get(start..).unwrap_or_default();
        if !raw.is_empty() {
            segment::check(filled).map_err(|fault| {
                Refusal::new(fault.to_string()).of(&format!("the segment {raw:?} of the path {template}"))
            })?;
        }
    }
    Ok(path)
}

/// The document's literals.
pub(super) fn declared(literal: &str) -> Result<String> {
    Ok(text::template(literal))
}
