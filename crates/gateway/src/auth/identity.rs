//! Who somebody is that showed it.

use std::sync::Arc;

use codemode::config::Grant;
use serde_json::{Map, Value};

/// Who somebody is that showed it.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// Tells it from all others.
    pub(crate) name: Arc<str>,
    /// What its JWT says of it.
    claims: Map<String, Value>,
}

/// With what the name of a client that acts as itself begins. No subject may begin so.
const CLIENT: &str = "client ";

/// Bytes of a name. Issuers use UUIDs, mail addresses and the like; OpenID Connect allows 255.
const MAX_NAME: usize = 256;

impl Identity {
    /// Whoever reaches us where nothing is asked for.
    pub(super) fn local() -> Self {
        Self { name: "local".into(), claims: Map::new() }
    }

    pub(super) fn of_token(principal: Arc<str>) -> Self {
        Self { name: principal, claims: Map::new() }
    }

    /// Of claims that were verified: a subject, or a client that acts as itself and may have no subject. A subject that is no
    /// text is nobody: taken for none, all users of one client would be that client.
    pub(super) fn of_claims(claims: Map<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let name = match claims.get("sub") {
            Some(Value::String(subject)) if !subject.starts_with(CLIENT) => subject.clone(),
            Some(_) => return None,
            None => format!("{CLIENT}{}", text("client_id").or_else(|| text("azp"))?),
        };
        let is_name = !name.is_empty() && name.len() <= MAX_NAME && !name.chars().any(char::is_control);
        is_name.then(|| Self { name: name.into(), claims })
    }

    /// Whether a grant is about it.
    pub(crate) fn is_of(&self, grant: &Grant) -> bool {
        if grant.others {
            return true;
        }
        if grant.is_by_name() {
            return *self.name == *grant.name;
        }
        let claim = |name: &str| self.claims.get(name);
        let is = |name: &str, expected: &String| claim(name).and_then(Value::as_str) == Some(expected);
        let client = |expected: &String| match claim("client_id") {
            Some(_) => is("client_id", expected),
            None => is("azp", expected),
        };
        grant.subject.as_ref().is_none_or(|subject| is("sub", subject))
            && grant.client.as_ref().is_none_or(client)
            && grant
                .claims
                .iter()
                .all(|(name, expected)| claim(name).is_some_and(|value| holds(value, expected)))
    }
}

/// Whether a claim is this text, or a list that has it.
fn holds(value: &Value, expected: &str) -> bool {
    match value {
        Value::String(text) => text == expected,
        Value::Array(all) => all.iter().any(|one| one.as_str() == Some(expected)),
        Value::Bool(is) => expected == if *is { "true" } else { "false" },
        Value::Null | Value::Number(_) | Value::Object(_) => false,
    }
}
