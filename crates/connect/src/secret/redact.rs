//! Taking secrets out of what leaves a connector.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::{Debug, Formatter};
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde_json::{Map, Value};

use super::forms;
use crate::{CallError, Detail, Error};

/// What stands in a secret's place.
const MARK: &str = "[redacted]";

/// Tokens that are remembered besides the secrets themselves. A token is replaced at its end of life; an upstream may
/// still echo the one before, hardly one that is four older. The search table takes about 15 states a byte of each.
const MAX_TOKENS: usize = 4;

/// Knows the secrets of a connector in all their spellings, and replaces each by `[redacted]`.
///
/// Results are searched as the program would see them: strings and keys of objects, after decoding. A number is one that
/// could be a secret only if the secret is a number.
#[derive(Default)]
pub(crate) struct Redactor {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    secrets: Vec<String>,
    tokens: VecDeque<String>,
    search: Search,
}

#[derive(Default, Clone)]
enum Search {
    /// There are no secrets.
    #[default]
    Nothing,
    Table {
        table: Arc<AhoCorasick>,
        /// Whether one of the secrets is a number.
        numeric: bool,
    },
    /// The table could not be built, for which it would need two thousand million states.
    Everything,
}

impl Redactor {
    /// Hides `secret` from now on.
    pub(crate) fn add(&self, secret: &str) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if !state.secrets.iter().any(|known| known == secret) {
            state.secrets.push(secret.to_owned());
            state.rebuild();
        }
    }

    /// Hides `token`, which another will replace one day.
    pub(crate) fn add_token(&self, token: &str) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.tokens.len() >= MAX_TOKENS {
            state.tokens.pop_front();
        }
        state.tokens.push_back(token.to_owned());
        state.rebuild();
    }

    /// `text` without secrets.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.search() {
            Search::Nothing => Cow::Borrowed(text),
            Search::Table { table, .. } => replaced(&table, text).map_or(Cow::Borrowed(text), Cow::Owned),
            Search::Everything => Cow::Borrowed(MARK),
        }
    }

    /// `value` without secrets. It recurses as deep as the value goes, which decoding has bounded.
    pub(crate) fn value(&self, mut value: Value) -> Value {
        match self.search() {
            Search::Nothing => value,
            Search::Table { table, numeric } => {
                redact(&table, numeric, &mut value);
                value
            }
            Search::Everything => Value::String(MARK.to_owned()),
        }
    }

    /// `error` without secrets, in what any audience reads.
    pub(crate) fn call_error(&self, error: CallError) -> CallError {
        match error {
            CallError::Tool { message, mut problem } => {
                problem.body = problem.body.map(|body| self.value(body));
                CallError::Tool { message: self.text(&message).into_owned(), problem }
            }
            CallError::Connector { error, delivery } => {
                CallError::Connector { error: self.error(error), delivery }
            }
            other => other,
        }
    }

    /// `error` without secrets, in what any audience reads.
    pub(crate) fn error(&self, mut error: Error) -> Error {
        match &mut error {
            Error::Unavailable { detail: Detail(text), .. }
            | Error::Disconnected { detail: Detail(text), .. }
            | Error::BadCredential { detail: Detail(text), .. }
            | Error::Refused { message: text, .. }
            | Error::InvalidArguments { message: text }
            | Error::NoSuchTool { tool: text, .. } => *text = self.text(text).into_owned(),
            _ => {}
        }
        error
    }

    fn search(&self) -> Search {
        self.state.read().unwrap_or_else(PoisonError::into_inner).search.clone()
    }
}

impl Debug for Redactor {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl State {
    fn rebuild(&mut self) {
        let all = || self.secrets.iter().chain(&self.tokens);
        let numeric = all().any(|secret| secret.bytes().all(|byte| byte.is_ascii_digit()));
        let forms = all().flat_map(|secret| forms::of(secret)).filter(|form| !form.is_empty());
        // Not the automaton that is fastest to run: it takes a hundred times the memory, and this one is fast enough.
        let table = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms);
        self.search = match table {
            Ok(table) => Search::Table { table: Arc::new(table), numeric },
            Err(_) => Search::Everything,
        };
    }
}

