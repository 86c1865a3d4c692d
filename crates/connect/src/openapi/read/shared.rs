//! Schemas that several operations refer to: each is lowered once, into the text of the definitions.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::limits::{MAX_DEFINITIONS, MAX_DEFINITIONS_BYTES};
use super::lower::Lower;
use super::name::Names;
use super::parse::{Keys, part};
use super::pointer;
use super::version::Version;

/// The shared schemas that were referred to.
#[derive(Debug, Default)]
pub(super) struct Shared<'a> {
    /// The name of each, by its reference in the document.
    names: HashMap<String, String>,
    taken: Names,
    /// Those that are not lowered yet.
    left: VecDeque<(String, &'a str)>,
}

impl<'a> Lower<'a> {
    /// A schema that stands for what the document's `reference` leads to.
    pub(super) fn reference(&mut self, reference: &str) -> Value {
        match self.definition(reference) {
            Ok(name) => json!({ "$ref": pointer::definition(&name) }),
            Err(why) => {
                self.note(format_args!("the reference {reference:?} {why}"));
                json!({})
            }
        }
    }

    /// The reference to a shared schema that a discriminator names, which alone is no reason to keep it.
    pub(super) fn mapped(&self, reference: &str) -> Option<String> {
        let steps = pointer::steps(reference.strip_prefix('#')?)?;
        Some(pointer::definition(own_name(&steps, self.version)?))
    }

    /// The text of all that was referred to, directly or not.
    pub(super) fn definitions(&mut self) -> Box<str> {
        let mut text = String::from("{\"$defs\":{");
        let mut first = true;
        while let Some((name, source)) = self.shared.left.pop_front() {
            self.at = format!("schema {name:?}");
            let schema = match part(source, Keys::Words) {
                Ok((value, _)) => self.schema(value).to_string(),
                Err(error) => {
                    self.note(error);
                    "{}".to_owned()
                }
            };
            if !std::mem::take(&mut first) {
                text.push(',');
            }
            text.push_str(&Value::String(name).to_string());
            text.push(':');
            if text.len() + schema.len() > MAX_DEFINITIONS_BYTES {
                self.note("left out, for all schemas together are too long");
                text.push_str("{}");
            } else {
                text.push_str(&schema);
            }
        }
        text.push_str("}}");
        text.into()
    }

    fn definition(&mut self, reference: &str) -> Result<String, String> {
        if let Some(name) = self.shared.names.get(reference) {
            return Ok(name.clone());
        }
        let (steps, text) = self.find(reference).map_err(|lost| lost.to_string())?;
        if self.shared.names.len() >= MAX_DEFINITIONS {
            return Err(format!("is one of more than {MAX_DEFINITIONS}"));
        }
        // One schema may be referred to in several spellings.
        let plain: String =
            steps.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
        let name = match self.shared.names.get(&plain) {
            Some(name) => name.clone(),
            None => {
                let name = self.free_name(&steps);
                self.shared.left.push_back((name.clone(), text));
                self.shared.names.insert(plain, name.clone());
                name
            }
        };
        self.shared.names.insert(reference.to_owned(), name.clone());
        Ok(name)
    }

    /// The schema's own name; one made of the pointer where it has none.
    fn free_name(&mut self, steps: &[String]) -> String {
        if let Some(name) = own_name(steps, self.version) {
            return self.shared.taken.give(name, |_| false);
        }
        let name = made_name(steps);
        let own = match self.version {
            Version::Two => self.source.section(&["definitions"]),
            Version::Three => self.source.section(&["components", "schemas"]),
        };
        self.shared.taken.give(&name, |name| own.get(name).is_some())
    }
}

/// The name that the document gives the schema at this pointer.
fn own_name(steps: &[String], version: Version) -> Option<&str> {
    match (version, steps) {
        (Version::Two, [section, name]) if section == "definitions" => Some(name),
        (Version::Three, [first, second, name]) if first == "components" && second == "schemas" => Some(name),
        _ => None,
    }
}

/// A name made of a pointer: its words, without those that every pointer has.
fn made_name(steps: &[String]) -> String {
    const IDLE: [&str; 9] = [
        "components",
        "schemas",
        "definitions",
        "paths",
        "properties",
        "content",
        "schema",
        "responses",
        "$defs",
    ];
    /// The last words say most.
    const MAX_WORDS: usize = 6;
    let words: Vec<&str> = steps
        .iter()
        .filter(|step| !IDLE.contains(&step.as_str()))
        .flat_map(|step| step.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let last = words.get(words.len().saturating_sub(MAX_WORDS)..).unwrap_or_default();
    let name: String = last.join("_").chars().take(100).collect();
    if name.is_empty() { "schema".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_the_last_words() {
        let name = |pointer: &str| made_name(&pointer::steps(pointer).unwrap());
        assert_eq!(name("/components/schemas/User/properties/home-address"), "User_home_address");
        assert_eq!(
            name("/paths/~1users~1{id}/get/responses/200/content/application~1json/schema"),
            "users_id_get_200_application_json"
        );
        assert_eq!(name("/paths"), "schema");
    }
}
