//! What of other programs' configurations is no secret, although it stands where secrets do.
//!
//! In those a folder, a port and a token are all plain text or `${NAME}`. A folder that was taken for a secret would be cut
//! out of every path in every result; a token that was not could be read in one. So a text is a secret unless its name or
//! its form says otherwise, by fixed rules.

use super::MIN_BYTES;
use crate::environment::INHERITED;

/// Words of a name that say that it holds a secret.
const SECRET: &[&str] = &[
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "cert",
    "cookie",
    "credential",
    "credentials",
    "dsn",
    "jwt",
    "key",
    "keys",
    "pass",
    "passphrase",
    "password",
    "passwd",
    "pat",
    "private",
    "secret",
    "secrets",
    "session",
    "sig",
    "signature",
    "token",
    "tokens",
    "webhook",
];

/// Last words of a name that say where something is or how large, whatever comes before: `SSH_KEY_PATH`.
const PUBLIC: &[&str] = &[
    "dir",
    "directory",
    "env",
    "environment",
    "file",
    "folder",
    "format",
    "home",
    "host",
    "hostname",
    "lang",
    "level",
    "limit",
    "locale",
    "mode",
    "path",
    "paths",
    "port",
    "region",
    "root",
    "size",
    "timeout",
    "timezone",
    "tz",
    "zone",
];

/// Whether `value`, which stands under `name`, is no secret.
pub(super) fn is_public(name: &str, value: &str) -> bool {
    let value = value.trim();
    if value.len() < MIN_BYTES || INHERITED.contains(&name) || name == "PWD" {
        return true;
    }
    let words = words(name);
    if words.last().is_some_and(|last| PUBLIC.contains(&last.as_str())) {
        return true;
    }
    if words.iter().any(|word| SECRET.contains(&word.as_str())) {
        return false;
    }
    value.contains(char::is_whitespace) || is_path(value) || is_open_url(value) || is_word(value)
}

/// `GITHUB_API_KEY`, `X-Api-Key` and `githubApiKey` by their words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_path(value: &str) -> bool {
    let drive = value.as_bytes().get(1..3).is_some_and(|rest| rest == b":\\" || rest == b":/");
    drive || ["/", "~/", "./", "../", "\\\\"].iter().any(|start| value.starts_with(start))
}

/// A URL that shows no password and no key.
fn is_open_url(value: &str) -> bool {
    url::Url::parse(value).is_ok_and(|url| {
        url.has_host() && url.password().is_none() && url.username().is_empty() && url.query().is_none()
    })
}

/// Words of a language and numbers, each short: `us-east-1.internal`, `development,staging`. A key has longer runs, or
/// letters and digits mixed.
fn is_word(value: &str) -> bool {
    /// The longest word that is taken for one.
    const LONGEST: usize = 20;
    let is_more = ["://", "@", "?", "="].iter().any(|sign| value.contains(sign));
    let mut parts = value.split(|c: char| !c.is_alphanumeric());
    !is_more
        && parts.all(|part| {
            let digits = part.chars().filter(char::is_ascii_digit).count();
            part.len() <= LONGEST && (digits == 0 || digits == part.len() || part.len() <= 4)
        })
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn a_name_or_a_form_says_what_is_no_secret() {
        for (name, value) in [
            ("HOME", "/home/somebody"),
            ("ALLOWED_DIR", "/srv/projects"),
            ("SSH_KEY_PATH", "/home/somebody/.ssh/id_ed25519"),
            ("PROJECT", "/srv/projects/one"),
            ("API_BASE_URL", "https://api.example.com/v1"),
            ("NODE_ENV", "development"),
            ("ORIGINS", "localhost,example.com"),
            ("AWS_REGION", "ap-southeast-2"),
            ("GREETING", "hello to all of you"),
            ("PORT", "8080"),
            ("DATA", "C:\\Users\\somebody\\data"),
        ] {
            assert!(is_public(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("GITHUB_TOKEN", "ghp_0123456789abcdefghij"),
            ("githubApiKey", "correct horse battery staple"),
            ("X-Api-Key", "/a/key/that/looks/like/a/path"),
            ("Authorization", "Bearer 0123456789abcdef"),
            ("DATABASE_URL", "postgres://user:password@db.example/app"),
            ("WHATEVER", "sk_live_51H8aBcDeFgHiJk"),
            ("SLACK_WEBHOOK_URL", "https://hooks.example.com/services/T0/B0/abcdef"),
            ("CALLBACK", "https://example.com/hook?code=abcdef"),
            ("UNNAMED", "abcdefghijklmnopqrstuvwxyzabcdef"),
        ] {
            assert!(!is_public(name, value), "{name}={value}");
        }
    }
}
