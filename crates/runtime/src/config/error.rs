//! What is wrong with a configuration.

use std::fmt;
use std::path::PathBuf;

use codemode_catalog::nearest_name;

use super::place::{Keys, Place, locate};

/// Why a configuration cannot be used. No message repeats a value, which may be a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or written.
    #[error("cannot {doing} {path}: {error}", path = .path.display())]
    File {
        /// What was tried: `read`, `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        error: std::io::Error,
    },
    /// The file is larger than any configuration.
    #[error("{path} has {observed} bytes, more than the {limit} that a configuration may have", path = .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        observed: u64,
        /// The most.
        limit: u64,
    },
    /// Something in the file is not as it must be.
    #[error("{path}{place}: {message}", path = .path.display(), place = after(.place))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: Option<Place>,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// There is no connector of this name in the file.
    #[error("{path} has no connector {name:?}{}", suggestion(.nearest.as_deref()), path = .path.display())]
    NoSuchConnector {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// The nearest that there is.
        nearest: Option<String>,
    },
    /// There is a connector of this name in the file already.
    #[error("{path} has a connector {name:?} already", path = .path.display())]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
}

/// Something wrong at a place in a document that is known by its keys.
#[derive(Debug)]
pub(super) struct Flaw {
    keys: Vec<String>,
    message: String,
}

impl Flaw {
    pub(super) fn new(keys: Keys<'_>, message: impl Into<String>) -> Self {
        Self { keys: keys.iter().map(|key| (*key).to_owned()).collect(), message: message.into() }
    }

    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The error, with the place in `text`.
    pub(super) fn within(self, path: impl Into<PathBuf>, text: &str) -> Error {
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        Error::Invalid { path: path.into(), place: locate(text, &keys), message: self.message }
    }
}

/// What the reader of TOML says, in our words and without values.
pub(super) fn of_toml(error: &toml::de::Error, path: impl Into<PathBuf>, text: &str) -> Error {
    let place = error.span().map(|span| Place::of(text, span.start));
    Error::Invalid { path: path.into(), place, message: reworded(error.message()) }
}

/// `unknown field` gets the nearest key; `invalid type` loses the value that it repeats.
fn reworded(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field `")
        && let Some((key, rest)) = rest.split_once('`')
    {
        let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
        return match nearest_name(key, known.iter().copied()) {
            Some(nearest) => format!("unknown key {key:?}; did you mean {nearest:?}?"),
            None => format!("unknown key {key:?}; there are: {}", known.join(", ")),
        };
    }
    if let Some(rest) = message.strip_prefix("unknown variant `")
        && let Some((_, rest)) = rest.split_once('`')
    {
        let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
        return format!("expected one of: {}", known.join(", "));
    }
    let invalid = ["invalid type: ", "invalid value: "].iter().find_map(|start| message.strip_prefix(start));
    if let Some((given, expected)) = invalid.and_then(|rest| rest.rsplit_once(", expected ")) {
        let kind = given.split(' ').next().unwrap_or_default();
        if plain(expected) == plain(kind) && plain(kind) == "a whole number" {
            return "expected a whole number, 0 or more, and none so large".to_owned();
        }
        return format!("expected {}, found {}", plain(expected), plain(kind));
    }
    message.lines().next().unwrap_or_default().to_owned()
}

/// Words for people, instead of those for Rust programmers.
fn plain(word: &str) -> &str {
    match word {
        "a map" | "map" => "a table",
        "struct" => "a table",
        _ if word.starts_with("struct ") => "a table",
        "a sequence" | "sequence" => "an array",
        "string" => "a string",
        "integer" => "a whole number",
        "floating" => "a number",
        "boolean" => "true or false",
        "a boolean" => "true or false",
        "u16" | "u32" | "u64" => "a whole number",
        other => other,
    }
}

fn after(place: &Option<Place>) -> impl fmt::Display {
    place.map(|Place { line, column }| format!(":{line}:{column}")).unwrap_or_default()
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean {nearest:?}?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::reworded;

    #[test]
    fn no_message_repeats_a_value() {
        for (message, expected) in [
            (
                "unknown field `comand`, expected one of `command`, `args`",
                "unknown key \"comand\"; did you mean \"command\"?",
            ),
            ("unknown field `zzz`, expected `command`", "unknown key \"zzz\"; there are: command"),
            (
                "invalid type: string \"sk_live, expected 5\", expected a map",
                "expected a table, found a string",
            ),
            ("invalid type: integer `5`, expected a string", "expected a string, found a whole number"),
            (
                "invalid value: integer `-1`, expected u32",
                "expected a whole number, 0 or more, and none so large",
            ),
            ("invalid type: map, expected struct Foo", "expected a table, found a table"),
            ("unknown variant `x`, expected `http` or `sse`", "expected one of: http, sse"),
            ("key with no value, expected `=`", "key with no value, expected `=`"),
        ] {
            assert_eq!(reworded(message), expected);
        }
    }
}