fn redact(search: &AhoCorasick, numeric: bool, value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(clean) = replaced(search, text) {
                *text = clean;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(search, numeric, item)),
        Value::Object(object) => {
            if object.keys().any(|key| search.is_match(key)) {
                *object = std::mem::take(object).into_iter().fold(Map::new(), |mut clean, (key, value)| {
                    clean.insert(replaced(search, &key).unwrap_or(key), value);
                    clean
                });
            }
            object.values_mut().for_each(|item| redact(search, numeric, item));
        }
        Value::Number(number) if numeric => {
            if let Some(clean) = replaced(search, &number.to_string()) {
                *value = Value::String(clean);
            }
        }
        _ => {}
    }
}

fn replaced(search: &AhoCorasick, text: &str) -> Option<String> {
    let mut end = 0;
    let mut clean = String::new();
    for found in search.find_iter(text) {
        clean.push_str(text.get(end..found.start()).unwrap_or_default());
        clean.push_str(MARK);
        end = found.end();
    }
    (end > 0).then(|| clean + text.get(end..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use serde_json::json;

    use super::*;

    /// Everything that some encoder escapes.
    const SECRET: &str = "k3y+/=&?<>\"'\\ %~*ü😀!(end)";

    fn redactor(secret: &str) -> Redactor {
        let redactor = Redactor::default();
        redactor.add(secret);
        redactor
    }

    #[test]
    fn g69_a_secret_is_found_in_every_alignment_of_base64() {
        let redactor = redactor(SECRET);
        for before in 0..7 {
            for after in 0..4 {
                let text = format!("{}{SECRET}{}", "a".repeat(before), "z".repeat(after));
                for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                    let clean = redactor.text(&encoded);
                    assert!(clean.contains(MARK), "{before} {after}");
                    // What is left besides the mark is what the neighbours have a part in.
                    assert!(clean.len() <= MARK.len() + (before + after + 4) * 4 / 3 + 8, "{clean}");
                }
            }
        }
    }

    #[test]
    fn g69_a_secret_is_found_as_servers_spell_it() {
        let redactor = redactor(SECRET);
        let json = serde_json::to_string(SECRET).unwrap();
        let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let mut url = url::Url::parse("https://x.example/").unwrap();
        url.set_query(Some(&format!("key={SECRET}")));
        for spelled in [
            SECRET,
            &json,
            &json.replace('/', "\\/"),
            &json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"),
            &json.replace('ü', "\\u00fc").replace('😀', "\\ud83d\\ude00"),
            &json.replace('ü', "\\u00FC").replace('😀', "\\uD83D\\uDE00"),
            &form,
            "k3y%2B%2F%3D%26%3F%3C%3E%22%27%5C%20%25~%2A%C3%BC%F0%9F%98%80%21%28end%29",
            "k3y%2b%2f%3d%26%3f%3c%3e%22%27%5c%20%25~%2a%c3%bc%f0%9f%98%80%21%28end%29",
            "k3y%2B%2F%3D%26%3F%3C%3E%22'%5C%20%25~*%C3%BC%F0%9F%98%80!(end)",
            "k3y+/=&amp;?&lt;&gt;&quot;&#39;\\ %~*ü😀!(end)",
        ] {
            let clean = redactor.text(spelled);
            assert!(
                clean.contains(MARK) && !clean.contains("k3y") && !clean.contains("end"),
                "{spelled} -> {clean}"
            );
        }
    }

    #[test]
    fn g69_values_are_searched_through_and_through() {
        let redactor = redactor("123456789012");
        let dirty = json!({"a": ["x 123456789012 y", 123_456_789_012_u64, 5], "123456789012": {"b": null}});
        let clean = json!({"a": ["x [redacted] y", "[redacted]", 5], "[redacted]": {"b": null}});
        assert_eq!(redactor.value(dirty), clean);
        let text = "nothing to hide here";
        assert!(matches!(redactor.text(text), Cow::Borrowed(same) if same == text));
        assert_eq!(Redactor::default().value(json!("123456789012")), json!("123456789012"));
    }

    #[test]
    fn tokens_are_forgotten_in_their_order_and_secrets_never() {
        let redactor = redactor("the long-lived secret");
        for token in 0..=MAX_TOKENS {
            redactor.add_token(&format!("token number {token}"));
        }
        assert_eq!(redactor.text("token number 0"), "token number 0");
        assert_eq!(redactor.text("token number 1"), MARK);
        assert_eq!(redactor.text("the long-lived secret"), MARK);
    }
}
