//! Taking secrets out of what leaves a connector.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::{Debug, Formatter};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use codemode_catalog::{Listing, Schema};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::wrapped::places;
use super::{RedactingStream, Revealed, Secret, SecretError, forms, hide};
use crate::{CallError, Detail, Error, Reply};

/// What stands in a secret's place.
pub(super) const MARK: &str = "[redacted]";

/// Tokens that are remembered besides the secrets themselves; the one that was used longest ago is forgotten first. A login
/// has up to three (access, refresh, id), so this holds five of one connector: an upstream may still echo the one before,
/// hardly one that is four older. The search table takes about 15 states a byte of each: a few megabytes, if all are long.
const MAX_TOKENS: usize = 16;

/// Knows secrets in all their spellings, and replaces each by `[redacted]`. Clones know the same.
///
/// Each connector has one. Results are searched as the program would see them: strings and keys of objects, after decoding.
/// A number is one that could be a secret only if the secret is a number. In text a secret is also found where a line break
/// runs through it.
#[derive(Default, Clone)]
pub struct Redactor(Arc<RwLock<State>>);

#[derive(Default)]
struct State {
    secrets: Vec<Zeroizing<String>>,
    tokens: VecDeque<Zeroizing<String>>,
    table: Table,
}

/// What is searched for.
#[derive(Default, Clone)]
pub(super) enum Table {
    /// There are no secrets.
    #[default]
    Nothing,
    Of(Arc<Known>),
    /// The table could not be built, for which it would need two thousand million states.
    Everything,
}

pub(super) struct Known {
    pub(super) search: AhoCorasick,
    /// In order.
    pub(super) forms: Vec<String>,
    /// The length of the longest form.
    pub(super) longest: usize,
    /// Whether one of the secrets is a number.
    numeric: bool,
}

impl Redactor {
    /// Hides `secret` from now on, in all parts and forms in which it may be sent. Follows its references if that was not
    /// done before.
    ///
    /// # Errors
    ///
    /// Says why the secret cannot be had.
    pub async fn hide(&self, secret: &Secret) -> Result<(), SecretError> {
        self.reveal(secret).await.map(drop)
    }

    /// The secret, for the request that needs it. It is hidden from now on: there is no other way to have it.
    pub(crate) async fn reveal(&self, secret: &Secret) -> Result<Revealed, SecretError> {
        let revealed = secret.known().await?;
        self.learn(revealed);
        Ok(revealed.clone())
    }

    /// The same where nothing has to be followed to have it.
    pub(crate) fn known(&self, secret: &Secret) -> Option<Revealed> {
        let revealed = secret.already_known()?;
        self.learn(revealed);
        Some(revealed.clone())
    }

    fn learn(&self, revealed: &Revealed) {
        let mut all: Vec<Zeroizing<String>> = Vec::new();
        for hidden in &revealed.hidden {
            all.push(hidden.clone());
            all.extend(hide::parts(hidden));
        }
        self.keep(all);
    }

    /// Hides the secret of an OAuth client for good, as it is and with the client's id as it is sent: there is a new one
    /// only where a person logs in anew.
    pub(crate) fn add_client(&self, id: &str, secret: &str) {
        self.keep(vec![Zeroizing::new(secret.to_owned()), hide::client_pair(id, secret)]);
    }

    fn keep(&self, all: Vec<Zeroizing<String>>) {
        let mut state = self.write();
        let before = state.secrets.len();
        for secret in all {
            if !state.secrets.contains(&secret) {
                state.secrets.push(secret);
            }
        }
        if state.secrets.len() > before {
            state.rebuild();
        }
    }

    /// Hides `token`, which another will replace one day.
    pub(crate) fn add_token(&self, token: &str) {
        let mut state = self.write();
        if let Some(at) = state.tokens.iter().position(|known| known.as_str() == token) {
            // The table knows it; it is only forgotten later.
            let known = state.tokens.remove(at);
            state.tokens.extend(known);
            return;
        }
        if state.tokens.len() >= MAX_TOKENS {
            state.tokens.pop_front();
        }
        state.tokens.push_back(Zeroizing::new(token.to_owned()));
        state.rebuild();
    }

    /// What takes secrets out of a stream of bytes.
    pub fn stream(&self) -> RedactingStream {
        RedactingStream::new(self.clone())
    }

