//! What authorises an operation.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::limits::MAX_LISTED;
use super::lower::{Lower, shortened};
use super::parse::Keys;
use super::version::Version;
use crate::openapi::api::{Place, Scheme, UNSAID};

impl Lower<'_> {
    /// Reads the security schemes.
    pub(super) fn schemes(&mut self) {
        let path: &[&str] = match self.version {
            Version::Two => &["securityDefinitions"],
            Version::Three => &["components", "securitySchemes"],
        };
        let section = self.source.section(path);
        let mut schemes = BTreeMap::new();
        for (name, text) in section.entries.iter().take(MAX_LISTED) {
            self.at = format!("security scheme {name:?}");
            let found = self.part(text, Keys::Words).and_then(|value| self.follow(value));
            if let Some(value) = found {
                let scheme = scheme(&value);
                if let Scheme::Other(kind) = &scheme {
                    self.note(format_args!("{kind} is not supported"));
                }
                schemes.insert(name.clone(), scheme);
            }
        }
        self.api.schemes = schemes;
    }

    /// The alternatives in a `security`; those that name a scheme which is not there are left out, and where that are all
    /// of them, it is not said what is needed.
    pub(super) fn security(&mut self, value: &Value) -> Vec<Vec<String>> {
        self.says_security = true;
        let Some(listed) = value.as_array() else { return Vec::new() };
        let (mut alternatives, mut unknown_ones) = (Vec::new(), false);
        for alternative in listed.iter().take(MAX_LISTED).filter_map(Value::as_object) {
            match alternative.keys().find(|name| !self.api.schemes.contains_key(*name)) {
                Some(unknown) => {
                    unknown_ones = true;
                    self.note(format_args!(
                        "the security scheme {:?} is not there",
                        shortened(unknown.clone(), 60)
                    ));
                }
                None => alternatives.push(alternative.keys().cloned().collect()),
            }
        }
        if alternatives.is_empty() && unknown_ones { self.unsaid() } else { alternatives }
    }

    /// Of a document that has schemes and never says what needs them, no operation is known to need none.
    pub(super) fn unsaid_security(&mut self) {
        if self.says_security {
            return;
        }
        let unsaid = self.unsaid();
        for operation in &mut self.api.operations {
            operation.security.clone_from(&unsaid);
        }
    }

    /// Where there are no schemes at all, that is said by them.
    fn unsaid(&self) -> Vec<Vec<String>> {
        if self.api.schemes.is_empty() { Vec::new() } else { vec![vec![UNSAID.to_owned()]] }
    }
}

fn scheme(value: &Value) -> Scheme {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "apiKey" => {
            let place = match text("in") {
                "query" => Place::Query,
                "cookie" => Place::Cookie,
                "header" => Place::Header,
                other => return Scheme::Other(shortened(format!("an API key in {other:?}"), 60)),
            };
            match text("name") {
                "" => Scheme::Other("an API key without a name".to_owned()),
                name => Scheme::ApiKey { place, name: name.to_owned() },
            }
        }
        "basic" => Scheme::Basic,
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "basic" => Scheme::Basic,
            "bearer" => Scheme::Bearer,
            other => Scheme::Other(shortened(format!("HTTP {other}"), 60)),
        },
        "oauth2" => oauth2(value),
        // Its token is had elsewhere, and sent as bearer.
        "openIdConnect" => Scheme::Bearer,
        "" => Scheme::Other("a scheme of no type".to_owned()),
        other => Scheme::Other(shortened(other.to_owned(), 60)),
    }
}

fn oauth2(value: &Value) -> Scheme {
    let application = value.get("flow").and_then(Value::as_str) == Some("application");
    let flow = if application {
        Some(value)
    } else {
        value.get("flows").and_then(|flows| flows.get("clientCredentials"))
    };
    let token_url = flow.and_then(|flow| flow.get("tokenUrl")?.as_str()).map(str::to_owned);
    let scopes = flow.and_then(|flow| flow.get("scopes")?.as_object());
    let scopes = scopes.into_iter().flat_map(Map::keys).take(MAX_LISTED * 10).cloned().collect();
    Scheme::OAuth2 { token_url, scopes }
}
