//! One violation of a schema, in words for a model.

use std::fmt;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::{Location, LocationSegment};
use serde_json::Value;

use crate::assign::shorten;
use crate::nearest::{Features, nearest};

/// What is wrong with one part of the arguments. Displayed: `path: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, as a program would write it: `items[0].name`; empty for the arguments as a whole.
    pub path: String,
    /// What was expected and what was given, shortened.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

/// How many levels of alternatives within alternatives are explained. Each level multiplies the text by three, and who
/// reads it has lost the thread before.
const MAX_LEVELS: usize = 2;

/// How much of a path is shown; a value can be nested a hundred deep, in names of any length.
const MAX_PATH_CHARS: usize = 300;

impl Violation {
    pub(crate) fn new(error: &ValidationError<'_>, schema: &Value) -> Self {
        Self::within(error, schema, 0)
    }

    /// One that would take too long to explain.
    pub(crate) fn unexplained() -> Self {
        let message = "does not fit the schema; there is too much of it to say where".to_owned();
        Self { path: String::new(), message }
    }

    fn within(error: &ValidationError<'_>, schema: &Value, level: usize) -> Self {
        let path = written(error.instance_path());
        Self { path, message: message(error, schema, level) }
    }
}

fn message(error: &ValidationError<'_>, schema: &Value, level: usize) -> String {
    let given = given(error.instance());
    match error.kind() {
        Kind::Type { kind } => format!("expected {}, was {given}", types(kind)),
        Kind::Required { property } => match property.as_str() {
            Some(name) => missing(name, error, schema),
            None => "a required property is missing".to_owned(),
        },
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unknown_properties(unexpected, error, schema)
        }
        Kind::Enum { options } => format!("expected one of {}, was {given}", some_of(options)),
        Kind::Constant { expected_value } => format!("expected {}, was {given}", self::given(expected_value)),
        Kind::Minimum { limit } => format!("expected at least {limit}, was {given}"),
        Kind::Maximum { limit } => format!("expected at most {limit}, was {given}"),
        Kind::ExclusiveMinimum { limit } => format!("expected more than {limit}, was {given}"),
        Kind::ExclusiveMaximum { limit } => format!("expected less than {limit}, was {given}"),
        Kind::MultipleOf { multiple_of } => format!("expected a multiple of {multiple_of}, was {given}"),
        Kind::MinLength { limit } => format!("expected at least {limit} characters, was {given}"),
        Kind::MaxLength { limit } => format!("expected at most {limit} characters, was {given}"),
        Kind::MinItems { limit } => format!("expected at least {limit} items, was {given}"),
        Kind::MaxItems { limit } => format!("expected at most {limit} items, was {given}"),
        Kind::MinProperties { limit } => format!("expected at least {limit} properties, was {given}"),
        Kind::MaxProperties { limit } => format!("expected at most {limit} properties, was {given}"),
        Kind::Pattern { pattern } => format!("expected text matching /{}/, was {given}", shorten(pattern)),
        Kind::Format { format } => format!("expected text of format {}, was {given}", shorten(format)),
        Kind::UniqueItems => format!("expected items that all differ, was {given}"),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } if level >= MAX_LEVELS => {
            format!("fits none of the allowed forms, was {given}")
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let forms: Vec<String> = context
                .iter()
                .take(3)
                .filter_map(|errors| errors.first())
                .map(|error| Violation::within(error, schema, level + 1).to_string())
                .collect();
            format!("fits none of the allowed forms ({}), was {given}", forms.join("; or "))
        }
        Kind::OneOfMultipleValid { .. } => format!("fits several forms of which only one may, was {given}"),
        Kind::FalseSchema => "must not be given".to_owned(),
        other => format!("does not satisfy {:?}, was {given}", other.keyword()),
    }
}

fn missing(name: &str, error: &ValidationError<'_>, schema: &Value) -> String {
    let expected = properties(error.schema_path(), schema)
        .and_then(|properties| properties.get(name)?.get("type")?.as_str())
        .map(|kind| format!(" ({kind})"))
        .unwrap_or_default();
    let given = match error.instance().as_object() {
        Some(object) if object.is_empty() => "nothing was given".to_owned(),
        Some(object) => format!("given: {}", names(object.keys())),
        None => format!("was {}", given(error.instance())),
    };
    format!("property {:?}{expected} is missing; {given}", shorten(name))
}

fn unknown_properties(unexpected: &[String], error: &ValidationError<'_>, schema: &Value) -> String {
    let known: Vec<(&String, Features)> = properties(error.schema_path(), schema)
        .map(|properties| properties.keys().map(|name| (name, Features::new(name))).collect())
        .unwrap_or_default();
    let meant: Vec<String> = unexpected
        .iter()
        .take(3)
        .filter_map(|name| {
            let candidates = known.iter().map(|(known, features)| (*known, features, 0.0));
            let found = nearest(name, candidates, 1).into_iter().next()?;
            Some(format!("did you mean {found:?} instead of {:?}?", shorten(name)))
        })
        .collect();
    let subject = format!("there is no property {}", names(unexpected.iter()));
    if !meant.is_empty() {
        format!("{subject}; {}", meant.join(" "))
    } else if known.is_empty() {
        subject
    } else {
        format!("{subject}; there are: {}", names(known.iter().map(|(name, _)| *name)))
    }
}

/// The `properties` next to the keyword that was violated.
fn properties<'a>(keyword: &Location, schema: &'a Value) -> Option<&'a serde_json::Map<String, Value>> {
    let (parent, _) = keyword.as_str().rsplit_once('/')?;
    schema.pointer(parent)?.get("properties")?.as_object()
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(only) => only.to_string(),
        TypeKind::Multiple(several) => {
            several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    const SHOWN: usize = 12;
    let mut shown: Vec<String> = names.take(SHOWN + 1).map(|name| format!("{:?}", shorten(name))).collect();
    if shown.len() > SHOWN {
        shown.truncate(SHOWN);
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

fn some_of(options: &Value) -> String {
    const SHOWN: usize = 12;
    let all = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let more = if all.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", all.iter().take(SHOWN).map(given).collect::<Vec<_>>().join(", "))
}

/// A value as short as it can be shown and still be recognised; never walks a large one.
fn given(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", shorten(text)),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(object) if object.is_empty() => "{}".to_owned(),
        Value::Object(object) => format!("an object with {}", names(object.keys().take(4))),
        scalar => scalar.to_string(),
    }
}

fn written(location: &Location) -> String {
    let mut path = String::new();
    for segment in location.segments() {
        match segment {
            LocationSegment::Index(index) => path.push_str(&format!("[{index}]")),
            LocationSegment::Property(name) if crate::identifier::is_identifier(&name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&shorten(&name));
            }
            LocationSegment::Property(name) => path.push_str(&format!("[{:?}]", shorten(&name))),
        }
    }
    if let Some((cut, _)) = path.char_indices().nth(MAX_PATH_CHARS) {
        path.truncate(cut);
        path.push('…');
    }
    path
}
