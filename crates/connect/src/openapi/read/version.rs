//! Which OpenAPI a document is, or what else it is.

use serde_json::Value;

use super::ReadError;
use super::source::Source;

/// The dialects that are read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// Swagger 2.0.
    Two,
    /// OpenAPI 3.0 to 3.2: what they say differently, they do not say with the same words.
    Three,
}

/// Words that only documents of another kind have at their top, and what those are.
const OTHERS: [(&str, &str); 9] = [
    ("asyncapi", "an AsyncAPI document"),
    ("swaggerVersion", "a Swagger 1.2 document"),
    ("discoveryVersion", "a Google API discovery document"),
    ("__schema", "a GraphQL schema"),
    ("data", "an answer of an API"),
    ("item", "a Postman collection"),
    ("arazzo", "an Arazzo document"),
    ("overlay", "an OpenAPI overlay"),
    ("$schema", "a JSON Schema"),
];

impl Version {
    pub(super) fn of(source: &Source<'_>) -> Result<Self, ReadError> {
        let said = ["openapi", "swagger"].iter().find_map(|key| source.top(key));
        let Some(said) = said else { return Err(ReadError::Other { found: kind(source) }) };
        let version = match serde_json::from_str(said) {
            Ok(Value::String(text)) => text,
            // Unquoted in YAML.
            Ok(Value::Number(number)) => number.to_string(),
            _ => said.to_owned(),
        };
        match version.trim().split('.').next() {
            Some("2") => Ok(Self::Two),
            Some("3") => Ok(Self::Three),
            _ => Err(ReadError::Version(version.chars().take(40).collect())),
        }
    }
}

fn kind(source: &Source<'_>) -> String {
    if let Some((_, kind)) = OTHERS.iter().find(|(word, _)| source.top(word).is_some()) {
        return (*kind).to_owned();
    }
    let names: Vec<&str> = source.names().take(5).collect();
    if names.is_empty() {
        return "an empty object".to_owned();
    }
    let names: Vec<String> =
        names.iter().map(|name| format!("{:?}", name.chars().take(40).collect::<String>())).collect();
    format!("an object of {}", names.join(", "))
}