    /// `text` without secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.table() {
            Table::Nothing => Cow::Borrowed(text),
            Table::Of(known) => replaced(&known.search, text).map_or(Cow::Borrowed(text), Cow::Owned),
            Table::Everything => Cow::Borrowed(MARK),
        }
    }

    /// The first `chars` characters of `text` without secrets. They are taken out before anything is cut off, so that no
    /// half of one is left.
    pub(crate) fn start(&self, text: &str, chars: usize) -> String {
        self.text(text).chars().take(chars).collect()
    }

    /// `value` without secrets. It recurses as deep as the value goes, which decoding has bounded.
    pub fn value(&self, mut value: Value) -> Value {
        match self.table() {
            Table::Nothing => value,
            Table::Of(known) => {
                redact(&known.search, known.numeric, &mut value);
                value
            }
            Table::Everything => Value::String(MARK.to_owned()),
        }
    }

    /// A connector's offer without secrets: the names, descriptions and schemas of its tools, and what it says of itself.
    pub fn listing(&self, mut listing: Listing) -> Listing {
        if matches!(self.table(), Table::Nothing) {
            return listing;
        }
        let clean = |text: &mut String| {
            if let Cow::Owned(redacted) = self.text(text) {
                *text = redacted;
            }
        };
        let schema = |schema: &mut Schema| {
            let read = schema.read();
            let redacted = self.value(read.clone().into_owned());
            if redacted != *read {
                drop(read);
                *schema = redacted.into();
            }
        };
        for tool in &mut listing.tools {
            clean(&mut tool.name);
            clean(&mut tool.description);
            tool.title.iter_mut().for_each(clean);
            tool.tags.iter_mut().for_each(clean);
            schema(&mut tool.input_schema);
            tool.output_schema.iter_mut().for_each(schema);
            if let Some(others) = &mut tool.others
                && let Value::Object(redacted) = self.value(Value::Object(std::mem::take(others)))
            {
                **others = redacted;
            }
        }
        if let Some(definitions) = &listing.definitions {
            let read = definitions.read();
            let redacted = self.value(read.clone().into_owned());
            if redacted != *read {
                drop(read);
                listing.definitions = Some(redacted.into());
            }
        }
        listing.about.iter_mut().chain(&mut listing.notes).for_each(clean);
        listing
    }

    /// What a call brought, without secrets in what any audience reads.
    pub(crate) fn reply(&self, reply: Result<Reply, CallError>) -> Result<Reply, CallError> {
        match reply {
            Ok(Reply { value, binary }) => Ok(Reply { value: self.value(value), binary }.checked()),
            Err(error) => Err(self.call_error(error)),
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
            CallError::Panicked { connector, tool, detail: Detail(text) } => {
                CallError::Panicked { connector, tool, detail: Detail(self.text(&text).into_owned()) }
            }
        }
    }

    /// `error` without secrets, in what any audience reads.
    pub(crate) fn error(&self, mut error: Error) -> Error {
        match &mut error {
            Error::Unavailable { detail: Detail(text), .. }
            | Error::Disconnected { detail: Detail(text), .. }
            | Error::NoSecret { detail: Detail(text), .. }
            | Error::BadCredential { detail: Detail(text), .. }
            | Error::Refused { message: text, .. }
            | Error::InvalidArguments { message: text }
            | Error::NoSuchTool { tool: text, .. } => *text = self.text(text).into_owned(),
            _ => {}
        }
        error
    }

    pub(super) fn table(&self) -> Table {
        self.0.read().unwrap_or_else(PoisonError::into_inner).table.clone()
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hides exactly this.
    #[cfg(test)]
    pub(super) fn add(&self, secret: &str) {
        let mut state = self.write();
        state.secrets.push(Zeroizing::new(secret.to_owned()));
        state.rebuild();
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
        let mut forms: Vec<String> =
            all().flat_map(|secret| forms::of(secret)).filter(|form| !form.is_empty()).collect();
        forms.sort_unstable();
        forms.dedup();
        // Not the automaton that is fastest to run: it takes a hundred times the memory, and this one is fast enough.
        let search = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::LeftmostLongest)
            .build(&forms);
        let longest = forms.iter().map(String::len).max().unwrap_or_default();
        self.table = match search {
            Ok(search) => Table::Of(Arc::new(Known { search, forms, longest, numeric })),
            Err(_) => Table::Everything,
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
            if object.keys().any(|key| replaced(search, key).is_some()) {
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
    for place in places(search, text.as_bytes()) {
        clean.push_str(text.get(end..place.start).unwrap_or_default());
        clean.push_str(MARK);
        end = place.end;
    }
    (end > 0).then(|| clean + text.get(end..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use codemode_catalog::{Definitions, Tool};
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
        // One that is in use is not forgotten.
        for token in 0..=MAX_TOKENS {
            redactor.add_token("token number 1");
            redactor.add_token(&format!("later token {token}"));
        }
        assert_eq!(redactor.text("token number 1"), MARK);
    }

    #[test]
    fn g69_a_client_secret_is_hidden_for_good() {
        let redactor = Redactor::default();
        redactor.add_client("the client", "the canary/0123");
        for token in 0..=MAX_TOKENS {
            redactor.add_token(&format!("token number {token}"));
        }
        for sent in ["the canary/0123", "dGhlK2NsaWVudDp0aGUrY2FuYXJ5JTJGMDEyMw=="] {
            assert_eq!(redactor.text(sent).trim_matches('='), MARK);
        }
    }

    #[test]
    fn g69_all_of_a_listing_is_searched() {
        let redactor = redactor("123456789012");
        let mut tool = Tool::new("x", "");
        tool.others = json!({"_meta": {"url": "x?k=123456789012"}}).as_object().cloned().map(Box::new);
        let mut listing = Listing::from(vec![tool]);
        listing.definitions =
            Some(Definitions::from_json(r#"{"$defs": {"a": {"default": "123456789012"}}}"#));
        let clean = redactor.listing(listing);
        assert_eq!(
            Value::Object(*clean.tools[0].others.clone().unwrap()),
            json!({"_meta": {"url": "x?k=[redacted]"}})
        );
        assert_eq!(clean.definitions.unwrap().get(), &json!({"$defs": {"a": {"default": "[redacted]"}}}));
    }
}
