//! Numbers, commands and files in words.

use std::borrow::Cow;

use codemode::config::{Entry, Kind};

/// `1 tool`, `2 tools`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What an entry would start or reach, whole and on one line. Secrets that stand in the file are not shown.
pub(crate) fn entry(entry: &Entry) -> String {
    let hidden = entry.secrets_in_plain_text();
    let hides = |key: &str| hidden.iter().any(|hidden| hidden == key);
    match &entry.kind {
        Kind::Stdio(stdio) => {
            let args = stdio.args.iter().enumerate();
            let args = args.map(|(at, word)| quoted(&word.shown(hides(&format!("args[{at}]")))));
            std::iter::once(quoted(&stdio.command.shown(hides("command"))))
                .chain(args)
                .collect::<Vec<_>>()
                .join(" ")
        }
        Kind::Http(http) => http.url.shown(hides("url")),
        Kind::OpenApi(api) => api.document.shown(hides("openapi")),
        _ => String::new(),
    }
}

/// What else an entry says: variables, headers, the folder. Secrets that stand in the file are not shown.
pub(crate) fn details(entry: &Entry) -> Vec<String> {
    let hidden = entry.secrets_in_plain_text();
    let keys =
        entry.texts().into_iter().filter(|(key, _)| key.contains('.') || key == "cwd" || key == "base_url");
    keys.map(|(key, text)| format!("{key} = {}", quoted(&text.shown(hidden.contains(&key))))).collect()
}

/// A word as a shell would need it.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).unwrap_or(Cow::Borrowed(word)).into_owned()
}
